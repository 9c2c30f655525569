/**
 * Secrets of access keys, for checking signatures. They live in memory only: the file never holds them, so a
 * key that was minted before a restart is known by its id alone and its signature goes unchecked.
 */
export interface KeyRing {
  add(id: string, secret: string): void;
  secretOf(id: string): string | undefined;
  delete(id: string): void;
}

export function createKeyRing(): KeyRing {
  const secrets = new Map<string, string>();
  return {
    add: (id, secret) => void secrets.set(id, secret),
    secretOf: (id) => secrets.get(id),
    delete: (id) => void secrets.delete(id),
  };
}
