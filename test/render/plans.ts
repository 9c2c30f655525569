import { planVersion } from '../../src/kinds/plan.ts';
import type { WordedChange, WordedPlan } from '../../src/kinds/plan.ts';
import type { RailViolation } from '../../src/core/rails.ts';
import type { PolicyDocument } from '../../src/core/state.ts';
import { makePlan } from '../../src/plan/index.ts';
import { accountId, aGroup, aPolicy, aUser, desiredOf, noCredentials } from '../support/account.ts';
import { wordedPlan } from '../support/words.ts';

const allow = (Action: string | string[], Resource: string | string[] = '*'): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action, Resource }],
});

/** A bit of everything that a plan can hold, made by the planner itself. */
export function storyPlan(): WordedPlan {
  const reports = aPolicy('read-reports', allow('s3:GetObject', 'arn:aws:s3:::reports/*'), '/finance/');
  const old = aPolicy('old-reports', allow('s3:*'));
  const live = desiredOf({
    users: [
      aUser('lorax', {
        id: 'AIDALORAX',
        groups: ['readers'],
        policies: { speaks: allow('s3:*', 'arn:aws:s3:::trees/*') },
        credentials: {
          ...noCredentials,
          accessKeys: [{ id: 'AKIALORAX', status: 'Active', createdAt: '2026-01-01T00:00:00Z' }],
          loginProfile: { createdAt: '2026-01-01T00:00:00Z' },
          mfaDevices: [`arn:aws:iam::${accountId}:mfa/lorax`],
        },
      }),
      aUser('buzzo', {
        id: 'AIDABUZZO',
        policies: { deploy: allow('lambda:*') },
        credentials: noCredentials,
      }),
      aUser('dale', {
        id: 'AIDADALE',
        groups: ['readers'],
        tags: { team: 'web', old: 'x' },
        credentials: noCredentials,
      }),
      aUser('melvins', {
        id: 'AIDAMELVINS',
        policies: { houdini: allow(['s3:Get*', 's3:Put*', 's3:List*'], 'arn:aws:s3:::houdini/*') },
        credentials: noCredentials,
      }),
    ],
    groups: [
      aGroup('admins', { policies: { allow_all: allow('*') } }),
      aGroup('readers', { policies: { read: allow('s3:Get*') } }),
    ],
    policies: [old, reports],
  }).state;
  const desired = desiredOf({
    users: [
      aUser('buzzo', { policies: { deploy: allow(['lambda:*', 'iam:PassRole']) } }),
      aUser('dale', { groups: ['admins'], tags: { team: 'platform' } }),
      aUser('melvins', {
        policies: { houdini: allow(['s3:Get*', 's3:List*'], 'arn:aws:s3:::houdini/*') },
        attachedPolicyArns: [reports.arn],
      }),
    ],
    groups: [aGroup('admins', { policies: { allow_all: allow('*') } })],
    policies: [
      { ...reports, description: 'the monthly reports' },
      { ...aPolicy('list-buckets', allow('s3:ListAllMyBuckets')), tags: { team: 'web' } },
    ],
  });
  const plan = wordedPlan(makePlan(desired, live, new Date('2027-01-01T00:00:00Z')));
  // The steps are other tests' matter: one for each change, so that these snapshots do not count them.
  const one = new Map(plan.steps.map((step) => [step.change, step]));
  return { ...plan, steps: [...one.values()] };
}

export const someTrips: readonly RailViolation[] = [
  {
    rail: 'min-members',
    message: 'group admins would have 1 of at least 2 members',
    hint: 'add members or lower rails.minMembers.admins, or add --override min-members for this plan only',
  },
  {
    rail: 'protected',
    message: 'the plan touches the protected user buzzo: user buzzo: inline policy ~deploy',
    hint: 'declare buzzo as it is in IAM, take it out of rails.protect, or add --override protected for this plan only',
  },
];

export const emptyPlan: WordedPlan = {
  version: planVersion,
  relaxed: [],
  base: null,
  rules: [],
  account: accountId,
  partition: 'aws',
  summary: 'nothing to change',
  overridden: [],
  access: [],
  assumers: [],
  changes: [],
  steps: [],
  looked: { kinds: [], settings: [], openRoles: [], reportedAt: null },
  notes: [],
};

type Fields = Pick<WordedChange, 'kind' | 'name' | 'action' | 'effect'> &
  Partial<Pick<WordedChange, 'summary' | 'reason' | 'details'>> & {
    readonly dangers?: readonly object[];
    readonly facts?: readonly object[];
    readonly reasons?: readonly object[];
  };

/** A change that says what no planner would. */
const aChange = (fields: Fields): WordedChange =>
  ({
    id: `${fields.kind}:${fields.name}`,
    aspect: 'object',
    summary: fields.action,
    reasons: [],
    reason: '',
    facts: [],
    details: [],
    patch: [],
    ...fields,
  }) as unknown as WordedChange;

const documentFact = (before: PolicyDocument | null, after: PolicyDocument | null) => ({
  fact: 'document',
  before,
  after,
});

/** The same text wherever a plan takes text from people, in every section. */
export function hostilePlan(text: string): { plan: WordedPlan; violations: RailViolation[] } {
  const document = (Action: string): PolicyDocument => ({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: text,
        Effect: 'Allow',
        Action,
        Resource: [text, '*'],
        Condition: { StringEquals: { [text]: text } },
      },
    ],
  });
  const common = {
    name: text,
    summary: text,
    reason: text,
    reasons: [{ code: 'access-of', gains: { people: [text], grants: [{ unreadable: text }] } }],
    details: (['+', '-', '~', ' '] as const).map((sign) => ({ sign, text })),
    facts: [
      documentFact(document('s3:Get*'), document('s3:*')),
      documentFact(null, document('s3:*')),
      documentFact(document('s3:*'), null),
    ],
  };
  const conditions = { tests: [{ operator: 'StringEquals', key: 'aws:x', values: { names: [text] } }] };
  const danger = { code: 'administrator', label: 'administrator', text, conditions };
  const changes = [
    aChange({ kind: 'user', action: 'offboard', effect: 'narrows', ...common }),
    aChange({ kind: 'group', action: 'delete', effect: 'narrows', ...common }),
    aChange({ kind: 'user', action: 'create', effect: 'widens', dangers: [danger], ...common }),
    aChange({ kind: 'group', action: 'update', effect: 'unclear', ...common }),
    aChange({ kind: 'user', action: 'rename', effect: 'narrows', ...common }),
    aChange({ kind: 'policy', action: 'update', effect: 'none', ...common }),
  ];
  return {
    plan: {
      ...emptyPlan,
      overridden: [{ rail: 'caller', message: text }],
      changes,
      notes: [text, text],
    },
    violations: [{ rail: 'protected', message: text, hint: text }],
  };
}

/** `count` changes of all sorts; a fifth each removes, widens, narrows and has no effect, the rest may widen. */
export function largePlan(count: number): WordedPlan {
  const some = { people: ['dale', 'lorax'], grants: [{ awsDefined: 'Billing' }] };
  const sorts = [
    { kind: 'user', action: 'offboard', effect: 'narrows', reasons: [{ code: 'leaves' }] },
    { kind: 'group', action: 'update', effect: 'widens', reasons: [{ code: 'access-of', gains: some }] },
    { kind: 'user', action: 'update', effect: 'narrows', reasons: [{ code: 'access-of', losses: some }] },
    { kind: 'policy', action: 'create', effect: 'none', reasons: [{ code: 'not-held-yet' }] },
    { kind: 'user', action: 'update', effect: 'unclear', reasons: [{ code: 'may-match', on: 'tags' }] },
  ] as const;
  const changes = Array.from({ length: count }, (_, index): WordedChange => {
    const sort = sorts[index % sorts.length]!;
    const name = `${sort.kind}-${String(index).padStart(5, '0')}`;
    const before = allow(['s3:Get*', 's3:List*', 's3:Put*'], `arn:aws:s3:::${name}/*`);
    const after = allow(['s3:Get*', 's3:List*'], `arn:aws:s3:::${name}/*`);
    return aChange({
      ...sort,
      name,
      summary: sort.action === 'update' ? `inline policy ~bucket` : sort.action,
      details: sort.action === 'offboard' ? [{ sign: '-', text: `access key AKIA${index}` }] : [],
      facts: sort.effect === 'unclear' ? [] : [documentFact(before, after)],
      ...(index % 50 === 1
        ? { dangers: [{ code: 'administrator', label: 'administrator', text: '', conditions: null }] }
        : {}),
    });
  });
  return { ...emptyPlan, changes };
}
