import { roleNamed, type Handlers } from '../context.ts';
import { holderPolicies } from '../holders.ts';
import { modifiable } from './protect.ts';

const policies = holderPolicies('role', (state) => state.roles);

export const rolePolicyHandlers = {
  PutRolePolicy: (input, ctx) => policies.put(ctx, modifiable(ctx, input.RoleName), input),

  GetRolePolicy(input, ctx) {
    const role = roleNamed(ctx, input.RoleName);
    return { RoleName: role.name, ...policies.get(role, input.PolicyName) };
  },

  DeleteRolePolicy: (input, ctx) => policies.delete(ctx, modifiable(ctx, input.RoleName), input.PolicyName),
  ListRolePolicies: (input, ctx) => policies.list(ctx, roleNamed(ctx, input.RoleName), input),
  AttachRolePolicy: (input, ctx) => policies.attach(ctx, modifiable(ctx, input.RoleName), input.PolicyArn),
  DetachRolePolicy: (input, ctx) => policies.detach(ctx, modifiable(ctx, input.RoleName), input.PolicyArn),
  ListAttachedRolePolicies: (input, ctx) => policies.listAttached(ctx, roleNamed(ctx, input.RoleName), input),
} satisfies Handlers;
