import type { ContextEntry, SimulateCustomPolicyRequest } from '@aws-sdk/client-iam';
import { principalValues, type Values } from '../../authorize/values.ts';
import { IamError, invalidInput } from '../../wire/errors.ts';
import { userArn, type Context } from '../context.ts';
import { checkDocument } from '../grammar.ts';
import type { Source } from './sources.ts';

type Input = Omit<SimulateCustomPolicyRequest, 'PolicyInputList'>;

/** Resources that a simulation of `RunInstances` must name. Source: API Reference, "SimulateCustomPolicy". */
const always = ['instance', 'image', 'security-group', 'network-interface'];
const scenarios: Readonly<Record<string, readonly string[]>> = {
  'EC2-VPC-InstanceStore': always,
  'EC2-VPC-InstanceStore-Subnet': [...always, 'subnet'],
  'EC2-VPC-EBS': [...always, 'volume'],
  'EC2-VPC-EBS-Subnet': [...always, 'volume', 'subnet'],
};

/** Throws InvalidInput for what AWS would refuse, NotImplemented for what only AWS can simulate. */
export function checkInput(ctx: Context, input: Input): void {
  for (const action of input.ActionNames ?? []) {
    if (/[*?]/.test(action))
      throw invalidInput(`Invalid action name ${action}: wildcards are not supported.`);
    if (!/^[\w-]+:[\w.-]+$/.test(action)) {
      throw invalidInput(`Invalid action name ${action}: it must be of the form service:action.`);
    }
  }
  for (const resource of input.ResourceArns ?? []) {
    if (resource !== '*' && !/^arn:[^:]+:[^:]+:[^:]*:[^:]*:./.test(resource)) {
      throw invalidInput(`ResourceNames are not in a valid ARN format: ${resource}.`);
    }
  }
  checkOwner(ctx, input);
  const option = input.ResourceHandlingOption;
  if (option !== undefined) checkScenario(option, input.ResourceArns ?? []);
}

function checkOwner(ctx: Context, { ResourcePolicy, ResourceOwner: owner }: Input): void {
  const [, account] = /^arn:[^:]+:iam::(\d{12}):root$/.exec(owner ?? '') ?? [];
  if (owner !== undefined && account === undefined) {
    throw invalidInput(`'${owner}' is not a valid as a Resource Owner.`);
  }
  if (ResourcePolicy !== undefined || (account !== undefined && account !== ctx.account)) {
    throw new IamError(
      'NotImplemented',
      'This sandbox simulates identity-based policies and permissions boundaries: no resource policies, and no ' +
        'resources of other accounts.',
    );
  }
}

function checkScenario(option: string, resources: readonly string[]): void {
  const types = Object.hasOwn(scenarios, option) ? scenarios[option] : undefined;
  if (!types) throw invalidInput(`'${option}' is not a valid ResourceHandlingOption.`);
  const given = new Set(resources.map((arn) => /^arn:[^:]+:ec2:[^:]*:[^:]*:([^/]+)\//.exec(arn)?.[1]));
  const missing = types.filter((type) => !given.has(type));
  if (missing.length > 0) throw invalidInput(`${option} needs these resources, too: ${missing.join(', ')}.`);
}

/** Policies that come with the call, by their place in its list. Throws InvalidInput. */
export const givenSources = (parameter: string, documents: readonly string[] = []): Source[] =>
  documents.map((document, index) => {
    const id = `${parameter}.${index + 1}`;
    try {
      checkDocument(document, { use: 'inline' });
    } catch (thrown) {
      throw thrown instanceof IamError
        ? invalidInput(`${id} is not a valid policy: ${thrown.message}`)
        : thrown;
    }
    return { id, document };
  });

/** The boundary that comes with the call. Throws InvalidInput. */
export function givenBoundary(documents: readonly string[] | undefined): Source | null {
  const [boundary = null, ...more] = givenSources('PermissionsBoundaryPolicyInputList', documents);
  if (more.length > 0) throw invalidInput('There can be only one permissions boundary.');
  return boundary;
}

/** Condition keys of the user in whose name the simulation calls. Throws InvalidInput. */
export function callerKeys(ctx: Context, arn: string | undefined): Values {
  if (arn === undefined) return {};
  const [, name] = /^arn:[^:]+:iam::\d{12}:user\/(?:.*\/)?([^/]+)$/.exec(arn) ?? [];
  if (name === undefined) throw invalidInput('Invalid caller - Caller must be an IAM user in this context.');
  const user = ctx.state.users.find(name);
  return principalValues(arn, user && userArn(ctx, user) === arn ? user : undefined);
}

/** Condition keys in lower case, as the evaluator looks them up. Throws InvalidInput. */
export const givenKeys = (entries: readonly ContextEntry[] = []): Values =>
  Object.fromEntries(
    entries.map(({ ContextKeyName: name, ContextKeyValues: values = [] }) => {
      if (name === undefined) throw invalidInput('A context entry has no ContextKeyName.');
      return [name.toLowerCase(), values];
    }),
  );
