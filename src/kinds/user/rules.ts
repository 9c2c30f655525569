import type { Json } from '../../core/json.ts';
import type { Effect } from '../../core/plan.ts';
import type { User } from '../../core/state.ts';
import type { ObjectRule } from '../rule.ts';
import { defaultGrace } from './rotation.ts';

/** What a user's manifest says beside what IAM has: most of it decides what later runs do. */
export function userRules(before: User, after: User): ObjectRule[] {
  return [
    ...secretRules(before, after),
    ...keyRules(before, after),
    ...(before.console && after.console
      ? rule('pins', ['console', 'createdAt'], before.console.createdAt, after.console.createdAt, pinned)
      : []),
    ...rule(
      'suspended',
      ['suspended'],
      before.suspended,
      after.suspended,
      (_, is) => (is === null ? 'widens' : 'narrows'),
      ['suspended', 'reactivated'],
    ),
    ...rule(
      'service-credentials',
      ['serviceCredentials'],
      before.forbidsServiceCredentials,
      after.forbidsServiceCredentials,
      (_, is) => (is === null ? 'widens' : 'narrows'),
    ),
  ];
}

/** Whether there are to be keys and a password, and for whom new ones are. */
function secretRules(before: User, after: User): ObjectRule[] {
  const more = (was: Json, is: Json): Effect => (Number(is) > Number(was) ? 'widens' : 'narrows');
  // The next key or password goes to somebody else, or to somebody at all.
  const to = (_: Json, is: Json): Effect => (is === null ? 'none' : 'unclear');
  return [
    ...rule('access-keys', ['accessKey'], before.accessKey?.count, after.accessKey?.count, more, [
      'accessKey',
      'undelivered',
      'reactivated',
    ]),
    ...rule('password', ['console'], before.console && 1, after.console && 1, more, ['console']),
    ...(before.accessKey && after.accessKey
      ? rule(
          'recipient',
          ['accessKey', 'deliverTo'],
          before.accessKey.deliverTo,
          after.accessKey.deliverTo,
          to,
        )
      : []),
    ...(before.console && after.console
      ? rule('recipient', ['console', 'deliverTo'], before.console.deliverTo, after.console.deliverTo, to)
      : []),
  ];
}

/** How old a key may be, and which ones were reviewed. */
function keyRules({ accessKey: was }: User, { accessKey: is }: User): ObjectRule[] {
  if (!was || !is) return [];
  const longer = (before: Json, after: Json): Effect => {
    const [from, to] = [before, after].map((days) =>
      days === null ? Number.POSITIVE_INFINITY : Number(days),
    );
    return to! > from! ? 'widens' : 'narrows';
  };
  const grace = (before: Json, after: Json): Effect => {
    const [from, to] = [before, after].map((days) => Number(days ?? defaultGrace));
    return to === from ? 'none' : to! > from! ? 'widens' : 'narrows';
  };
  return [
    ...rule('rotate-after', ['accessKey', 'rotateAfter'], was.rotateAfter, is.rotateAfter, longer),
    ...rule('grace', ['accessKey', 'grace'], was.grace, is.grace, grace),
    ...rule('pins', ['accessKey', 'ids'], was.ids, is.ids, pinned),
  ];
}

/** Nothing says that what is newly pinned was reviewed but the review of this very change. */
function pinned(before: Json, after: Json): Effect {
  if (before === null) return 'narrows';
  if (after === null) return 'widens';
  const [was, is] = [before, after].map((ids) => [ids].flat());
  return is!.every((id) => was!.includes(id)) ? 'narrows' : 'unclear';
}

function rule(
  name: ObjectRule['rule'],
  part: readonly string[],
  before: Json | undefined,
  after: Json | undefined,
  effect: (before: Json, after: Json) => Effect,
  toldBy: readonly string[] = [],
): ObjectRule[] {
  const [was = null, is = null] = [before, after];
  if (JSON.stringify(was) === JSON.stringify(is)) return [];
  return [{ rule: name, part, before: was, after: is, effect: effect(was, is), toldBy }];
}
