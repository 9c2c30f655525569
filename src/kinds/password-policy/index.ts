import type { PasswordPolicy as Answer } from '@aws-sdk/client-iam';
import { objectRef } from '../../core/references.ts';
import { makeChange } from '../change.ts';
import type { Draft, Kind, StepDraft } from '../kind.ts';
import type { Iam } from '../live.ts';
import { singleton } from '../singleton.ts';
import { about, defaults, formerRulesRef, rules } from './about.ts';
import type { PasswordPolicy, Rule } from './about.ts';
import { readPasswordPolicy } from './manifest.ts';
import schema from './schema.json' with { type: 'json' };
import { expiryLabel, passwordPolicyWords } from './words.ts';
import type { PasswordPolicyChange, PolicyFact, RuleFact } from './words.ts';

export const passwordPolicyKind = {
  ...about,
  // Where nobody set one, AWS's own is in force.
  isEverywhere: true,
  ...singleton<PasswordPolicy | null>(about, readLive),
  schema,
  read: readPasswordPolicy,
  toManifest: (policy) => ({
    value: policy === null ? 'none' : toManifest(policy),
    reasons: [],
    notes: [],
  }),
  calls: { UpdateAccountPasswordPolicy: 'account', DeleteAccountPasswordPolicy: 'account' },
  reads: { GetAccountPasswordPolicy: 'account' },
  words: passwordPolicyWords,
  dangerLabels: [expiryLabel],
  diff(desired, live) {
    const [before, after] = [live ?? null, desired ?? null];
    const changed = changedRules(before, after);
    return (before === null) === (after === null) && changed.length === 0
      ? []
      : [draft(before, after, changed)];
  },
} satisfies Kind<PasswordPolicy | null, PasswordPolicyChange>;

async function readLive(iam: Iam): Promise<PasswordPolicy | null> {
  const answer = await iam.find('GetAccountPasswordPolicy', {});
  return answer?.PasswordPolicy ? toPasswordPolicy(answer.PasswordPolicy) : null;
}

/** An emulator may answer zero for what is not set. */
export const toPasswordPolicy = (policy: Answer): PasswordPolicy => ({
  minimumLength: policy.MinimumPasswordLength ?? defaults.minimumLength,
  requireSymbols: policy.RequireSymbols ?? false,
  requireNumbers: policy.RequireNumbers ?? false,
  requireUppercase: policy.RequireUppercaseCharacters ?? false,
  requireLowercase: policy.RequireLowercaseCharacters ?? false,
  allowUsersToChange: policy.AllowUsersToChangePassword ?? false,
  maxAge: policy.MaxPasswordAge || null,
  reusePrevention: policy.PasswordReusePrevention || null,
  hardExpiry: policy.HardExpiry ?? false,
});

/** The length has no default of its own: AWS's policy for accounts without one asks for more. */
const isSaid = (rule: Rule, policy: PasswordPolicy): boolean =>
  rule === 'minimumLength' || policy[rule] !== defaults[rule];

const toManifest = (policy: PasswordPolicy) =>
  Object.fromEntries(
    rules
      .filter((rule) => isSaid(rule, policy))
      .map((rule) => [rule, rule === 'maxAge' ? `${policy.maxAge}d` : policy[rule]]),
  );

const changedRules = (before: PasswordPolicy | null, after: PasswordPolicy | null): Rule[] => {
  if (before && after) return rules.filter((rule) => before[rule] !== after[rule]);
  const policy = before ?? after;
  return policy ? rules.filter((rule) => isSaid(rule, policy)) : [];
};

function draft(
  before: PasswordPolicy | null,
  after: PasswordPolicy | null,
  changed: readonly Rule[],
): Draft<PasswordPolicyChange> {
  const whole: PolicyFact[] =
    before && after ? [] : [{ fact: 'password-policy', before: before !== null, after: after !== null }];
  const facts = changed.map((rule): RuleFact => ({
    fact: 'password-rule',
    rule,
    before: before && before[rule],
    after: after && after[rule],
  }));
  const weaker = before ? changed.filter((rule) => isWeaker(rule, before, after ?? defaults)) : [];
  const change = makeChange({
    kind: about.name,
    name: about.only,
    aspect: 'object',
    action: 'update',
    effect: 'none',
    reasons: [
      { code: 'passwords-only' as const },
      ...(after === null ? [{ code: 'aws-default' as const }] : []),
      ...(weaker.length > 0 && after ? [{ code: 'weaker' as const, rules: weaker }] : []),
    ],
    ...dangers(before, after),
    facts: [...whole, ...facts],
    before: before && { ...before },
    after: after && { ...after },
  });
  return { change, steps: [step(after)] };
}

/** Whether a password that the rule forbade is allowed now. */
function isWeaker(rule: Rule, before: PasswordPolicy, after: PasswordPolicy): boolean {
  if (rule === 'allowUsersToChange' || rule === 'hardExpiry') return false;
  const strength = (policy: PasswordPolicy): number =>
    rule === 'maxAge' ? -(policy.maxAge ?? Number.POSITIVE_INFINITY) : Number(policy[rule] ?? 0);
  return strength(after) < strength(before);
}

/** IAM counts the age of passwords that are there already: a new or shorter limit expires the older ones at once. */
function dangers(
  before: PasswordPolicy | null,
  after: PasswordPolicy | null,
): Pick<PasswordPolicyChange, 'dangers'> {
  const days = after?.maxAge ?? null;
  if (!after || days === null || days >= (before?.maxAge ?? Number.POSITIVE_INFINITY)) return {};
  return {
    dangers: [{ code: 'passwords-expire', days, locked: after.hardExpiry || !after.allowUsersToChange }],
  };
}

/** The update replaces the whole policy, and what it leaves out returns to its default: it always says all. */
function step(after: PasswordPolicy | null): StepDraft {
  const common = {
    about: objectRef(about.name, about.only),
    cls: 'neutral',
    removes: [formerRulesRef],
  } as const;
  if (after === null) return { op: 'DeleteAccountPasswordPolicy', input: {}, purpose: 'delete', ...common };
  return {
    op: 'UpdateAccountPasswordPolicy',
    input: {
      MinimumPasswordLength: after.minimumLength,
      RequireSymbols: after.requireSymbols,
      RequireNumbers: after.requireNumbers,
      RequireUppercaseCharacters: after.requireUppercase,
      RequireLowercaseCharacters: after.requireLowercase,
      AllowUsersToChangePassword: after.allowUsersToChange,
      HardExpiry: after.hardExpiry,
      // Zero is refused: none is said by leaving them out.
      ...(after.maxAge === null ? {} : { MaxPasswordAge: after.maxAge }),
      ...(after.reusePrevention === null ? {} : { PasswordReusePrevention: after.reusePrevention }),
    },
    purpose: 'configure',
    ...common,
  };
}
