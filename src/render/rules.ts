/** What changed without an API call, in words. */
import { isCommit } from '../core/commit.ts';
import { scalarText, stableJson } from '../core/json.ts';
import type { Json } from '../core/json.ts';
import { plain } from '../core/marked.ts';
import { sameName } from '../core/names.ts';
import { unsetRemovals } from '../core/rails.ts';
import { parseRef } from '../core/references.ts';
import type { Ref } from '../core/references.ts';
import { listSome, listWords } from '../core/text.ts';
import { defaultGrace, kinds, policyDangerLabelOf, shownRecipient } from '../kinds/index.ts';
import type { Change, WordedPlan } from '../kinds/plan.ts';
import type { Rule, WordedRule } from '../kinds/rule.ts';
import { instantText, policyLabel } from '../kinds/words.ts';
import { sentencesOf, wordsOf } from './kind-words.ts';

const rulesTitle = 'Changed rules';

/** Whether the rule is looser, or may be. */
export const isLooser = ({ effect }: Pick<Rule, 'effect'>): boolean =>
  effect === 'widens' || effect === 'unclear';

/** How a renderer marks other people's text. */
type Mark = (text: string) => string;
const bare: Mark = (text) => text;

/** `Changed rules since 1a2b3c4`. */
export const rulesHeading = ({ base }: Pick<WordedPlan, 'base'>, mark = bare): string =>
  `${rulesTitle}${base === null ? '' : ` since ${mark(revText(base.rev))}`}`;

/** A full hash says no more to people than its beginning. */
const revText = (rev: string): string => (isCommit(rev) ? rev.slice(0, 12) : rev);

/** What is known of rules, where no list of them says it. */
export function baseLine({ base, rules }: Pick<WordedPlan, 'base' | 'rules'>, mark = bare): string | null {
  if (base === null) return 'Rules were not compared (no --base).';
  const rev = mark(revText(base.rev));
  if (base.why !== undefined) return `Rules could not be compared with ${rev}: ${mark(base.why)}.`;
  if (base.isEmpty) return `There were no manifests at ${rev}: every rule is new.`;
  return rules.length === 0 ? `No rule changed since ${rev}.` : null;
}

/** Nothing changes, as far as is known. */
export const isSettled = ({
  changes,
  rules,
  base,
}: Pick<WordedPlan, 'changes' | 'rules' | 'base'>): boolean =>
  changes.length + rules.length === 0 && base?.why === undefined;

/** Above the rails that the base would have tripped. */
export const relaxedTitle = ({ base }: Pick<WordedPlan, 'base'>, mark = bare): string =>
  `Looser rails: with those of ${mark(revText(base?.rev ?? 'the base'))} this plan would be refused`;

export const ruleEffect: { readonly [effect in Rule['effect']]: string } = {
  widens: 'loosens',
  narrows: 'tightens',
  unclear: 'may loosen',
  none: 'no effect on access',
};

export const ruleSign = ({ before, after }: Pick<Rule, 'before' | 'after'>): '+' | '-' | '~' =>
  isSet(before) ? (isSet(after) ? '~' : '-') : isSet(after) ? '+' : '~';
const isSet = (value: Json): boolean => value !== null && value !== false;

/** Whom nobody should overlook, each with what they are: `administrator`, `user ben`. */
export const ruleDangers = ({ dangers = [] }: Pick<Rule, 'dangers'>): { label: string; text: string }[] => {
  const groups = new Map<string, string[]>();
  for (const { principal, code } of dangers) {
    const label = policyDangerLabelOf(code);
    groups.set(label, [...(groups.get(label) ?? []), principal]);
  }
  return [...groups].map(([label, principals]) => ({ label, text: refsText(principals) }));
};

/** How many names a line has. */
const most = 8;

/** `users anna, ben and 3 more`. */
function refsText(refs: readonly Ref[]): string {
  const groups = new Map<string, string[]>();
  for (const ref of refs) {
    const { kind, name } = parseRef(ref);
    groups.set(kind, [...(groups.get(kind) ?? []), name]);
  }
  return [...groups]
    .map(([kind, names]) => {
      const { only, plural = `${kind}s` } = kinds.find(({ name }) => name === kind) ?? {};
      if (only !== undefined) return kind.replaceAll('-', ' ');
      return `${names.length === 1 ? kind : plural} ${listSome(names, most)}`;
    })
    .join('; ');
}

export const wordedRule = (rule: Rule): WordedRule => {
  const [text, reason] = words[rule.rule](rule);
  return { ...rule, text, reason };
};

type Say = (rule: Rule) => readonly [text: string, reason: string];

/** `5 → 500`; `unset (1) → 5`. */
const moved = (
  { before, after }: Pick<Rule, 'before' | 'after'>,
  say: (value: Exclude<Json, null>) => string = String,
  unset = 'none',
): string => [before, after].map((value) => (value === null ? unset : say(value))).join(' → ');

const bySense = (
  { effect }: Rule,
  texts: { readonly [effect in Rule['effect']]?: string },
  otherwise = '',
): string => texts[effect] ?? otherwise;

/** Who reviews a plan should know that it was not checked with what was in force before. */
const checked = (rule: Rule, reason: string): string =>
  isLooser(rule) ? `${reason}; this plan was checked with the looser rail` : reason;

const of = ({ of: refs }: Rule): string => refsText(refs);
const names = (value: Json): string[] => (Array.isArray(value) ? value.map(String) : []);

/** `-root +deploy`, in any spelling. */
function differences(before: Json, after: Json, say: (name: string) => string = (name) => name): string {
  const [was, is] = [names(before), names(after)];
  const missing = (all: readonly string[], others: readonly string[]): string[] =>
    all.filter((name) => !others.some((other) => sameName(other, name)));
  return [
    ...missing(is, was).map((name) => `+${say(name)}`),
    ...missing(was, is).map((name) => `-${say(name)}`),
  ].join(' ');
}

const words: { readonly [rule in Rule['rule']]: Say } = {
  expiry: (rule) => [
    `${endingText(rule.key ?? '')}: expiry ${moved(rule, (at) => instantText(scalarText(at)))}`,
    bySense(
      rule,
      {
        widens: rule.after === null ? 'does not end by itself any more' : 'lasts longer',
        narrows: rule.before === null ? 'ends by itself' : 'ends sooner',
      },
      'it has ended all the same',
    ),
  ],
  'max-removals': (rule) => [
    `rails.maxRemovals: ${rule.key} ${moved(rule, String, `unset (${unsetRemovals(rule.key ?? '')})`)}`,
    checked(
      rule,
      bySense(
        rule,
        { widens: 'more may go in one plan', narrows: 'fewer may go in one plan' },
        'the same as without it',
      ),
    ),
  ],
  protect: (rule) => [
    `rails.protect.${rule.key}: ${differences(rule.before, rule.after)}`,
    checked(
      rule,
      bySense(rule, { widens: 'plans may touch what it named', narrows: 'no plan may touch them' }),
    ),
  ],
  'min-members': (rule) => [
    `rails.minMembers: ${rule.key} ${moved(rule, String, 'unset')}`,
    checked(
      rule,
      bySense(
        rule,
        { widens: 'fewer members are enough', narrows: 'more members are needed' },
        'the same as without it',
      ),
    ),
  ],
  deny: denyWords,
  scope: scopeWords,
  declared: (rule) => [
    `${of(rule)}: declared as the account has ${them(rule)}`,
    `without it nothing in the files speaks for ${them(rule)}`,
  ],
  undeclared: (rule) => [
    `${of(rule)}: in no file any more`,
    bySense(
      rule,
      { unclear: `rollcall leaves ${them(rule)} alone from now on` },
      `the account does not have ${them(rule)} either`,
    ),
  ],
  'as-it-is': (rule) => {
    const change = rule.change as unknown as Change;
    const summary = wordsOf(change).summary(change);
    const why = sentencesOf(change, change).map(plain).join('; ');
    return [`${of(rule)}: ${plain(summary)}; the account is so already`, why];
  },
  'access-keys': (rule) => [
    `${of(rule)}: access keys ${moved(rule, String, '0')}`,
    'the account is so already',
  ],
  password: (rule) => [
    `${of(rule)}: console password ${rule.after === null ? 'not declared any more' : 'declared'}`,
    'the account is so already',
  ],
  suspended: (rule) => [
    `${of(rule)}: ${rule.after === null ? 'not suspended any more' : 'suspended'}`,
    'the account is so already',
  ],
  recipient: (rule) => {
    const secret = rule.key?.startsWith('console') ? 'password' : 'access key';
    return [
      `${of(rule)}: ${rule.key} ${moved(rule, (to) => shownRecipient(scalarText(to)))}`,
      bySense(rule, { unclear: `the next ${secret} goes there` }, `the next ${secret} has no recipient`),
    ];
  },
  'rotate-after': (rule) => [
    `${of(rule)}: ${rule.key} ${moved(rule, days)}`,
    bySense(rule, {
      widens: rule.after === null ? 'keys are not rotated any more' : 'keys may grow older',
      narrows: 'keys are rotated sooner',
    }),
  ],
  grace: (rule) => [
    `${of(rule)}: ${rule.key} ${moved(rule, days, `unset (${days(defaultGrace)})`)}`,
    bySense(
      rule,
      { widens: 'a rotated key stays valid for longer', narrows: 'a rotated key ends sooner' },
      'the same as without it',
    ),
  ],
  pins: (rule) => [
    `${of(rule)}: ${rule.key} ${Array.isArray(rule.before ?? rule.after) ? differences(rule.before, rule.after) : moved(rule)}`,
    bySense(rule, {
      widens: 'whatever is there will do',
      unclear: 'it counts as reviewed from now on',
      narrows: 'only what is pinned counts as reviewed',
    }),
  ],
  revoke: (rule) => [
    `${of(rule)}: sessions ${rule.after === true ? 'end' : 'no longer end'} where its access narrows`,
    rule.after === true
      ? 'those that began before are denied everything then'
      : 'those that began before keep what they may do',
  ],
  'service-credentials': (rule) => [
    `${of(rule)}: service credentials ${rule.after === null ? 'allowed' : 'forbidden'}`,
    bySense(rule, { widens: 'those that people enrol stay', narrows: 'those that people enrol go' }),
  ],
  description: (rule) => [`${of(rule)}: description`, 'IAM keeps the one that it has'],
  tags: (rule) => [
    `${of(rule)}: tags ${rule.after === true ? 'declared' : 'not declared any more'}`,
    rule.after === true ? 'the account has them already' : 'whatever tags it has will do',
  ],
  thumbprints: (rule) => [
    `${of(rule)}: thumbprints ${rule.after === true ? 'declared' : 'not declared any more'}`,
    rule.after === true ? 'the provider has them already' : 'whatever thumbprints it has will do',
  ],
};

const days = (n: Json): string => `${scalarText(n)}d`;
const them = ({ of: refs }: Rule): string => (refs.length === 1 ? 'it' : 'them');

/** What ends: `user ben`, `user ben in group admins`, `policy aws:ReadOnlyAccess of user ben`. */
function endingText(ref: Ref): string {
  const { kind, name, part } = parseRef(ref);
  const [aspect, other = ''] = part;
  switch (aspect) {
    case 'groups':
      return `${kind} ${name} in group ${other}`;
    case 'members':
      return `user ${other} in ${kind} ${name}`;
    case 'attach':
      return `policy ${policyLabel(other)} of ${kind} ${name}`;
    default:
      return `${kind} ${name}`;
  }
}

function denyWords(rule: Rule): readonly [string, string] {
  const { key = '', before, after } = rule;
  const person = (ref: string): string => refsText([ref]);
  const except = (refs: Json): string =>
    names(refs).length > 0 ? ` except ${listWords(names(refs).map(person), 'and')}` : '';
  if (after === null) return [`rails.deny: -${key}`, checked(rule, 'plans may bring it to anybody')];
  if (before === null)
    return [
      `rails.deny: +${key}${except(after)}`,
      checked(
        rule,
        isLooser(rule) ? 'whom it excepts, other entries may have denied it' : 'no plan may bring it',
      ),
    ];
  return [
    `rails.deny: ${key} except ${differences(before, after, person)}`,
    checked(
      rule,
      bySense(rule, { widens: 'plans may bring it to more people', narrows: 'plans may bring it to fewer' }),
    ),
  ];
}

function scopeWords(rule: Rule): readonly [string, string] {
  const { key, before, after, out = [], told = 0 } = rule;
  const [was, is] = [before, after] as unknown as [Scope, Scope];
  const into = rule.of.filter((ref) => !out.includes(ref));
  const lists = (['ignore', 'removed'] as const).flatMap((list) => {
    const patterns = differences(was[list] ?? [], is[list] ?? []);
    return patterns === '' ? [] : [`${list}.${key}: ${patterns}`];
  });
  const [from, to] = [was, is].map(({ manage = 'all' }) => manageText(manage));
  const text = [
    ...lists,
    ...(from === to ? [] : [`manage.${key}: ${from} → ${to}`]),
    ...(out.length > 0 ? [`out of scope: ${refsText(out)}`] : []),
    ...(into.length > 0 ? [`into scope: ${refsText(into)}`] : []),
    ...(told > 0 ? [`into scope, as the changes tell: ${told}`] : []),
    ...(rule.of.length + told === 0 ? ['concerns nothing that is there'] : []),
  ].join('; ');
  return [
    text,
    bySense(
      rule,
      {
        widens: 'what is out of scope is neither planned nor told as drift',
        narrows: 'what is in scope is planned, and removed where no file has it',
        unclear: 'what is out of scope is neither planned nor told as drift',
      },
      'the same as before',
    ),
  ];
}

/** What manifests say of the scope of a section. */
interface Scope {
  readonly ignore?: Json;
  readonly removed?: Json;
  readonly manage?: Json;
}

/** `declared`; `names *, !break-glass; paths /team/`. */
const manageText = (rule: Json): string =>
  typeof rule === 'string'
    ? rule
    : Object.entries(rule as { readonly [key: string]: Json })
        .map(([key, value]) => `${key} ${Array.isArray(value) ? value.join(', ') : stableJson(value)}`)
        .join('; ');
