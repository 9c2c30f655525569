import { byText } from '../../core/json.ts';
import type { Change, Detail, Purpose } from '../../core/plan.ts';
import type { AccessKey, User } from '../../core/state.ts';
import { makeChange } from '../kind.ts';
import type { Context, Draft, StepDraft } from '../kind.ts';
import { undelivered, undeliveredTag, undeliveredValue, wasSuspended } from './marks.ts';
import {
  areSettled,
  holdRotation,
  passwordDangers,
  pinDangers,
  unpinnedKeys,
  unpinnedPassword,
} from './pins.ts';
import { deliveryText } from './recipient.ts';
import { ageInDays, defaultGrace, rotation } from './rotation.ts';
import { reactivate } from './suspend.ts';

/**
 * Access keys and the console password against what the manifest declares. Only what was really listed counts:
 * neither `live.credentials` nor `live.signIn` means that nothing gave a reason to look (app/session.ts).
 */
export function diffCredentials(desired: User, live: User, context: Context): Draft[] {
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

/** A change of a user's keys, told as what is there before and after. */
const keyChange = (
  user: User,
  fields: Pick<Change, 'summary' | 'effect' | 'reason' | 'dangers'> & {
    aspect: string;
    details?: readonly Detail[];
    before: readonly string[];
    after: readonly string[];
  },
): Change =>
  makeChange({
    kind: 'user',
    name: user.name,
    action: 'update',
    ...fields,
    added: fields.after.filter((id) => !fields.before.includes(id)),
    removed: fields.before.filter((id) => !fields.after.includes(id)),
    before: { accessKeys: [...fields.before] },
    after: { accessKeys: [...fields.after] },
  });

const made = '(new)';

function diffAccessKeys(desired: User, live: User, all: readonly AccessKey[], context: Context): Draft[] {
  const lost = undelivered(live, all);
  const keys = lost ? all.filter((key) => !lost.includes(key)) : all;
  const turn = desired.accessKey
    ? holdRotation(desired.accessKey, rotation(desired.accessKey, keys, context.now))
    : null;
  const resuming = wasSuspended(live);
  return [
    ...(resuming ? reactivate(desired, inOrderOfStay(desired, keys, turn !== null)) : []),
    ...(lost ? [takeBack(desired, lost, keys)] : []),
    ...keepCount(desired, keys, turn, resuming, context),
  ];
}

/**
 * Which of more keys than declared stay: active before inactive, pinned before others, then the first made, or in a
 * rotation the last.
 */
function inOrderOfStay({ accessKey }: User, keys: readonly AccessKey[], rotating = false): AccessKey[] {
  const first = (a: AccessKey, b: AccessKey, is: (key: AccessKey) => boolean): number =>
    Number(is(b)) - Number(is(a));
  const age = (a: AccessKey, b: AccessKey): number =>
    byText(a.createdAt, b.createdAt) * (rotating ? -1 : 1) || byText(a.id, b.id);
  return [...keys].sort(
    (a, b) =>
      first(a, b, ({ status }) => status === 'Active') ||
      first(a, b, ({ id }) => accessKey?.ids?.includes(id) ?? false) ||
      age(a, b),
  );
}

/** A run was killed between making a key and delivering it. */
function takeBack(user: User, lost: readonly AccessKey[], keys: readonly AccessKey[]): Draft {
  const replaced = lost.length > 0;
  return {
    change: keyChange(user, {
      aspect: 'undelivered',
      summary: replaced
        ? `access key ${lost.map(({ id }) => `-${id}`).join(' ')} (made, but never delivered)`
        : 'mark of an unfinished delivery -',
      effect: replaced ? 'narrows' : 'none',
      reason: replaced ? 'nobody has its secret' : 'nothing was made',
      before: ids([...keys, ...lost]),
      after: ids(keys),
    }),
    steps: [
      ...lost.flatMap(({ id, status }) => removeAccessKey(user.name, id, status === 'Active', 'take-back')),
      { ...untag(user), awaits: lost.map(({ id }) => keyRef(user.name, id)) },
    ],
  };
}

function keepCount(
  desired: User,
  keys: readonly AccessKey[],
  turn: ReturnType<typeof rotation>,
  resuming: boolean,
  context: Context,
): Draft[] {
  const wanted = desired.accessKey?.count ?? 0;
  const order = inOrderOfStay(desired, keys, turn !== null);
  const stay = order.slice(0, wanted);
  for (const { id } of resuming ? [] : stay.filter(({ status }) => status === 'Inactive')) {
    context.note(
      `user ${desired.name}: the declared access key ${id} is inactive, and stays so; to have a new one, ` +
        `${wanted === 1 ? 'take accessKey out of the file' : 'declare count: 1'} for one run`,
    );
  }
  if (turn && keys.length > 0) {
    const { waits, successor } = turn;
    if (waits && successor) {
      const next = waits.key.status === 'Active' ? 'deactivated' : 'deleted';
      context.note(
        `user ${desired.name}: the old access key ${waits.key.id} is ${next} from ${waits.until} on; ` +
          succession(desired, successor),
      );
    }
    return [...unpinnedKeys(desired, keys, [], context), ...rotate(desired, keys, turn, context)];
  }
  const surplus = areSettled(desired.accessKey, stay) ? order.slice(wanted) : [];
  return [
    ...unpinnedKeys(desired, keys, surplus, context),
    ...(keys.length < wanted ? [addKeys(desired, keys, wanted - keys.length, context)] : []),
    ...(surplus.length > 0 ? [removeSurplus(desired, stay, surplus, context)] : []),
  ];
}

function addKeys(user: User, keys: readonly AccessKey[], count: number, context: Context): Draft {
  return {
    change: keyChange(user, {
      aspect: 'accessKey',
      summary: `access key +${count}`,
      effect: 'widens',
      reason: 'a new secret gives the access that the user has',
      ...pinDangers(user, keys, [], context),
      details: [{ sign: ' ', text: deliveryText(user.accessKey) }],
      before: ids(keys),
      after: [...ids(keys), ...Array.from({ length: count }, () => made)],
    }),
    steps: createAccessKeys(user, ids(keys), count),
  };
}

/** IAM does not tell who made a key: one that somebody made by hand looks like the rotation's own. */
const succession = ({ name }: User, { id }: AccessKey): string =>
  `${id} is taken for its successor; if ${name} did not receive it, delete it`;

function rotate(
  user: User,
  keys: readonly AccessKey[],
  { replace, deactivate, removeFrom, remove, successor }: NonNullable<ReturnType<typeof rotation>>,
  context: Context,
): Draft[] {
  const { grace = defaultGrace } = user.accessKey ?? {};
  const days = (key: AccessKey): string => `${Math.floor(ageInDays(key.createdAt, context.now))} days old`;
  const lastUse = ({ lastUsedAt }: AccessKey): string =>
    lastUsedAt ? `last used ${lastUsedAt}` : 'never used';
  const drafts: Draft[] = [];
  if (deactivate && removeFrom && successor) {
    const past = Date.parse(removeFrom) <= context.now.getTime();
    drafts.push({
      change: keyChange(user, {
        aspect: 'rotation/deactivate',
        summary: `access key ${deactivate.id}: rotated out, inactive (${lastUse(deactivate)}), deleted ${past ? 'by the next run' : `from ${removeFrom} on`}`,
        effect: 'narrows',
        reason: 'the new key has been there for the grace period',
        details: [{ sign: ' ', text: succession(user, successor) }],
        before: ids(keys),
        after: ids(keys).map((id) => (id === deactivate.id ? `${id} (inactive)` : id)),
      }),
      steps: [
        {
          op: 'UpdateAccessKey',
          input: { UserName: user.name, AccessKeyId: deactivate.id, Status: 'Inactive' },
          purpose: 'rotate-out',
          cls: 'revoke',
          uses: [`user:${user.name}`],
          reach: `user:${user.name}`,
        },
      ],
    });
  }
  const left = keys.filter((key) => key !== remove);
  if (remove && successor) {
    drafts.push({
      change: keyChange(user, {
        aspect: 'rotation/delete',
        summary: `access key -${remove.id}: rotated out (${lastUse(remove)})`,
        effect: 'narrows',
        reason: `its successor ${successor.id} is ${days(successor)}, twice the grace period (${grace} days) or more`,
        before: ids(keys),
        after: ids(left),
      }),
      steps: removeAccessKey(user.name, remove.id, false, 'rotate-out'),
    });
  }
  if (replace) {
    const [first, ...rest] = createAccessKeys(user, ids(left), 1);
    drafts.push({
      change: keyChange(user, {
        aspect: 'rotation/create',
        summary: `access key +1: ${replace.id} is ${days(replace)} (${lastUse(replace)})`,
        effect: 'none',
        reason: 'the new key replaces the old one, which works until the grace period ends',
        details: [{ sign: ' ', text: deliveryText(user.accessKey) }],
        before: ids(left),
        after: [...ids(left), made],
      }),
      // IAM allows two keys: a third must be gone first.
      steps: [{ ...first!, ...(remove ? { awaits: [keyRef(user.name, remove.id)] } : {}) }, ...rest],
    });
  }
  return drafts;
}

const untag = (user: User): StepDraft => ({
  op: 'UntagUser',
  input: { UserName: user.name, TagKeys: [undeliveredTag] },
  purpose: 'unmark-delivery',
  cls: 'neutral',
  uses: [`user:${user.name}`],
  removes: [markRef(user.name)],
});

const markRef = (user: string): string => `user:${user}/mark`;
const keyRef = (user: string, id: string): string => `user:${user}/key:${id}`;

/**
 * New keys, between a mark that says which keys were there before and its removal: a run that is killed in between
 * leaves a key that the next one recognises as undelivered.
 */
export function createAccessKeys(user: User, known: readonly string[], count: number): StepDraft[] {
  const rest = { cls: 'credential', uses: [`user:${user.name}`] } as const;
  const create: StepDraft = {
    op: 'CreateAccessKey',
    input: { UserName: user.name },
    purpose: 'make-secret',
    ...rest,
    reach: `user:${user.name}`,
    chained: true,
    delivers: { credential: 'access-key', user: user.name, to: user.accessKey?.deliverTo ?? null, known },
  };
  return [
    {
      op: 'TagUser',
      input: {
        UserName: user.name,
        Tags: [{ Key: undeliveredTag, Value: undeliveredValue([...known].sort(byText)) }],
      },
      purpose: 'mark-delivery',
      ...rest,
      reach: `user:${user.name}`,
      awaits: [markRef(user.name)],
    },
    ...Array.from({ length: count }, () => create),
    {
      op: 'UntagUser',
      input: { UserName: user.name, TagKeys: [undeliveredTag] },
      purpose: 'unmark-delivery',
      ...rest,
      reach: `user:${user.name}`,
      chained: true,
    },
  ];
}

function removeSurplus(
  desired: User,
  stay: readonly AccessKey[],
  surplus: readonly AccessKey[],
  context: Context,
): Draft {
  return {
    change: keyChange(desired, {
      aspect: 'accessKey',
      summary: `access key ${surplus.map(({ id }) => `-${id}`).join(' ')}`,
      effect: 'narrows',
      reason: stay.length === 0 ? 'no file declares an access key' : `the file declares ${stay.length}`,
      ...pinDangers(desired, [...stay, ...surplus], surplus, context),
      before: ids([...stay, ...surplus]),
      after: ids(stay),
    }),
    steps: surplus.flatMap(({ id, status }) => removeAccessKey(desired.name, id, status === 'Active')),
  };
}

function removeAccessKey(user: string, id: string, active: boolean, purpose?: Purpose): StepDraft[] {
  const input = { UserName: user, AccessKeyId: id };
  const rest = { cls: 'revoke', uses: [`user:${user}`], reach: `user:${user}` } as const;
  return [
    ...(active
      ? [
          {
            op: 'UpdateAccessKey',
            input: { ...input, Status: 'Inactive' },
            purpose: purpose ?? ('deactivate-credential' as const),
            ...rest,
          },
        ]
      : []),
    {
      op: 'DeleteAccessKey',
      input,
      purpose: purpose ?? 'delete-credential',
      ...rest,
      chained: active,
      removes: [keyRef(user, id)],
    },
  ];
}

/** The password itself is made while the plan is applied (aws/secrets.ts). */
export const createLoginProfile = (user: User): StepDraft => ({
  op: 'CreateLoginProfile',
  input: { UserName: user.name, PasswordResetRequired: true },
  purpose: 'make-secret',
  cls: 'credential',
  uses: [`user:${user.name}`],
  reach: `user:${user.name}`,
  delivers: { credential: 'password', user: user.name, to: user.console?.deliverTo ?? null, known: [] },
});

function changeLoginProfile(user: User, live: User, wanted: boolean, context: Context): Draft {
  const remove: StepDraft = {
    op: 'DeleteLoginProfile',
    input: { UserName: user.name },
    purpose: 'delete-credential',
    cls: 'revoke',
    uses: [`user:${user.name}`],
    reach: `user:${user.name}`,
  };
  return {
    change: makeChange({
      kind: 'user',
      name: user.name,
      aspect: 'console',
      action: 'update',
      summary: `login profile (console password) ${wanted ? '+' : '-'}`,
      effect: wanted ? 'widens' : 'narrows',
      reason: wanted
        ? 'a new password gives the access that the user has'
        : 'no file declares console access',
      ...(wanted ? passwordDangers(user, live, context) : {}),
      details: wanted ? [{ sign: ' ', text: deliveryText(user.console) }] : [],
      before: { console: !wanted },
      after: { console: wanted },
    }),
    steps: [wanted ? createLoginProfile(user) : remove],
  };
}
