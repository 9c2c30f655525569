import { isDeepStrictEqual } from 'node:util';
import type { UserDetail } from '@aws-sdk/client-iam';
import type { Desired } from '../../core/desired.ts';
import type { Made } from '../../core/made.ts';
import { NameMap } from '../../core/names.ts';
import { parseRef } from '../../core/references.ts';
import type { AccountState, User } from '../../core/state.ts';
import { byText } from '../../core/json.ts';
import {
  holdsNothing,
  inOtherCase,
  isSince,
  iso,
  notLookedAt,
  together,
  toArns,
  toDocuments,
  toMade,
  toTags,
} from '../live.ts';
import type {
  CredentialReport,
  LiveReader,
  OutputOf,
  Part,
  PlanReading,
  ReportRow,
  Touches,
} from '../live.ts';
import { isUnfinished, isSuspended, isUndelivered } from './state-tags.ts';
import { isPinned } from './pins.ts';
import { readAllServiceCredentials, readCredentials, readSignIn } from './read-credentials.ts';
import { ageInDays } from './rotation.ts';

export const live: LiveReader<User> = {
  details: { filter: 'User', of: (page) => (page.UserDetailList ?? []).map(toUser) },

  async asMade(call, { users }, { iam, since }) {
    if (call.op !== 'CreateUser') return undefined;
    const { UserName: name = '', Path = '/', PermissionsBoundary = null, Tags = [] } = call.input;
    const user = users.get(name);
    if (!user) return inOtherCase(users, name);
    const asAsked =
      isSince(user.createdAt, since) &&
      user.path === Path &&
      user.boundary === PermissionsBoundary &&
      isDeepStrictEqual(user.tags, toTags(Tags)) &&
      user.groups.length === 0 &&
      holdsNothing(user);
    if (!asAsked) return false;
    const { accessKeys, loginProfile } = await readSignIn(iam, name);
    return accessKeys.length === 0 && loginProfile === null && userMade(user);
  },

  made({ op }, answer) {
    if (op === 'CreateUser') return userMade(toUser((answer as OutputOf<'CreateUser'>).User ?? {}));
    if (op === 'CreateLoginProfile') {
      const { UserName, CreateDate } = (answer as OutputOf<'CreateLoginProfile'>).LoginProfile ?? {};
      return toMade({ kind: 'login-profile', name: UserName, createdAt: iso(CreateDate) });
    }
    if (op !== 'CreateAccessKey') return undefined;
    const { UserName, AccessKeyId, Status, CreateDate } =
      (answer as OutputOf<'CreateAccessKey'>).AccessKey ?? {};
    return toMade({
      kind: 'access-key',
      name: UserName,
      id: AccessKeyId,
      status: Status,
      createdAt: iso(CreateDate),
    });
  },

  /** Credentials only where the plan can depend on them: they cost calls for each user. */
  async forPlan(details, reading) {
    if (!(await details.has('user'))) return undefined;
    const { iam } = reading;
    const [, service, account] = await together(
      iam,
      () => (reading.fresh ? Promise.resolve() : iam.requestReport()),
      () => serviceCredentials(reading),
      () => details.whole,
    );
    const { users, reportedAt } = await withCredentials(account, reading);
    return (whole) => ({ ...whole, ...service(users), reportedAt });
  },

  forExport,

  /** Keys and passwords, where the credential report shows some or does not know the user yet. */
  async forImport(account, { iam, names }) {
    if (names.length === 0) return undefined;
    await iam.requestReport();
    const report = await iam.report();
    const wanted = names.filter((name) => mayHaveSome(report.rows.get(name)));
    const read = async (name: string): Promise<[string, User]> => [
      name,
      { ...account.users.get(name)!, signIn: await readSignIn(iam, name) },
    ];
    const found = await iam.each(wanted, read, 'keys and passwords of users');
    const users = new Map([...account.users, ...found]);
    return (whole) => ({ ...whole, users, reportedAt: report.madeAt });
  },
};

/** Every credential of users who are named; of all users those that cost little. */
async function forExport(
  account: AccountState,
  reading: Parameters<NonNullable<LiveReader<User>['forExport']>>[1],
): Promise<Part | undefined> {
  const { iam, names, isNew } = reading;
  if (isNew) return await live.forImport?.(account, reading);
  const read = async (name: string): Promise<[string, User]> => [
    name,
    { ...account.users.get(name)!, credentials: await readCredentials(iam, name, () => true) },
  ];
  const found = await iam.each(names, read, 'credentials of users');
  return (whole) => ({ ...whole, users: new Map([...account.users, ...found]) });
}

const userMade = ({ name, path, id, arn, createdAt }: User): Made =>
  toMade({ kind: 'user', name, path, id, arn, createdAt });

const toUser = (detail: UserDetail): User => ({
  name: detail.UserName ?? '',
  path: detail.Path ?? '/',
  tags: toTags(detail.Tags),
  groups: [...(detail.GroupList ?? [])].sort(byText),
  policies: toDocuments(detail.UserPolicyList, `user ${detail.UserName}`),
  attachedPolicyArns: toArns(detail.AttachedManagedPolicies),
  boundary: detail.PermissionsBoundary?.PermissionsBoundaryArn ?? null,
  id: detail.UserId ?? '',
  arn: detail.Arn ?? '',
  createdAt: iso(detail.CreateDate),
});

const mayHaveSome = (row: ReportRow | undefined): boolean =>
  row === undefined || row.password || row.accessKeys.length > 0;

type Users = ReadonlyMap<string, User>;

/**
 * Reads one list for all users. If IAM refuses it, the plan notes that; it is an error if the files forbid service
 * credentials.
 */
async function serviceCredentials({
  iam,
  manifests,
}: PlanReading): Promise<(users: Users) => Pick<AccountState, 'users' | 'unseen'>> {
  const declared = [...manifests.state.users.values()];
  if (declared.length === 0) return (users) => ({ users });
  const found = await readAllServiceCredentials(iam);
  if ('refused' in found) {
    if (declared.some(({ forbidsServiceCredentials }) => forbidsServiceCredentials)) throw found.refused;
    const text = notLookedAt('service credentials of declared users were', found.refused);
    return (users) => ({ users, unseen: [text] });
  }
  return (users) => ({
    users: new Map(
      [...users].map(([name, user]) => [name, { ...user, serviceCredentials: found.get(name) ?? [] }]),
    ),
  });
}

/** Users with the credentials that the plan can depend on; the report has been requested. */
async function withCredentials(
  account: AccountState,
  reading: PlanReading,
): Promise<{ readonly users: Users; readonly reportedAt: Date | null }> {
  const { iam, manifests, now, touches } = reading;
  const wanted = declared(manifests, account);
  const inScope = reading.scope(account);
  const users = [...account.users.values()];
  const touched = new Set(usersWithCredentials(touches));
  const certain = users.filter(
    (user) => touched.has(user.name) || isRead(wanted.get(user.name), user, inScope),
  );
  const whole = new Set(certain);
  const pinned = new Set(users.filter(({ name }) => hasPins(wanted.get(name))));
  const oneByOne = reading.fresh ? users.filter(({ name }) => wanted.has(name)) : [...pinned];
  const read = async (user: User): Promise<[string, User]> => {
    const spec = wanted.get(user.name);
    const signIn = whole.has(user) ? undefined : await readSignIn(iam, user.name);
    const { count = 0, rotateAfter } = spec?.accessKey ?? {};
    // With a state tag, or more keys than declared, the last use of each key decides which one goes.
    const lastUse = (keys: number): boolean =>
      rotateAfter !== undefined || (count > 0 && (isUndelivered(user) || keys > count));
    // The report was out of date: read everything.
    const all = !signIn || !spec || needsLook(spec, user, rowOf(signIn), now);
    const credentials = all ? await readCredentials(iam, user.name, lastUse) : undefined;
    const { accessKeys, loginProfile } = (credentials ?? signIn)!;
    const found = {
      ...user,
      ...(credentials ? { credentials } : {}),
      ...(pinned.has(user) ? { signIn: { accessKeys, loginProfile } } : {}),
    };
    return [user.name, found];
  };
  const readAll = (some: readonly User[]) => iam.each(some, read, 'credentials of users');
  // IAM needs seconds to make the report. Of these people it says nothing that counts, so they are read meanwhile.
  const [found, report] = await together(
    iam,
    () => readAll(certain),
    () => (reading.fresh ? nothingReported : iam.report()),
  );
  for (const user of users) {
    const spec = wanted.get(user.name);
    if (spec && !reading.fresh && needsLook(spec, user, report.rows.get(user.name) ?? nothing, now))
      whole.add(user);
  }
  const others = await readAll([...new Set([...whole, ...oneByOne])].slice(certain.length));
  const seen = new Set([...found, ...others].map(([name]) => name));
  const restsOnReport = users.some(({ name }) => wanted.has(name) && !seen.has(name));
  return {
    users: new Map([...account.users, ...found, ...others]),
    reportedAt: restsOnReport && report.isOld ? report.madeAt : null,
  };
}

/** Where keys and passwords are read user by user. */
const nothingReported: Promise<CredentialReport> = Promise.resolve({
  madeAt: null,
  isOld: false,
  rows: new Map(),
});

/** Users whose credentials must be read again to compare them with what a saved plan knows. */
const usersWithCredentials = (touches: Touches): string[] =>
  Object.entries(touches)
    .filter(([, fields]) => fields !== null && 'credentials' in fields)
    .map(([ref]) => parseRef(ref).name);

/** Whether a user's credentials must be read for the plan whatever the report says: of those who leave, above all. */
const isRead = (wanted: User | undefined, user: User, inScope: ReturnType<PlanReading['scope']>): boolean =>
  wanted === undefined ? inScope('user', user.name) : wanted.suspended === true && !isSuspended(user);

/** What the report says of a user whom it does not know. */
const nothing: ReportRow = { password: false, accessKeys: [] };

/**
 * Whether a declared user's credentials may differ from the manifest, judged by a few facts about them. The report may be
 * hours old, so it never decides alone.
 */
function needsLook(wanted: User, user: User, row: ReportRow, now: Date): boolean {
  if (wanted.suspended) return needsSuspending(user, row);
  const { count = 0, rotateAfter } = wanted.accessKey ?? {};
  return (
    isUnfinished(user) ||
    row.accessKeys.length !== count ||
    // Changes nothing, but the plan mentions it.
    row.accessKeys.some(({ active }) => !active) ||
    row.password !== (wanted.console !== undefined) ||
    (rotateAfter !== undefined &&
      row.accessKeys.some(({ rotatedAt }) => ageInDays(rotatedAt, now) >= rotateAfter))
  );
}

/** Whether the manifest pins keys or passwords. The report does not tell one key from another, so these are read. */
const hasPins = (wanted: User | undefined): boolean =>
  wanted !== undefined && !wanted.suspended && isPinned(wanted);

/** The row that a report made now would have. */
const rowOf = ({ accessKeys, loginProfile }: NonNullable<User['signIn']>): ReportRow => ({
  password: loginProfile !== null,
  accessKeys: accessKeys.map(({ status, createdAt }) => ({
    active: status === 'Active',
    rotatedAt: createdAt,
  })),
});

/**
 * Declared users by the name that they have in IAM now, before renames are applied. If the new name exists already,
 * that user is the one declared.
 */
function declared(manifests: Desired, live: AccountState): NameMap<User> {
  const present = new NameMap(live.users);
  const users = [...manifests.state.users.values()];
  return new NameMap([
    ...users.map((user) => [user.name, user] as const),
    ...users.flatMap((user) =>
      user.renamedFrom && !present.has(user.name) ? [[user.renamedFrom, user] as const] : [],
    ),
  ]);
}

const needsSuspending = (user: User, row: ReportRow): boolean =>
  !isSuspended(user) || row.password || row.accessKeys.some(({ active }) => active);
