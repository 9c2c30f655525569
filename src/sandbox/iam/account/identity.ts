import type { Handlers } from '../context.ts';

export const identityHandlers = {
  /** The one operation of STS that the sandbox knows. */
  GetCallerIdentity: (_input, ctx) => ({
    UserId: ctx.caller.user?.id ?? 'AIDASANDBOXOPERATOR22',
    Account: ctx.account,
    Arn: ctx.caller.arn,
  }),
} satisfies Handlers;
