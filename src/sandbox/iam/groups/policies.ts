import { groupNamed, type Handlers } from '../context.ts';
import { holderPolicies } from '../holders.ts';

const policies = holderPolicies('group', (state) => state.groups);

export const groupPolicyHandlers = {
  PutGroupPolicy: (input, ctx) => policies.put(ctx, groupNamed(ctx, input.GroupName), input),

  GetGroupPolicy(input, ctx) {
    const group = groupNamed(ctx, input.GroupName);
    return { GroupName: group.name, ...policies.get(group, input.PolicyName) };
  },

  DeleteGroupPolicy: (input, ctx) => policies.delete(ctx, groupNamed(ctx, input.GroupName), input.PolicyName),
  ListGroupPolicies: (input, ctx) => policies.list(ctx, groupNamed(ctx, input.GroupName), input),
  AttachGroupPolicy: (input, ctx) => policies.attach(ctx, groupNamed(ctx, input.GroupName), input.PolicyArn),
  DetachGroupPolicy: (input, ctx) => policies.detach(ctx, groupNamed(ctx, input.GroupName), input.PolicyArn),
  ListAttachedGroupPolicies: (input, ctx) =>
    policies.listAttached(ctx, groupNamed(ctx, input.GroupName), input),
} satisfies Handlers;
