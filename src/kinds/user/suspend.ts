import { objectRef, partRef } from '../../core/references.ts';
import type { Ref } from '../../core/references.ts';
import { byText } from '../../core/json.ts';
import { limits } from '../../core/limits.ts';
import type { AccessKey, User } from '../../core/state.ts';
import { listWords } from '../../core/text.ts';
import { suspendedDeny } from '../access.ts';
import { makeChange } from '../change.ts';
import type { Context, Draft, StepDraft } from '../kind.ts';
import { tagList } from '../tags.ts';
import {
  isKeyDescription,
  isLeaving,
  isSuspended,
  recorded,
  recordKeys,
  recordOf,
  wasSuspended,
} from './state-tags.ts';
import { credentialOf, heldAccessKeys, heldBesides, factFields, isActive } from './credential-calls.ts';
import type { HeldCredential } from './credential-calls.ts';
import type { CredentialFact } from './facts.ts';
import { deactivate, denyStep, pin } from './offboard.ts';
import type { UserWithCredentials } from './offboard.ts';
import { credentialText } from './words.ts';
import type { UserChange } from './words.ts';

/**
 * The first steps of an offboarding, and the user stays: everything denied, every credential inactive, the
 * password gone. Nothing where that is so already.
 */
export function suspend(desired: User, user: UserWithCredentials, context: Context): Draft<UserChange>[] {
  const deny = isSuspended(user) ? [] : denyStep(user, context.live.partition, suspendedDeny).put;
  const off = deactivate(user);
  if (deny.length + off.length === 0) return [];
  const { credentials } = user;
  const inactive = (one: HeldCredential): CredentialFact => ({
    ...factFields(one),
    before: one.status,
    after: 'Inactive',
  });
  const change = makeChange({
    kind: 'user',
    name: user.name,
    aspect: 'suspended',
    action: 'update',
    effect: 'narrows',
    reasons: [{ code: 'suspends' }],
    facts: [
      { fact: 'suspension', before: false, after: true },
      ...heldAccessKeys(credentials).filter(isActive).map(inactive),
      ...(credentials.loginProfile ? [{ fact: 'password', before: true, after: false } as const] : []),
      ...heldBesides(credentials).filter(isActive).map(inactive),
    ],
    before: { suspended: false },
    after: { suspended: true },
  });
  const denied = partRef(objectRef('user', user.name), 'denied');
  const first = [pin(user), ...deny].map((step, index) => ({ ...step, chained: index > 0 }));
  const steps: StepDraft[] = [
    ...first.slice(0, -1),
    { ...first.at(-1)!, creates: [denied] },
    // Before the credentials, so that a killed run leaves it. They do not wait for it: a record is not worth an open door.
    ...record(desired, user, context).map((step) => ({ ...step, uses: [denied] })),
    ...off.map((step, index) => ({ ...step, uses: [...(step.uses ?? []), denied], chained: index > 0 })),
  ];
  return [{ change, steps }];
}

/** What is made inactive now, and what an earlier run did. Of an offboarding that had begun, nothing. */
function record(desired: User, user: UserWithCredentials, context: Context): StepDraft[] {
  if (isLeaving(user)) return [];
  const known = recorded(user.tags);
  const all = [...heldAccessKeys(user.credentials), ...heldBesides(user.credentials)];
  const ids = all.filter((one) => isActive(one) || known.has(one.id)).map(({ id }) => id);
  if (!all.some(isActive)) return [];
  const tags = recordOf(ids.sort(byText));
  const count = new Set([...Object.keys(user.tags), ...Object.keys(tags)]).size;
  const described = Object.keys(user.tags).filter(isKeyDescription).length;
  const wanted = Object.keys(desired.tags).length + Object.keys(tags).length + described;
  if (Math.max(count, wanted) > limits.tagsPerResource) {
    context.note(
      `user ${user.name}: there is no room for the tag that records what the suspension makes inactive, so all of ` +
        `it stays inactive when suspended goes from the file`,
    );
    return [];
  }
  return [
    {
      op: 'TagUser',
      input: { UserName: user.name, Tags: tagList(tags) },
      about: partRef(objectRef('user', user.name), 'tags'),
      purpose: 'record-suspension',
      cls: 'disable',
      optional: true,
    },
  ];
}

/**
 * What the suspension made inactive works again: access keys up to the declared number, and all else. The deny goes as
 * any policy that no file declares; a password is re-created. The record is in tags, which others may write too: what no
 * file pins is a danger, a change of its own; and where a file pins a user's keys, no other key comes back.
 *
 * @param keys in the order in which they stay where there are more than declared.
 * @param going which keys this plan deletes, given those that come back: of them there is nothing more to say.
 */
export function reactivate(
  desired: User,
  live: User,
  keys: readonly AccessKey[],
  going: (back: ReadonlySet<string>) => readonly string[],
  context: Context,
): { readonly id: string; readonly draft: Draft<UserChange> }[] {
  if (!live.credentials || !(isLeaving(live) || wasSuspended(live, desired))) return [];
  const { count: wanted = 0, ids: pinned } = desired.accessKey ?? {};
  const known = isLeaving(live) ? new Set<string>() : recorded(live.tags);
  // Where the file says which keys were reviewed, a tag says nothing about others.
  const reviewed = ({ id }: { readonly id: string }): boolean => pinned?.includes(id) ?? true;
  const due = keys.filter((key) => isActive(key) || (known.has(key.id) && reviewed(key))).slice(0, wanted);
  const all = [
    ...heldAccessKeys({ accessKeys: keys }),
    // What the files forbid goes anyway.
    ...heldBesides(live.credentials).filter(
      ({ fact }) => !desired.forbidsServiceCredentials || fact !== 'service-credential',
    ),
  ];
  const off = all.filter((one) => !isActive(one));
  const again = off.filter(
    ({ id, fact }) => known.has(id) && (fact !== 'access-key' || due.some((key) => key.id === id)),
  );
  const stay = (those: readonly HeldCredential[], why: string): void => {
    if (those.length === 0) return;
    const names = listWords(those.map(credentialText), 'and');
    context.note(
      `user ${desired.name}: ${names} ${those.length === 1 ? 'stays' : 'stay'} inactive: ${why}; make active by ` +
        `hand what ${desired.name} is to have back`,
    );
  };
  const gone = going(new Set(again.map(({ id }) => id)));
  const left = off.filter((one) => !again.includes(one) && !gone.includes(one.id));
  if (isLeaving(live)) stay(left, 'the offboarding had begun');
  else {
    const unreviewed = left.filter((one) => known.has(one.id) && one.fact === 'access-key' && !reviewed(one));
    stay(unreviewed, 'accessKey.ids does not name it');
    stay(
      left.filter((one) => known.has(one.id) && !unreviewed.includes(one)),
      `the file declares ${wanted === 0 ? 'no access key' : wanted}`,
    );
    stay(
      left.filter(({ id }) => !known.has(id)),
      'no record says that the suspension did that',
    );
  }
  return again.map((one) => ({
    id: one.id,
    draft: comeBack(desired, one, pinned?.includes(one.id) ?? false),
  }));
}

function comeBack({ name }: User, one: HeldCredential, pinned: boolean): Draft<UserChange> {
  const { id, fact, status } = one;
  const { about, setStatus } = credentialOf[fact](name, id);
  const credential = factFields(one);
  return {
    change: makeChange({
      kind: 'user',
      name,
      aspect: 'reactivated',
      part: ['suspended', id],
      action: 'update',
      effect: 'widens',
      reasons: [{ code: 'reactivates' }],
      ...(pinned ? {} : { dangers: [{ code: 'reactivated-credential', credential }] }),
      facts: [{ ...credential, before: status, after: 'Active' }],
      before: { inactive: [id] },
      after: { inactive: [] },
    }),
    steps: [
      {
        ...setStatus('Active'),
        about,
        purpose: 'reactivate-credential',
        // Everything is denied still: so it opens nothing yet, and a killed run finds the deny and goes on.
        cls: 'neutral',
        uses: [objectRef('user', name)],
        removes: [inactiveRef(name, id)],
      },
    ],
  };
}

const inactiveRef = (name: string, id: string): Ref => partRef(objectRef('user', name), 'inactive', id);
/** Each of what the suspension made inactive, as long as it is so. */
export const inactiveRefs = ({ name, tags }: User): Ref[] =>
  [...recorded(tags)].map((id) => inactiveRef(name, id));
export const recordRef = (name: string): Ref => partRef(objectRef('user', name), 'record');

/** The record of a suspension that is over, or of one that became an offboarding. */
export function clearRecord({ name }: User, live: User): Draft<UserChange>[] {
  const keys = recordKeys(live.tags);
  if (keys.length === 0) return [];
  return [
    {
      change: makeChange({
        kind: 'user',
        name,
        aspect: 'record',
        part: ['suspended', 'record'],
        action: 'update',
        effect: 'none',
        reasons: [{ code: 'state-tag' }],
        facts: keys.map((key) => ({ fact: 'state-tag', key, before: live.tags[key]!, after: null }) as const),
        before: { record: keys },
        after: { record: [] },
      }),
      steps: [
        {
          op: 'UntagUser',
          input: { UserName: name, TagKeys: keys },
          about: partRef(objectRef('user', name), 'tags'),
          purpose: 'clear-suspension',
          cls: 'neutral',
          uses: [objectRef('user', name)],
          removes: [recordRef(name)],
          after: inactiveRefs(live),
        },
      ],
    },
  ];
}
