import { principalKinds, principalsIn } from '../../access/principals.ts';
import { RollcallError } from '../../core/errors.ts';
import { sameName } from '../../core/names.ts';
import { parseRef } from '../../core/references.ts';
import type { Ref } from '../../core/references.ts';
import { didYouMean, listWords, quote } from '../../core/text.ts';
import type { Asked } from './read.ts';

/**
 * Whom somebody means: `user:dale`, `role:deploy`, a name that only one of them has, or an ARN.
 *
 * @throws RollcallError for nobody, or for more than one.
 */
export function whoIs(text: string, { from, state }: Asked): Ref {
  const { kind, name } = parts(text, state.account);
  if (kind !== null && !principalKinds.includes(kind))
    throw new RollcallError(`${quote(text)} is neither a user nor a role`, {
      hint: 'write user:NAME or role:NAME',
    });
  const wanted = kind === null ? principalKinds : [kind];
  const all = principalsIn(state).filter((ref) => wanted.includes(parseRef(ref).kind));
  const found = all.filter((ref) => sameName(parseRef(ref).name, name));
  if (found.length > 1)
    throw new RollcallError(`there are ${listWords(found, 'and')}`, { hint: 'write which of them' });
  if (found[0] !== undefined) return found[0];
  const hint = didYouMean(
    name,
    all.map((ref) => parseRef(ref).name),
  );
  throw new RollcallError(
    `there is no ${listWords(wanted)} ${quote(name)} in ${from === 'files' ? 'the files' : `account ${state.account}`}`,
    hint === undefined ? {} : { hint },
  );
}

/** `kind` is null where the text does not tell. */
function parts(text: string, account: string): { readonly kind: string | null; readonly name: string } {
  const [, owner, type = '', last = ''] = /^arn:[^:]*:iam::(\d*):(\w+)\/(?:.*\/)?([^/]+)$/.exec(text) ?? [];
  if (owner === account) return { kind: type, name: last };
  return text.includes(':') ? parseRef(text) : { kind: null, name: text };
}
