import { accessKeyRef, objectRef, partRef, passwordRef } from '../../core/references.ts';
import { byText, own, sortedKeys } from '../../core/json.ts';
import { limits } from '../../core/limits.ts';
import type { Call } from '../../core/operations.ts';
import type { Effect, Purpose } from '../../core/plan.ts';
import type { AccessKey, User } from '../../core/state.ts';
import { listWords } from '../../core/text.ts';
import { makeChange } from '../change.ts';
import { formerRulesRef } from '../password-policy/about.ts';
import type { Context, Draft, StepDraft } from '../kind.ts';
import { credentialOf, isActive } from './credential-calls.ts';
import { foundValue, isKeyDescription, undelivered, undeliveredTag, undeliveredValue } from './state-tags.ts';
import type { StateTagPart, Undelivered } from './state-tags.ts';
import {
  areSettled,
  holdRotation,
  passwordDangers,
  pinDangers,
  unpinnedKeys,
  unpinnedPassword,
} from './pins.ts';
import type { AccessKeyFact, PasswordFact, UserFacts } from './facts.ts';
import { ageInDays, defaultGrace, rotation } from './rotation.ts';
import { reactivate } from './suspend.ts';
import { succession } from './words.ts';
import type { UserChange, UserDanger, UserReason } from './words.ts';

/**
 * Access keys and the console password against what the manifest declares. Only what was really listed counts:
 * neither `live.credentials` nor `live.signIn` means that nothing gave a reason to look (live.ts).
 */
export function diffCredentials(desired: User, live: User, context: Context): Draft<UserChange>[] {
  const signIn = live.credentials ?? live.signIn;
  if (!signIn) return [];
  const { accessKeys, loginProfile } = signIn;
  return [
    ...diffAccessKeys(desired, live, accessKeys, context),
    ...((loginProfile !== null) === (desired.console !== undefined)
      ? unpinnedPassword(desired, loginProfile, context)
      : [changeLoginProfile(desired, live, desired.console !== undefined, context)]),
  ];
}

const ids = (keys: readonly AccessKey[]): string[] => keys.map(({ id }) => id);

type KeyAspect = 'accessKey' | 'rotation' | 'undelivered';

/** A change of a user's keys; in the patch as the ids that are there before and after. */
const keyChange = <const Aspect extends KeyAspect, const Reason extends UserReason>(
  user: User,
  fields: {
    readonly aspect: Aspect;
    readonly part?: readonly string[];
    readonly effect: Effect;
    readonly reasons: readonly Reason[];
    readonly dangers?: readonly UserDanger[];
    readonly facts: readonly UserFacts[Aspect][];
    readonly before: readonly string[];
    readonly after: readonly string[];
  },
) =>
  makeChange({
    kind: 'user',
    name: user.name,
    action: 'update',
    ...fields,
    before: { accessKeys: [...fields.before] },
    after: { accessKeys: [...fields.after] },
  });

/** Keys that are to be made. */
export const newKeyFacts = ({ accessKey }: User, count: number): AccessKeyFact[] =>
  Array.from({ length: count }, () => ({
    fact: 'access-key',
    id: null,
    before: null,
    after: 'Active',
    deliverTo: accessKey?.deliverTo ?? null,
  }));

export const newPasswordFact = ({ console }: User): PasswordFact => ({
  fact: 'password',
  before: false,
  after: true,
  deliverTo: console?.deliverTo ?? null,
});

const keyFact = ({ id, status }: AccessKey, after: string | null): AccessKeyFact => ({
  fact: 'access-key',
  id,
  before: status,
  after,
});

/** Of a key that is deleted: with what somebody called it in the console. */
function goneFact({ tags }: User, key: AccessKey): AccessKeyFact {
  const description = own(tags, key.id);
  return { ...keyFact(key, null), ...(description === undefined ? {} : { description }) };
}

/** Somebody deleted a key by another way than the console's, and what it is called stayed. */
function noteGone({ name, tags }: User, keys: readonly AccessKey[], { note }: Context): void {
  const gone = sortedKeys(tags).filter((id) => isKeyDescription(id) && !keys.some((key) => key.id === id));
  if (gone.length === 0) return;
  note(
    `user ${name}: no access key is left that ${gone.length === 1 ? 'the tag' : 'the tags'} ${listWords(gone, 'and')} ` +
      `could describe (aws iam untag-user --user-name ${name} --tag-keys ${gone.join(' ')})`,
  );
}

const made = '(new)';

function diffAccessKeys(
  desired: User,
  live: User,
  all: readonly AccessKey[],
  context: Context,
): Draft<UserChange>[] {
  noteGone(live, all, context);
  // Where none is declared, all go by the file; and what was reviewed is nothing that a tag can say.
  const { ids: pinned = [] } = desired.accessKey ?? {};
  const judged = desired.accessKey ? all.filter(({ id }) => !pinned.includes(id)) : [];
  const lost = undelivered(live, judged, context.delivered);
  const out = new Set([...(lost?.fresh ?? []), ...(lost?.found ?? [])]);
  const keys = all.filter((key) => !out.has(key));
  const due = desired.accessKey
    ? holdRotation(desired.accessKey, rotation(desired.accessKey, keys, context.now))
    : null;
  const going = (back: ReadonlySet<string>): readonly string[] =>
    ids(due ? (due.remove ? [due.remove] : []) : surplusOf(desired, keys, false, back).surplus);
  const again = reactivate(desired, live, inOrderOfStay(desired, keys, due !== null), going, context);
  const back = new Set(again.map(({ id }) => id));
  // Nothing that comes back goes in the same plan.
  const turn = due?.remove && due.successor && back.has(due.remove.id) ? { successor: due.successor } : due;
  return [
    ...again.map(({ draft }) => draft),
    ...(lost ? [takeBack(desired, live, lost, all)] : []),
    ...keepCount(desired, live, keys, lost, turn, back, context),
  ];
}

/**
 * Which of more keys than declared stay: active before inactive, pinned before others, of the active used before never used, then
 * the first made; in a rotation the last made. Those of `back` count as active: this plan makes them so.
 */
function inOrderOfStay(
  { accessKey }: User,
  keys: readonly AccessKey[],
  rotating: boolean,
  back: ReadonlySet<string> = new Set(),
): AccessKey[] {
  const first = (a: AccessKey, b: AccessKey, is: (key: AccessKey) => boolean): number =>
    Number(is(b)) - Number(is(a));
  const age = (a: AccessKey, b: AccessKey): number =>
    byText(a.createdAt, b.createdAt) * (rotating ? -1 : 1) || byText(a.id, b.id);
  return [...keys].sort(
    (a, b) =>
      first(a, b, (key) => isActive(key) || back.has(key.id)) ||
      first(a, b, ({ id }) => accessKey?.ids?.includes(id) ?? false) ||
      (rotating ? 0 : first(a, b, (key) => isActive(key) && key.lastUsedAt !== null)) ||
      age(a, b),
  );
}

/** Which keys stay, and which are too many outside a rotation. */
function surplusOf(
  user: User,
  keys: readonly AccessKey[],
  rotating: boolean,
  back: ReadonlySet<string>,
): { readonly stay: readonly AccessKey[]; readonly surplus: readonly AccessKey[] } {
  const wanted = user.accessKey?.count ?? 0;
  const order = inOrderOfStay(user, keys, rotating, back);
  const stay = order.slice(0, wanted);
  return { stay, surplus: areSettled(user.accessKey, stay) ? order.slice(wanted) : [] };
}

/**
 * A run was killed between making a key and delivering it, or somebody wrote a tag that says so: the key is made
 * inactive, and deleted by a later run if it is still unused then.
 */
function takeBack(
  user: User,
  live: User,
  { fresh, found, parts }: Undelivered,
  all: readonly AccessKey[],
): Draft<UserChange> {
  const stopping = fresh.filter(isActive);
  const left = all.filter((key) => !found.includes(key));
  const keys = [...fresh, ...found];
  const name = user.name;
  const check = (key: AccessKey): StepDraft => ({
    op: 'GetAccessKeyLastUsed',
    input: { AccessKeyId: key.id },
    about: accessKeyRef(name, key.id),
    purpose: 'check-use',
    cls: 'revoke',
    uses: [objectRef('user', name)],
    affects: objectRef('user', name),
    expect: { 'AccessKeyLastUsed.LastUsedDate': null },
  });
  const value = foundValue(parts);
  const steps: StepDraft[] = [
    ...stopping.flatMap((key) => [check(key), stopAccessKey(name, key.id, 'take-back')]),
    ...found.flatMap((key) => [check(key), ...removeAccessKey(live, key.id, false)]),
    {
      ...(value === '' ? untag(user) : tag(user, value)),
      purpose: 'unmark-delivery',
      cls: 'neutral',
      uses: [objectRef('user', name)],
      removes: [stateTagRef(name)],
    },
  ];
  return {
    change: keyChange(user, {
      aspect: 'undelivered',
      effect: stopping.length + found.length > 0 ? 'narrows' : 'none',
      reasons: [{ code: keys.length > 0 ? 'secret-lost' : 'no-key-left' }],
      ...(keys.length > 0
        ? {
            dangers: keys.map(({ id, createdAt, status }) => ({
              code: 'undelivered-key' as const,
              id,
              createdAt,
              status,
            })),
          }
        : {}),
      facts: [
        ...fresh.map((key) => keyFact(key, 'Inactive')),
        ...found.map((key) => goneFact(live, key)),
        { fact: 'state-tag', key: undeliveredTag, before: '', after: value === '' ? null : value },
      ],
      before: ids(all),
      after: left.map((key) => (stopping.includes(key) ? `${key.id} (inactive)` : key.id)),
    }),
    steps: steps.map((step, index) => ({ ...step, chained: index > 0 })),
  };
}

function keepCount(
  desired: User,
  live: User,
  keys: readonly AccessKey[],
  lost: Undelivered | null,
  turn: ReturnType<typeof rotation>,
  back: ReadonlySet<string>,
  context: Context,
): Draft<UserChange>[] {
  const wanted = desired.accessKey?.count ?? 0;
  const { stay, surplus } = surplusOf(desired, keys, turn !== null, back);
  for (const { id } of stay.filter((key) => key.status === 'Inactive' && !back.has(key.id))) {
    context.note(
      `user ${desired.name}: the declared access key ${id} is inactive, and stays so; to have a new one, ` +
        `${wanted === 1 ? 'take accessKey out of the file' : 'declare count: 1'} for one run`,
    );
  }
  if (turn && keys.length > 0) {
    const { waits, successor } = turn;
    if (waits && successor) {
      const next = isActive(waits.key) ? 'deactivated' : 'deleted';
      context.note(
        `user ${desired.name}: the old access key ${waits.key.id} is ${next} from ${waits.until} on; ` +
          succession(desired.name, successor.id),
      );
    }
    return [...unpinnedKeys(desired, keys, [], context), ...rotate(desired, live, keys, turn, lost, context)];
  }
  return [
    ...unpinnedKeys(desired, keys, surplus, context),
    ...(keys.length < wanted ? addKeys(desired, keys, wanted - keys.length, lost, context) : []),
    ...(surplus.length > 0 ? [removeSurplus(desired, live, stay, surplus, context)] : []),
  ];
}

/** IAM allows two keys, those taken for undelivered among them until they are deleted. */
function roomFor(
  user: User,
  keys: readonly AccessKey[],
  wanted: number,
  fresh: readonly AccessKey[],
  context: Context,
): number {
  const room = Math.min(wanted, limits.accessKeysPerUser - keys.length - fresh.length);
  if (room < wanted) {
    context.note(
      `user ${user.name}: the new access key is made once ${ids(fresh).join(' and ')} is deleted, by a later run: ` +
        `IAM allows two`,
    );
  }
  return room;
}

function addKeys(
  user: User,
  keys: readonly AccessKey[],
  wanted: number,
  lost: Undelivered | null,
  context: Context,
): Draft<UserChange>[] {
  const count = roomFor(user, keys, wanted, lost?.fresh ?? [], context);
  return count > 0 ? [newKeys(user, keys, count, lost, context)] : [];
}

function newKeys(
  user: User,
  keys: readonly AccessKey[],
  count: number,
  lost: Undelivered | null,
  context: Context,
): Draft<UserChange> {
  return {
    change: keyChange(user, {
      aspect: 'accessKey',
      effect: 'widens',
      reasons: [{ code: 'new-secret' }],
      ...pinDangers(user, keys, [], context),
      facts: newKeyFacts(user, count),
      before: ids(keys),
      after: [...ids(keys), ...Array.from({ length: count }, () => made)],
    }),
    steps: createAccessKeys(user, ids([...keys, ...(lost?.fresh ?? [])]), count, lost?.parts),
  };
}

function rotate(
  user: User,
  live: User,
  keys: readonly AccessKey[],
  { replace, deactivate, removeFrom, remove, successor }: NonNullable<ReturnType<typeof rotation>>,
  lost: Undelivered | null,
  context: Context,
): Draft<UserChange>[] {
  const { grace = defaultGrace } = user.accessKey ?? {};
  const days = (key: AccessKey): number => Math.floor(ageInDays(key.createdAt, context.now));
  const old = (key: AccessKey) => ({ id: key.id, days: days(key), lastUsedAt: key.lastUsedAt ?? null });
  const drafts: Draft<UserChange>[] = [];
  if (deactivate && removeFrom && successor) {
    const due = Date.parse(removeFrom) <= context.now.getTime();
    drafts.push({
      change: keyChange(user, {
        aspect: 'rotation',
        part: ['rotation', 'deactivate'],
        effect: 'narrows',
        reasons: [{ code: 'grace-over' }],
        facts: [
          {
            ...keyFact(deactivate, 'Inactive'),
            rotation: { ...old(deactivate), successor: successor.id, deletion: { from: removeFrom, due } },
          },
        ],
        before: ids(keys),
        after: ids(keys).map((id) => (id === deactivate.id ? `${id} (inactive)` : id)),
      }),
      steps: [stopAccessKey(user.name, deactivate.id, 'rotate-out')],
    });
  }
  const left = keys.filter((key) => key !== remove);
  if (remove && successor) {
    drafts.push({
      change: keyChange(user, {
        aspect: 'rotation',
        part: ['rotation', 'delete'],
        effect: 'narrows',
        reasons: [{ code: 'successor-settled', successor: successor.id, age: days(successor), grace }],
        facts: [{ ...goneFact(live, remove), rotation: old(remove) }],
        before: ids(keys),
        after: ids(left),
      }),
      steps: removeAccessKey(live, remove.id, false, 'delete-rotated'),
    });
  }
  if (replace && roomFor(user, left, 1, lost?.fresh ?? [], context) > 0) {
    drafts.push(successorOf(user, old(replace), left, remove, lost));
  }
  return drafts;
}

function successorOf(
  user: User,
  old: NonNullable<AccessKeyFact['rotation']>,
  keys: readonly AccessKey[],
  remove: AccessKey | undefined,
  lost: Undelivered | null,
): Draft<UserChange> {
  const known = ids([...keys, ...(lost?.fresh ?? [])]);
  const [first, ...rest] = createAccessKeys(user, known, 1, lost?.parts);
  return {
    change: keyChange(user, {
      aspect: 'rotation',
      part: ['rotation', 'create'],
      effect: 'none',
      reasons: [{ code: 'replaces' }],
      facts: newKeyFacts(user, 1).map((fact) => ({ ...fact, rotation: old })),
      before: ids(keys),
      after: [...ids(keys), made],
    }),
    // IAM allows two keys: a third must be gone first.
    steps: [
      {
        ...first!,
        after: [...(first!.after ?? []), ...(remove ? [accessKeyRef(user.name, remove.id)] : [])],
      },
      ...rest,
    ],
  };
}

const untag = ({ name }: User): Call & Pick<StepDraft, 'about'> => ({
  op: 'UntagUser',
  input: { UserName: name, TagKeys: [undeliveredTag] },
  about: partRef(objectRef('user', name), 'tags', undeliveredTag),
});

const tag = ({ name }: User, Value: string): Call & Pick<StepDraft, 'about'> => ({
  op: 'TagUser',
  input: { UserName: name, Tags: [{ Key: undeliveredTag, Value }] },
  about: partRef(objectRef('user', name), 'tags', undeliveredTag),
});

const stateTagRef = (user: string): string => partRef(objectRef('user', user), 'state-tag');

/**
 * New keys, between a tag that says which keys were there before and its removal: a run that is killed in between
 * leaves a key that the next one recognises as undelivered.
 *
 * @param found what stays in the tag of keys that were found undelivered earlier.
 */
export function createAccessKeys(
  user: User,
  known: readonly string[],
  count: number,
  found: readonly StateTagPart[] = [],
): StepDraft[] {
  const rest = {
    cls: 'credential',
    uses: [objectRef('user', user.name)],
    affects: objectRef('user', user.name),
  } as const;
  const create: StepDraft = {
    op: 'CreateAccessKey',
    input: { UserName: user.name },
    about: partRef(rest.affects, 'access-keys'),
    purpose: 'make-secret',
    ...rest,
    chained: true,
    delivers: { credential: 'access-key', user: user.name, to: user.accessKey?.deliverTo ?? null, known },
  };
  return [
    {
      ...tag(user, undeliveredValue([...known].sort(byText), found)),
      purpose: 'mark-delivery',
      ...rest,
      after: [stateTagRef(user.name)],
    },
    ...Array.from({ length: count }, () => create),
    {
      ...(found.length > 0 ? tag(user, foundValue(found)) : untag(user)),
      purpose: 'unmark-delivery',
      ...rest,
      chained: true,
    },
  ];
}

/** The younger key may be a stranger's, which takes the place of the person's own. */
function removeSurplus(
  desired: User,
  live: User,
  stay: readonly AccessKey[],
  surplus: readonly AccessKey[],
  context: Context,
): Draft<UserChange> {
  const strange = desired.accessKey?.ids
    ? []
    : stay.filter((key) => surplus.some(({ createdAt }) => createdAt < key.createdAt));
  const { dangers = [] } = pinDangers(desired, [...stay, ...surplus], surplus, context);
  const unknown = strange.map((key) => ({
    code: 'unknown-key' as const,
    key: fieldsOf(key),
    instead: surplus.filter(({ createdAt }) => createdAt < key.createdAt).map(fieldsOf),
  }));
  return {
    change: keyChange(desired, {
      aspect: 'accessKey',
      effect: strange.length > 0 ? 'unclear' : 'narrows',
      reasons: [
        stay.length === 0
          ? { code: 'undeclared', credential: 'access-key' }
          : { code: 'declared', count: stay.length, exchanged: strange.length > 0 },
      ],
      ...(dangers.length + unknown.length > 0 ? { dangers: [...unknown, ...dangers] } : {}),
      facts: surplus.map((key) => goneFact(live, key)),
      before: ids([...stay, ...surplus]),
      after: ids(stay),
    }),
    steps: surplus.flatMap((key) => removeAccessKey(live, key.id, isActive(key))),
  };
}

const fieldsOf = ({ id, createdAt, status }: AccessKey) => ({ id, createdAt, status });

function stopAccessKey(user: string, id: string, purpose: Purpose): StepDraft {
  const { about, setStatus } = credentialOf['access-key'](user, id);
  return {
    ...setStatus('Inactive'),
    about,
    purpose,
    cls: 'revoke',
    uses: [objectRef('user', user)],
    affects: objectRef('user', user),
  };
}

function removeAccessKey(
  { name, tags }: Pick<User, 'name' | 'tags'>,
  id: string,
  active: boolean,
  purpose?: Purpose,
): StepDraft[] {
  const { about, remove } = credentialOf['access-key'](name, id);
  const user = objectRef('user', name);
  return [
    ...(active ? [stopAccessKey(name, id, purpose ?? 'deactivate-credential')] : []),
    {
      ...remove,
      about,
      purpose: purpose ?? 'delete-credential',
      cls: 'revoke',
      uses: [user],
      affects: user,
      chained: active,
      removes: [about],
    },
    // What the console calls it goes with it.
    ...(Object.hasOwn(tags, id) ? [undescribe(name, id)] : []),
  ];
}

const undescribe = (UserName: string, id: string): StepDraft => ({
  op: 'UntagUser',
  input: { UserName, TagKeys: [id] },
  about: partRef(objectRef('user', UserName), 'tags', id),
  purpose: 'untag',
  cls: 'cleanup',
  uses: [objectRef('user', UserName)],
  optional: true,
  chained: true,
});

/** The password itself is made while the plan is applied (aws/secrets.ts). */
export const createLoginProfile = (user: User): StepDraft => ({
  op: 'CreateLoginProfile',
  input: { UserName: user.name, PasswordResetRequired: true },
  about: passwordRef(user.name),
  purpose: 'make-secret',
  cls: 'credential',
  uses: [objectRef('user', user.name)],
  after: [formerRulesRef],
  affects: objectRef('user', user.name),
  delivers: { credential: 'password', user: user.name, to: user.console?.deliverTo ?? null, known: [] },
});

function changeLoginProfile(user: User, live: User, wanted: boolean, context: Context): Draft<UserChange> {
  const remove: StepDraft = {
    op: 'DeleteLoginProfile',
    input: { UserName: user.name },
    about: passwordRef(user.name),
    purpose: 'delete-credential',
    cls: 'revoke',
    uses: [objectRef('user', user.name)],
    affects: objectRef('user', user.name),
  };
  return {
    change: makeChange({
      kind: 'user',
      name: user.name,
      aspect: 'console',
      action: 'update',
      effect: wanted ? 'widens' : 'narrows',
      reasons: [wanted ? { code: 'new-password' } : { code: 'undeclared', credential: 'password' }],
      ...(wanted ? passwordDangers(user, live, context) : {}),
      facts: [wanted ? newPasswordFact(user) : { fact: 'password', before: true, after: false }],
      before: { console: !wanted },
      after: { console: wanted },
    }),
    steps: [wanted ? createLoginProfile(user) : remove],
  };
}
