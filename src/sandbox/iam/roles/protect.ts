import { IamError } from '../../wire/errors.ts';
import { roleNamed, type Context } from '../context.ts';
import type { RoleRecord } from '../records.ts';

/** Roles of AWS services have this path, and only the services can change them. */
export const servicePath = '/aws-service-role/';
/** Roles that Identity Center makes of permission sets have this one. */
const reservedPath = '/aws-reserved/';

const outOf =
  (...paths: readonly string[]) =>
  (ctx: Context, name: string): RoleRecord => {
    const role = roleNamed(ctx, name);
    if (paths.some((path) => role.path.startsWith(path))) {
      throw new IamError(
        'UnmodifiableEntity',
        `Cannot perform the operation on the protected role '${role.name}' - this role is only modifiable by AWS`,
      );
    }
    return role;
  };

/** The role. Throws if it is one that AWS alone modifies. */
export const modifiable = outOf(servicePath, reservedPath);

/** The role, to describe and tag it: services leave that to the account, Identity Center leaves it nothing. */
export const describable = outOf(reservedPath);
