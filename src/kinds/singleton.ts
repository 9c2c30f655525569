import type { AccountState } from '../core/state.ts';
import type { Kind } from './kind.ts';
import type { Iam, Part } from './live.ts';

/**
 * What an account has one of, and no other kind knows of: where its object is, and when it is read.
 *
 * @param read null: the account has none.
 */
export function singleton<T>(
  { name: kind, only }: { readonly name: string; readonly only: string },
  read: (iam: Iam) => Promise<T | null>,
): Pick<Kind<T>, 'of' | 'put' | 'live'> {
  const of = ({ others }: AccountState) => (others?.get(kind) ?? new Map()) as ReadonlyMap<string, T>;
  const put = (state: AccountState, objects: ReadonlyMap<string, T>): AccountState => ({
    ...state,
    others: new Map([...(state.others ?? []), [kind, objects]]),
  });
  const readPart = async (iam: Iam): Promise<Part> => {
    const object = await read(iam);
    return (account) => put(account, new Map(object === null ? [] : [[only, object]]));
  };
  return {
    of,
    put,
    live: {
      /** Only where the manifests manage it. */
      async forPlan(_details, { iam, manifests }) {
        return of(manifests.state).size === 0 ? undefined : await readPart(iam);
      },
      async forImport(_account, { iam, isNew }) {
        return isNew ? await readPart(iam) : undefined;
      },
    },
  };
}
