import { commitPattern } from '../core/commit.ts';
import * as t from '@sinclair/typebox/type';
import type { SchemaOptions, Static } from '@sinclair/typebox/type';
import { stepSchema } from '../core/plan.ts';
import type { Step } from '../core/plan.ts';
import type { Ref } from '../core/references.ts';
import { railNames } from '../core/rails.ts';
import { constant, list, map, object, oneOf, orNull, reference, text, withDefs } from '../core/schema.ts';
import { changeParts } from './change-schema.ts';
import type { ChangeFields } from './change-schema.ts';
import type { AnyChange, DangerWords, Impact, Words } from './change.ts';
import { doubts } from '../access/regions.ts';
import type { Brief } from '../policy/index.ts';
import { ruleSchema } from './rule.ts';
import type { Rule, WordedRule } from './rule.ts';
import { kinds } from './index.ts';
import type { registry } from './index.ts';

type ChangeIn<K> = K extends { readonly words: Words<infer C> } ? C : never;

/** What a reviewer approves: one aspect of one object of any kind, as data. */
export type Change = ChangeIn<(typeof registry)[number]>;
export type Fact = Change['facts'][number];

/** The same with what it says in words, as `render` makes them. */
export type WordedChange = WordedOf<Change>;
type InWords = 'summary' | 'reason' | 'details';
type WordedOf<C extends AnyChange> = C extends unknown
  ? Omit<C, 'dangers'> &
      Pick<ChangeFields, InWords> & {
        readonly dangers?: readonly (NonNullable<C['dangers']>[number] & DangerWords)[];
      }
  : never;
export interface WordedPlan extends Plan<WordedChange, WordedPiece, WordedRule>, Pick<SavedPlan, 'summary'> {}

/** The version of the plan's form. */
export const planVersion = 4;

const overridden = object({
  rail: oneOf(railNames, { description: 'Name of the rail, as `--override` takes it.' }),
  message: text('What it would have stopped.'),
});

const base = object(
  {
    rev: text('As it was asked for: a commit, or what was looked for.'),
    commit: t.Optional(t.String({ pattern: commitPattern, description: 'Its full hash.' })),
    isEmpty: t.Optional(constant(true, { description: 'It had no manifests: every rule is new.' })),
    why: t.Optional(
      text('Why the manifests there could not be read. Then nothing is known of changed rules.'),
    ),
  },
  { description: 'The commit whose manifests these are compared with.' },
);

const policyOf = object(
  {
    inline: t.Optional(text('Name of an inline policy.')),
    arn: t.Optional(text('ARN of a managed policy.')),
    via: t.Optional(text('The group that it comes through.')),
    as: t.Optional(constant('boundary', { description: 'It is the permissions boundary.' })),
    at: t.Optional(text('Where the manifests say so, as `file:line:column`.')),
    until: t.Optional(text('Of what is gained: it ends by itself; the last instant at which it counts.')),
  },
  { description: 'A policy of somebody, and how they come to it.' },
);

const piece = object({
  grant: t.Unsafe<Brief>({
    description:
      'Actions, resources and conditions, as far as a sentence takes them. `except`: all of it but these, which they had before or keep; `isPart`: only some of it, which no short list says.',
  }),
  text: text('The same in words, such as `s3:GetObject on *`.'),
  by: reference('policyOf', policyOf),
  lifted: t.Optional(reference('policyOf', policyOf)),
  certain: t.Boolean({
    description:
      'False: it was not proved that it was allowed before (of what is lost: that it is still allowed), nor the contrary.',
  }),
  doubt: t.Optional(
    oneOf(doubts, {
      description:
        'Why it is not certain: a policy of AWS that was not looked at, an unreadable statement, a condition, a policy variable, too many patterns, or a pattern that can be read in two ways.',
    }),
  ),
});

const accessDanger = object({
  code: text('As of the danger of the change that brings it.'),
  certain: t.Boolean({
    description: 'False: it was not proved that they could do before what makes it, nor the contrary.',
  }),
});

const access = object({
  principal: t.String({ description: 'Such as `user:ben` or `role:deploy`.' }),
  comes: t.Optional(constant(true, { description: 'The plan makes them.' })),
  leaves: t.Optional(constant(true, { description: 'The plan removes them: they lose everything.' })),
  unreachable: t.Optional(
    constant(true, { description: 'Of a role: nobody may assume it, so that what it gains is nobody’s.' }),
  ),
  gained: list(reference('piece', piece), { description: 'What they may do after it and not before.' }),
  lost: list(reference('piece', piece), { description: 'What they may do before it and not after.' }),
  dangers: t.Optional(
    list(reference('accessDanger', accessDanger), {
      description:
        'What nobody should overlook that they become or can make themselves by it: by all that they hold, and newly.',
    }),
  ),
});

const assumer = object(
  {
    principals: t.Optional(
      list(t.Unsafe<Ref>(t.String()), {
        description: 'Such as `user:ben`: users or roles of the account, of whom all of it is so.',
      }),
    ),
    outsider: t.Optional(
      object(
        {
          type: text('`account`, `user`, `role`, `assumed-role`, `service`, `oidc`, `saml`, `anybody`, …'),
          name: text('Its account id, ARN, domain or issuer; empty: anybody.'),
          subject: t.Optional(
            text(
              'Of an identity provider: of whom its tokens tell, such as `repo:acme/web:environment:prod`.',
            ),
          ),
        },
        { description: 'Who is no user or role of the account, as a trust names them.' },
      ),
    ),
    path: list(t.Unsafe<Ref>(t.String()), {
      description: 'The roles that they assume, such as `role:deploy`, one after another, the last one last.',
    }),
    comes: oneOf(['gained', 'lost'], {
      description: '`gained`: they may do so after the plan and not before; `lost`: the reverse.',
    }),
    by: oneOf(['name', 'account'], {
      description:
        'The first of the roles: `name`: its trust names them, or everybody. `account`: it trusts the account, and their own policies let them.',
    }),
    certain: t.Boolean({
      description:
        'Nothing that is not known decides it: no condition, and no policy that was not read. Of another account: as far as it lets them.',
    }),
    conditions: list(
      object({
        operator: text('Such as `StringEquals`.'),
        key: text('Such as `sts:ExternalId`.'),
        values: orNull(list(t.String()), { description: 'Null: they are no plain texts.' }),
      }),
      { description: 'What must hold that is not known to hold.' },
    ),
    perhaps: t.Optional(
      constant(true, {
        description:
          'They may do so on both sides, and conditions decide whether they gain or lose anything.',
      }),
    ),
    at: t.Optional(text('Where the manifests have the trust, as `file:line:column`.')),
    gives: list(reference('piece', piece), {
      description: 'What the last of the roles may do, and they may not surely do by their own policies.',
    }),
    dangers: t.Optional(
      list(reference('accessDanger', accessDanger), {
        description: 'What nobody should overlook that they become or can make themselves as that role.',
      }),
    ),
  },
  {
    description:
      'Somebody who may assume a role from then on, or no longer, if that gives or gave them anything.',
  },
);

const count = (description: string) => t.Integer({ minimum: 0, description });

const unanswered = object({
  op: text('The call that IAM did not answer, such as `ListSAMLProviders`.'),
  denied: t.Boolean({
    description: 'True: the caller may not make it; false: this IAM does not have it.',
  }),
});

const lookedKind = object(
  {
    kind: text('Such as `user`, `role` or `oidc-provider`.'),
    inIam: t.Optional(count('How many IAM has; absent where nobody knows.')),
    asDeclared: count('Declared, and as declared.'),
    changing: count('That a change of this plan is of; those that it makes are not in IAM yet.'),
    ignored: count('That `ignore` names.'),
    notManaged: count('Left alone for any other reason.'),
    aside: count('Managed, and not part of a partial plan (`targets`): nobody compared them.'),
    unseen: t.Optional(
      reference('unanswered', unanswered, { description: 'Why nobody knows: this is not the same as none.' }),
    ),
  },
  {
    description:
      'Objects of one kind. `inIam` is the sum of `asDeclared`, `changing`, `ignored`, `notManaged` and `aside`.',
  },
);

const openRole = object({
  principal: t.String({ description: 'Such as `role:deploy`.' }),
  code: text('What it can do, as of a danger of a change: `administrator`, `iam-full-access`.'),
  certain: t.Boolean({
    description: 'False: conditions of its trust policy or of what it holds may prevent it.',
  }),
});

const looked = object(
  {
    kinds: list(reference('lookedKind', lookedKind)),
    settings: list(
      object({
        kind: text('Such as `password`, for the password policy.'),
        state: oneOf(['as-declared', 'changing', 'not-managed', 'aside']),
      }),
      { description: 'What an account has one of.' },
    ),
    openRoles: list(reference('openRole', openRole), {
      description:
        'Roles that anybody may assume, by their trust policy, and that are or can become administrators.',
    }),
    reportedAt: orNull(t.String({ format: 'date-time' }), {
      description:
        'When IAM made the credential report that keys and passwords of declared users are known from; null: they are as they were at this plan.',
    }),
  },
  { description: 'What the plan is about, and what it leaves alone.' },
);
export type Looked = Static<typeof looked>;
export type LookedKind = Static<typeof lookedKind>;
export type OpenRole = Static<typeof openRole>;

/** What is left alone by name, for people who want to see it. */
export interface LeftAlone {
  readonly kind: string;
  readonly names: readonly string[];
}

const parts = changeParts(kinds.map(({ name }) => name));

const hash = (length: number, options: SchemaOptions = {}) =>
  t.String({ pattern: `^[0-9a-f]{${length}}$`, ...options });

/** A plan with what it was made from, so that applying it later can tell whether it still holds. */
export const planSchema = withDefs(
  object(
    {
      version: constant(planVersion, { description: 'Version of this form.' }),
      account: t.String({ pattern: '^\\d{12}$', description: 'The account that it is for.' }),
      partition: t.Unsafe<string>(
        oneOf(['aws', 'aws-cn', 'aws-us-gov'], { description: 'The AWS partition of the account.' }),
      ),
      runsAs: t.Optional(
        text('The role that made the plan: what the manifests say of it is told, and no step writes it.'),
      ),
      targets: t.Optional(
        list(t.Unsafe<Ref>(t.String()), {
          description:
            'Set where the plan is partial (`--target`): the objects, such as `user:anna`, to which it keeps, with what they depend on.',
        }),
      ),
      overridden: list(reference('overridden', overridden), {
        description:
          'Rails that would have stopped the plan and that `--override` let it through. For readers: `apply` checks every rail again, and lets the plan through those alone that its own `--override` names.',
      }),
      relaxed: list(reference('overridden', overridden), {
        description: 'Rails that would have stopped the plan as they were at the base.',
      }),
      base: orNull(reference('base', base), {
        description: 'What `rules` are compared with; null: with nothing, so that nothing is known of them.',
      }),
      summary: text(
        'The plan in one line: changes, changed rules, how many people and roles gain access and lose it, and API calls.',
      ),
      access: list(reference('access', access), {
        description:
          'Who gains and who loses: effective access, before the plan and after it, of everybody whose access it changes.',
      }),
      assumers: list(reference('assumer', assumer), {
        description:
          'Who gains and who loses by roles: who may assume one after the plan and not before, or no longer.',
      }),
      changes: list(t.Unsafe<WordedChange>(reference('change', parts.change)), {
        description: 'What a reviewer reads, by kind and name.',
      }),
      rules: list(reference('rule', ruleSchema), {
        description: 'What changed since the base and takes no API call, the looser rules first.',
      }),
      steps: list(t.Unsafe<Step>(reference('step', stepSchema)), {
        description: 'The API calls, in the order in which they are made.',
      }),
      looked: reference('looked', looked, {
        description: 'What the plan is about, and what it leaves alone, as counts by kind.',
      }),
      notes: list(t.String(), { description: 'What a reviewer should know that is not a change.' }),
      rollcall: text('Version of rollcall that made it.'),
      at: t.Optional(
        t.String({
          format: 'date-time',
          description: 'Set where the plan is of another day (`--at`): such a plan is not applied.',
        }),
      ),
      manifests: text('SHA-256 over the manifests: names and bytes of all files read.'),
      touches: map(orNull(map(hash(16))), {
        description:
          'Every live object that a step touches, as a short hash per field; null: it did not exist. `apply` refuses the plan where one differs.',
      }),
      unseenPolicies: t.Optional(
        list(t.String(), {
          description:
            'ARNs of policies of AWS that the caller may not read (`iam:GetPolicy`, `iam:GetPolicyVersion`): the plan knows them by name alone.',
        }),
      ),
      digest: hash(64, {
        description:
          'SHA-256 over all other fields as JSON with sorted keys: a plan that was cut or edited is not run.',
      }),
    },
    {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: 'plan.schema.json',
      title: 'rollcall plan',
      description:
        'A plan as `rollcall plan --format json` and `--out` write it: changes for reviewers, API calls for the applier, and what it was made from. It holds no secret.',
    },
  ),
  {
    overridden,
    base,
    rule: ruleSchema,
    unanswered,
    lookedKind,
    openRole,
    looked,
    policyOf,
    piece,
    accessDanger,
    access,
    assumer,
    ...parts,
    step: stepSchema,
  },
);
/** What `plan --format json` and `plan --out` write. */
export type SavedPlan = Static<typeof planSchema>;

export interface Plan<C = Change, P = AccessPiece, R = Rule> extends Omit<
  SavedPlan,
  | 'summary'
  | 'access'
  | 'assumers'
  | 'changes'
  | 'rules'
  | 'rollcall'
  | 'at'
  | 'manifests'
  | 'touches'
  | 'unseenPolicies'
  | 'digest'
> {
  readonly access: readonly AccessEntry<P>[];
  readonly assumers: readonly AssumerEntry<P>[];
  readonly changes: readonly C[];
  readonly rules: readonly R[];
}

/** What becomes of somebody's access. */
export interface AccessEntry<P = AccessPiece> extends Omit<Static<typeof access>, 'gained' | 'lost'> {
  readonly gained: readonly P[];
  readonly lost: readonly P[];
}
/** Who comes to a role, or no longer. */
export interface AssumerEntry<P = AccessPiece> extends Omit<Static<typeof assumer>, 'gives'> {
  readonly gives: readonly P[];
}
/** A statement of which something is gained or lost. */
export type AccessPiece = Omit<WordedPiece, 'text'>;
export type WordedPiece = Static<typeof piece>;

/** What applying a plan carries out. */
export const ofApply = <P extends Pick<Plan, 'changes'>>(plan: P): P => ({
  ...plan,
  changes: plan.changes.filter(({ byHand, left }) => !byHand && !left),
});

export type DriftImpact = Impact<Change['reasons'][number], NonNullable<Change['dangers']>[number]>;

/** One way in which IAM is not as the files say. */
export interface Drift extends DriftImpact {
  /** What would mend it. */
  readonly change: Change;
  /** `before`: as the files say; `after`: as the account is. */
  readonly facts: readonly Fact[];
  /** The last call that touched the object, where an event history tells. */
  readonly by?: { readonly who: string; readonly call: string; readonly at: string };
  /** The call that gave it its name, or took it away, where an event history tells. */
  readonly renamed?: {
    readonly from: string;
    readonly to: string;
    readonly who: string;
    readonly at: string;
  };
}
