import { IamError } from '../../wire/errors.ts';
import { roleNamed, type Context } from '../context.ts';
import type { RoleRecord } from '../records.ts';

/** Roles of AWS services have this path, and only the services can change them. */
export const servicePath = '/aws-service-role/';

/** The role. Throws if it belongs to a service. */
export function modifiable(ctx: Context, name: string): RoleRecord {
  const role = roleNamed(ctx, name);
  if (role.path.startsWith(servicePath)) {
    throw new IamError(
      'UnmodifiableEntity',
      `Cannot perform the operation on the protected role '${role.name}' - this role is only modifiable by AWS`,
    );
  }
  return role;
}
