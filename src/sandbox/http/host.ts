/**
 * Whether a request is meant for this server. A web page elsewhere can let its own name resolve to 127.0.0.1 (DNS
 * rebinding), and then it has the same origin as the sandbox: only the `Host` header shows the difference. So only
 * names are accepted that nobody else can make resolve to this server: those of the loopback interface, the address
 * that the request came to, and names that the operator allows.
 *
 * @param host the `Host` header, with or without a port.
 * @param own the address that the request came to, and the one that the server was asked to listen on.
 * @param allowed the names of `--allow-host`.
 */
export function meansThisServer(
  host: string | undefined,
  own: readonly (string | undefined)[],
  allowed: readonly string[],
): boolean {
  const name = hostName(host ?? '');
  if (name === null) return false;
  return (
    name === 'localhost' ||
    name === '[::1]' ||
    /^127\.\d+\.\d+\.\d+$/.test(name) ||
    [...own.map((address) => bracket(address ?? '')), ...allowed].some((one) => hostName(one) === name)
  );
}

/** The host as URLs write it: in lower case, addresses in their one form. Null if it is not a host. */
function hostName(host: string): string | null {
  // Characters with which `URL` would read something else than a host.
  if (/[/?#@\\\s]/.test(host)) return null;
  const url = `http://${host}/`;
  return URL.canParse(url) ? new URL(url).hostname.replace(/\.$/, '') : null;
}

/** A socket's address as a host. An IPv4 address that IPv6 carries becomes that IPv4 address. */
function bracket(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  return plain.includes(':') ? `[${plain}]` : plain;
}
