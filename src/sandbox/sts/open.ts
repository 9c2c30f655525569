import type { AssumedRoleUser, PolicyDescriptorType, Tag } from '@aws-sdk/client-sts';
import { documentSize } from '../../core/policy-language.ts';
import { nameKey } from '../../core/names.ts';
import { sessionArn } from '../callers.ts';
import { roleArn, type Context } from '../iam/context.ts';
import { checkDocument } from '../iam/grammar.ts';
import { isReserved, reserved } from '../iam/tags.ts';
import { findPolicy } from '../iam/policies/find.ts';
import type { RoleRecord, TagRecord } from '../iam/records.ts';
import { IamError, validationError } from '../wire/errors.ts';
import { sealed, sessionKeyId, type Session, type SessionKeys } from './session.ts';

/** Seconds. */
const hour = 3600;
/** Characters of session policies and ARNs (AssumeRole, "Policy"). */
const policyRoom = 2048;
const mostPolicies = 10;

/** The role of an ARN; undefined if there is none. Throws ValidationError for what is no ARN (recorded from AWS). */
export function roleAt(ctx: Context, arn: string): RoleRecord | undefined {
  if (!/^arn:[^:]+:[^:]+:[^:]*:[^:]*:.+$/.test(arn)) throw validationError(`${arn} is invalid`);
  const role = ctx.state.roles.find(arn.slice(arn.lastIndexOf('/') + 1));
  return role && roleArn(ctx, role) === arn ? role : undefined;
}

/** In seconds. Throws ValidationError, in the words that people report. */
export function durationOf(ctx: Context, role: RoleRecord, asked: number | undefined): number {
  if (asked === undefined) return hour;
  if (ctx.caller.role && asked > hour) {
    throw validationError(
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    );
  }
  if (asked > role.maxSession)
    throw validationError('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
  return asked;
}

interface Narrowing {
  readonly Policy?: string | undefined;
  readonly PolicyArns?: readonly PolicyDescriptorType[] | undefined;
}

/** Session policies, and how much of their room they take. Throws MalformedPolicyDocument, PackedPolicyTooLarge. */
export function narrowingOf(ctx: Context, { Policy, PolicyArns = [] }: Narrowing) {
  const policyArns = PolicyArns.map(({ arn = '' }) => arn);
  if (Policy !== undefined) checkDocument(Policy, { use: 'inline', partition: ctx.partition });
  // The words of AWS for these two are not known.
  if (policyArns.length > mostPolicies)
    throw validationError(`A session can have at most ${mostPolicies} managed policies.`);
  const missing = policyArns.find((arn) => !findPolicy(ctx, arn));
  if (missing !== undefined) throw validationError(`Policy ${missing} does not exist.`);
  const size = documentSize(Policy ?? '') + policyArns.join('').length;
  const packed = Math.ceil((100 * size) / policyRoom);
  if (packed > 100) {
    throw new IamError(
      'PackedPolicyTooLarge',
      `Packed policy consumes ${packed}% of allotted space, please use smaller policy.`,
    );
  }
  return { documents: Policy === undefined ? [] : [Policy], policyArns, packed };
}

const badTags = (message: string): IamError => new IamError('InvalidParameterValue', message);

/**
 * The tags of a session, with those that the calling session passes on. Throws InvalidParameterValue, in AWS's words as
 * they were recorded.
 */
export function sessionTags(
  { caller: { session: from } }: Context,
  Tags: readonly Tag[],
  keys: readonly string[],
): { readonly tags: readonly TagRecord[]; readonly transitive: readonly string[] } {
  const own = new Set(Tags.map(({ Key = '' }) => nameKey(Key)));
  if (own.size < Tags.length)
    throw badTags('Duplicate tag keys found. Please note that Tag keys are case insensitive.');
  if (Tags.some(isReserved)) throw badTags(reserved);
  if (!keys.every((key) => own.has(nameKey(key))))
    throw badTags('The specified transitive tag key must be included in the requested tags.');
  const inherited = from?.transitive ?? [];
  if (inherited.some((key) => own.has(nameKey(key)))) {
    throw badTags(
      "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the " +
        'calling session.',
    );
  }
  const passedOn = new Set(inherited.map(nameKey));
  return {
    tags: [
      ...(from?.tags ?? []).filter(({ key }) => passedOn.has(nameKey(key))),
      ...Tags.map(({ Key = '', Value = '' }) => ({ key: Key, value: Value })),
    ],
    transitive: [...inherited, ...keys],
  };
}

const plain = {
  name: '',
  documents: [],
  policyArns: [],
  tags: [],
  transitive: [],
  sourceIdentity: null,
  mfaAt: null,
  provider: null,
} as const;

/** Keys of a new session. @param seconds how long it lasts. */
export function openSession(
  ctx: Context,
  seconds: number,
  fields: Pick<Session, 'kind' | 'of'> & Partial<Session>,
): SessionKeys {
  const issuedAt = ctx.now();
  const end = new Date(Date.parse(issuedAt) + seconds * 1000);
  return sealed(ctx.seal, {
    ...plain,
    ...fields,
    accessKeyId: sessionKeyId(ctx.seal, ctx.mint.id('', 12)),
    issuedAt,
    expiresAt: `${end.toISOString().slice(0, 19)}Z`,
  });
}

export const assumedRole = (ctx: Context, role: RoleRecord, name: string): AssumedRoleUser => ({
  AssumedRoleId: `${role.id}:${name}`,
  Arn: sessionArn(ctx, role, name),
});
