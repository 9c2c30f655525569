import { loadSharedConfigFiles } from '@smithy/core/config';
import { isAwsManaged } from '../core/arn.ts';
import { exitCode, RollcallError } from '../core/errors.ts';
import type { Remedy } from '../core/errors.ts';
import { own } from '../core/json.ts';
import { clean, didYouMean, quote } from '../core/text.ts';
import { Interrupted } from './interrupt.ts';
import { NoAnswer, NoConnection, TooLongAnswer } from './transport.ts';
import { profileFiles } from './environment.ts';

interface ServiceError extends Error {
  readonly code?: string;
  readonly $fault?: 'client' | 'server';
  readonly $metadata?: {
    readonly httpStatusCode?: number;
    readonly attempts?: number;
    readonly requestId?: string;
  };
  /** For a call that was throttled: for how many milliseconds IAM had done nothing else (pace.ts). */
  readonly throttledFor?: number;
  /** True: nothing of a call that must not be repeated blindly is left (once.ts). False: an earlier try had no answer (run-step.ts). */
  readonly settled?: boolean;
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
}

const isServiceError = (error: unknown): error is ServiceError => error instanceof Error;

/** AWS's own error code, such as `NoSuchEntity`; the SDK names most exceptions `NoSuchEntityException`. */
export const codeOf = (error: unknown): string =>
  isServiceError(error) ? (error.code ?? error.name).replace(/Exception$/, '') : 'Unknown';

/** True if AWS itself refused: the call had no effect. False if nobody knows whether it had one. */
export const wasRefused = (error: unknown): boolean => {
  const status = isServiceError(error) ? error.$metadata?.httpStatusCode : undefined;
  return status !== undefined && status >= 400 && status < 500;
};

/**
 * Whether a failed call is known to have had no effect. Its answer is that of the last attempt; an earlier one may
 * have succeeded ({@link unsettled}).
 */
export const isSettled = (error: unknown): boolean =>
  (error instanceof RollcallError && !(error instanceof Interrupted)) ||
  (isServiceError(error) && error.settled === true) ||
  // Nothing was sent.
  lacksCredentials(error) ||
  ((wasRefused(error) || error instanceof NoConnection) && (error as ServiceError).settled !== false);

/** The error of a call of which an earlier try had no answer: unless it has been looked up since, nobody knows its effect. */
export const unsettled = (error: unknown): unknown =>
  isServiceError(error) ? Object.assign(error, { settled: error.settled ?? false }) : error;

const credentialCodes = new Set([
  'InvalidClientTokenId',
  'SignatureDoesNotMatch',
  'AuthFailure',
  'UnrecognizedClient',
  'IncompleteSignature',
  'MissingAuthenticationToken',
]);
const clockCodes = new Set(['RequestTimeTooSkewed', 'RequestExpired', 'RequestInTheFuture']);
const throttleCodes = new Set([
  'Throttling',
  'ThrottlingException',
  'TooManyRequests',
  'RequestLimitExceeded',
]);
const networkCodes = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'TimeoutError',
]);

const deniedCodes = new Set(['AccessDenied', 'UnauthorizedOperation', 'NotAuthorized']);

/** The caller lacks permission for this call. */
export const isDenied = (error: unknown): boolean => deniedCodes.has(codeOf(error));

/** IAM was asked too often: the call had no effect, and may be sent again later. A full quota is something else. */
export const isThrottle = (error: unknown): boolean =>
  throttleCodes.has(codeOf(error)) ||
  throttleCodes.has(nameOf(error)) ||
  (isServiceError(error) && error.$metadata?.httpStatusCode === 429);

/**
 * The request is signed with a time that is not AWS's. SigV4's errors have no code of their own for that. Source: IAM
 * User Guide, "Troubleshoot Signature Version 4 requests": "Signature expired", "Signature not yet current".
 */
export const isClockError = (error: unknown): boolean =>
  clockCodes.has(codeOf(error)) ||
  (error instanceof Error && /^Signature (?:expired|not yet current)/.test(error.message));

/** Nothing answers any more, and further calls would only wait. */
export const isLostConnection = (error: unknown): boolean =>
  error instanceof NoAnswer ||
  (isServiceError(error) && error.$metadata?.httpStatusCode === undefined && systemCode(error) !== undefined);

/** No source of credentials gave any, so that nothing was sent. */
const lacksCredentials = (error: unknown): boolean => /CredentialsProvider|TokenProvider/.test(nameOf(error));

/** AWS refuses the caller itself, whatever the call. */
export const isRefusedCaller = (error: unknown): boolean => {
  const code = codeOf(error);
  return credentialCodes.has(code) || code === 'ExpiredToken' || lacksCredentials(error);
};

const isUnreadable = (error: unknown): boolean =>
  ['Error', 'SyntaxError', 'TypeError'].includes(codeOf(error));

/** Something else than IAM answered: an emulator without the operation, or a proxy. */
export const isForeign = (error: unknown): boolean =>
  isServiceError(error) &&
  ((isUnreadable(error) && (error.$metadata?.httpStatusCode ?? 0) >= 400) ||
    error.message.startsWith('Unknown'));

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '');

function systemCode(error: ServiceError): string | undefined {
  return [error.code, error.name, (error.cause as { code?: string } | undefined)?.code].find(
    (one) => one !== undefined && networkCodes.has(one),
  );
}

/** A profile gives no credentials. The error is named like the SDK's own, so that it is treated like those. */
class ProfileError extends Error {
  override readonly name = 'CredentialsProviderError';
  readonly hint: string | undefined;

  constructor(message: string, hint: string | undefined, cause: Error) {
    super(message, { cause });
    this.hint = hint;
  }
}

/**
 * If a profile fails, the SDK tries all other sources and then only reports that none of them had credentials. This
 * finds the profile's own error.
 */
export async function explainProfile(
  error: unknown,
  profile: string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<unknown> {
  if (!profile || !(error instanceof Error) || !lacksCredentials(error)) return error;
  const { configFile, credentialsFile } = await loadSharedConfigFiles(profileFiles(env));
  const names = Object.keys({ ...configFile, ...credentialsFile });
  const files = [
    env['AWS_CONFIG_FILE'] || '~/.aws/config',
    env['AWS_SHARED_CREDENTIALS_FILE'] || '~/.aws/credentials',
  ];
  if (!names.includes(profile)) {
    const near = didYouMean(
      profile,
      names.filter((name) => !/^(?:sso-session|services)\./.test(name)),
    );
    const message = `there is no profile ${quote(profile)} in ${files.join(' or ')}`;
    return new ProfileError(message, near ?? 'name another with --profile or AWS_PROFILE', error);
  }
  // Messages that say nothing about the profile, or that show the command line of a `credential_process`, which may
  // hold a secret.
  const reason = /^(?:Could not load credentials from any|Command failed|Failed to load token)/.test(
    error.message,
  )
    ? ''
    : `: ${saidBy(error)}`;
  return new ProfileError(
    `the profile ${quote(profile)} of ${files.join(' and ')} gives no credentials${reason}`,
    'check what the profile says, or log in with `aws sso login` or `aws login`',
    error,
  );
}

/** An error in words: what went wrong, what to do, and whether another run alone helps. */
export interface Explanation {
  readonly message: string;
  readonly hint?: string;
  readonly remedy: Remedy;
}

const moved = 'plan again, and see what has changed since';

const notOffered = {
  remedy: 'mend',
  hint: 'IAM does not offer this for that service or in this partition: do it by hand',
} as const;

/** What to do about IAM's errors. Source: IAM API reference, the errors of each operation and the common errors. */
const remedies: { readonly [code: string]: Omit<Explanation, 'message'> } = {
  NoSuchEntity: {
    remedy: 'plan',
    hint: `an object that the call names does not exist, or no longer: ${moved}`,
  },
  EntityAlreadyExists: {
    remedy: 'plan',
    hint: `it exists already, perhaps spelled in another case, which IAM does not tell apart: ${moved}`,
  },
  DeleteConflict: { remedy: 'plan', hint: `something still belongs to it or is attached to it: ${moved}` },
  ConcurrentModification: {
    remedy: 'again',
    hint: 'somebody else is changing it at the same time; run again',
  },
  EntityTemporarilyUnmodifiable: {
    remedy: 'again',
    hint: 'IAM is still processing it; run again in some minutes',
  },
  LimitExceeded: {
    remedy: 'mend',
    hint: 'remove what is not needed, or ask AWS for a higher quota (Service Quotas, IAM in us-east-1)',
  },
  MalformedPolicyDocument: {
    remedy: 'mend',
    hint: 'correct the policy document in the manifests: IAM has rules that `rollcall validate` does not know',
  },
  PolicyNotAttachable: {
    remedy: 'mend',
    hint: 'only roles of AWS services can have this policy: take it out of the manifests, or name another',
  },
  InvalidInput: { remedy: 'mend', hint: 'correct the value in the manifests: IAM does not take it' },
  ValidationError: { remedy: 'mend', hint: 'correct the value in the manifests: IAM does not take it' },
  PasswordPolicyViolation: {
    remedy: 'mend',
    hint: 'no password that rollcall generates meets the password policy of the account: `aws iam get-account-password-policy` shows it',
  },
  UnmodifiableEntity: {
    remedy: 'mend',
    hint: 'only the AWS service that made it can change it: do it there, and name it under ignore',
  },
  OpenIdIdpCommunicationError: {
    remedy: 'again',
    hint: 'IAM could not reach the identity provider: check that its URL answers from the internet, then run again',
  },
  // IAM's spelling; the SDK's is ServiceNotSupported.
  NotSupportedService: notOffered,
  ServiceNotSupported: notOffered,
  OptInRequired: { remedy: 'mend', hint: 'the account is not signed up for IAM: ask whoever owns it' },
};

const invalidCodes = new Set(['InvalidInput', 'ValidationError']);
const invalidRead = { remedy: 'again', hint: 'check that --endpoint-url is an IAM, and run again' } as const;

/** An explicit deny beats every Allow, so the hint names the kind of policy that has it, if AWS says so. */
function accessDenied(op: string, message: string): Omit<Explanation, 'message'> {
  const deny = /with an explicit deny(?: in (?:an? )?([\w\s-]+?policy))?/.exec(message);
  return {
    remedy: 'mend',
    hint: deny
      ? `a Deny${deny[1] ? ` in ${/^[aeiou]/.test(deny[1]) ? 'an' : 'a'} ${deny[1]}` : ''} blocks iam:${op} for this caller, whatever else allows it: remove it there`
      : `allow iam:${op} to this caller (docs/permissions.md lists what each command needs)`,
  };
}

/** AWS's own policies exist in every account: if one is missing, its name is wrong. */
function namesNoPolicy(message: string, input: object): string | undefined {
  const { PolicyArn, PermissionsBoundary } = input as Readonly<Record<string, unknown>>;
  const arn = PolicyArn ?? PermissionsBoundary;
  return typeof arn === 'string' && isAwsManaged(arn) && message.includes(arn) ? arn : undefined;
}

/**
 * Says in two sentences what went wrong with a call and what to do. It contains no secret and no stack.
 *
 * @param input of the call, if it is that of a step.
 */
export function describe(error: unknown, op: string, input: object = {}): Explanation {
  if (error instanceof RollcallError) {
    const { message, hint, remedy } = error;
    return { message, remedy, ...(hint ? { hint } : {}) };
  }
  if (!isServiceError(error)) return { message: `${op} failed`, remedy: 'mend' };
  const tries = error.$metadata?.attempts ?? 1;
  const after = tries > 1 ? ` (after ${tries} attempts)` : '';
  return (
    refusedCaller(error, op) ??
    noAnswer(error, op, after) ??
    oddAnswer(error, op, after) ??
    refusedCall(error, op, after, input)
  );
}

const explained = (message: string, hint: string, remedy: Explanation['remedy'] = 'mend'): Explanation => ({
  message,
  hint,
  remedy,
});

/** Errors of the caller's credentials or permissions. */
function refusedCaller(error: ServiceError, op: string): Explanation | null {
  const code = codeOf(error);
  if (lacksCredentials(error)) {
    return explained(
      `no usable AWS credentials: ${saidBy(error)}`,
      (error instanceof ProfileError ? error.hint : undefined) ??
        'set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or log in with `aws sso login`',
    );
  }
  if (isClockError(error)) return describeClock(error, op);
  if (code === 'ExpiredToken') {
    return explained(`${op}: the AWS credentials have expired: ${saidBy(error)}`, 'log in again');
  }
  if (credentialCodes.has(code)) {
    return explained(
      `${op}: AWS does not accept these credentials (${code}): ${saidBy(error)}`,
      'check AWS_PROFILE, the access key and that it is active; `aws sts get-caller-identity` shows who you are',
    );
  }
  if (!isDenied(error)) return null;
  return { message: `${op}: access denied: ${saidBy(error)}`, ...accessDenied(op, error.message) };
}

/** IAM is too busy or does not answer. */
function noAnswer(error: ServiceError, op: string, after: string): Explanation | null {
  if (isThrottle(error)) {
    const { throttledFor } = error;
    const long =
      throttledFor === undefined ? '' : `, and has done nothing else for ${duration(throttledFor)}`;
    return explained(
      `${op}: IAM is throttling${long}: ${saidBy(error)}`,
      'run again later; --max-wait MINUTES waits longer',
      'again',
    );
  }
  if (error instanceof NoAnswer) {
    return explained(
      `${op}: no answer from IAM (${saidBy(error)})${after}`,
      'check the network and --endpoint-url; --timeout SECONDS waits longer',
      'again',
    );
  }
  const system = systemCode(error);
  if (system === undefined) return null;
  return explained(
    `${op}: no answer from IAM (${system})${after}`,
    'check the network and --endpoint-url',
    'again',
  );
}

const duration = (ms: number): string => {
  const minutes = Math.floor(ms / 60_000);
  if (minutes === 0) return `${Math.floor(ms / 1000)} s`;
  return minutes === 1 ? '1 minute' : `${minutes} minutes`;
};

/** The answer is not IAM's, or says that IAM failed. */
function oddAnswer(error: ServiceError, op: string, after: string): Explanation | null {
  if (error instanceof TooLongAnswer || error instanceof RangeError) {
    const why = error instanceof RangeError ? 'it is nested too deeply' : saidBy(error);
    return explained(`${op}: the answer cannot be read: ${why}`, 'check that --endpoint-url is an IAM');
  }
  const status = error.$metadata?.httpStatusCode ?? 0;
  if (isUnreadable(error) && status < 400) {
    const message = `${op}: the answer cannot be read: ${saidBy(error)}`;
    return explained(message, 'check that --endpoint-url is an IAM, and run again', 'again');
  }
  if (isForeign(error)) {
    return explained(
      `${op}: the answer (status ${status}) is not from IAM${after}`,
      'check that --endpoint-url is an IAM; for an emulator that lacks this operation, see --assume-empty',
      status >= 500 ? 'again' : 'mend',
    );
  }
  if (error.$fault !== 'server' && status < 500) return null;
  return explained(`${op}: IAM failed (${codeOf(error)})${after}: ${saidBy(error)}`, 'run again', 'again');
}

/** IAM understood the call and refuses it. */
function refusedCall(error: ServiceError, op: string, after: string, input: object): Explanation {
  const code = codeOf(error);
  const message = `${op}: ${code}: ${saidBy(error)}${after}`;
  const arn = code === 'NoSuchEntity' ? namesNoPolicy(error.message, input) : undefined;
  if (arn !== undefined) {
    return explained(
      message,
      `AWS has no policy ${arn} in this partition: correct its name in the manifests`,
    );
  }
  if (code === 'LimitExceeded' && op === 'AddRoleToInstanceProfile')
    return explained(message, 'somebody else put a role into it: the next plan takes that out', 'plan');
  // A call that reads contains nothing from the manifests.
  const read = /^(?:Get|List)/.test(op) && invalidCodes.has(code);
  const known = read ? invalidRead : own(remedies, code);
  return known
    ? { message, ...known }
    : explained(message, 'IAM would refuse it again: correct what the message names, then plan again');
}

/** The times in the text of SigV4's errors: when the request was signed, and when it arrived. */
const times = /: (\d{8}T\d{6}Z) is .*\((\d{8}T\d{6}Z) [-+] /;
const basic = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

function describeClock(error: ServiceError, op: string): Explanation {
  const [, signed, came] = times.exec(error.message) ?? [];
  const date = Date.parse(error.$response?.headers?.['date'] ?? '');
  // The SDK signs with the machine's clock, whatever clock the run has.
  const here = signed?.replace(basic, '$1-$2-$3T$4:$5:$6Z') ?? `${new Date().toISOString().slice(0, 19)}Z`;
  const there =
    came?.replace(basic, '$1-$2-$3T$4:$5:$6Z') ??
    (Number.isNaN(date) ? 'another time' : `${new Date(date).toISOString().slice(0, 19)}Z`);
  return {
    message: `${op}: the clock of this machine is wrong: it says ${here}, and AWS's says ${there}: ${saidBy(error)}`,
    hint: 'set the clock (timedatectl set-ntp true), and run again',
    remedy: 'mend',
  };
}

export function toRollcallError(error: unknown, op: string): RollcallError {
  if (error instanceof RollcallError) return error;
  const { message, ...rest } = describe(error, op);
  return new RollcallError(message, { exit: exitCode.error, cause: error, ...rest });
}

export const incomplete = (
  op: string,
  hint = 'check --endpoint-url and run again; nothing was changed',
  what = 'the answer is incomplete',
): RollcallError => new RollcallError(`${op}: ${what}`, { hint, remedy: 'again' });

/** AWS's own message on one line, without the SDK's hint for developers. */
function saidBy(error: Error): string {
  const text = error.message.split('\n  Deserialization error:', 1)[0]!.trim().replaceAll(/\s+/g, ' ');
  return clean(text.length > most ? `${text.slice(0, most)}…` : text);
}

/** Long enough for AccessDenied with the ARNs of caller, resource and policy, of up to 2,048 characters each. */
const most = 8000;
