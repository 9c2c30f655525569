import { isAwsManaged } from '../../core/arn.ts';
import { sortedKeys } from '../../core/json.ts';
import { limits } from '../../core/limits.ts';
import { sameName, spellingIn } from '../../core/names.ts';
import type { AccessKey, PolicyDocument, Tags, User } from '../../core/state.ts';
import { sameMeaning } from '../../policy/index.ts';
import { denyAll } from '../../access/documents.ts';
import { inlineNamed, offboardingDeny, suspendedDeny, withoutInline } from '../access.ts';

/**
 * On a user while an access key is on its way: when by AWS's clock it was put, and the ids of the keys that existed
 * before (`none` where none did). So what a killed run leaves is known in IAM alone. Whoever may tag users can write it
 * as well: it is a reason to look at a key, never to delete one (`undelivered`).
 *
 * A key that was found that way is noted in it, until a later run deletes the key: `<time> undelivered <ids>`, behind
 * the part of a delivery that is under way, if there is one.
 */
export const undeliveredTag = 'rollcall-undelivered';

/** A run makes the key within seconds after its tag; what was made later is somebody else's. */
export const deliveryMinutes = 15;

/** One part of the tag's value. `found`: the ids are of keys that an earlier run took for undelivered and made inactive. */
export interface StateTagPart {
  /** ISO 8601, whole seconds. */
  readonly at: string;
  readonly ids: readonly string[];
  readonly found: boolean;
}

const isTime = (word: string): boolean =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(word) && !Number.isNaN(Date.parse(word));

/** A user has no two tags whose keys differ only in case, and the first spelling may be somebody else's. */
const stateTagIn = (tags: Tags): string | undefined => {
  const key = spellingIn(Object.keys(tags), undeliveredTag);
  return key === undefined ? undefined : tags[key];
};

/** What was written by hand or by an older version has no time, and no part. */
export function stateTagParts(tags: Tags): readonly StateTagPart[] | null {
  const value = stateTagIn(tags);
  if (value === undefined) return null;
  const words = value.split(' ');
  return words.flatMap((at, index) => {
    if (!isTime(at)) return [];
    const rest = words.slice(index + 1);
    const end = rest.findIndex(isTime);
    const part = end < 0 ? rest : rest.slice(0, end);
    const found = part[0] === foundWord;
    return [{ at, found, ids: part.slice(found ? 1 : 0).filter((id) => id !== noneWord) }];
  });
}

const foundWord = 'undelivered';
const noneWord = 'none';

/** The value of the tag, which may hold `_.:/=+-@`, letters, digits and spaces: at most 256 characters. */
export const foundValue = (parts: readonly StateTagPart[]): string =>
  parts
    .filter(({ found }) => found)
    .map(({ at, ids }) => [at, foundWord, ...ids].join(' '))
    .join(' ');

/** The same for a delivery that begins; the time comes before it when it is written (aws/secrets.ts). */
export const undeliveredValue = (known: readonly string[], found: readonly StateTagPart[] = []): string =>
  [known.join(' ') || noneWord, foundValue(found)].filter((part) => part !== '').join(' ');

/** What the tag makes of a user's keys. */
export interface Undelivered {
  /** Taken for undelivered now: to be made inactive. */
  readonly fresh: readonly AccessKey[];
  /** Taken for undelivered by an earlier run, and unused since: to be deleted. */
  readonly found: readonly AccessKey[];
  /** What is left of the tag after that. */
  readonly parts: readonly StateTagPart[];
}

/**
 * Keys whose secret nobody seems to have; null where the user has no such tag. Only a key that was made in the minutes
 * after its tag, that was never used, and of which no delivery is known here: anything else is the person's own.
 *
 * @param delivered ids of keys whose delivery is known here.
 */
export function undelivered(
  live: User,
  keys: readonly AccessKey[],
  delivered: ReadonlySet<string>,
): Undelivered | null {
  const parts = stateTagParts(live.tags);
  if (parts === null) return null;
  const fits = ({ id, createdAt, lastUsedAt }: AccessKey, { at }: StateTagPart): boolean => {
    const age = Date.parse(createdAt) - Date.parse(at);
    return age >= 0 && age <= deliveryMinutes * 60_000 && lastUsedAt === null && !delivered.has(id);
  };
  const found = keys.filter(
    (key) =>
      key.status === 'Inactive' &&
      parts.some((part) => part.found && part.ids.includes(key.id) && fits(key, part)),
  );
  const of = new Map(
    keys
      .filter((key) => !found.includes(key))
      .flatMap((key) => {
        const part = parts.find((one) => !one.found && !one.ids.includes(key.id) && fits(key, one));
        return part ? [[key, part] as const] : [];
      }),
  );
  return {
    fresh: [...of.keys()],
    found,
    parts: [...of].map(([{ id }, { at }]) => ({ at, ids: [id], found: true })),
  };
}

/** A delivery was cut short: which of the keys somebody got is not clear. */
export const isUndelivered = (live: User): boolean => stateTagIn(live.tags) !== undefined;

/**
 * On a suspended user: the ids of the credentials that rollcall made inactive, so that they, and not what somebody else
 * had disabled, can come back. Where one tag has no room, over several. Whoever may tag users can write it as well.
 */
const recordTag = 'rollcall-deactivated';

const isRecord = (key: string): boolean => sameName(key.replace(/-\d+$/, ''), recordTag);

export const recordKeys = (tags: Tags): string[] => sortedKeys(tags).filter(isRecord);

/** The ids in the record. */
export const recorded = (tags: Tags): ReadonlySet<string> =>
  new Set(recordKeys(tags).flatMap((key) => tags[key]!.split(' ')));

export function recordOf(ids: Iterable<string>): Tags {
  const values: string[] = [];
  for (const id of ids) {
    const longer = `${values.at(-1)} ${id}`;
    if (values.length > 0 && longer.length <= limits.tagValue) values[values.length - 1] = longer;
    else values.push(id);
  }
  return Object.fromEntries(
    values.map((value, index) => [index === 0 ? recordTag : `${recordTag}-${index + 1}`, value]),
  );
}

/**
 * The console keeps what somebody calls an access key in a tag of the user whose key is the key's id: it belongs to the
 * access key. Source: IAM User Guide, "Permissions required to manage access keys".
 */
export const isKeyDescription = (key: string): boolean => /^AKIA[A-Z0-9]{12,}$/.test(key);

/** Tags that rollcall keeps for itself, and those of access keys, are nobody's drift. */
export const withoutStateTags = (tags: Tags): Tags =>
  Object.fromEntries(
    Object.entries(tags).filter(
      ([key]) =>
        !sameName(key, undeliveredTag) &&
        !sameName(key, managedTag) &&
        !isRecord(key) &&
        !isKeyDescription(key),
    ),
  );

/** A tag that people may give to what is in the files. It is a help for the eye: nothing goes by it. */
export const managedTag = 'rollcall-managed';

const isDenyAll = (document: PolicyDocument | undefined): boolean =>
  document !== undefined && sameMeaning(document, denyAll);

export const isAwsDenyAll = (arn: string | null): boolean =>
  arn !== null && isAwsManaged(arn) && arn.endsWith('/AWSDenyAll');

/** By what it says: a policy that only bears the name denies nothing. */
const denyingInline = ({ policies }: User, name: string): string | undefined => {
  const found = inlineNamed(policies, name);
  return isDenyAll(found?.document) ? found?.name : undefined;
};
export const suspendedInline = (live: User): string | undefined => denyingInline(live, suspendedDeny);

/** Our deny is in place: inline, or where there was no room as the boundary. */
export const isSuspended = (live: User): boolean =>
  suspendedInline(live) !== undefined || isAwsDenyAll(live.boundary);

/**
 * A suspended user as it would be without our deny: what is left is compared with the file as anybody's.
 *
 * @param inline name of the policy that holds the deny, or will: what another policy of that name says goes with it.
 */
export const withoutDeny = (desired: User, live: User, inline?: string): User => ({
  ...live,
  policies: inline === undefined ? live.policies : withoutInline(live.policies, inline),
  boundary: isAwsDenyAll(live.boundary) ? desired.boundary : live.boundary,
});

/** The offboarding has begun: of what it made inactive, nothing ever comes back. */
export const isLeaving = (live: User): boolean => denyingInline(live, offboardingDeny) !== undefined;

/** The user was suspended, and not on the way out. */
export const wasSuspended = (live: User, desired?: User): boolean =>
  !isLeaving(live) &&
  (suspendedInline(live) !== undefined ||
    (isAwsDenyAll(live.boundary) && live.boundary !== desired?.boundary));

/** An earlier run left something that only a look at the credentials can finish. */
export const isUnfinished = (live: User): boolean =>
  isUndelivered(live) || isSuspended(live) || isLeaving(live);
