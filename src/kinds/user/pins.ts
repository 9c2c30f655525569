import { objectRef, partRef } from '../../core/references.ts';
import type { AccessKey, AccessKeySpec, User } from '../../core/state.ts';
import { listWords } from '../../core/text.ts';
import { makeChange } from '../change.ts';
import type { Context, Draft } from '../kind.ts';
import { wasSuspended } from './state-tags.ts';
import type { Rotation } from './rotation.ts';
import { at, seconds } from './words.ts';
import type { UserChange, UserDanger } from './words.ts';

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

/** Another key or password than the one that was reviewed or was there: it is a danger whichever way it is told. */
export const isSwap = ({ code }: { readonly code: string }): boolean =>
  code === 'swapped-key' || code === 'swapped-password' || code === 'unknown-key';

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
): Draft<UserChange>[] {
  const { ids = [], count = 1 } = user.accessKey ?? {};
  const strangers = unpinned(user, keys);
  const gone = goneIds(user, keys);
  if (gone.length > 0 && keys.length - strangers.length >= count) {
    context.note(
      `user ${user.name}: accessKey.ids${at(placeOf(user, context, 'accessKey', 'ids'))} names ${listWords(gone, 'and')}, ` +
        `gone from IAM: \`rollcall pin ${user.name}\` takes ${gone.length === 1 ? 'it' : 'them'} out`,
    );
  }
  const left = strangers.filter((key) => !surplus.includes(key));
  if (left.length === 0) return [];
  const holdsUp = keys.length > count && surplus.length === 0;
  return [
    {
      change: makeChange({
        kind: 'user',
        name: user.name,
        aspect: 'keyPins',
        part: ['accessKey', 'ids'],
        action: 'update',
        byHand: true,
        effect: 'unclear',
        reasons: [{ code: 'maker-unknown' }],
        dangers: keyDangers(user, left, gone, context),
        facts: left.map(
          ({ id, status }) =>
            ({ fact: 'access-key', id, before: status, after: status, unpinned: { holdsUp } }) as const,
        ),
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
): { dangers?: readonly UserDanger[] } {
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
): UserDanger[] {
  const place = placeOf(user, context, 'accessKey', 'ids');
  return [
    ...strangers.map(({ id, createdAt, status }) => ({
      code: 'swapped-key' as const,
      id,
      made: { createdAt, status },
      ...place,
      ...(context.delivered.has(id) ? { delivered: true as const } : {}),
    })),
    ...gone.map((id) => ({ code: 'swapped-key' as const, id, ...place })),
  ];
}

/** A password that was made at another time than the reviewed one. */
export function unpinnedPassword(user: User, live: Password, context: Context): Draft<UserChange>[] {
  const pinned = user.console?.createdAt;
  const made = live && seconds(live.createdAt);
  if (pinned === undefined || made === null || made === pinned) return [];
  return [
    {
      change: makeChange({
        kind: 'user',
        name: user.name,
        aspect: 'passwordPin',
        part: ['console', 'createdAt'],
        action: 'update',
        byHand: true,
        effect: 'unclear',
        reasons: [{ code: 'maker-unknown' }],
        dangers: [
          { code: 'swapped-password', pinned, made, ...placeOf(user, context, 'console', 'createdAt') },
        ],
        facts: [{ fact: 'password', before: true, after: true, unpinned: { made, pinned } }],
        before: { passwordCreatedAt: made },
        after: { passwordCreatedAt: pinned },
      }),
      steps: [],
    },
  ];
}

type Password = { readonly createdAt: string } | null;

/** Where a new password is made, although one was reviewed: a suspension takes it, and so may somebody else. */
export function passwordDangers(
  user: User,
  live: User,
  context: Context,
): { dangers?: readonly UserDanger[] } {
  const pinned = user.console?.createdAt;
  if (pinned === undefined || wasSuspended(live)) return {};
  return {
    dangers: [{ code: 'swapped-password', pinned, ...placeOf(user, context, 'console', 'createdAt') }],
  };
}

/** Of a user whom IAM does not have any more, and who is re-created. */
export function lostPins(user: User, context: Context): UserDanger[] {
  if (user.suspended) return [];
  return [
    ...keyDangers(user, [], goneIds(user, []), context),
    ...(passwordDangers(user, { ...user, policies: {} }, context).dangers ?? []),
  ];
}

const placeOf = ({ name }: User, context: Context, ...field: readonly string[]): { place?: string } => {
  const place = context.place(partRef(objectRef('user', name), ...field));
  return place === undefined ? {} : { place };
};
