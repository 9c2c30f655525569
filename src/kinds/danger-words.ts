/** What grants lead to that nobody should overlook. */
import type { EscalationDanger, GrantCode, PolicyDanger } from '../access/dangers.ts';
import { mark, plain } from '../core/marked.ts';
import { markedConditions, markedGrant } from '../policy/index.ts';
import type { DangerWords } from './change.ts';

/** The labels of dangers that policies bring, the worst first. */
export const policyDangerLabels = [
  'administrator',
  'privilege escalation',
  'open to everybody',
  'open-ended grant',
] as const;

const labels: { readonly [code: string]: (typeof policyDangerLabels)[number] } = {
  administrator: 'administrator',
  'open-to-everybody': 'open to everybody',
  'allow-not-action': 'open-ended grant',
  'allow-not-resource': 'open-ended grant',
};

export const policyDangerLabelOf = (code: string): string => labels[code] ?? 'privilege escalation';

export const policyDangerWords = (danger: PolicyDanger): DangerWords => ({
  label: policyDangerLabelOf(danger.code),
  text: markedDanger(danger),
});

/** Such as `allows iam:* on *: can give itself any access`. */
export const dangerText = (danger: PolicyDanger): string => plain(markedDanger(danger));

function markedDanger(danger: PolicyDanger): string {
  if ('conditions' in danger)
    return `allows every action on every resource${markedConditions(danger.conditions)}`;
  const grant = markedGrant(danger.grant);
  if (!('actions' in danger)) return `allows ${grant}${leadsTo[danger.code]}`;
  const [, ...others] = danger.actions;
  const also = others.length > 0 ? ` with ${others.map(mark).join(' and ')}` : '';
  return `allows ${grant}${also}: ${leads[danger.leads](danger.of ?? '')}`;
}

const leadsTo: { readonly [code in GrantCode]: string } = {
  'iam-full-access': ': can give itself any access',
  'allow-not-action': ': also what AWS adds later',
  'allow-not-resource': ': also what is made later',
  'open-to-everybody': ', whatever their account',
};

const leads: { readonly [lead in EscalationDanger['leads']]: (of: string) => string } = {
  'rewrites-policy': () => 'can rewrite a policy that it holds',
  'restores-version': () => 'can bring back an older, wider version',
  'acts-as-user': () => 'can act as another user',
  'signs-in-as-user': () => 'can sign in as another user',
  'attaches-to': (kind) => `can give a ${kind} any managed policy`,
  'writes-to': (kind) => `can give a ${kind} any access`,
  'joins-group': () => 'can join a group with more access',
  'opens-role': () => 'can make a role trust it',
  'lifts-boundary': () => 'can lift a permissions boundary',
  'replaces-boundary': () => 'can replace a permissions boundary',
  'runs-as': (thing) => `can run code with the role of ${/^[aeiou]/.test(thing) ? 'an' : 'a'} ${thing}`,
  'passes-to': (service) => `can run code in ${services[service] ?? service} with a role that it passes`,
  assumes: (role) =>
    role === '' ? 'can use every role that lets it' : `can use the role ${mark(role)}, an administrator`,
};

const services: { readonly [service: string]: string } = {
  amplify: 'Amplify',
  apprunner: 'App Runner',
  batch: 'Batch',
  'bedrock-agentcore': 'Bedrock AgentCore',
  braket: 'Braket',
  cloudformation: 'CloudFormation',
  codebuild: 'CodeBuild',
  codestar: 'CodeStar',
  'cognito-identity': 'Cognito',
  datapipeline: 'Data Pipeline',
  ec2: 'EC2',
  ecs: 'ECS',
  elasticmapreduce: 'EMR',
  'emr-serverless': 'EMR Serverless',
  gamelift: 'GameLift',
  glue: 'Glue',
  imagebuilder: 'Image Builder',
  kinesisanalytics: 'Kinesis Data Analytics',
  lambda: 'Lambda',
  omics: 'HealthOmics',
  sagemaker: 'SageMaker',
  scheduler: 'EventBridge Scheduler',
  ssm: 'Systems Manager',
  states: 'Step Functions',
  synthetics: 'CloudWatch Synthetics',
};
