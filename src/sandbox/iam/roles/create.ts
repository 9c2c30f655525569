import { alreadyExists, overQuota } from '../../wire/errors.ts';
import type { Context } from '../context.ts';
import type { RoleRecord } from '../records.ts';

/** Throws EntityAlreadyExists, LimitExceeded. */
export function createRole(
  ctx: Context,
  fields: Pick<RoleRecord, 'name' | 'path' | 'trust'> & Partial<RoleRecord>,
): RoleRecord {
  if (ctx.state.roles.taken(fields.name)) {
    throw alreadyExists(`Role with name ${fields.name} already exists.`);
  }
  if (ctx.state.roles.size >= ctx.quotas.rolesPerAccount) {
    throw overQuota('RolesPerAccount', ctx.quotas.rolesPerAccount);
  }
  const role: RoleRecord = {
    id: ctx.mint.id('AROA'),
    createdAt: ctx.now(),
    policies: {},
    attached: [],
    tags: [],
    boundary: null,
    description: null,
    maxSession: 3600,
    ...fields,
  };
  ctx.state.roles.put(role);
  return role;
}
