import { encodeDocument } from '../documents.ts';
import { roleNamed, type Handlers } from '../context.ts';
import {
  attach,
  detach,
  inlineNamed,
  listAttached,
  listInline,
  putInline,
  withoutInline,
} from '../holders.ts';
import { modifiable } from './protect.ts';

export const rolePolicyHandlers = {
  PutRolePolicy(input, ctx) {
    const role = modifiable(ctx, input.RoleName);
    const policies = putInline(ctx, 'role', role, input.PolicyName, input.PolicyDocument);
    ctx.state.roles.put({ ...role, policies });
    return {};
  },

  GetRolePolicy(input, ctx) {
    const role = roleNamed(ctx, input.RoleName);
    const { name, document } = inlineNamed('role', role, input.PolicyName);
    return {
      RoleName: role.name,
      PolicyName: name,
      PolicyDocument: encodeDocument(document),
    };
  },

  DeleteRolePolicy(input, ctx) {
    const role = modifiable(ctx, input.RoleName);
    ctx.state.roles.put({ ...role, policies: withoutInline('role', role, input.PolicyName) });
    return {};
  },

  ListRolePolicies: (input, ctx) => listInline(ctx, roleNamed(ctx, input.RoleName), input),

  AttachRolePolicy(input, ctx) {
    const role = modifiable(ctx, input.RoleName);
    ctx.state.roles.put({ ...role, attached: attach(ctx, 'role', role, input.PolicyArn) });
    return {};
  },

  DetachRolePolicy(input, ctx) {
    const role = modifiable(ctx, input.RoleName);
    ctx.state.roles.put({ ...role, attached: detach(role, input.PolicyArn) });
    return {};
  },

  ListAttachedRolePolicies: (input, ctx) => listAttached(ctx, roleNamed(ctx, input.RoleName), input),
} satisfies Handlers;
