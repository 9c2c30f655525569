import { loadSharedConfigFiles } from '@smithy/core/config';
import { exitCode, RollcallError } from '../core/errors.ts';
import { didYouMean, quote } from '../core/text.ts';

interface ServiceError extends Error {
  readonly code?: string;
  readonly $fault?: 'client' | 'server';
  readonly $metadata?: {
    readonly httpStatusCode?: number;
    readonly attempts?: number;
    readonly requestId?: string;
  };
}

export const isServiceError = (error: unknown): error is ServiceError => error instanceof Error;

/** AWS's own code, such as `NoSuchEntity`: the SDK names most exceptions `NoSuchEntityException`. */
export const codeOf = (error: unknown): string =>
  isServiceError(error) ? (error.code ?? error.name).replace(/Exception$/, '') : 'Unknown';

/** True when AWS itself said no: the call had no effect. False when nobody knows what happened. */
export const wasRefused = (error: unknown): boolean => {
  const status = isServiceError(error) ? error.$metadata?.httpStatusCode : undefined;
  return status !== undefined && status >= 400 && status < 500;
};

const credentialCodes = new Set([
  'InvalidClientTokenId',
  'SignatureDoesNotMatch',
  'AuthFailure',
  'UnrecognizedClient',
  'IncompleteSignature',
  'MissingAuthenticationToken',
]);
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

export const isThrottle = (error: unknown): boolean =>
  throttleCodes.has(codeOf(error)) || throttleCodes.has(nameOf(error));

/** Nothing answers any more: going on would only wait. */
export const isLostConnection = (error: unknown): boolean =>
  isServiceError(error) && error.$metadata?.httpStatusCode === undefined && systemCode(error) !== undefined;

/** The caller itself is refused, whatever it asks for. */
export const isRefusedCaller = (error: unknown): boolean => {
  const code = codeOf(error);
  return (
    credentialCodes.has(code) ||
    code === 'ExpiredToken' ||
    /CredentialsProvider|TokenProvider/.test(nameOf(error))
  );
};

const isUnreadable = (error: unknown): boolean =>
  ['Error', 'SyntaxError', 'TypeError'].includes(codeOf(error));

/** Something else answered: a stand-in that lacks the operation, or a proxy. */
export const isForeign = (error: unknown): boolean =>
  isServiceError(error) &&
  (error.$metadata?.httpStatusCode ?? 0) >= 400 &&
  (isUnreadable(error) || error.message.startsWith('Unknown'));

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '');

function systemCode(error: ServiceError): string | undefined {
  return [error.code, error.name, (error.cause as { code?: string } | undefined)?.code].find(
    (one) => one !== undefined && networkCodes.has(one),
  );
}

/** A profile that gives no credentials; named as the SDK names its own, so that it is taken for one of them. */
class ProfileError extends Error {
  override readonly name = 'CredentialsProviderError';
  readonly hint: string | undefined;

  constructor(message: string, hint: string | undefined, cause: Error) {
    super(message, { cause });
    this.hint = hint;
  }
}

/** The SDK tries all other sources after the profile, and then tells only that none of them had anything. */
export async function explainProfile(error: unknown, profile: string | undefined): Promise<unknown> {
  if (!profile || !(error instanceof Error) || !/CredentialsProvider|TokenProvider/.test(error.name))
    return error;
  const { configFile, credentialsFile } = await loadSharedConfigFiles();
  const names = Object.keys({ ...configFile, ...credentialsFile });
  const files = [
    process.env['AWS_CONFIG_FILE'] || '~/.aws/config',
    process.env['AWS_SHARED_CREDENTIALS_FILE'] || '~/.aws/credentials',
  ];
  if (!names.includes(profile)) {
    const near = didYouMean(
      profile,
      names.filter((name) => !/^(?:sso-session|services)\./.test(name)),
    );
    const message = `there is no profile ${quote(profile)} in ${files.join(' or ')}`;
    return new ProfileError(message, near ?? 'name another with --profile or AWS_PROFILE', error);
  }
  // What says nothing of the profile, or shows the command line of a credential_process, which may hold a secret.
  const reason = /^(?:Could not load credentials from any|Command failed)/.test(error.message)
    ? ''
    : `: ${firstLine(error.message)}`;
  return new ProfileError(
    `the profile ${quote(profile)} of ${files.join(' and ')} gives no credentials${reason}`,
    'check what the profile says, or log in with `aws sso login`',
    error,
  );
}

/** What went wrong with a call and what to do about it, in two sentences; never a secret, never a stack. */
export function describe(error: unknown, op: string): { message: string; hint?: string } {
  if (error instanceof RollcallError) {
    return { message: error.message, ...(error.hint ? { hint: error.hint } : {}) };
  }
  if (!isServiceError(error)) return { message: `${op} failed` };
  const code = codeOf(error);
  const tries = error.$metadata?.attempts ?? 1;
  const after = tries > 1 ? ` (after ${tries} attempts)` : '';
  if (/CredentialsProvider|TokenProvider/.test(error.name)) {
    return {
      message: `no usable AWS credentials: ${firstLine(error.message)}`,
      hint:
        (error instanceof ProfileError ? error.hint : undefined) ??
        'set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or log in with `aws sso login`',
    };
  }
  if (code === 'ExpiredToken' || code === 'RequestExpired') {
    return { message: `${op}: the AWS credentials have expired`, hint: 'log in again' };
  }
  if (credentialCodes.has(code)) {
    return {
      message: `${op}: AWS does not accept these credentials (${code})`,
      hint: 'check AWS_PROFILE, the access key and that it is active; `aws sts get-caller-identity` shows who you are',
    };
  }
  if (code === 'AccessDenied' || code === 'UnauthorizedOperation') {
    return {
      message: `${op}: access denied: ${firstLine(error.message)}`,
      hint: `allow iam:${op} to this caller (docs/permissions.md lists what each command needs)`,
    };
  }
  if (throttleCodes.has(code)) {
    return { message: `${op}: IAM is throttling${after}`, hint: 'wait a minute and run again' };
  }
  const system = systemCode(error);
  if (system !== undefined) {
    return {
      message: `${op}: no answer from IAM (${system})${after}`,
      hint: 'check the network and --endpoint-url',
    };
  }
  const status = error.$metadata?.httpStatusCode ?? 0;
  const unreadable = isUnreadable(error);
  if (unreadable && status < 400) {
    return {
      message: `${op}: the answer cannot be read: ${firstLine(error.message)}`,
      hint: 'check that --endpoint-url is an IAM, and run again',
    };
  }
  if (isForeign(error)) {
    return {
      message: `${op}: the answer (status ${status}) is none of IAM's${after}`,
      hint: 'check that --endpoint-url is an IAM; for a stand-in that lacks this operation, see --assume-empty',
    };
  }
  if (error.$fault === 'server' || status >= 500) {
    return { message: `${op}: IAM failed (${code})${after}: ${firstLine(error.message)}`, hint: 'run again' };
  }
  return { message: `${op}: ${code}: ${firstLine(error.message)}${after}` };
}

export function toRollcallError(error: unknown, op: string): RollcallError {
  if (error instanceof RollcallError) return error;
  const { message, hint } = describe(error, op);
  return new RollcallError(message, { exit: exitCode.error, cause: error, ...(hint ? { hint } : {}) });
}

export const incomplete = (
  op: string,
  hint = 'check --endpoint-url and run again; nothing was changed',
  what = 'the answer is incomplete',
): RollcallError => new RollcallError(`${op}: ${what}`, { hint });

const firstLine = (text: string): string => text.split('\n', 1)[0]!.slice(0, 500);
