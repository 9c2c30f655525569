import type { DiagnosticCode } from '../../core/diagnostics.ts';
import { isObject } from '../../core/json.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import type { PolicyDocument } from '../../core/state.ts';
import { listWords, quote } from '../../core/text.ts';
import { entriesOf, field, place, textOf, toJson } from '../../core/tree.ts';
import type { Node } from '../../core/tree.ts';
import { texts } from '../../policy/statement.ts';
import { checkTrust, nobodyTrust } from '../../policy/trust/index.ts';
import type { ManifestContext } from '../reading/context.ts';
import { checkDeclared } from '../reading/declared.ts';
import { fromForms, github, githubParts } from './trust-forms.ts';
import type { TrustForm } from './trust-forms.ts';

/** Whom a form is about, with the keys that may stand beside it. */
const kinds: { readonly [kind: string]: readonly string[] } = {
  github: [],
  service: [],
  account: ['externalId', 'mfa', 'org'],
  role: ['externalId', 'mfa', 'org'],
  user: ['externalId', 'mfa', 'org'],
  saml: ['audience'],
  oidc: ['subject', 'audience', 'conditions'],
};
const kindNames = Object.keys(kinds);

/** The document of `trust` as a list of short forms. Null if it has errors, which are reported. */
export function readForms(_role: string, list: Node, context: ManifestContext): PolicyDocument | null {
  if (list.kind !== 'list' || context.account === null) return null;
  if (list.items.length === 0) return nobodyTrust;
  const forms: TrustForm[] = [];
  const nodes: Node[] = [];
  let sound = true;
  for (const node of list.items) {
    const form = readForm(node, context);
    if (form) {
      forms.push(form);
      nodes.push(node);
    } else sound = false;
  }
  if (forms.length === 0) return null;
  const document = fromForms(forms, {
    account: context.account,
    partition: context.partition,
    arnOf: (kind, name) => arnOf(kind, name, context),
    nameOf: () => null,
  });
  for (const { severity, code, message, hint, path } of checkTrust(document, {
    partition: context.partition,
    whereItStands: true,
  })) {
    const [, index] = path;
    const at = typeof index === 'number' ? valueOf(nodes[index]!) : list;
    context.report[severity](code, place(at), message, {
      hint: hint?.startsWith('write Cond') ? undefined : hint,
    });
    if (severity === 'error') sound = false;
  }
  return sound ? document : null;
}

/** What a form says of whom it is about: its first key that is one. */
const valueOf = (node: Node): Node =>
  entriesOf(node).find(({ key }) => kindNames.includes(key))?.value ?? node;

/** Null if something is wrong, which is reported, here or by the schema. */
function readForm(node: Node, context: ManifestContext): TrustForm | null {
  if (node.kind !== 'map') return null;
  const entries = entriesOf(node).filter(({ key }) => !key.startsWith('x-'));
  const [first, second] = entries.filter(({ key }) => kindNames.includes(key));
  const fail = (at: Node | (typeof entries)[number]['at'], message: string, hint: string): null => {
    context.report.error('trust-form', place(at), message, { hint });
    return null;
  };
  // Of an empty one the schema tells.
  if (entries.length === 0) return null;
  if (!first) return fail(node, 'this names nobody who may assume the role', `write ${listWords(kindNames)}`);
  if (second)
    return fail(
      second.at,
      `${quote(first.key)} and ${quote(second.key)} stand in one entry`,
      'write an entry for each',
    );
  const beside = kinds[first.key]!;
  const odd = entries.find(({ key }) => key !== first.key && !beside.includes(key));
  if (odd) {
    // What no form knows the schema has reported.
    if (!Object.values(kinds).some((keys) => keys.includes(odd.key))) return null;
    const inside = first.key === 'github' && odd.key !== 'conditions';
    return fail(
      odd.at,
      `${quote(odd.key)} means nothing beside ${quote(first.key)}`,
      inside ? `put it into github: { … }` : 'drop it, or write a whole trust policy',
    );
  }
  const form = toJson(node) as JsonObject;
  if (!isReadable(form, first.key)) return null;
  if (form['account'] === '*' && form['org'] === undefined)
    return fail(
      first.value,
      'every account of AWS would be trusted',
      'name the account, or an organization with org',
    );
  const isRight =
    first.key === 'github'
      ? checkGithub(first.value, context)
      : first.key === 'role' || first.key === 'user'
        ? checkNames(first.key, first.value, context)
        : first.key === 'saml' || first.key === 'oidc'
          ? checkProvider(first.key, first.value, context)
          : true;
  const { [first.key]: whom, ...others } = form;
  return isRight
    ? (Object.fromEntries(
        Object.entries({ [first.key]: whom!, ...others }).filter(([key]) => !key.startsWith('x-')),
      ) as unknown as TrustForm)
    : null;
}

const isTexts = (value: Json): boolean => value !== '' && texts(value) !== null;

/** Whether the values are of the types that the schema wants; it has reported others. */
const isReadable = (form: JsonObject, kind: string): boolean =>
  Object.entries(form).every(([key, value]) => {
    if (key.startsWith('x-')) return true;
    if (key === 'mfa') return value === true;
    if (key === 'conditions') return isObject(value);
    if (key === 'account') return texts(value)?.every((id) => /^(?:\d{12}|\*)$/.test(id)) === true;
    if (key !== 'github')
      return (
        isTexts(value) && (key !== kind || !['saml', 'oidc'].includes(kind) || typeof value === 'string')
      );
    return (
      isObject(value) &&
      Object.entries(value).every(
        ([name, item]) => name.startsWith('x-') || (name === 'pullRequest' ? item === true : isTexts(item)),
      )
    );
  });

function checkGithub(node: Node, { report }: ManifestContext): boolean {
  const fail = (at: Node, message: string, hint: string): false => {
    report.error('trust-form', place(at), message, { hint });
    return false;
  };
  const repo = field(node, 'repo');
  const subject = field(node, 'subject');
  const parts = [...githubParts, 'pullRequest'].flatMap((key) => field(node, key) ?? []);
  if (subject && (repo || parts.length > 0))
    return fail(
      subject.value,
      `${quote('subject')} says all that ${quote((repo ?? parts[0]!).key)} says`,
      'keep one of them',
    );
  if (!repo && !subject)
    return fail(node, 'this is every repository of GitHub', 'write repo: OWNER/REPOSITORY');
  if (parts.length > 1)
    return fail(
      parts[1]!.value,
      `a job has one subject: ${quote(parts[0]!.key)} and ${quote(parts[1]!.key)} never hold together`,
      'write an entry for each; a job that names an environment has its subject from that',
    );
  return true;
}

const sections: { readonly [kind: string]: readonly [section: string, code: DiagnosticCode, what: string] } =
  {
    role: ['roles', 'unknown-role', 'role'],
    user: ['users', 'unknown-user', 'user'],
    saml: ['identityProviders.saml', 'unknown-provider', 'SAML provider'],
    oidc: ['identityProviders.oidc', 'unknown-provider', 'OIDC provider'],
  };

function isKnown(kind: string, node: Node, context: ManifestContext): boolean {
  const [section, ...words] = sections[kind]!;
  return checkDeclared(section, words, node, context);
}

const textsIn = (node: Node): readonly Node[] => (node.kind === 'list' ? node.items : [node]);

function checkNames(kind: string, value: Node, context: ManifestContext): boolean {
  return textsIn(value)
    .map((node) => {
      const name = textOf(node)!;
      if (!name.startsWith('arn:')) return isKnown(kind, node, context);
      if (new RegExp(`^arn:[^:]+:iam::\\d{12}:${kind}/.+$`).test(name)) return true;
      context.report.error('trust-form', place(node), `${quote(name)} is no ARN of a ${kind}`, {
        hint: `write the name of a ${kind}, or arn:${context.partition}:iam::123456789012:${kind}/NAME`,
      });
      return false;
    })
    .every(Boolean);
}

function checkProvider(kind: string, node: Node, context: ManifestContext): boolean {
  const name = textOf(node)!;
  const fail = (message: string, hint: string): false => {
    context.report.error('trust-form', place(node), message, { hint });
    return false;
  };
  if (name.includes('://'))
    return fail(`${quote(name)} has a scheme`, `write ${name.replace(/^[^:]*:\/\//, '')}`);
  if (name.startsWith('arn:'))
    return fail(`${quote(name)} is an ARN`, `write ${name.replace(/^.*?:(?:oidc|saml)-provider\//, '')}`);
  if (kind === 'oidc' && name === github)
    return fail(`${quote(name)} has a form of its own`, 'write github: { repo: OWNER/REPOSITORY }');
  return isKnown(kind, node, context);
}

/** By the path that the files give it; of one that they do not have, none is known. */
function arnOf(kind: string, name: string, context: ManifestContext): string {
  const [section] = sections[kind]!;
  const path = textOf(field(context.declared(section).get(name)?.value, 'path')?.value) ?? '/';
  return `arn:${context.partition}:iam::${context.account}:${kind}${path}${name}`;
}
