import * as t from '@sinclair/typebox/type';
import type { Static } from '@sinclair/typebox/type';
import type { Operation } from 'fast-json-patch';
import type { About } from '../core/desired.ts';
import type { Json } from '../core/json.ts';
import { constant, list, map, object, oneOf, reference, text } from '../core/schema.ts';

/** The form of a change in a saved plan: what changes of all kinds have in common, and their words. */

const about = (description: string) => t.Unsafe<About>(map(t.Unsafe<Json>({}), { description }));

const detail = object({ sign: oneOf(['+', '-', '~', ' ']), text: t.String() });

/** What each kind says in its own way is open here: a saved plan is compared with a fresh one before it is run. */
const open = { additionalProperties: true };

const fact = object(
  {
    fact: text('What it is about: `membership`, `inline-policy`, `attachment`, `tag`, `access-key`, ….'),
    before: t.Unsafe<unknown>({ description: 'As the account is; null or false: not there.' }),
    after: t.Unsafe<unknown>({ description: 'As the manifests want it.' }),
    until: t.Optional(text('What comes ends by itself: the last instant at which it counts.')),
    about: t.Optional(about('What the files say of it for people, such as `ticket`.')),
  },
  open,
);

const reason = object({ code: text('Stable.') }, open);

const danger = object(
  {
    code: text(
      'Stable: `administrator`, `swapped-key`, …, or the actions, such as `iam:PassRole+lambda:CreateFunction`.',
    ),
    label: text('What it is, in a word or two.'),
    text: text('In a sentence.'),
  },
  open,
);

const holder = object(
  {
    kind: oneOf(['user', 'group', 'role']),
    name: t.String(),
    as: oneOf(['attachment', 'boundary', 'member'], {
      description:
        'How it holds: a policy that is attached or the permissions boundary; a group as a member.',
    }),
  },
  { description: 'Who holds a policy or is in a group.' },
);
export type Holder = Readonly<Static<typeof holder>>;

const changeOf = (kinds: readonly string[]) =>
  object({
    id: text('Unique and stable, such as `user:melvins/policies/allow_access_houdini`.'),
    kind: oneOf(kinds, { description: 'What the object is.' }),
    name: text('The name of the object.'),
    action: oneOf(['create', 'update', 'delete', 'offboard', 'rename'], {
      description: 'What becomes of the object.',
    }),
    aspect: text('What of the object it is about, such as `members`; `object`: all of it.'),
    facts: list(reference('fact', fact), {
      description:
        'What is not as it is to be: how it is before the change and after it. A fact has the same form wherever it occurs.',
    }),
    effect: oneOf(['widens', 'narrows', 'none', 'unclear'], {
      description: 'What it does to access; `unclear` is treated as `widens`.',
    }),
    reasons: list(reference('reason', reason), {
      description: 'Why the effect is what it says: each a code with what it is about.',
    }),
    dangers: t.Optional(
      list(reference('danger', danger), {
        description:
          'Administrators and privilege escalations that the change newly brings; a key or password that is not the pinned one.',
      }),
    ),
    expired: t.Optional(text('The object ended by itself: when.')),
    until: t.Optional(text('The object that is made ends by itself: the last instant at which it counts.')),
    about: t.Optional(
      about('What the files say of the object for people: `owner`, `ticket`, `note`, `description`, `x-…`.'),
    ),
    byHand: t.Optional(
      constant(true, {
        description: 'No step carries it out: only a person can settle it. Applying leaves it as it is.',
      }),
    ),
    left: t.Optional(
      t.Unsafe<readonly Holder[]>(
        list(reference('holder', holder), {
          description:
            'No step carries it out, as these are not managed and hold it: it stays as it is, and nobody else has anything by it. Applying is complete without it.',
        }),
      ),
    ),
    patch: t.Unsafe<readonly Operation[]>(
      list(t.Object({ op: t.String(), path: t.String() }), {
        description: 'RFC 6902, from the live aspect (canonicalised) to the desired one.',
      }),
    ),
    summary: text('One line without kind and name.'),
    reason: text('The reasons in words.'),
    details: list(reference('detail', detail), {
      description: 'Further lines: what comes, goes and changes.',
    }),
  });

/** By their names in the plan's schema. */
export const changeParts = (kinds: readonly string[]) => ({
  fact,
  reason,
  danger,
  detail,
  holder,
  change: changeOf(kinds),
});
export type ChangeFields = Static<ReturnType<typeof changeOf>>;
