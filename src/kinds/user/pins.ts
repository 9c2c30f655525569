import { objectRef, partRef } from '../../core/references.ts';
import type { Danger, Detail } from '../../core/plan.ts';
import type { AccessKey, AccessKeySpec, User } from '../../core/state.ts';
import { listWords, plural } from '../../core/text.ts';
import { makeChange } from '../kind.ts';
import type { Context, Draft } from '../kind.ts';
import { wasSuspended } from './marks.ts';
import type { Rotation } from './rotation.ts';

/**
 * Keys and passwords against those that were reviewed (`accessKey.ids`, `console.createdAt`). IAM does not tell who
 * made one: an attacker, or rollcall itself a minute ago. So what is not pinned is neither removed nor replaced, and
 * nothing that is pinned gives way to it: it is a change without steps, which only a person can settle.
 */

const isReviewed = ({ ids }: Pick<AccessKeySpec, 'ids'>, { id }: Pick<AccessKey, 'id'>): boolean =>
  ids === undefined || ids.includes(id);

/** The file says which key or which password of the user was reviewed. */
export const isPinned = ({ accessKey, console }: User): boolean =>
  accessKey?.ids !== undefined || console?.createdAt !== undefined;

/** All these keys are the reviewed ones, and work: what is there besides them may go. */
export const areSettled = (spec: AccessKeySpec | undefined, keys: readonly AccessKey[]): boolean =>
  spec?.ids === undefined || keys.every((key) => isReviewed(spec, key) && key.status === 'Active');

/** A rotation takes nothing from the old key before its successor is pinned: anybody could have made that one. */
export function holdRotation(spec: AccessKeySpec, turn: Rotation | null): Rotation | null {
  const { successor } = turn ?? {};
  return successor && !isReviewed(spec, successor) ? { successor } : turn;
}

/** Keys that nobody reviewed. With `surplus`, all but these are told by the change that removes those. */
export function unpinnedKeys(
  user: User,
  keys: readonly AccessKey[],
  surplus: readonly AccessKey[],
  context: Context,
): Draft[] {
  const { ids = [], count = 1 } = user.accessKey ?? {};
  const strangers = unpinned(user, keys);
  const gone = goneIds(user, keys);
  if (gone.length > 0 && keys.length - strangers.length >= count) {
    context.note(
      `user ${user.name}: accessKey.ids${placeOf('accessKey/ids', user, context)} names ${listWords(gone, 'and')}, ` +
        `gone from IAM: \`rollcall pin ${user.name}\` takes ${gone.length === 1 ? 'it' : 'them'} out`,
    );
  }
  const left = strangers.filter((key) => !surplus.includes(key));
  if (left.length === 0) return [];
  const waits = keys.length > count && surplus.length === 0;
  return [
    {
      change: makeChange({
        kind: 'user',
        name: user.name,
        aspect: 'accessKey/ids',
        action: 'update',
        summary: `access key ${left.map(({ id }) => id).join(', ')}: not pinned`,
        byHand: true,
        effect: 'unclear',
        reason: 'IAM does not tell who made it',
        dangers: keyDangers(user, left, gone, context),
        details: [
          ...whatToDo(
            user,
            plural(left.length, 'it is', 'they are').replace(/^\d+ /, ''),
            left.map(({ id }) => `aws iam delete-access-key --user-name ${user.name} --access-key-id ${id}`),
          ),
          ...(waits ? [say('until then none of the keys is deactivated or deleted')] : []),
        ],
        before: { accessKeyIds: keys.map(({ id }) => id) },
        after: { accessKeyIds: [...ids] },
      }),
      steps: [],
    },
  ];
}

/** What a change that removes keys which nobody reviewed, or makes one for a reviewed key that is gone, has to tell. */
export function pinDangers(
  user: User,
  keys: readonly AccessKey[],
  surplus: readonly AccessKey[],
  context: Context,
): { dangers?: readonly Danger[] } {
  const strangers = unpinned(user, surplus);
  const missing = keys.length < (user.accessKey?.count ?? 1);
  const dangers = keyDangers(user, strangers, missing ? goneIds(user, keys) : [], context);
  return dangers.length > 0 ? { dangers } : {};
}

const unpinned = ({ accessKey }: User, keys: readonly AccessKey[]): AccessKey[] =>
  accessKey ? keys.filter((key) => !isReviewed(accessKey, key)) : [];

const goneIds = ({ accessKey }: User, keys: readonly AccessKey[]): string[] =>
  (accessKey?.ids ?? []).filter((id) => !keys.some((key) => key.id === id));

function keyDangers(
  user: User,
  strangers: readonly AccessKey[],
  gone: readonly string[],
  context: Context,
): Danger[] {
  const place = placeOf('accessKey/ids', user, context);
  const code = swaps.key;
  return [
    ...strangers.map(({ id, createdAt, status }) => ({
      code,
      text: `access key ${id} (made ${seconds(createdAt)}, ${status.toLowerCase()}) is not among accessKey.ids${place}${context.delivered.has(id) ? ': delivered here, not pinned yet' : ''}`,
    })),
    ...gone.map((id) => ({ code, text: `access key ${id}, pinned by accessKey.ids${place}, is gone` })),
  ];
}

/** A password that was made at another time than the reviewed one. */
export function unpinnedPassword(user: User, live: Password, context: Context): Draft[] {
  const pinned = user.console?.createdAt;
  if (pinned === undefined || !live || seconds(live.createdAt) === pinned) return [];
  return [
    {
      change: makeChange({
        kind: 'user',
        name: user.name,
        aspect: 'console/createdAt',
        action: 'update',
        summary: 'login profile (console password): not the pinned one',
        byHand: true,
        effect: 'unclear',
        reason: 'IAM does not tell who made it',
        dangers: [
          {
            code: swaps.password,
            text:
              `the console password was made ${seconds(live.createdAt)}, but console.createdAt` +
              `${placeOf('console/createdAt', user, context)} pins the one of ${pinned}`,
          },
        ],
        details: whatToDo(user, 'it is', [`aws iam delete-login-profile --user-name ${user.name}`]),
        before: { passwordCreatedAt: seconds(live.createdAt) },
        after: { passwordCreatedAt: pinned },
      }),
      steps: [],
    },
  ];
}

type Password = { readonly createdAt: string } | null;

/** Where a new password is made, although one was reviewed: a suspension takes it, and so may somebody else. */
export function passwordDangers(user: User, live: User, context: Context): { dangers?: readonly Danger[] } {
  const pinned = user.console?.createdAt;
  if (pinned === undefined || wasSuspended(live)) return {};
  const place = placeOf('console/createdAt', user, context);
  const text = `the console password of ${pinned}, pinned by console.createdAt${place}, is gone`;
  return { dangers: [{ code: swaps.password, text }] };
}

/** Of a user whom IAM does not have any more, and who is made anew. */
export function lostPins(user: User, context: Context): Danger[] {
  if (user.suspended) return [];
  return [
    ...keyDangers(user, [], goneIds(user, []), context),
    ...(passwordDangers(user, { ...user, policies: {} }, context).dangers ?? []),
  ];
}

/** Codes of dangers. */
const swaps = { key: 'swapped-key', password: 'swapped-password' } as const;

const say = (text: string): Detail => ({ sign: ' ', text });

const whatToDo = (user: User, itIs: string, commands: readonly string[]): Detail[] => [
  say(`if ${itIs} ${user.name}'s: rollcall pin ${user.name}, and have the change of the file reviewed`),
  say(`if not: suspended: true; or ${commands.join(' and ')}, and plan again`),
];

const placeOf = (field: string, { name }: User, context: Context): string => {
  const place = context.place(partRef(objectRef('user', name), ...field.split('/')));
  return place === undefined ? '' : ` (${place})`;
};

/** As manifests pin it. */
export const seconds = (instant: string): string => instant.replace(/\.\d+Z$/, 'Z');
