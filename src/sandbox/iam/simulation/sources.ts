import { principalValues, type Values } from '../../authorize/values.ts';
import { invalidInput, noSuchEntity } from '../../wire/errors.ts';
import { arnOf, groupNamed, roleNamed, userNamed, type Context } from '../context.ts';
import { findPolicy } from '../policies/find.ts';
import { defaultOf, versionsOf } from '../policies/policies.ts';
import type { HolderRecord } from '../records.ts';

/** A policy that a simulation takes in. */
export interface Source {
  readonly id: string;
  readonly document: string;
}

/** What a user, group or role holds. */
interface Holdings {
  readonly sources: readonly Source[];
  readonly boundary: Source | null;
  /** Condition keys that say who calls; none of a group. */
  readonly values: Values;
}

/** The policies of a user with those of its groups, or of a group or role. Throws InvalidInput, NoSuchEntity. */
export function holdingsOf(ctx: Context, arn: string): Holdings {
  const [, kind, name] = /^arn:[^:]+:iam::\d{12}:(user|group|role)\/(?:.*\/)?([^/]+)$/.exec(arn) ?? [];
  const found = <T extends HolderRecord>(record: T): T => {
    if (arnOf(ctx, kind!, record.path, record.name) === arn) return record;
    throw noSuchEntity(`The ${kind} with name ${name} cannot be found.`);
  };
  if (name === undefined) {
    throw invalidInput(`Invalid Entity Arn: ${arn} does not clearly define entity type and name.`);
  }
  if (kind === 'group') {
    const group = found(groupNamed(ctx, name));
    return { sources: held(ctx, 'group', group), boundary: null, values: {} };
  }
  if (kind === 'role') {
    const role = found(roleNamed(ctx, name));
    return {
      sources: held(ctx, 'role', role),
      boundary: managed(ctx, role.boundary),
      values: principalValues(arn, role),
    };
  }
  const user = found(userNamed(ctx, name));
  const groups = user.groups.map((id) => ctx.state.groups.get(id)).filter((group) => group !== undefined);
  return {
    sources: [...held(ctx, 'user', user), ...groups.flatMap((group) => held(ctx, 'group', group))],
    boundary: managed(ctx, user.boundary),
    values: principalValues(arn, user),
  };
}

function held(ctx: Context, kind: 'user' | 'group' | 'role', holder: HolderRecord): Source[] {
  const inline = Object.entries(holder.policies).map(([policy, document]): Source => ({
    // As AWS names them.
    id: `${kind}_${holder.name}_${policy}`,
    document,
  }));
  return [...inline, ...holder.attached.flatMap((arn) => managed(ctx, arn) ?? [])];
}

function managed(ctx: Context, arn: string | null): Source | null {
  const policy = arn === null ? undefined : findPolicy(ctx, arn);
  const inForce = policy && versionsOf(policy).find(({ id }) => id === defaultOf(policy));
  if (!policy || !inForce) return null;
  return { id: policy.name, document: inForce.document };
}
