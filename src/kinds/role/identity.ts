import type { IdentityKind } from '../kind.ts';
import { about } from './about.ts';

export const roleIdentity: IdentityKind<'role'> = {
  kind: about.name,
  of: (state) => state.roles,
  inlineSize: about.limits.inline,
  attachments: about.limits.attached,
  putPolicy: (RoleName, PolicyName, PolicyDocument) => ({
    op: 'PutRolePolicy',
    input: { RoleName, PolicyName, PolicyDocument },
  }),
  deletePolicy: (RoleName, PolicyName) => ({ op: 'DeleteRolePolicy', input: { RoleName, PolicyName } }),
  attach: (RoleName, PolicyArn) => ({ op: 'AttachRolePolicy', input: { RoleName, PolicyArn } }),
  detach: (RoleName, PolicyArn) => ({ op: 'DetachRolePolicy', input: { RoleName, PolicyArn } }),
};
