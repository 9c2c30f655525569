import { mark } from '../../core/marked.ts';
import { plural } from '../../core/text.ts';
import type { PolicyDanger } from '../../access/dangers.ts';
import { policyDangerWords } from '../danger-words.ts';
import { fill } from '../change.ts';
import type { Changes, DangerWords, Detail, FromTemplates, Words } from '../change.ts';
import { goes } from '../facts.ts';
import {
  factLine,
  factText as sharedFactText,
  policyElement,
  reasonTexts,
  sharedSummary,
  untilText,
} from '../words.ts';
import type { AccessKeyFact, CredentialFact, UserFacts } from './facts.ts';
import { undeliveredTag } from './state-tags.ts';
import { deliveryText } from './recipient.ts';

const credentialNames: { readonly [fact in CredentialFact['fact']]: string } = {
  'access-key': 'access key',
  'ssh-key': 'SSH public key',
  'signing-certificate': 'signing certificate',
  'service-credential': 'service credential',
};
const password = 'login profile (console password)';

type CredentialRef = Pick<CredentialFact, 'fact' | 'id'> & { readonly service?: string };

/** `service credential ACCA… (bedrock.amazonaws.com)` */
export const credentialText = ({ fact, id, service }: CredentialRef): string =>
  `${credentialNames[fact]} ${id}${service === undefined ? '' : ` (${service})`}`;

/** As manifests pin it. */
export const seconds = (instant: string): string => instant.replace(/\.\d+Z$/, 'Z');

const days = (n: number): string => plural(n, 'day');

const reasons = {
  ...reasonTexts,
  leaves: () => 'the person loses everything',
  suspends: () => 'everything is denied, and no credential works',
  'secret-lost': () => 'nobody seems to have its secret',
  'no-key-left': () => 'no key is left of it',
  'new-secret': () => 'a new secret gives the access that the user has',
  'new-password': () => 'a new password gives the access that the user has',
  'grace-over': () => 'the new key has been there for the grace period',
  /** Ages in days. */
  'successor-settled': ({ successor, age, grace }: { successor: string; age: number; grace: number }) =>
    `its successor ${mark(successor)} is ${days(age)} old, twice the grace period (${days(grace)}) or more`,
  replaces: () => 'the new key replaces the old one, which works until the grace period ends',
  undeclared: ({ credential }: { credential: 'access-key' | 'password' }) =>
    `no file declares ${credential === 'password' ? 'console access' : 'an access key'}`,
  /** Access keys; `exchanged`: a younger one stays, and an older one goes. */
  declared: ({ count, exchanged }: { count: number; exchanged: boolean }) =>
    `the file declares ${count}${exchanged ? ', and a younger key takes the place of the one that goes' : ''}`,
  'maker-unknown': () => 'IAM does not tell who made it',
  forbidden: () => 'the files forbid service credentials',
  reactivates: () => 'it gives the access that the user has',
  'state-tag': () => 'it is a tag that only rollcall reads',
  'holds-nothing': () => ['holds no policy', 'those of resources may name it'],
};
export type UserReason = FromTemplates<typeof reasons>;

interface Key {
  readonly id: string;
  readonly createdAt: string;
  readonly status: string;
}
/** Where the file pins it. */
interface Pinned {
  readonly place?: string;
}
export const at = ({ place }: Pinned): string => (place === undefined ? '' : ` (${place})`);
const markedPlace = ({ place }: Pinned): string => (place === undefined ? '' : ` (${mark(place)})`);

/** Dangers of credentials, the worst first: each names one, and none is an escalation. */
const dangers = {
  'swapped-key': {
    label: 'swapped key',
    /** `made`: nobody reviewed it; without, it is the reviewed one, and gone. */
    text: (danger: Pinned & { id: string; made?: Omit<Key, 'id'>; delivered?: true }) =>
      danger.made
        ? `access key ${mark(danger.id)} (made ${seconds(danger.made.createdAt)}, ${danger.made.status.toLowerCase()}) is not ` +
          `among accessKey.ids${markedPlace(danger)}${danger.delivered ? ': delivered here, not pinned yet' : ''}`
        : `access key ${mark(danger.id)}, pinned by accessKey.ids${markedPlace(danger)}, is gone`,
  },
  'swapped-password': {
    label: 'swapped password',
    /** When it was made; without that, the reviewed one is gone. */
    text: (danger: Pinned & { pinned: string; made?: string }) =>
      danger.made === undefined
        ? `the console password of ${danger.pinned}, pinned by console.createdAt${markedPlace(danger)}, is gone`
        : `the console password was made ${danger.made}, but console.createdAt${markedPlace(danger)} pins the one of ${danger.pinned}`,
  },
  'unknown-key': { label: 'unknown key', text: inItsPlace },
  'undelivered-key': {
    label: 'undelivered key',
    text: ({ id, createdAt, status }: Key, user: string) =>
      `the tag ${mark(undeliveredTag)} says that a run was killed before it delivered access key ${mark(id)} (made ${seconds(createdAt)}, ` +
      `never used), so it is ${status === 'Active' ? 'made inactive, and deleted by a later run' : 'deleted'} while it ` +
      `stays unused. Others may write that tag: ask ${mark(user)}, and whoever else may have the secret; if somebody has ` +
      'it, take the tag off and plan again',
  },
  'reactivated-credential': {
    label: 'reactivated credential',
    text: ({ credential }: { credential: CredentialRef }, user: string) =>
      `${mark(credentialText(credential))} works again: a tag of ${mark(user)} says that the suspension made it inactive, but others ` +
      `may write that tag. Ask ${mark(user)}, and whoever may have disabled it for a reason`,
  },
};
type DangerTexts = { readonly [Code in keyof typeof dangers]: (typeof dangers)[Code]['text'] };
export type UserDanger = FromTemplates<DangerTexts>;

export type UserChange = Changes<'user', UserFacts, UserReason, PolicyDanger | UserDanger>;
type UserFact = UserFacts[keyof UserFacts];

/** @param instead.of keys that were there before it. */
function inItsPlace({ key, instead }: { key: Key; instead: readonly Key[] }, user: string): string {
  const was = instead.map(
    (old) =>
      `${mark(old.id)}, there since ${seconds(old.createdAt)}, is ${old.status === 'Active' ? 'unused' : 'inactive'}`,
  );
  // One that is inactive comes back after a suspension.
  const [since, stop, call, more] =
    key.status === 'Active'
      ? ['active', 'make it inactive', 'update-access-key', ' --status Inactive']
      : ['there', 'delete it', 'delete-access-key', ''];
  return (
    `access key ${mark(key.id)}, ${since} since ${seconds(key.createdAt)}, stays, and ` +
    `${was.join(' and ')} and goes: unless ${mark(user)} made ${mark(key.id)}, ${stop} before this plan is applied ` +
    `(${mark(`aws iam ${call} --user-name ${user} --access-key-id ${key.id}${more}`)}), then plan again`
  );
}

function factText(fact: UserFact): string {
  switch (fact.fact) {
    case 'membership':
      return `member of ${fact.group}${untilText(fact.until)}`;
    case 'access-key':
    case 'ssh-key':
    case 'signing-certificate':
    case 'service-credential':
      return credentialFactText(fact);
    case 'password':
      return fact.after ? `${password}, ${deliveryText(fact)}` : password;
    case 'mfa-device':
      return `MFA device ${fact.serial}`;
    case 'suspension':
      return 'suspended: everything is denied';
    case 'state-tag':
      return `tag ${fact.key}`;
    default:
      return sharedFactText(fact);
  }
}

function credentialFactText(fact: CredentialFact): string {
  if (fact.before === null) return `access key, ${deliveryText(fact as AccessKeyFact)}`;
  if (fact.after !== null) return `${credentialText(fact)}: inactive`;
  return fact.fact === 'access-key'
    ? `${credentialText(fact)} (${fact.before.toLowerCase()})`
    : credentialText(fact);
}

const lastUse = (lastUsedAt: string | null): string =>
  lastUsedAt === null ? 'never used' : `last used ${lastUsedAt}`;

/** ` (my laptop)`: as it is called in the console. */
const calledText = ({ description }: Pick<AccessKeyFact, 'description'>): string =>
  description === undefined || description === '' ? '' : ` (${description})`;

function rotationSummary(fact: AccessKeyFact): string {
  const { id, after, rotation: old } = fact;
  if (!old) return '';
  const used = lastUse(old.lastUsedAt);
  if (id === null) return `access key +1: ${old.id} is ${days(old.days)} old (${used})`;
  if (after === null) return `access key -${id}${calledText(fact)}: rotated out (${used})`;
  const deleted = old.deletion?.due ? 'by the next run' : `from ${old.deletion?.from} on`;
  return `access key ${id}: rotated out, inactive (${used}), deleted ${deleted}`;
}

function undeliveredSummary(facts: readonly UserFact[]): string {
  const keys = facts.filter((fact) => fact.fact === 'access-key');
  const ids = (gone: boolean, sign = ''): string =>
    keys
      .filter((key) => goes(key) === gone)
      .map(({ id }) => `${sign}${id}`)
      .join(' ');
  const texts = [
    ...(ids(false) === '' ? [] : [`access key ${ids(false)}: made, but never delivered, inactive`]),
    ...(ids(true) === '' ? [] : [`access key ${ids(true, '-')} (never delivered)`]),
  ];
  return texts.join('; ') || 'mark of an unfinished delivery -';
}

function accessKeySummary(facts: readonly AccessKeyFact[]): string {
  const gone = facts.filter(goes).map((fact) => `-${fact.id}${calledText(fact)}`);
  return `access key ${gone.length > 0 ? gone.join(' ') : `+${facts.length}`}`;
}

function summary(change: UserChange): string {
  switch (change.aspect) {
    case 'object':
      return change.expired === undefined
        ? `${change.action}${untilText(change.until)}`
        : `${change.action} (expired ${change.expired})`;
    case 'accessKey':
      return accessKeySummary(change.facts);
    case 'keyPins':
      return `access key ${change.facts.map(({ id }) => id).join(', ')}: not pinned`;
    case 'rotation':
      return change.facts.map(rotationSummary).join('');
    case 'undelivered':
      return undeliveredSummary(change.facts);
    case 'console':
      return `${password} ${change.facts.some(goes) ? '-' : '+'}`;
    case 'passwordPin':
      return `${password}: not the pinned one`;
    case 'serviceCredentials':
      return `service credential ${change.facts.map(({ id, service }) => `-${id} (${service})`).join(' ')}`;
    case 'suspended':
      return 'suspend';
    case 'reactivated':
      return `no longer suspended: ${change.facts.map(credentialText).join(', ')} active again`;
    case 'record':
      return 'record of a suspension -';
    default:
      return sharedSummary(change);
  }
}

const say = (text: string): Detail => ({ sign: ' ', text });

const whatToDo = (user: string, itIs: string, commands: readonly string[]): Detail[] => [
  say(`if ${itIs} ${user}'s: rollcall pin ${user}, and have the change of the file reviewed`),
  say(`if not: suspended: true; or ${commands.join(' and ')}, and plan again`),
];

function details(change: UserChange): Detail[] {
  const { name } = change;
  switch (change.aspect) {
    case 'object':
      return change.facts.map((fact) =>
        fact.fact === 'suspension' ? say(factText(fact)) : factLine(fact, factText),
      );
    case 'suspended':
      return change.facts.flatMap((fact) => (fact.fact === 'suspension' ? [] : factLine(fact, factText)));
    case 'tags':
      return change.facts.map((fact) => factLine(fact, factText));
    case 'accessKey':
    case 'console':
      return change.facts
        .filter((fact) => !goes(fact))
        .slice(0, 1)
        .map((fact) => say(deliveryText(fact)));
    case 'rotation':
      return change.facts.flatMap(rotationDetails(name));
    case 'keyPins':
      return [
        ...whatToDo(
          name,
          change.facts.length === 1 ? 'it is' : 'they are',
          change.facts.map(({ id }) => `aws iam delete-access-key --user-name ${name} --access-key-id ${id}`),
        ),
        ...(change.facts.some(({ unpinned }) => unpinned?.holdsUp)
          ? [say('until then none of the keys is deactivated or deleted')]
          : []),
      ];
    case 'passwordPin':
      return whatToDo(name, 'it is', [`aws iam delete-login-profile --user-name ${name}`]);
    default:
      return [];
  }
}

/** IAM does not tell who made a key: one that somebody made by hand looks like the rotation's own. */
export const succession = (user: string, successor: string): string =>
  `${successor} is taken for its successor; if ${user} did not receive it, delete it`;

const rotationDetails =
  (user: string) =>
  (fact: AccessKeyFact): Detail[] => {
    if (fact.before === null) return [say(deliveryText(fact))];
    const { successor } = fact.rotation ?? {};
    return goes(fact) || successor === undefined ? [] : [say(succession(user, successor))];
  };

function danger(one: NonNullable<UserChange['dangers']>[number], { name }: UserChange): DangerWords {
  if (!Object.hasOwn(dangers, one.code)) return policyDangerWords(one as never);
  const { label, text } = dangers[one.code as keyof typeof dangers];
  return { label, text: (text as (params: typeof one, user: string) => string)(one, name) };
}

export const userWords: Words<UserChange> = {
  leaves: 'removed with all credentials',
  summary,
  details,
  fact: factText,
  element: (fact, { aspect }) => {
    if (fact.fact === 'service-credential') return [`the ${credentialText(fact)}`, 'which the files forbid'];
    if (fact.fact === 'password' && aspect === 'console')
      return [`the ${password}`, 'which no file declares'];
    if (fact.fact === 'suspension') return ['the suspension that the files declare', ''];
    if (fact.fact !== 'access-key' || aspect !== 'accessKey') return policyElement(fact);
    return [fact.id === null ? 'an access key' : `the access key ${fact.id}`, 'which no file declares'];
  },
  due: ['rotation', 'undelivered', 'reactivated', 'record'],
  reason: (one) => fill(reasons, one),
  danger,
};
export const userDangerLabels = Object.values(dangers).map(({ label }) => label);
