import { awsPolicyArn, isOfServiceRoles, managedPolicyArn, policyArnParts } from '../../core/arn.ts';
import { readAwsManagedPolicies } from '../../core/aws-managed-policies.ts';
import type { DiagnosticCode } from '../../core/diagnostics.ts';
import { NameMap, sameName } from '../../core/names.ts';
import { quote } from '../../core/text.ts';
import { field, place, textOf } from '../../core/tree.ts';
import type { Node } from '../../core/tree.ts';
import type { ManifestContext } from './context.ts';

/** Names of AWS's policies as references have them, without `aws:`: `ReadOnlyAccess`, `job-function/Billing`. */
let awsNames: ReadonlySet<string> | undefined;

const knownAwsNames = (): ReadonlySet<string> =>
  (awsNames ??= new Set([...readAwsManagedPolicies()].map(({ path, name }) => `${path}${name}`.slice(1))));

const serviceRoles = 'aws-service-role/';

const bareName = (full: string): string => full.slice(full.lastIndexOf('/') + 1);

/** The path of a declared policy; a wrong one is reported elsewhere. */
export const policyPath = (policy: Node | undefined): string => textOf(field(policy, 'path')?.value) ?? '/';

/** The ARN of a policy that `attach` or `boundary` names. Null if there is none, which is reported. */
export function resolvePolicy(node: Node, context: ManifestContext): string | null {
  const text = textOf(node);
  // The schema reports anything but text.
  if (text === undefined || text === '') return null;
  if (text.startsWith('aws:')) return resolveAws(text.slice('aws:'.length), node, context);
  return text.startsWith('arn:') ? resolveArn(text, node, context) : resolveOwn(text, node, context);
}

function resolveAws(name: string, node: Node, context: ManifestContext): string | null {
  if (!/^(?:[A-Za-z0-9_+=,.@-]+\/)*[A-Za-z0-9_+=,.@-]+$/.test(name)) {
    context.report.error(
      'bad-reference',
      place(node),
      `${quote(`aws:${name}`)} is not the name of an AWS managed policy`,
      {
        hint: 'write aws:ReadOnlyAccess, or with its path aws:job-function/Billing',
      },
    );
    return null;
  }
  return checkKnown(name, awsArn(name, context), node, context);
}

function awsArn(name: string, { partition }: ManifestContext): string {
  const slash = name.lastIndexOf('/') + 1;
  return awsPolicyArn(partition, name.slice(slash), `/${name.slice(0, slash)}`);
}

/**
 * The ARN of a policy of AWS; null if nobody can hold it, which is reported. An unknown name is only a warning, since AWS
 * adds policies faster than the list is updated.
 */
function checkKnown(name: string, arn: string, node: Node, context: ManifestContext): string | null {
  const { report } = context;
  const known = knownAwsNames();
  const fail = (code: DiagnosticCode, message: string, hint: string): null => {
    report.error(code, place(node), message, { hint });
    return null;
  };
  if (isOfServiceRoles(arn)) {
    return fail(
      'not-attachable',
      `the AWS managed policy ${quote(name)} is for the service-linked roles of AWS alone`,
      'drop it; IAM attaches it to nobody else',
    );
  }
  if (known.has(name)) return arn;
  const spelled = [...known].find((other) => sameName(other, name));
  if (spelled !== undefined) {
    return fail(
      'unknown-aws-policy',
      `the AWS managed policy ${quote(name)} is written ${quote(spelled)}`,
      `write aws:${spelled}`,
    );
  }
  const elsewhere = [...known].find((other) => bareName(other) === bareName(name));
  if (elsewhere !== undefined) {
    if (elsewhere.startsWith(serviceRoles))
      return checkKnown(elsewhere, awsArn(elsewhere, context), node, context);
    return fail(
      'unknown-aws-policy',
      `the AWS managed policy ${quote(bareName(name))} has another path`,
      `write aws:${elsewhere}`,
    );
  }
  report.warning('unknown-aws-policy', place(node), `no AWS managed policy ${quote(name)} is known`, {
    hint:
      report.suggest('AWS policies', name, known)?.replace('"', '"aws:') ??
      'check its name; a very new one may not be known yet',
  });
  return arn;
}

function resolveArn(arn: string, node: Node, context: ManifestContext): string | null {
  const { report, account, partition } = context;
  const parts = policyArnParts(arn);
  const fail = (code: DiagnosticCode, message: string, hint?: string): null => {
    report.error(code, place(node), message, { hint });
    return null;
  };
  if (!parts) {
    return fail(
      'bad-arn',
      `${quote(arn, 160)} is not the ARN of a managed policy`,
      'write arn:aws:iam::123456789012:policy/name, or the name alone',
    );
  }
  const arnPartition = arn.split(':')[1] ?? '';
  if (arnPartition !== partition) {
    return fail(
      'bad-arn',
      `the ARN is of partition ${quote(arnPartition)}, the account of ${quote(partition)}`,
      `write ${arn.replace(/^arn:[^:]*/, `arn:${partition}`)}`,
    );
  }
  if (parts.account === 'aws') return checkKnown(`${parts.path}${parts.name}`.slice(1), arn, node, context);
  if (account === null) return arn;
  if (parts.account !== account) {
    return fail(
      'other-account',
      `the policy is of account ${parts.account}, not ${account}: IAM cannot attach it`,
      'declare a policy of this account under policies',
    );
  }
  const declared = context.declared('policies').get(parts.name);
  if (declared) {
    const path = policyPath(declared.value);
    if (path === parts.path) return arn;
    return fail(
      'bad-arn',
      `the policy ${quote(parts.name)} is declared with path ${quote(path)}, but the ARN has ${quote(parts.path)}`,
      `write ${parts.name}`,
    );
  }
  if (context.mayBeLeft('policies', parts.name) || !context.complete) return arn;
  return unknownPolicy(parts.name, node, context);
}

function resolveOwn(name: string, node: Node, context: ManifestContext): string | null {
  const declared = context.declared('policies').get(name);
  if (declared) {
    return managedPolicyArn(context.partition, context.account ?? '', policyPath(declared.value), name);
  }
  if (!context.complete) return null;
  if (context.isIgnored('policies', name) && awsNameOf(name) === undefined) {
    context.report.error(
      'unknown-policy',
      place(node),
      `the policy ${quote(name)} is ignored: its path is not known here`,
      {
        hint: `write its full ARN: ${managedPolicyArn(context.partition, context.account ?? '123456789012', '/', name)}`,
      },
    );
    return null;
  }
  return unknownPolicy(name, node, context);
}

/** Those that anybody can hold, by name without path and case. */
let awsByName: NameMap<string> | undefined;

/** A policy of AWS whose name somebody wrote alone, with its path; undefined if there is none to be held. */
function awsNameOf(name: string): string | undefined {
  awsByName ??= new NameMap(
    [...knownAwsNames()]
      .filter((full) => !full.startsWith(serviceRoles))
      .map((full) => [bareName(full), full] as const),
  );
  return awsByName.get(bareName(name));
}

function unknownPolicy(name: string, node: Node, context: ManifestContext): null {
  const ofAws = awsNameOf(name);
  const hint =
    ofAws !== undefined
      ? `AWS's own is written aws:${ofAws}`
      : (context.report.suggest('policies', name, context.declared('policies').keys()) ??
        (context.mayBeLeft('policies', name)
          ? 'declare it under policies, or write the full ARN of one that is not managed'
          : 'declare it under policies'));
  context.report.error('unknown-policy', place(node), `there is no policy ${quote(name)}`, { hint });
  return null;
}
