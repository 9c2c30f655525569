/** Where trusts go on naming who leaves: in roles that no plan writes, and in conditions, which stay as they are. */
import { byText } from '../core/json.ts';
import { labelOf } from '../core/references.ts';
import type { Ref } from '../core/references.ts';
import type { AccountState, Role } from '../core/state.ts';
import { listSome, plural } from '../core/text.ts';
import { principalOf } from '../access/principals.ts';
import { principalArn } from '../access/trust.ts';
import { principalsIn, withoutPrincipal } from '../policy/trust/index.ts';
import { indexed } from './holders.ts';
import type { Context } from './kind.ts';
import { isRunner } from './pipeline.ts';

/** The most roles that a note lists. */
const most = 5;

/** Whether a plan may write the trust of a role. */
export const writesTrust = (
  { inScope, runsAs }: Pick<Context, 'inScope' | 'runsAs'>,
  role: string,
): boolean => inScope('role', role) && !isRunner(role, runsAs);

/** Roles by whom their trusts name, as an ARN or an id, and those that know callers by a condition. */
const mentions = indexed((roles: AccountState['roles']) => {
  const index = new Map<string, Set<Role>>();
  const add = (key: string, role: Role): void => void index.set(key, (index.get(key) ?? new Set()).add(role));
  for (const role of roles.values()) {
    for (const one of principalsIn(role.trust)) {
      if (one.type === 'orphan') add(one.id, role);
      else if (one.type === 'user' || one.type === 'role') add(one.arn, role);
      if (one.conditional || one.type === 'assumed-role') add(otherwise, role);
    }
  }
  return index;
});
const otherwise = 'by a condition or a session';

interface LeftInTrusts {
  /** Roles that have them among their principals, whatever for, in text order. */
  readonly named: readonly Role[];
  readonly conditions: readonly { readonly role: Role; readonly keys: readonly string[] }[];
}

/** Roles whose trust names a user or role of the account. */
export function namedInTrusts(state: AccountState, ref: Ref): LeftInTrusts {
  const person = { arn: principalArn(state, ref), id: principalOf(state, ref)?.id };
  const index = mentions(state.roles);
  const some = [person.arn, person.id ?? '', otherwise].flatMap((key) => [...(index.get(key) ?? [])]);
  const said = [...new Set(some)]
    .sort((a, b) => byText(a.name, b.name))
    .map((role) => ({ role, ...withoutPrincipal(role.trust, person) }));
  return {
    named: said.filter(({ changed }) => changed).map(({ role }) => role),
    conditions: said
      .filter(({ conditions }) => conditions.length > 0)
      .map(({ role, conditions }) => ({ role, keys: [...new Set(conditions.map(({ key }) => key))] })),
  };
}

/** Tells a reviewer where a user or role who leaves is still named afterwards. */
export function noteTrusts(ref: Ref, context: Context): void {
  const { named, conditions } = namedInTrusts(context.live, ref);
  const left = named.filter(({ name }) => !writesTrust(context, name)).map(({ name }) => name);
  if (left.length > 0)
    context.note(
      `${labelOf(ref)} leaves, but stays in the trust of ${plural(left.length, 'role')} that no plan writes (${listSome(left, most)}): ` +
        'AWS will show an id there, which lets in nobody; take it out by hand',
    );
  if (conditions.length > 0)
    context.note(
      `${labelOf(ref)} leaves, but conditions of trusts still name them (${listSome(
        conditions.map(({ role, keys }) => `role ${role.name}: ${keys.join(', ')}`),
        most,
      )}): take that out before somebody else has the name`,
    );
}
