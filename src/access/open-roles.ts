/** Roles that anybody may assume and that are, or can make themselves, administrators. */
import { byText } from '../core/json.ts';
import { objectRef, type Ref } from '../core/references.ts';
import type { AccountState } from '../core/state.ts';
import { gains, Reader } from './compare.ts';
import { newDangers, type PolicyDanger } from './dangers.ts';
import { holdingsOf, type Origin } from './principals.ts';
import { letsInAnybody } from './trust.ts';

interface OpenRole {
  readonly principal: Ref;
  readonly code: 'administrator' | 'iam-full-access';
  /** False: conditions of its trust policy or of what it holds may prevent it. */
  readonly certain: boolean;
}

const isWorst = (danger: PolicyDanger): danger is PolicyDanger & { readonly code: OpenRole['code'] } =>
  danger.code === 'administrator' || danger.code === 'iam-full-access';

/** By all that each holds, within its boundary. */
export function openAdministrators(state: AccountState): OpenRole[] {
  const reader = new Reader<Origin>(new Set());
  const nothing = reader.read({ grants: [], boundary: null });
  return [...state.roles.values()]
    .flatMap((role): OpenRole[] => {
      const open = letsInAnybody(role.trust);
      if (open === 'no') return [];
      const principal = objectRef('role', role.name);
      const access = reader.read(holdingsOf(state, principal)!);
      const danger = newDangers(nothing, access, gains(nothing, access))
        .map((one) => one.danger)
        .find(isWorst);
      if (!danger) return [];
      const always = !('conditions' in danger) || danger.conditions === null;
      return [{ principal, code: danger.code, certain: open === 'yes' && always }];
    })
    .sort((a, b) => byText(a.principal, b.principal));
}
