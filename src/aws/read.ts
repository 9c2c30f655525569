import {
  GenerateCredentialReportCommand,
  GetAccessKeyLastUsedCommand,
  GetAccountAuthorizationDetailsCommand,
  GetCredentialReportCommand,
  GetLoginProfileCommand,
  ListAccessKeysCommand,
  ListMFADevicesCommand,
  ListPolicyTagsCommand,
  ListServiceSpecificCredentialsCommand,
  ListSigningCertificatesCommand,
  ListSSHPublicKeysCommand,
} from '@aws-sdk/client-iam';
import type {
  EntityType,
  GetAccountAuthorizationDetailsCommandOutput,
  GetCredentialReportCommandOutput,
  GroupDetail,
  IAMClient,
  ManagedPolicyDetail,
  PolicyDetail,
  RoleDetail,
  ServiceSpecificCredentialMetadata,
  Tag,
  UserDetail,
} from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { RollcallError } from '../core/errors.ts';
import { byText, isObject, parseJson } from '../core/json.ts';
import type {
  AccessKey,
  AccountState,
  Credentials,
  Documents,
  Group,
  ManagedPolicy,
  PolicyDocument,
  Role,
  ServiceCredential,
  Tags,
  User,
} from '../core/state.ts';
import type { Aws } from './client.ts';
import {
  codeOf,
  incomplete,
  isForeign,
  isRefusedCaller,
  isThrottle,
  toRollcallError,
  wasRefused,
} from './errors.ts';
import { pages } from './pages.ts';
import type { Page } from './pages.ts';
import { TooLongAnswer } from './transport.ts';

/** The account and partition that IAM belongs to. */
export interface Place {
  readonly account: string;
  readonly partition: string;
}

/** The caller, and the account that the credentials belong to. */
export interface Caller extends Place {
  readonly arn: string;
}

export async function readCaller(aws: Aws): Promise<Caller> {
  const answer = await call('GetCallerIdentity', () => aws.sts.send(new GetCallerIdentityCommand({})));
  const { Account, Arn } = answer;
  if (!Account || !Arn) throw incomplete('GetCallerIdentity');
  return { account: Account, arn: Arn, partition: Arn.split(':')[1] ?? 'aws' };
}

/**
 * The whole account in O(pages) calls. Anything less than the whole throws: a missing page must not look like an empty
 * account. Credentials and the tags of policies are not in these answers; `readCredentials` and `readPolicyTags` add
 * them.
 */
export async function readAccount(aws: Aws, { account, partition }: Place): Promise<AccountState> {
  const users: UserDetail[] = [];
  const groups: GroupDetail[] = [];
  const roles: RoleDetail[] = [];
  const policies: ManagedPolicyDetail[] = [];
  const op = 'GetAccountAuthorizationDetails';
  const Filter: EntityType[] = ['User', 'Group', 'Role', 'LocalManagedPolicy'];
  let MaxItems = 1000;
  const send = async (from: { Marker?: string }): Promise<GetAccountAuthorizationDetailsCommandOutput> => {
    try {
      return await aws.iam.send(new GetAccountAuthorizationDetailsCommand({ Filter, MaxItems, ...from }));
    } catch (error) {
      // Small enough for a page of the longest possible policies.
      if (!(error instanceof TooLongAnswer) || MaxItems === 100) throw error;
      MaxItems = 100;
      return await send(from);
    }
  };
  for await (const page of pages(op, (from) => call(op, () => send(from)))) {
    users.push(...(page.UserDetailList ?? []));
    groups.push(...(page.GroupDetailList ?? []));
    roles.push(...(page.RoleDetailList ?? []));
    policies.push(...(page.Policies ?? []));
  }
  return {
    account,
    partition,
    users: byName(users.map(toUser)),
    groups: byName(groups.map(toGroup)),
    policies: byName(policies.map(toPolicy)),
    roles: byName(roles.map(toRole)),
  };
}

/**
 * The credentials that manifests can declare: two calls, and one per access key for its last use.
 *
 * @param lastUse whether to read the last use of each key, given how many keys the user has.
 */
export async function readSignIn(
  aws: Aws,
  user: string,
  lastUse: (keys: number) => boolean = () => false,
): Promise<Pick<Credentials, 'accessKeys' | 'loginProfile'>> {
  const { iam } = aws;
  const keys = await list('ListAccessKeys', (page) =>
    iam.send(new ListAccessKeysCommand({ UserName: user, ...page })),
  );
  const loginProfile = await readLoginProfile(iam, user);
  const accessKeys: AccessKey[] = [];
  const found = keys.flatMap(({ AccessKeyMetadata }) => AccessKeyMetadata ?? []);
  for (const key of found) {
    const id = key.AccessKeyId ?? '';
    const lastUsed = lastUse(found.length) ? { lastUsedAt: await readLastUse(iam, id) } : {};
    accessKeys.push({ id, status: key.Status ?? 'Active', createdAt: iso(key.CreateDate), ...lastUsed });
  }
  return { accessKeys: accessKeys.sort(byId), loginProfile };
}

/** Every credential of one user: six calls, and one per access key for its last use. */
export async function readCredentials(
  aws: Aws,
  user: string,
  lastUse: (keys: number) => boolean,
): Promise<Credentials> {
  const input = { UserName: user };
  const { iam } = aws;
  const { accessKeys, loginProfile } = await readSignIn(aws, user, lastUse);
  const mfa = await list('ListMFADevices', (page) =>
    iam.send(new ListMFADevicesCommand({ ...input, ...page })),
  );
  const certificates = await list('ListSigningCertificates', (page) =>
    iam.send(new ListSigningCertificatesCommand({ ...input, ...page })),
  );
  const ssh = await list('ListSSHPublicKeys', (page) =>
    iam.send(new ListSSHPublicKeysCommand({ ...input, ...page })),
  );
  const service = await list('ListServiceSpecificCredentials', (page) =>
    iam.send(new ListServiceSpecificCredentialsCommand({ ...input, ...page })),
  );
  return {
    accessKeys,
    loginProfile,
    mfaDevices: mfa
      .flatMap(({ MFADevices }) => MFADevices ?? [])
      .map(({ SerialNumber }) => SerialNumber ?? '')
      .sort(byText),
    signingCertificates: certificates
      .flatMap(({ Certificates }) => Certificates ?? [])
      .map(({ CertificateId, Status }) => ({ id: CertificateId ?? '', status: Status ?? '' }))
      .sort(byId),
    sshKeys: ssh
      .flatMap(({ SSHPublicKeys }) => SSHPublicKeys ?? [])
      .map(({ SSHPublicKeyId, Status }) => ({ id: SSHPublicKeyId ?? '', status: Status ?? '' }))
      .sort(byId),
    serviceCredentials: service
      .flatMap(({ ServiceSpecificCredentials }) => ServiceSpecificCredentials ?? [])
      .map(toServiceCredential)
      .sort(byId),
  };
}

const toServiceCredential = (one: ServiceSpecificCredentialMetadata): ServiceCredential => ({
  id: one.ServiceSpecificCredentialId ?? '',
  service: one.ServiceName ?? '',
  status: one.Status ?? '',
});

async function readLastUse(iam: IAMClient, id: string): Promise<string | null> {
  const { AccessKeyLastUsed } = await call('GetAccessKeyLastUsed', () =>
    iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId: id })),
  );
  return AccessKeyLastUsed?.LastUsedDate ? iso(AccessKeyLastUsed.LastUsedDate) : null;
}

async function readLoginProfile(iam: IAMClient, user: string): Promise<Credentials['loginProfile']> {
  try {
    const { LoginProfile } = await iam.send(new GetLoginProfileCommand({ UserName: user }));
    if (!LoginProfile) throw incomplete('GetLoginProfile');
    return { createdAt: iso(LoginProfile.CreateDate) };
  } catch (error) {
    if (codeOf(error) === 'NoSuchEntity') return null;
    throw toRollcallError(error, 'GetLoginProfile');
  }
}

/**
 * Service credentials of all users by user name, or why IAM refuses the list. That is not the same as an empty list:
 * the caller may lack the permission, and an emulator the operation.
 */
export async function readServiceCredentials(
  aws: Aws,
): Promise<ReadonlyMap<string, readonly ServiceCredential[]> | { readonly refused: RollcallError }> {
  const op = 'ListServiceSpecificCredentials';
  // The first call is not retried: an emulator without the operation would fail eight times.
  let first = true;
  try {
    const answers = await list(op, async (page) => {
      const command = new ListServiceSpecificCredentialsCommand({ AllUsers: true, MaxItems: 1000, ...page });
      if (first) {
        first = false;
        try {
          return await aws.once.send(command);
        } catch (error) {
          if (isNotGiven(error)) throw error;
        }
      }
      return await aws.iam.send(command);
    });
    const byUser = new Map<string, ServiceCredential[]>();
    for (const one of answers.flatMap(({ ServiceSpecificCredentials }) => ServiceSpecificCredentials ?? [])) {
      const user = one.UserName ?? '';
      byUser.set(user, [...(byUser.get(user) ?? []), toServiceCredential(one)].sort(byId));
    }
    return byUser;
  } catch (error) {
    if (error instanceof RollcallError && isNotGiven(error.cause)) return { refused: error };
    throw error;
  }
}

const isNotGiven = (error: unknown): boolean =>
  isForeign(error) || (wasRefused(error) && !isRefusedCaller(error) && !isThrottle(error));

export async function readPolicyTags(aws: Aws, arn: string): Promise<Tags> {
  const answers = await list('ListPolicyTags', (page) =>
    aws.iam.send(new ListPolicyTagsCommand({ PolicyArn: arn, ...page })),
  );
  return tags(answers.flatMap(({ Tags }) => Tags ?? []));
}

/** A user's row of the credential report. It can be four hours old: it says where to look, and never decides. */
export interface ReportRow {
  readonly password: boolean;
  /** `rotatedAt`: when the key was made, in ISO 8601. */
  readonly accessKeys: readonly { readonly active: boolean; readonly rotatedAt: string }[];
}

interface CredentialReport {
  /** When IAM made it; null where it does not say. */
  readonly madeAt: Date | null;
  /** By user name. */
  readonly rows: ReadonlyMap<string, ReportRow>;
}

/** Asks IAM to make the report, which takes a few seconds. */
export async function requestCredentialReport(aws: Aws): Promise<void> {
  await call('GenerateCredentialReport', () => aws.iam.send(new GenerateCredentialReportCommand({})));
}

/**
 * The report that was requested, as soon as IAM has made it.
 *
 * Source: IAM User Guide, "Generate credential reports".
 */
export async function readCredentialReport(aws: Aws): Promise<CredentialReport> {
  const { Content, GeneratedTime } = await getCredentialReport(aws);
  const [header, ...lines] = Buffer.from(Content ?? [])
    .toString('utf8')
    .trim()
    .split(/\r?\n/);
  const columns = csvCells(header ?? '');
  const at = (name: string): number => {
    const index = columns.indexOf(name);
    if (index < 0) throw new RollcallError(`GetCredentialReport: the report has no column ${name}`);
    return index;
  };
  const [user, password] = [at('user'), at('password_enabled')];
  const keys = [1, 2].map((n) => ({
    active: at(`access_key_${n}_active`),
    rotatedAt: at(`access_key_${n}_last_rotated`),
  }));
  const rows = new Map(
    lines.map((line) => {
      const cells = csvCells(line);
      const accessKeys = keys
        .map(({ active, rotatedAt }) => ({
          active: cells[active] === 'true',
          rotatedAt: cells[rotatedAt] ?? '',
        }))
        .filter(({ rotatedAt }) => !['N/A', '', 'not_supported'].includes(rotatedAt));
      return [cells[user] ?? '', { password: cells[password] === 'true', accessKeys }];
    }),
  );
  return { madeAt: GeneratedTime ?? null, rows };
}

async function getCredentialReport(aws: Aws): Promise<GetCredentialReportCommandOutput> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await aws.iam.send(new GetCredentialReportCommand({}));
    } catch (error) {
      const code = codeOf(error);
      // Both the names of the errors and the names of their shapes occur.
      if (!/^(?:Credential)?Report(?:NotReady|InProgress|NotPresent|Expired)$/.test(code)) {
        throw toRollcallError(error, 'GetCredentialReport');
      }
      if (/NotPresent|Expired/.test(code)) await requestCredentialReport(aws);
    }
    if (attempt >= 60) {
      throw new RollcallError('GetCredentialReport: IAM does not finish the credential report', {
        hint: 'run again in some minutes',
      });
    }
    await aws.wait(2000);
  }
}

/** Names may hold commas: such a cell is in quotes. */
function csvCells(line: string): string[] {
  const cells: string[] = [];
  let pieces: string[] = [];
  let isQuoted = false;
  for (const piece of line.split(',')) {
    pieces.push(piece);
    if (piece.split('"').length % 2 === 0) isQuoted = !isQuoted;
    if (isQuoted) continue;
    cells.push(pieces.join(',').replace(/^"(.*)"$/, '$1'));
    pieces = [];
  }
  return cells;
}

/** All pages of a list call. */
async function list<T extends Page>(
  op: string,
  send: (page: { Marker?: string }) => Promise<T>,
): Promise<T[]> {
  const answers: T[] = [];
  for await (const answer of pages(op, (page) => call(op, () => send(page)))) answers.push(answer);
  return answers;
}

async function call<T>(op: string, send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (error) {
    throw toRollcallError(error, op);
  }
}

const iso = (date: Date | undefined): string => date?.toISOString() ?? '';
const byId = (a: { readonly id: string }, b: { readonly id: string }): number => byText(a.id, b.id);

const byName = <T extends { readonly name: string }>(items: readonly T[]): Map<string, T> =>
  new Map([...items].sort((a, b) => byText(a.name, b.name)).map((item) => [item.name, item]));

const tags = (list: readonly Tag[] | undefined): Tags =>
  Object.fromEntries((list ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']));

/** IAM returns documents URL-encoded (RFC 3986), with the white space that they were written with. */
function parseDocument(encoded: string | undefined, where: string): PolicyDocument {
  try {
    const value = parseJson(decodeURIComponent(encoded ?? ''));
    if (isObject(value)) return value;
  } catch {
    // Falls through to the error below.
  }
  throw new RollcallError(`GetAccountAuthorizationDetails: the policy document of ${where} is not JSON`, {
    hint: 'run again; if it stays so, look at the policy in the console',
  });
}

const documents = (list: readonly PolicyDetail[] | undefined, where: string): Documents =>
  Object.fromEntries(
    (list ?? [])
      .map(({ PolicyName, PolicyDocument }) => [PolicyName ?? '', PolicyDocument] as const)
      .sort(([a], [b]) => byText(a, b))
      .map(([name, document]) => [name, parseDocument(document, `${name} of ${where}`)]),
  );

const arns = (list: readonly { PolicyArn?: string | undefined }[] | undefined): string[] =>
  (list ?? []).map(({ PolicyArn }) => PolicyArn ?? '').sort(byText);

const toUser = (detail: UserDetail): User => ({
  name: detail.UserName ?? '',
  path: detail.Path ?? '/',
  tags: tags(detail.Tags),
  groups: [...(detail.GroupList ?? [])].sort(byText),
  policies: documents(detail.UserPolicyList, `user ${detail.UserName}`),
  attachedPolicyArns: arns(detail.AttachedManagedPolicies),
  boundary: detail.PermissionsBoundary?.PermissionsBoundaryArn ?? null,
  id: detail.UserId ?? '',
  arn: detail.Arn ?? '',
  createdAt: iso(detail.CreateDate),
});

const toGroup = (detail: GroupDetail): Group => ({
  name: detail.GroupName ?? '',
  path: detail.Path ?? '/',
  policies: documents(detail.GroupPolicyList, `group ${detail.GroupName}`),
  attachedPolicyArns: arns(detail.AttachedManagedPolicies),
  id: detail.GroupId ?? '',
  arn: detail.Arn ?? '',
  createdAt: iso(detail.CreateDate),
});

const toRole = (detail: RoleDetail): Role => ({
  name: detail.RoleName ?? '',
  path: detail.Path ?? '/',
  policies: documents(detail.RolePolicyList, `role ${detail.RoleName}`),
  attachedPolicyArns: arns(detail.AttachedManagedPolicies),
  boundary: detail.PermissionsBoundary?.PermissionsBoundaryArn ?? null,
  trust: parseDocument(detail.AssumeRolePolicyDocument, `the trust of role ${detail.RoleName}`),
  arn: detail.Arn ?? '',
});

function toPolicy(detail: ManagedPolicyDetail): ManagedPolicy {
  const versions = (detail.PolicyVersionList ?? []).map((version) => ({
    id: version.VersionId ?? '',
    isDefault: version.IsDefaultVersion ?? false,
    createdAt: iso(version.CreateDate),
    document: version.Document,
  }));
  const current = versions.find(({ isDefault }) => isDefault);
  return {
    name: detail.PolicyName ?? '',
    path: detail.Path ?? '/',
    arn: detail.Arn ?? '',
    ...(detail.Description ? { description: detail.Description } : {}),
    document: parseDocument(current?.document, `policy ${detail.PolicyName}`),
    versions: versions
      .map(({ id, isDefault, createdAt }) => ({ id, isDefault, createdAt }))
      .sort((a, b) => Number(a.id.slice(1)) - Number(b.id.slice(1))),
  };
}
