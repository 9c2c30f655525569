import { userNamed, type Handlers } from '../context.ts';
import { holderPolicies } from '../holders.ts';

const policies = holderPolicies('user', (state) => state.users);

export const userPolicyHandlers = {
  PutUserPolicy: (input, ctx) => policies.put(ctx, userNamed(ctx, input.UserName), input),

  GetUserPolicy(input, ctx) {
    const user = userNamed(ctx, input.UserName);
    return { UserName: user.name, ...policies.get(user, input.PolicyName) };
  },

  DeleteUserPolicy: (input, ctx) => policies.delete(ctx, userNamed(ctx, input.UserName), input.PolicyName),
  ListUserPolicies: (input, ctx) => policies.list(ctx, userNamed(ctx, input.UserName), input),
  AttachUserPolicy: (input, ctx) => policies.attach(ctx, userNamed(ctx, input.UserName), input.PolicyArn),
  DetachUserPolicy: (input, ctx) => policies.detach(ctx, userNamed(ctx, input.UserName), input.PolicyArn),
  ListAttachedUserPolicies: (input, ctx) => policies.listAttached(ctx, userNamed(ctx, input.UserName), input),
} satisfies Handlers;
