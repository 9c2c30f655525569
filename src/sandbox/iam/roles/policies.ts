import { roleNamed, type Handlers } from '../context.ts';
import { attachments, inlinePolicies } from '../holders.ts';
import { modifiable } from './protect.ts';

const inline = inlinePolicies('role', (state) => state.roles);
const attached = attachments('role', (state) => state.roles);

export const rolePolicyHandlers = {
  PutRolePolicy: (input, ctx) => inline.put(ctx, modifiable(ctx, input.RoleName), input),

  GetRolePolicy(input, ctx) {
    const role = roleNamed(ctx, input.RoleName);
    return { RoleName: role.name, ...inline.get(role, input.PolicyName) };
  },

  DeleteRolePolicy: (input, ctx) => inline.delete(ctx, modifiable(ctx, input.RoleName), input.PolicyName),
  ListRolePolicies: (input, ctx) => inline.list(ctx, roleNamed(ctx, input.RoleName), input),
  AttachRolePolicy: (input, ctx) => attached.attach(ctx, modifiable(ctx, input.RoleName), input.PolicyArn),
  DetachRolePolicy: (input, ctx) => attached.detach(ctx, modifiable(ctx, input.RoleName), input.PolicyArn),
  ListAttachedRolePolicies: (input, ctx) => attached.list(ctx, roleNamed(ctx, input.RoleName), input),
} satisfies Handlers;
