import { IamError } from '../../wire/errors.ts';
import { accountOf, userArn, type Context, type Handlers } from '../context.ts';
import type {
  AccessKeyRecord,
  CertificateRecord,
  PasswordPolicyRecord,
  ReportRecord,
  UserRecord,
} from '../records.ts';

/**
 * The credential report: made on request, then the same for four hours.
 * Source: IAM User Guide, "Generate credential reports for your AWS account".
 */
const lifetime = 4 * 3600_000;
/** How long making the report takes; IAM needs seconds to minutes. */
const work = 2000;

const columns = [
  'user,arn,user_creation_time',
  'password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active',
  'access_key_1_active,access_key_1_last_rotated',
  'access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service',
  'access_key_2_active,access_key_2_last_rotated',
  'access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service',
  'cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated',
];

function keyCells(key: AccessKeyRecord | undefined): string[] {
  if (!key) return ['false', 'N/A', 'N/A', 'N/A', 'N/A'];
  const used = key.lastUsed;
  return [
    String(key.status === 'Active'),
    key.createdAt,
    used?.at ?? 'N/A',
    used?.region ?? 'N/A',
    used?.service ?? 'N/A',
  ];
}

const certificateCells = (certificate: CertificateRecord | undefined): string[] =>
  certificate ? [String(certificate.status === 'Active'), certificate.uploadedAt] : ['false', 'N/A'];

function passwordCells(user: UserRecord, policy: PasswordPolicyRecord | null): string[] {
  const { login } = user;
  if (!login) return ['false', 'N/A', 'N/A', 'N/A'];
  const changed = new Date(login.changedAt);
  const next =
    policy?.maxAge == null
      ? 'N/A'
      : `${new Date(changed.getTime() + policy.maxAge * 86_400_000).toISOString().slice(0, 19)}Z`;
  const used = user.passwordLastUsed ?? 'no_information';
  return ['true', used, login.changedAt, next];
}

function rootRow(ctx: Context): string {
  return [
    '<root_account>',
    `arn:${ctx.partition}:iam::${ctx.account}:root`,
    accountOf(ctx).createdAt,
    'true',
    'no_information',
    accountOf(ctx).createdAt,
    'not_supported',
    'true',
    ...keyCells(undefined),
    ...keyCells(undefined),
    ...certificateCells(undefined),
    ...certificateCells(undefined),
  ].join(',');
}

/** What has one status, then the rest. */
const first = <T extends { readonly status: string }>(status: string, list: readonly T[]): readonly T[] => [
  ...list.filter((item) => item.status === status),
  ...list.filter((item) => item.status !== status),
];

function userRow(ctx: Context, user: UserRecord, policy: PasswordPolicyRecord | null): string {
  // Active keys come first and active certificates last, whichever was made first (seen on AWS).
  const keys = first('Active', ctx.state.accessKeys.ownedBy(user.id));
  const certificates = first('Inactive', ctx.state.certificates.ownedBy(user.id));
  return [
    user.name,
    userArn(ctx, user),
    user.createdAt,
    ...passwordCells(user, policy),
    String(ctx.state.mfaDevices.ownedBy(user.id).length > 0),
    ...keyCells(keys[0]),
    ...keyCells(keys[1]),
    ...certificateCells(certificates[0]),
    ...certificateCells(certificates[1]),
  ]
    .map(quote)
    .join(',');
}

/** Names may hold commas. */
const quote = (cell: string): string => (/[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

function csv(ctx: Context): string {
  const policy = accountOf(ctx).passwordPolicy;
  const rows = ctx.state.users.sorted().map((user) => userRow(ctx, user, policy));
  return [columns.join(','), rootRow(ctx), ...rows].join('\n');
}

const age = (ctx: Context, iso: string): number => Date.parse(ctx.now()) - Date.parse(iso);
const isFresh = (ctx: Context, report: ReportRecord): boolean => age(ctx, report.generatedAt) < lifetime;

export const reportHandlers = {
  /** Answers STARTED, then INPROGRESS until the report is made, then COMPLETE until it is too old. */
  GenerateCredentialReport(_input, ctx) {
    const record = accountOf(ctx);
    const { report } = record;
    if (report && isFresh(ctx, report)) {
      if (age(ctx, report.requestedAt) >= work || report.requestedAt === '') return { State: 'COMPLETE' };
      return { State: 'INPROGRESS', Description: 'Report generation is in progress.' };
    }
    const now = ctx.now();
    // The contents are those of the moment of the request: changes while IAM works on the report are missing.
    ctx.state.account.put({ ...record, report: { requestedAt: now, generatedAt: now, csv: csv(ctx) } });
    return { State: 'STARTED', Description: 'No report exists. Starting a new report generation task' };
  },

  GetCredentialReport(_input, ctx) {
    const { report } = accountOf(ctx);
    if (!report) throw new IamError('ReportNotPresent', 'There is no Credential Report present.');
    if (!isFresh(ctx, report)) throw new IamError('ReportExpired', 'The Credential Report has expired.');
    if (age(ctx, report.requestedAt) < work) {
      throw new IamError('ReportInProgress', 'Credential Report generation is in progress.');
    }
    return {
      Content: Buffer.from(report.csv),
      ReportFormat: 'text/csv',
      GeneratedTime: new Date(report.generatedAt),
    };
  },
} satisfies Handlers;
