import { objectRef, partRef } from '../core/references.ts';
import { iamOver, readAccount } from '../aws/read.ts';
import type { Aws } from '../aws/client.ts';
import type { Desired } from '../core/desired.ts';
import { RollcallError } from '../core/errors.ts';
import type { Diagnostic } from '../core/errors.ts';
import { byText } from '../core/json.ts';
import { NameMap } from '../core/names.ts';
import type { User } from '../core/state.ts';
import { didYouMean, quote } from '../core/text.ts';
import { isUndelivered, readSignIn } from '../kinds/index.ts';
import { openManifests, setFields, userNames } from '../manifest/edit/index.ts';
import type { Setting } from '../manifest/edit/index.ts';
import { editOf } from './edits.ts';
import type { FileEdit } from './edits.ts';
import { pinAccount } from './session.ts';

/** One pin that changes: what the files say before and after. */
export interface Pin {
  readonly user: string;
  readonly field: 'accessKey.ids' | 'console.createdAt';
  /** Null if it was not pinned. */
  readonly before: readonly string[] | string | null;
  readonly after: readonly string[] | string;
}

/** Pins written into manifests; nothing is on disk yet. */
export interface Pinning {
  readonly account: string;
  readonly edits: readonly FileEdit[];
  readonly pins: readonly Pin[];
  /** Why some users have nothing to pin. */
  readonly notes: readonly string[];
  /** Pins that could not be written, each with its place in the files. */
  readonly refused: readonly Diagnostic[];
}

/**
 * Pins what IAM has now: key ids and the dates of passwords, for everybody who has either in the files.
 *
 * @param dir of the manifests that say what is desired.
 * @param names only these users; if empty, all.
 * @throws RollcallError for unknown names, a wrong account (exit 3) or a failed read.
 */
export async function preparePins(
  desired: Desired,
  dir: string,
  names: readonly string[],
  aws: Aws,
  cwd?: string,
): Promise<Pinning> {
  const wanted = usersToPin(desired, names);
  const live = await readAccount(aws, await pinAccount(desired, aws));
  const iam = iamOver(aws);
  const users = new NameMap(live.users);
  const notes: string[] = [];
  const found = new Map<string, Pin[]>();
  const look = async (user: User): Promise<void> => {
    const now = inIam(user, users);
    if (typeof now === 'string') {
      notes.push(`user ${user.name}: ${now}`);
      return;
    }
    const { pins, missing } = pinsOf(user, await readSignIn(iam, now.name));
    found.set(user.name, pins);
    notes.push(...missing.map((text) => `user ${user.name}: ${text}`));
  };
  await iam.each(wanted, look, 'keys and passwords of users');
  const pins = wanted.flatMap(({ name }) => found.get(name) ?? []);
  return {
    account: live.account,
    notes: notes.sort(byText),
    ...(await writePins(dir, desired, pins, cwd)),
  };
}

function usersToPin({ state }: Desired, names: readonly string[]): User[] {
  const unknown = [...new Set(names)].filter((name) => !state.users.has(name));
  if (unknown.length > 0) {
    throw new RollcallError('nothing was pinned: no file was changed', {
      diagnostics: unknown.map((name) => {
        const near = didYouMean(name, state.users.keys());
        return {
          severity: 'error',
          code: 'unknown-user',
          message: `no file declares a user ${quote(name)}`,
          ...(near === undefined ? {} : { hint: near }),
        };
      }),
    });
  }
  return [...state.users.values()].filter((user) =>
    names.length > 0 ? names.includes(user.name) : user.accessKey !== undefined || user.console !== undefined,
  );
}

/** The user in IAM, who may still have the old name; else why there is nothing to pin. */
function inIam(
  { name, renamedFrom, suspended, accessKey, console }: User,
  users: NameMap<User>,
): User | string {
  if (!accessKey && !console) return 'the files declare neither an access key nor a password';
  if (suspended) return 'is suspended: no key works, and there is no password';
  const user = users.get(name) ?? users.get(renamedFrom ?? '');
  if (!user) return 'is not in IAM yet: run `rollcall apply` first';
  return isUndelivered(user) ? 'a delivery was cut short: run `rollcall apply` first' : user;
}

function pinsOf(
  { name, accessKey, console }: User,
  { accessKeys, loginProfile }: NonNullable<User['signIn']>,
): { pins: Pin[]; missing: string[] } {
  const pins: Pin[] = [];
  const missing: string[] = [];
  const add = (field: Pin['field'], before: Pin['before'] | undefined, after: Pin['after']): void => {
    if (String(before) !== String(after)) pins.push({ user: name, field, before: before ?? null, after });
  };
  if (accessKey) {
    const ids = accessKeys.map(({ id }) => id).sort(byText);
    if (ids.length > 0) add('accessKey.ids', accessKey.ids, ids);
    else missing.push('IAM has no access key: run `rollcall apply` first');
  }
  if (console) {
    if (loginProfile) {
      add('console.createdAt', console.createdAt, loginProfile.createdAt.replace(/\.\d+Z$/, 'Z'));
    } else missing.push('IAM has no password: run `rollcall apply` first');
  }
  return { pins, missing };
}

async function writePins(
  dir: string,
  { sources }: Desired,
  pins: readonly Pin[],
  cwd: string | undefined,
): Promise<Pick<Pinning, 'edits' | 'pins' | 'refused'>> {
  const refused = new Set<Pin>();
  const edits: FileEdit[] = [];
  for (const file of await openManifests(dir, cwd)) {
    const own = new Set(userNames(file));
    const settings = new Map(pins.filter(({ user }) => own.has(user)).map((pin) => [settingOf(pin), pin]));
    if (settings.size === 0) continue;
    const { source } = file;
    const edited = setFields(source, [...settings.keys()]);
    for (const setting of edited.refused) refused.add(settings.get(setting)!);
    if (edited.source.text === source.text) continue;
    edits.push(editOf(source, edited.source));
  }
  return {
    edits,
    pins: pins.filter((pin) => !refused.has(pin)),
    refused: [...refused].map(({ user, field, after }): Diagnostic => {
      const at = sources.get(partRef(objectRef('user', user), field.split('.')[0]!));
      return {
        severity: 'error',
        code: 'cannot-edit',
        message: `${field} of user ${quote(user)} cannot be set to ${String(after)} here without changing what is around it`,
        hint: 'write it by hand; what others use by an alias has to be written out first',
        ...(at ? { at } : {}),
      };
    }),
  };
}

function settingOf({ user, field, after }: Pin): Setting {
  const [section, key] = field.split('.') as [string, string];
  return { user, section, key, value: after };
}
