import { encodeDocument } from '../documents.ts';
import { groupNamed, type Handlers } from '../context.ts';
import {
  attach,
  detach,
  inlineNamed,
  listAttached,
  listInline,
  putInline,
  withoutInline,
} from '../holders.ts';

export const groupPolicyHandlers = {
  PutGroupPolicy(input, ctx) {
    const group = groupNamed(ctx, input.GroupName);
    const policies = putInline(ctx, 'group', group, input.PolicyName, input.PolicyDocument);
    ctx.state.groups.put({ ...group, policies });
    return {};
  },

  GetGroupPolicy(input, ctx) {
    const group = groupNamed(ctx, input.GroupName);
    const { name, document } = inlineNamed('group', group, input.PolicyName);
    return {
      GroupName: group.name,
      PolicyName: name,
      PolicyDocument: encodeDocument(document),
    };
  },

  DeleteGroupPolicy(input, ctx) {
    const group = groupNamed(ctx, input.GroupName);
    ctx.state.groups.put({ ...group, policies: withoutInline('group', group, input.PolicyName) });
    return {};
  },

  ListGroupPolicies: (input, ctx) => listInline(ctx, groupNamed(ctx, input.GroupName), input),

  AttachGroupPolicy(input, ctx) {
    const group = groupNamed(ctx, input.GroupName);
    ctx.state.groups.put({ ...group, attached: attach(ctx, 'group', group, input.PolicyArn) });
    return {};
  },

  DetachGroupPolicy(input, ctx) {
    const group = groupNamed(ctx, input.GroupName);
    ctx.state.groups.put({ ...group, attached: detach(group, input.PolicyArn) });
    return {};
  },

  ListAttachedGroupPolicies: (input, ctx) => listAttached(ctx, groupNamed(ctx, input.GroupName), input),
} satisfies Handlers;
