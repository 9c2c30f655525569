/**
 * Grants that let their holder become an administrator, by name.
 *
 * Sources: Rhino Security Labs, "AWS IAM Privilege Escalation – Methods and Mitigation" (Spencer Gietzen, 2018)
 * and its Part 2; Bishop Fox, "Privilege Escalation in AWS"; Datadog, pathfinding.cloud (the services that run
 * code with a passed role).
 */
import { stableJson, type JsonObject } from '../core/json.ts';
import type { PolicyDocument } from '../core/state.ts';
import { inclusion, matcherIncludes } from './includes.ts';
import { briefOf, conditionsText, grantText, partsOf, whole, type Brief, type Parts } from './describe.ts';
import { includes, includesResource, mayOverlap, readGlob } from './glob.ts';
import { readStatements, versionOf, type Grant, type Matcher, type Statement } from './statement.ts';

/** A grant that its holder can make itself an administrator with, or that nobody has looked through. */
export type PolicyDanger =
  | { readonly code: 'administrator'; readonly conditions: Parts['conditions'] }
  | { readonly code: GrantCode; readonly grant: Brief }
  | Escalation;

type GrantCode = 'iam-full-access' | 'allow-not-action' | 'allow-not-resource' | 'open-to-everybody';

/** Its code is the actions that make it, such as `iam:PassRole+lambda:CreateFunction`. */
interface Escalation {
  readonly code: `${string}:${string}`;
  readonly actions: readonly string[];
  /** Of the first action. */
  readonly grant: Brief;
}

interface Known {
  /** All of them are needed. The resource is named for the first. */
  readonly actions: readonly string[];
  /** Kind of IAM resource that the first action is on. */
  readonly on: 'user' | 'group' | 'role' | 'policy' | null;
  readonly text: string;
  /** Harmless where it is confined to the user's own name. */
  readonly selfService?: true;
}

const runs = (service: string, action: string, ...more: string[]): Known => ({
  actions: ['iam:PassRole', action, ...more],
  on: 'role',
  text: `can run code in ${service} with a role that it passes`,
});

const known: readonly Known[] = [
  { actions: ['iam:CreatePolicyVersion'], on: 'policy', text: 'can rewrite a policy that it holds' },
  { actions: ['iam:SetDefaultPolicyVersion'], on: 'policy', text: 'can bring back an older, wider version' },
  { actions: ['iam:CreateAccessKey'], on: 'user', text: 'can act as another user', selfService: true },
  { actions: ['iam:CreateLoginProfile'], on: 'user', text: 'can sign in as another user', selfService: true },
  { actions: ['iam:UpdateLoginProfile'], on: 'user', text: 'can sign in as another user', selfService: true },
  { actions: ['iam:AttachUserPolicy'], on: 'user', text: 'can give a user any managed policy' },
  { actions: ['iam:AttachGroupPolicy'], on: 'group', text: 'can give a group any managed policy' },
  { actions: ['iam:AttachRolePolicy'], on: 'role', text: 'can give a role any managed policy' },
  { actions: ['iam:PutUserPolicy'], on: 'user', text: 'can give a user any access' },
  { actions: ['iam:PutGroupPolicy'], on: 'group', text: 'can give a group any access' },
  { actions: ['iam:PutRolePolicy'], on: 'role', text: 'can give a role any access' },
  { actions: ['iam:AddUserToGroup'], on: 'group', text: 'can join a group with more access' },
  { actions: ['iam:UpdateAssumeRolePolicy'], on: 'role', text: 'can make a role trust it' },
  { actions: ['iam:DeleteUserPermissionsBoundary'], on: 'user', text: 'can lift a permissions boundary' },
  { actions: ['iam:DeleteRolePermissionsBoundary'], on: 'role', text: 'can lift a permissions boundary' },
  { actions: ['iam:PutUserPermissionsBoundary'], on: 'user', text: 'can replace a permissions boundary' },
  { actions: ['iam:PutRolePermissionsBoundary'], on: 'role', text: 'can replace a permissions boundary' },
  { actions: ['lambda:UpdateFunctionCode'], on: null, text: 'can run code with the role of a function' },
  {
    actions: ['lambda:UpdateFunctionConfiguration'],
    on: null,
    text: 'can run a layer with the role of a function',
  },
  { actions: ['glue:UpdateDevEndpoint'], on: null, text: 'can sign in to an endpoint and use its role' },
  {
    actions: ['sagemaker:CreatePresignedNotebookInstanceUrl'],
    on: null,
    text: 'can use the role of a notebook',
  },
  { actions: ['ssm:SendCommand'], on: null, text: 'can run commands with the role of an instance' },
  { actions: ['ssm:StartSession'], on: null, text: 'can sign in to an instance and use its role' },
  runs('EC2', 'ec2:RunInstances'),
  runs('Lambda', 'lambda:CreateFunction', 'lambda:InvokeFunction'),
  runs('Lambda', 'lambda:CreateFunction', 'lambda:CreateEventSourceMapping'),
  runs('Lambda', 'lambda:CreateFunction', 'lambda:AddPermission'),
  runs('Glue', 'glue:CreateDevEndpoint'),
  runs('Glue', 'glue:CreateJob', 'glue:StartJobRun'),
  runs('CloudFormation', 'cloudformation:CreateStack'),
  runs('Data Pipeline', 'datapipeline:CreatePipeline', 'datapipeline:PutPipelineDefinition'),
  runs('SageMaker', 'sagemaker:CreateNotebookInstance'),
  runs('CodeBuild', 'codebuild:CreateProject', 'codebuild:StartBuild'),
  runs('CodeStar', 'codestar:CreateProject'),
  runs('ECS', 'ecs:RegisterTaskDefinition', 'ecs:RunTask'),
  runs('App Runner', 'apprunner:CreateService'),
];

const everything = readGlob('*');
const everyRole = readGlob('arn:*:iam::*:role/*');
const allOfIam = readGlob('iam:*');
const kinds = {
  user: readGlob('arn:*:iam::*:user/*'),
  group: readGlob('arn:*:iam::*:group/*'),
  role: everyRole,
  policy: readGlob('arn:*:iam::*:policy/*'),
};

/** Statements of an identity policy: those that name principals grant to others. */
const grants = (statements: readonly Statement[], effect: 'Allow' | 'Deny'): Grant[] =>
  statements.filter(
    (statement): statement is Grant =>
      statement.readable && statement.effect === effect && statement.principals === null,
  );

const onEverything = (grant: Grant): boolean =>
  grant.resources !== null && matcherIncludes(grant.resources, everything, includesResource);

const allowsAll = (grant: Grant): boolean =>
  matcherIncludes(grant.actions, everything, includes) && onEverything(grant);

/** Whether a Deny without conditions takes all of IAM away. */
const deniesIam = (statements: readonly Statement[]): boolean =>
  grants(statements, 'Deny').some(
    (deny) =>
      deny.conditions.size === 0 &&
      deny.variables.size === 0 &&
      matcherIncludes(deny.actions, allOfIam, includes) &&
      onEverything(deny),
  );

/**
 * Whether a document by itself makes its holder an administrator: every action on every resource, without
 * conditions, and IAM not denied again.
 */
export function isAdministrator(document: PolicyDocument): boolean {
  const statements = readStatements(document);
  return allowsEverything(statements) && !deniesIam(statements);
}

const allowsEverything = (statements: ReturnType<typeof readStatements>): boolean =>
  grants(statements, 'Allow').some(
    (grant) => grant.conditions.size === 0 && grant.variables.size === 0 && allowsAll(grant),
  );

/** Whether a matcher can take some resource of a kind. */
const touches = (resources: Matcher | null, kind: Known['on']): boolean =>
  kind === null || resources === null
    ? resources !== null
    : resources.not
      ? !resources.patterns.some((pattern) => includesResource(pattern, kinds[kind]))
      : resources.patterns.some((pattern) => mayOverlap(pattern, kinds[kind]));

const ownName = /:user\/(.*\/)?\$\{aws:username\}$/i;

const ownNameOnly = ({ resources }: Grant): boolean =>
  resources !== null &&
  !resources.not &&
  resources.patterns.every(
    (pattern) => pattern.hasVariable && !pattern.hasQuestion && ownName.test(pattern.source),
  );

const withAction = (grant: Grant, action: string): JsonObject => {
  const { NotAction: _, ...rest } = grant.source;
  return { ...rest, Action: action };
};

const assumeRole = 'sts:AssumeRole';

const actionGlobs = new Map(
  [...known.flatMap(({ actions }) => actions), assumeRole].map(
    (action) => [action, readGlob(action.toLowerCase())] as const,
  ),
);

const takes = ({ actions }: Grant, action: string): boolean =>
  matcherIncludes(actions, actionGlobs.get(action)!, includes);

/** Whether the same document denies the action, without conditions, wherever this grant allows it. */
function denied(
  grant: Grant,
  action: string,
  document: PolicyDocument,
  statements: readonly Statement[],
): boolean {
  const denies = grants(statements, 'Deny').filter((deny) => takes(deny, action));
  if (denies.length === 0) return false;
  const same = { ...withAction(grant, action), Effect: 'Deny' };
  const [statement] = readStatements({ Version: versionOf(document), Statement: [same] });
  return inclusion(statement!, denies).whole;
}

/** A danger before its grant is cut to what a sentence takes. */
type Found =
  | { readonly code: 'administrator'; readonly grant: JsonObject }
  | { readonly code: GrantCode; readonly grant: JsonObject }
  | { readonly code: Escalation['code']; readonly actions: readonly string[]; readonly grant: JsonObject };

function find(document: PolicyDocument): Found[] {
  const statements = readStatements(document);
  const allows = grants(statements, 'Allow');
  const found: Found[] = [...openTrust(statements)];
  const administrator = deniesIam(statements) ? undefined : allows.find(allowsAll);
  if (administrator) return [{ code: 'administrator', grant: administrator.source }, ...found];
  found.push(...inverse(allows));
  const iam = allows.find(
    (grant) => matcherIncludes(grant.actions, allOfIam, includes) && onEverything(grant),
  );
  if (iam && !deniesIam(statements)) {
    return [...found, { code: 'iam-full-access', grant: withAction(iam, 'iam:*') }];
  }
  const holders = (action: string): Grant[] =>
    allows.filter((grant) => takes(grant, action) && !denied(grant, action, document, statements));
  for (const { actions, on, selfService } of known) {
    const [first, ...others] = actions as [string, ...string[]];
    const grant = holders(first).find(
      (identity) => touches(identity.resources, on) && !(selfService && ownNameOnly(identity)),
    );
    if (!grant || !others.every((action) => holders(action).length > 0)) continue;
    found.push({ code: codeOf(actions), actions, grant: withAction(grant, first) });
  }
  const assumes = holders(assumeRole).find(
    ({ resources }) => resources !== null && matcherIncludes(resources, everyRole, includesResource),
  );
  if (assumes) {
    found.push({ code: assumeRole, actions: [assumeRole], grant: withAction(assumes, assumeRole) });
  }
  return found;
}

const codeOf = (actions: readonly string[]): Escalation['code'] => actions.join('+') as Escalation['code'];

/** Allows that say what they leave out, and so grant what AWS adds later. */
const inverse = (allows: readonly Grant[]): Found[] =>
  allows.flatMap(({ actions, resources, source: grant }): Found[] => [
    ...(actions.not ? [{ code: 'allow-not-action', grant } as const] : []),
    ...(resources?.not ? [{ code: 'allow-not-resource', grant } as const] : []),
  ]);

/** Trust policies that let anybody in. */
const openTrust = (statements: readonly Statement[]): Found[] =>
  statements.flatMap((statement): Found[] => {
    if (!statement.readable || statement.effect !== 'Allow' || statement.conditions.size > 0) return [];
    const everybody = statement.principals?.some((name) => /^\*$|^AWS \*$|^not /.test(name)) ?? false;
    return everybody ? [{ code: 'open-to-everybody', grant: statement.source }] : [];
  });

/**
 * Dangers of a document that the one before did not have: those of {@link known}, and grants of more than they show.
 * The same action on more resources is news.
 */
export function newDangers(before: PolicyDocument | null, after: PolicyDocument): PolicyDanger[] {
  if (before && isAdministrator(before)) return [];
  const key = (one: Found): string => stableJson({ ...one, grant: briefOf(one.grant, whole) });
  const old = new Set(before ? find(before).map(key) : []);
  return find(after)
    .filter((one) => !old.has(key(one)))
    .map((one): PolicyDanger => {
      if (one.code === 'administrator') return { code: one.code, conditions: partsOf(one.grant).conditions };
      const grant = briefOf(one.grant);
      return 'actions' in one ? { ...one, grant } : { code: one.code, grant };
    });
}

/** Such as `allows iam:* on *: can give itself any access`. */
export function dangerText(danger: PolicyDanger): string {
  if ('conditions' in danger)
    return `allows every action on every resource${conditionsText(danger.conditions)}`;
  const grant = grantText(danger.grant);
  if ('actions' in danger) {
    const [, ...others] = danger.actions;
    const also = others.length > 0 ? ` with ${others.join(' and ')}` : '';
    const text = known.find(({ actions }) => codeOf(actions) === danger.code)?.text;
    return `allows ${grant}${also}: ${text ?? 'can use every role that lets it'}`;
  }
  return `allows ${grant}${leadsTo[danger.code]}`;
}

const leadsTo: { readonly [code in GrantCode]: string } = {
  'iam-full-access': ': can give itself any access',
  'allow-not-action': ': also what AWS adds later',
  'allow-not-resource': ': also what is made later',
  'open-to-everybody': ', whatever their account',
};

const others: ReadonlySet<string> = new Set(['administrator', ...Object.keys(leadsTo)]);
/** Whether a policy brings the danger of that code. */
export const isPolicyDanger = (code: string): boolean => others.has(code) || code.includes(':');
