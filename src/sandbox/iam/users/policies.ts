import { userNamed, type Handlers } from '../context.ts';
import { attachments, inlinePolicies } from '../holders.ts';

const inline = inlinePolicies('user', (state) => state.users);
const attached = attachments('user', (state) => state.users);

export const userPolicyHandlers = {
  PutUserPolicy: (input, ctx) => inline.put(ctx, userNamed(ctx, input.UserName), input),

  GetUserPolicy(input, ctx) {
    const user = userNamed(ctx, input.UserName);
    return { UserName: user.name, ...inline.get(user, input.PolicyName) };
  },

  DeleteUserPolicy: (input, ctx) => inline.delete(ctx, userNamed(ctx, input.UserName), input.PolicyName),
  ListUserPolicies: (input, ctx) => inline.list(ctx, userNamed(ctx, input.UserName), input),
  AttachUserPolicy: (input, ctx) => attached.attach(ctx, userNamed(ctx, input.UserName), input.PolicyArn),
  DetachUserPolicy: (input, ctx) => attached.detach(ctx, userNamed(ctx, input.UserName), input.PolicyArn),
  ListAttachedUserPolicies: (input, ctx) => attached.list(ctx, userNamed(ctx, input.UserName), input),
} satisfies Handlers;
