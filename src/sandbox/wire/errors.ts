import * as iam from '@aws-sdk/client-iam';
import * as sts from '@aws-sdk/client-sts';

/** An answer that refuses: becomes `<ErrorResponse>` on the wire. */
export class IamError extends Error {
  override readonly name = 'IamError';
  /** AWS's error code, such as `NoSuchEntity`. */
  readonly code: string;
  /** HTTP status. */
  readonly status: number;

  constructor(code: string, message: string, status: number = statusOf(code)) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/**
 * HTTP status of the errors that all AWS Query services share (IAM API Reference, "Common Errors"); those of
 * IAM and STS themselves are read from the SDK's error schemas.
 */
const common: Readonly<Record<string, number>> = {
  AccessDenied: 403,
  ExpiredToken: 403,
  IncompleteSignature: 400,
  InternalFailure: 500,
  InvalidAction: 400,
  InvalidClientTokenId: 403,
  InvalidParameterValue: 400,
  MalformedInput: 400,
  MalformedQueryString: 404,
  MissingAction: 400,
  MissingAuthenticationToken: 403,
  NotImplemented: 501,
  RequestEntityTooLarge: 413,
  ServiceUnavailable: 503,
  SignatureDoesNotMatch: 403,
  Throttling: 400,
  ValidationError: 400,
};

const statuses = new Map<string, number>(Object.entries(common));
for (const value of Object.values<unknown>({ ...iam, ...sts })) {
  // Error schemas: [-3, namespace, name, traits, members, types].
  if (!Array.isArray(value) || value[0] !== -3) continue;
  const traits: unknown = value[3];
  if (typeof traits !== 'object' || traits === null || !('awsQueryError' in traits)) continue;
  const query: unknown = traits.awsQueryError;
  if (Array.isArray(query)) statuses.set(String(query[0]), Number(query[1]));
}

function statusOf(code: string): number {
  const status = statuses.get(code);
  if (status === undefined) throw new Error(`unknown error code ${code}`);
  return status;
}

export const noSuchEntity = (message: string): IamError => new IamError('NoSuchEntity', message);
export const alreadyExists = (message: string): IamError => new IamError('EntityAlreadyExists', message);
export const deleteConflict = (message: string): IamError => new IamError('DeleteConflict', message);
export const invalidInput = (message: string): IamError => new IamError('InvalidInput', message);
export const validationError = (message: string): IamError => new IamError('ValidationError', message);
export const overQuota = (quota: string, value: number): IamError =>
  new IamError('LimitExceeded', `Cannot exceed quota for ${quota}: ${value}`);
