import { encodeDocument } from '../documents.ts';
import { userNamed, type Handlers } from '../context.ts';
import {
  attach,
  detach,
  inlineNamed,
  listAttached,
  listInline,
  putInline,
  withoutInline,
} from '../holders.ts';

export const userPolicyHandlers = {
  PutUserPolicy(input, ctx) {
    const user = userNamed(ctx, input.UserName);
    const policies = putInline(ctx, 'user', user, input.PolicyName, input.PolicyDocument);
    ctx.state.users.put({ ...user, policies });
    return {};
  },

  GetUserPolicy(input, ctx) {
    const user = userNamed(ctx, input.UserName);
    const { name, document } = inlineNamed('user', user, input.PolicyName);
    return {
      UserName: user.name,
      PolicyName: name,
      PolicyDocument: encodeDocument(document),
    };
  },

  DeleteUserPolicy(input, ctx) {
    const user = userNamed(ctx, input.UserName);
    ctx.state.users.put({ ...user, policies: withoutInline('user', user, input.PolicyName) });
    return {};
  },

  ListUserPolicies: (input, ctx) => listInline(ctx, userNamed(ctx, input.UserName), input),

  AttachUserPolicy(input, ctx) {
    const user = userNamed(ctx, input.UserName);
    ctx.state.users.put({ ...user, attached: attach(ctx, 'user', user, input.PolicyArn) });
    return {};
  },

  DetachUserPolicy(input, ctx) {
    const user = userNamed(ctx, input.UserName);
    ctx.state.users.put({ ...user, attached: detach(user, input.PolicyArn) });
    return {};
  },

  ListAttachedUserPolicies: (input, ctx) => listAttached(ctx, userNamed(ctx, input.UserName), input),
} satisfies Handlers;
