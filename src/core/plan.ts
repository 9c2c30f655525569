import * as t from '@sinclair/typebox/type';
import type { Static } from '@sinclair/typebox/type';
import type { Json } from './json.ts';
import type { Call } from './operations.ts';
import type { Ref } from './references.ts';
import { anyObject, constant, list, map, object, oneOf, orNull } from './schema.ts';

/** What a change does to access. `unclear` is treated as `widens` wherever it matters. */
export type Effect = 'widens' | 'narrows' | 'none' | 'unclear';

/**
 * When a step may run, by what it does to access (docs/decisions/safe-order.md). Earlier classes first;
 * within one class references and names decide.
 */
export const stepClasses = [
  'deny', // somebody who leaves or is suspended is denied everything: nothing else may hold it up
  'disable', // and their credentials stop working
  'restrain', // a Deny or a boundary comes: less access
  'revoke', // an Allow goes: less access
  'offboard', // who leaves is removed: denied already, they can wait
  'neutral', // nobody's access changes: names, paths, empty groups, unattached policies
  'swap', // one call takes some access and gives other
  'grant', // an Allow comes: more access
  'release', // a Deny or a boundary goes: more access
  'credential', // a secret is made: only when all access is in place
  'cleanup', // what is now unused goes
] as const;
export type StepClass = (typeof stepClasses)[number];

/**
 * What a step is for, so that nobody has to guess it from an operation's name or a place in the list: the same
 * `PutUserPolicy` grants, denies everything or guards.
 */
const purposes = [
  'create', // a user, a group, a managed policy
  'delete',
  'rename',
  'move', // to another path
  'tag',
  'untag',
  'join-group',
  'leave-group',
  'add-policy', // to a user or a group: an inline policy comes, a managed one is attached
  'remove-policy',
  'update-policy', // the document of an inline or a managed policy
  'prune-version', // an old version of a managed policy
  'set-boundary',
  'remove-boundary',
  'narrow', // a document gives way to what it and its successor both grant
  'guard', // a temporary Deny while policies change
  'lift-guard',
  'keep-copy', // of a policy, while it moves to another place of its holder
  'drop-copy',
  'identify-user', // a look: is it still the same one?
  'deny-everything', // to somebody who leaves or is suspended
  'lift-deny', // of an offboarding or a suspension
  'check-credentials', // a look: was none made meanwhile?
  'deactivate-credential',
  'reactivate-credential',
  'delete-credential', // a password, too
  'unassign-mfa-device', // from its user
  'delete-mfa-device', // a virtual one that nobody has any more
  'rotate-out', // an access key that has a successor: made inactive
  'delete-rotated', // the same key later
  'check-use', // a look: is the access key still unused?
  'take-back', // an access key that was never delivered, it seems: made inactive; a later run deletes it
  'mark-delivery', // an access key is about to be made: the time is put before the value of the tag
  'unmark-delivery',
  'record-suspension', // which credentials it makes inactive, so that they can come back
  'clear-suspension', // that record goes
  'make-secret', // an access key or a password
  'configure', // a setting of the account, or of a role
  'set-trust', // who may assume a role
  'close-trust', // nobody may, before it goes
  'revoke-sessions', // those that began before the call
  'join-profile', // a role comes into an instance profile
  'leave-profile',
  'add-audience', // of an OIDC provider
  'remove-audience',
  'update-thumbprints',
  'update-metadata', // of a SAML provider
] as const;
export type Purpose = (typeof purposes)[number];

/** Purposes of steps that change nothing. */
const looks: ReadonlySet<Purpose> = new Set(['identify-user', 'check-credentials', 'check-use']);
export const isLook = ({ purpose }: Pick<Step, 'purpose'>): boolean => looks.has(purpose);

/** Purposes that are reached as well where IAM says that there is no such object. */
const removing: ReadonlySet<Purpose> = new Set([
  'delete',
  'untag',
  'leave-group',
  'remove-policy',
  'prune-version',
  'remove-boundary',
  'lift-guard',
  'drop-copy',
  'lift-deny',
  'delete-credential',
  'delete-rotated',
  'unassign-mfa-device',
  'delete-mfa-device',
  'unmark-delivery',
  'clear-suspension',
  'leave-profile',
  'remove-audience',
]);
export const isRemoval = ({ purpose }: Pick<Step, 'purpose'>): boolean => removing.has(purpose);

/** Takes all access from somebody who has some: a user that is only made has none yet. */
export const deniesAccess = ({ purpose, cls }: Pick<Step, 'purpose' | 'cls'>): boolean =>
  purpose === 'deny-everything' && cls === 'deny';

const delivery = object(
  {
    credential: oneOf(['access-key', 'password']),
    user: t.String(),
    to: orNull(t.String(), { description: 'age or ssh recipient.' }),
    known: list(t.String(), {
      description: 'Access keys that existed when the plan was made: all others are orphans of a lost reply.',
    }),
  },
  { description: 'The secret that the step makes, and for whom; never the secret itself.' },
);
export type Delivery = Static<typeof delivery>;

/** One IAM API call as data, run by the generic executor. */
export const stepSchema = object({
  id: t.String({ pattern: '^s\\d+$', description: '`s1`, `s2`, … in the order of the plan.' }),
  op: t.String({ description: 'Operation of the IAM API.' }),
  input: anyObject({ description: 'Its parameters.' }),
  needs: list(t.String(), { description: 'Steps that must have succeeded before.' }),
  change: t.String({ description: 'Id of the change that it carries out.' }),
  about: t.Unsafe<Ref>(
    t.String({
      description:
        'What the call is about: `user:dale/access-keys/AKIA…`, `user:dale/groups/admins`, `user:dale`.',
    }),
  ),
  touches: list(t.Unsafe<Ref>(t.String()), {
    description: 'Objects that it changes or rests on, by the names that they have then.',
  }),
  purpose: oneOf(purposes, {
    description: 'What it is for: the same operation can grant, deny everything or guard.',
  }),
  cls: oneOf(stepClasses, { description: 'When it may run, by what it does to access.' }),
  optional: t.Optional(
    constant(true, {
      description:
        'Where IAM refuses it, what waits for it goes on all the same: it makes sure, and nothing rests on it.',
    }),
  ),
  expect: t.Optional(
    map(t.Unsafe<Json>({}), {
      description:
        'Reads only: what the answer must hold, as dotted path → value; `Keys[].Id` collects a list, compared as a sorted set. Otherwise the step fails: somebody else changed the account meanwhile.',
    }),
  ),
  delivers: t.Optional(delivery),
});
export type Step = Call & Omit<Static<typeof stepSchema>, keyof Call>;

/** What a step is for, wherever it stands in the order. */
export type StepFacts = Omit<Step, keyof Call | 'id' | 'needs' | 'change' | 'touches'>;
