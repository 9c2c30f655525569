/**
 * The table of conformance: calls of the IAM API with what AWS documents as their answer. Rows are plain data, so
 * that other programs than this one (boto3) can run them.
 */

/** One call; texts in its input may refer to earlier answers (`$2.AccessKey.AccessKeyId`). */
export interface Call {
  readonly op: string;
  readonly input?: Readonly<Record<string, unknown>>;
  /** Who signs: `$2.AccessKey` or `$2.Credentials` are keys of an earlier answer. Default: the account's administrator. */
  readonly as?: 'unknown-key' | 'wrong-secret' | `$${string}`;
  /** Made so many times; `{i}` in texts becomes 0, 1, … */
  readonly times?: number;
}

/** A request by hand, for what no client sends. */
export interface RawCall {
  readonly op: string;
  /** Body of a POST. */
  readonly raw: string;
  readonly contentType?: string;
  /** The Authorization header as it is; default: signed by the administrator. */
  readonly authorization?: string;
}

/** Waiting; only where the server's clock can be moved, elsewhere nothing happens. */
export interface Wait {
  readonly waitMs: number;
}

/**
 * What an answer must contain, field by field. Texts of the form `~…` are tests: `~any`, `~absent`, `~/pattern/`,
 * `~document:{…}` (this policy document, URL-encoded on the wire), `~bytes:/pattern/`.
 */
export type Shape = Readonly<Record<string, unknown>>;

/** The AWS document that says so. */
export interface Source {
  readonly kind: keyof typeof documents;
  /** Page of the document. */
  readonly page: string;
  /** Words of the page, which a test looks up in botocore's copy of the texts. */
  readonly quote?: string;
  /** What the page says, in our words. */
  readonly says?: string;
  /** Shape of the service model whose constraint is tested. */
  readonly shape?: string;
}

export const documents = {
  api: 'IAM API Reference',
  common: 'IAM API Reference, common errors',
  guide: 'IAM User Guide',
  identityCenter: 'IAM Identity Center User Guide',
  localstack: "AWS itself, as LocalStack's tests recorded it (2025, 2026)",
  model: 'IAM service model (botocore)',
  stackd: 'AWS itself, as stackd recorded it (September 2026)',
  sts: 'AWS STS API Reference',
} as const;

const userGuide = 'https://docs.aws.amazon.com/IAM/latest/UserGuide';
/** Recordings of 2026 are named by their file and test. */
const fileOf = (test: string): string => (test.includes('::') ? test.split('::')[0]! : 'test_iam');

export function urlOf({ kind, page }: Source): string {
  switch (kind) {
    case 'api':
      return `https://docs.aws.amazon.com/IAM/latest/APIReference/API_${page}.html`;
    case 'common':
      return 'https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html';
    case 'guide':
      return `${userGuide}/${page}.html`;
    case 'identityCenter':
      return `https://docs.aws.amazon.com/singlesignon/latest/userguide/${page}.html`;
    case 'sts':
      return `https://docs.aws.amazon.com/STS/latest/APIReference/API_${page}.html`;
    case 'localstack':
      return `https://github.com/localstack/localstack/blob/main/tests/aws/services/iam/${fileOf(page)}.snapshot.json`;
    case 'stackd':
      return `https://github.com/radkawar/stackd/blob/9dc356f5e5cc49d2d334178a09c1398dd1c62617/testdata/aws/${page}.json`;
    case 'model':
      return 'https://github.com/boto/botocore/tree/develop/botocore/data/iam/2010-05-08';
  }
}

export interface Options {
  /** Quotas below AWS's defaults, where reaching those would take thousands of calls. */
  readonly quotas?: Readonly<Record<string, number>>;
  readonly enforce?: boolean;
  readonly strict?: boolean;
  /** Public keys of issuers of identity tokens. */
  readonly issuers?: Readonly<Record<string, string>>;
}

export interface Row {
  readonly name: string;
  readonly setup: readonly (Call | Wait)[];
  readonly call: Call | RawCall;
  readonly expected:
    { readonly ok: Shape } | { readonly error: string; readonly status: number; readonly message?: string };
  readonly source: Source;
  readonly options: Options;
}

interface Rest {
  readonly setup?: readonly (Call | Wait)[];
  /** The error's text, where AWS's is known. */
  readonly message?: string;
  readonly source?: Source;
  readonly options?: Options;
}

export const api = (page: string, quote?: string): Source => ({
  kind: 'api',
  page,
  ...(quote === undefined ? {} : { quote }),
});
export const sts = (page: string, quote?: string): Source => ({ ...api(page, quote), kind: 'sts' });
export const guide = (page: string, says: string): Source => ({ kind: 'guide', page, says });
export const identityCenter = (page: string, says: string): Source => ({
  kind: 'identityCenter',
  page,
  says,
});
export const common = (says: string): Source => ({ kind: 'common', page: 'CommonErrors', says });
export const model = (shape: string): Source => ({ kind: 'model', page: 'service-2.json', shape });
/** A test whose answers LocalStack recorded. */
export const localstack = (page: string, says: string): Source => ({ kind: 'localstack', page, says });
/** A file of answers that stackd recorded, under `testdata/aws`. */
export const stackd = (page: string, says: string): Source => ({ kind: 'stackd', page, says });
export const quotaPage = (says: string): Source => guide('reference_iam-quotas', says);

export const call = (op: string, input: Call['input'] = {}, rest: Omit<Call, 'op' | 'input'> = {}): Call => ({
  op,
  input,
  ...rest,
});

/** A call that succeeds. The default source: the operation's page, which has an example of its answer. */
export const works = (about: string, made: Call | RawCall, ok: Shape = {}, rest: Rest = {}): Row => ({
  name: `${made.op}: ${about}`,
  setup: rest.setup ?? [],
  call: made,
  expected: { ok },
  source: rest.source ?? api(made.op),
  options: rest.options ?? {},
});

/** A call that fails. The default source: the errors on the operation's page. */
export const fails = (about: string, made: Call | RawCall, error: string, rest: Rest = {}): Row => ({
  name: `${made.op}: ${about}`,
  setup: rest.setup ?? [],
  call: made,
  expected: {
    error,
    status: statuses[error] ?? 400,
    ...(rest.message === undefined ? {} : { message: rest.message }),
  },
  source: rest.source ?? api(made.op),
  options: rest.options ?? {},
});

/** HTTP status as documented with each error; 400 unless named here. */
const statuses: Readonly<Record<string, number>> = {
  AccessDenied: 403,
  DeleteConflict: 409,
  DuplicateCertificate: 409,
  EntityAlreadyExists: 409,
  ExpiredToken: 403,
  InvalidAuthenticationCode: 403,
  InvalidClientTokenId: 403,
  LimitExceeded: 409,
  MalformedQueryString: 404,
  MissingAuthenticationToken: 403,
  NoSuchEntity: 404,
  NotSupportedService: 404,
  ReportExpired: 410,
  ReportInProgress: 404,
  ReportNotPresent: 410,
  SignatureDoesNotMatch: 403,
};
