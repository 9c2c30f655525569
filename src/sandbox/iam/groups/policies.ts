import { groupNamed, type Handlers } from '../context.ts';
import { attachments, inlinePolicies } from '../holders.ts';

const inline = inlinePolicies('group', (state) => state.groups);
const attached = attachments('group', (state) => state.groups);

export const groupPolicyHandlers = {
  PutGroupPolicy: (input, ctx) => inline.put(ctx, groupNamed(ctx, input.GroupName), input),

  GetGroupPolicy(input, ctx) {
    const group = groupNamed(ctx, input.GroupName);
    return { GroupName: group.name, ...inline.get(group, input.PolicyName) };
  },

  DeleteGroupPolicy: (input, ctx) => inline.delete(ctx, groupNamed(ctx, input.GroupName), input.PolicyName),
  ListGroupPolicies: (input, ctx) => inline.list(ctx, groupNamed(ctx, input.GroupName), input),
  AttachGroupPolicy: (input, ctx) => attached.attach(ctx, groupNamed(ctx, input.GroupName), input.PolicyArn),
  DetachGroupPolicy: (input, ctx) => attached.detach(ctx, groupNamed(ctx, input.GroupName), input.PolicyArn),
  ListAttachedGroupPolicies: (input, ctx) => attached.list(ctx, groupNamed(ctx, input.GroupName), input),
} satisfies Handlers;
