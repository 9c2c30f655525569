import { mfaValues, type Values } from '../authorize/values.ts';
import { denialOf, notAuthorized } from '../authorize/authorize.ts';
import { federatedArn } from '../callers.ts';
import { operatorId, userIdOf, type Caller } from '../iam/caller.ts';
import type { Context, Handlers } from '../iam/context.ts';
import { IamError } from '../wire/errors.ts';
import { assumedRole, durationOf, narrowingOf, openSession, roleAt, sessionTags } from './open.ts';
import type { Session } from './session.ts';
import { checkAssume, tagValuesOf } from './trusting.ts';

const denied = (message: string): IamError => new IamError('AccessDenied', message);

/**
 * Throws for what a session may never call. Source: STS API Reference, GetSessionToken: no IAM "unless MFA authentication
 * information is included in the request", and no STS "except AssumeRole or GetCallerIdentity"; GetFederationToken.
 */
export function checkSession({ session }: Caller, op: string, source: 'iam' | 'sts'): void {
  if (!session) return;
  const { kind, mfaAt } = session;
  if (source === 'iam' && (kind === 'federated' || (kind === 'user' && mfaAt === null)))
    throw new IamError('InvalidClientTokenId', 'The security token included in the request is invalid.');
  if (source === 'sts' && !mayCall[kind](op)) throw denied(`Cannot call ${op} with session credentials`);
}

/** Operations of STS that sessions may call. */
const mayCall: Readonly<Record<Session['kind'], (op: string) => boolean>> = {
  role: (op) => op !== 'GetSessionToken' && op !== 'GetFederationToken',
  user: (op) => op === 'AssumeRole' || op === 'GetCallerIdentity',
  federated: (op) => op === 'GetCallerIdentity',
};

interface Mfa {
  readonly SerialNumber?: string | undefined;
  readonly TokenCode?: string | undefined;
}

/**
 * When the code of the caller's device was given: now; null if none was. Any code of six digits is right, because the
 * sandbox keeps no seed of devices. Throws AccessDenied.
 */
function mfaOf(ctx: Context, { SerialNumber, TokenCode }: Mfa): string | null {
  if (SerialNumber === undefined && TokenCode === undefined) return null;
  if (SerialNumber === undefined || TokenCode === undefined) {
    throw denied(
      'MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.',
    );
  }
  const { user } = ctx.caller;
  if (!user || ctx.state.mfaDevices.get(SerialNumber)?.userId !== user.id) {
    throw denied(
      'MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid ' +
        'and associated with this user.',
    );
  }
  return ctx.now();
}

/** Seconds. */
const halfDay = 43_200;

export const sessionHandlers = {
  /** Its session has no MFA: "you cannot check individual API operations for MFA" (IAM User Guide, MFA-protected API). */
  AssumeRole(input, ctx) {
    const mfaAt = mfaOf(ctx, input);
    const name = input.RoleSessionName;
    const { Tags = [], TransitiveTagKeys = [], SourceIdentity } = input;
    const { tags, transitive } = sessionTags(ctx, Tags, TransitiveTagKeys);
    const inherited = ctx.caller.session?.sourceIdentity ?? null;
    const sourceIdentity = inherited ?? SourceIdentity ?? null;
    const one = (key: string, value: string | undefined): Values =>
      value === undefined ? {} : { [key]: [value] };
    const role = roleAt(ctx, input.RoleArn);
    checkAssume(ctx, role, input.RoleArn, {
      tags: tags.length > 0,
      sourceIdentity: sourceIdentity !== null,
      values: {
        ...tagValuesOf(Tags),
        ...one('sts:rolesessionname', name),
        ...one('sts:externalid', input.ExternalId),
        ...one('sts:sourceidentity', SourceIdentity),
        ...(TransitiveTagKeys.length > 0 ? { 'sts:transitivetagkeys': TransitiveTagKeys } : {}),
        ...(mfaAt === null ? {} : mfaValues(mfaAt, new Date(mfaAt))),
      },
    });
    // "The value that is set cannot be changed during the role session" (IAM User Guide, "Monitor and control actions taken
    // with assumed roles"). The words of AWS are not known.
    if (SourceIdentity !== undefined && SourceIdentity !== sourceIdentity)
      throw notAuthorized(ctx.caller, 'sts:SetSourceIdentity', input.RoleArn);
    const { packed, ...narrowing } = narrowingOf(ctx, input);
    const seconds = durationOf(ctx, role, input.DurationSeconds);
    return {
      Credentials: openSession(ctx, seconds, {
        kind: 'role',
        of: role.id,
        name,
        ...narrowing,
        tags,
        transitive,
        sourceIdentity,
      }),
      AssumedRoleUser: assumedRole(ctx, role, name),
      ...(packed + tags.length > 0 ? { PackedPolicySize: Math.max(packed, 1) } : {}),
      ...(sourceIdentity === null ? {} : { SourceIdentity: sourceIdentity }),
    };
  },

  GetSessionToken(input, ctx) {
    const mfaAt = mfaOf(ctx, input);
    const of = ctx.caller.user?.id ?? operatorId;
    return { Credentials: openSession(ctx, input.DurationSeconds ?? halfDay, { kind: 'user', of, mfaAt }) };
  },

  GetFederationToken(input, ctx) {
    const { Name: name, Tags = [] } = input;
    const arn = federatedArn(ctx, name);
    for (const action of ['sts:GetFederationToken', ...(Tags.length > 0 ? ['sts:TagSession'] : [])]) {
      const decision = ctx.judge(action, arn, tagValuesOf(Tags));
      const because = decision && denialOf(decision, action);
      if (because !== null) throw notAuthorized(ctx.caller, action, arn, because);
    }
    const { tags } = sessionTags(ctx, Tags, []);
    const { packed, ...narrowing } = narrowingOf(ctx, input);
    const of = ctx.caller.user?.id ?? operatorId;
    const fields = { kind: 'federated', of, name, ...narrowing, tags } as const;
    return {
      Credentials: openSession(ctx, input.DurationSeconds ?? halfDay, fields),
      FederatedUser: { FederatedUserId: `${ctx.account}:${name}`, Arn: arn },
      PackedPolicySize: packed,
    };
  },

  /** AWS reads the account from the id. The sandbox knows of no other account than its own. */
  GetAccessKeyInfo: (_input, ctx) => ({ Account: ctx.account }),

  GetCallerIdentity: (_input, { account, caller }) => ({
    UserId: userIdOf(account, caller),
    Account: account,
    Arn: caller.arn,
  }),
} satisfies Handlers;
