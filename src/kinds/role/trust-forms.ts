/** The short forms of trusts, as data, and the documents that they stand for. */
import { isObject, scalarText } from '../../core/json.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import { currentVersion, statementsOf } from '../../core/policy-language.ts';
import type { AccountState, PolicyDocument } from '../../core/state.ts';
import { texts } from '../../policy/statement.ts';
import { sameTrust } from '../../policy/trust/index.ts';

type Place = Pick<AccountState, 'account' | 'partition'>;

/** One text, or some of which any will do. */
type Some = string | readonly string[];

/** Which of the tokens of GitHub are taken. */
export interface GithubForm {
  /** `acme/web`, or with the numbers that newer subjects have: `acme@123/web@456`. */
  readonly repo?: Some;
  /** One of these; without any, whatever runs in the repository. */
  readonly environment?: Some;
  readonly branch?: Some;
  readonly tag?: Some;
  readonly ref?: Some;
  readonly pullRequest?: true;
  /** A whole subject, in place of all these. */
  readonly subject?: Some;
  readonly audience?: Some;
}

/** What else must hold of somebody of AWS. */
interface Requirements {
  readonly externalId?: Some;
  readonly mfa?: true;
  /** An organization: `o-…`. */
  readonly org?: Some;
}

export type TrustForm =
  | { readonly github: GithubForm }
  | { readonly service: Some }
  /** `*`: any. */
  | ({ readonly account: Some } & Requirements)
  /** Names of the account's own, or ARNs of others. */
  | ({ readonly role: Some } & Requirements)
  | ({ readonly user: Some } & Requirements)
  | { readonly saml: string; readonly audience?: Some }
  | {
      readonly oidc: string;
      readonly subject?: Some;
      readonly audience?: Some;
      readonly conditions?: JsonObject;
    };

/** Names of users and roles of the account, and their ARNs. */
export interface Names extends Place {
  arnOf(kind: string, name: string): string;
  /** Null: manifests have no name for it. */
  nameOf(arn: string): { readonly kind: string; readonly name: string } | null;
  /** Of an identity provider that forms cannot name, as others of its kind are declared and it is not. */
  isUnknown?(provider: string): boolean;
}

export const github = 'token.actions.githubusercontent.com';
const githubAudience = 'sts.amazonaws.com';

/** Where SAML responses are sent to. Source: AWS Sign-In, "Endpoints". */
const samlAudience = (partition: string): string =>
  ({
    'aws-cn': 'https://signin.amazonaws.cn/saml',
    'aws-us-gov': 'https://signin.amazonaws-us-gov.com/saml',
  })[partition] ?? 'https://signin.aws.amazon.com/saml';

const many = (value: Some): readonly string[] => (typeof value === 'string' ? [value] : value);
const one = (values: readonly string[]): Some => (values.length === 1 ? values[0]! : values);

/** A condition that a key is one of some values, as one of its operators. */
function oneOf(key: string, values: Some): JsonObject {
  const operator = many(values).some((value) => /[*?]/.test(value)) ? 'StringLike' : 'StringEquals';
  return { [operator]: { [key]: values } };
}

/** Several conditions, all of which must hold. Of a key and operator that are there twice the last counts. */
function allOf(...conditions: readonly JsonObject[]): JsonObject {
  const all: Record<string, JsonObject> = {};
  for (const condition of conditions)
    for (const [operator, keys] of Object.entries(condition))
      all[operator] = { ...all[operator], ...(keys as JsonObject) };
  return all;
}

const statement = (principal: JsonObject | '*', action: string, condition: JsonObject): JsonObject => ({
  Effect: 'Allow',
  Principal: principal,
  Action: `sts:${action}`,
  ...(Object.keys(condition).length === 0 ? {} : { Condition: condition }),
});

/** The document of some forms: a statement for each. */
export const fromForms = (forms: readonly TrustForm[], names: Names): PolicyDocument => ({
  Version: currentVersion,
  Statement: forms.map((form) => toStatement(form, names)),
});

function toStatement(form: TrustForm, names: Names): JsonObject {
  const { account, partition } = names;
  const provider = (path: string): JsonObject => ({ Federated: `arn:${partition}:iam::${account}:${path}` });
  if ('github' in form) {
    const { audience = githubAudience } = form.github;
    return statement(
      provider(`oidc-provider/${github}`),
      'AssumeRoleWithWebIdentity',
      allOf(oneOf(`${github}:aud`, audience), oneOf(`${github}:sub`, one(subjectsOf(form.github)))),
    );
  }
  if ('oidc' in form) {
    const { oidc, subject, audience, conditions = {} } = form;
    return statement(
      provider(`oidc-provider/${oidc}`),
      'AssumeRoleWithWebIdentity',
      allOf(
        conditions,
        audience === undefined ? {} : oneOf(`${oidc}:aud`, audience),
        subject === undefined ? {} : oneOf(`${oidc}:sub`, subject),
      ),
    );
  }
  if ('saml' in form) {
    const { saml, audience = samlAudience(partition) } = form;
    return statement(provider(`saml-provider/${saml}`), 'AssumeRoleWithSAML', oneOf('SAML:aud', audience));
  }
  if ('service' in form) return statement({ Service: form.service as Json }, 'AssumeRole', {});
  const { externalId, mfa, org } = form;
  const condition = allOf(
    externalId === undefined ? {} : oneOf('sts:ExternalId', externalId),
    mfa ? { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } : {},
    org === undefined ? {} : oneOf('aws:PrincipalOrgID', org),
  );
  return statement(principalOf(form, names), 'AssumeRole', condition);
}

function principalOf(form: Extract<TrustForm, Requirements>, names: Names): JsonObject | '*' {
  if ('account' in form) {
    if (form.account === '*') return '*';
    return { AWS: one(many(form.account).map((id) => `arn:${names.partition}:iam::${id}:root`)) as Json };
  }
  const [kind, some] = 'role' in form ? ['role', form.role] : ['user', form.user];
  const arns = many(some).map((name) => (name.startsWith('arn:') ? name : names.arnOf(kind, name)));
  return { AWS: one(arns) as Json };
}

/** What follows the repository in a subject. Source: GitHub Docs, "OpenID Connect reference". */
const tails = {
  // In a subject, a colon of the name is written so.
  environment: (name: string) => `environment:${name.replaceAll(':', '%3A')}`,
  branch: (name: string) => `ref:refs/heads/${name}`,
  tag: (name: string) => `ref:refs/tags/${name}`,
  ref: (name: string) => `ref:${name}`,
} as const;
export const githubParts = Object.keys(tails) as readonly (keyof typeof tails)[];

function subjectsOf(form: GithubForm): readonly string[] {
  if (form.subject !== undefined) return many(form.subject);
  const part = githubParts.find((key) => form[key] !== undefined);
  const rest =
    part !== undefined ? many(form[part]!).map(tails[part]) : [form.pullRequest ? 'pull_request' : '*'];
  return many(form.repo ?? []).flatMap((repo) => rest.map((tail) => `repo:${repo}:${tail}`));
}

/**
 * The forms of a document; null: it says something that they cannot say, and is written whole. What they say is what it
 * says, however its statements are put.
 */
export function toForms(document: PolicyDocument, names: Names): readonly TrustForm[] | null {
  const forms: TrustForm[] = [];
  for (const item of statementsOf(document)) {
    const some = isObject(item) ? formsOf(item, names) : null;
    if (!some) return null;
    forms.push(...some);
  }
  return forms.length > 0 && sameTrust(fromForms(forms, names), document) ? forms : null;
}

/** Null: what it says has no form. */
function formsOf(item: JsonObject, names: Names): readonly TrustForm[] | null {
  const { Sid: label, Effect, Principal: principal, Action: action, Condition = {}, ...others } = item;
  // The console calls a statement Statement1. Other labels say something, and stay.
  if (label !== undefined && !/^(?:Statement\d+)?$/.test(scalarText(label))) return null;
  if (Effect !== 'Allow' || Object.keys(others).length > 0) return null;
  const [only, ...more] = texts(action) ?? [];
  const tests = testsOf(Condition);
  if (only === undefined || more.length > 0 || !tests || principal === undefined) return null;
  if (principal === '*') return onlyOf(awsForms('*', tests, names));
  if (!isObject(principal)) return null;
  const found = Object.entries(principal).flatMap(([type, value]): (readonly TrustForm[] | null)[] =>
    (texts(value) ?? ['']).map((text) =>
      type === 'AWS'
        ? onlyOf(awsForms(text, tests, names))
        : type === 'Service'
          ? tests.length === 0
            ? [{ service: text }]
            : null
          : onlyOf(federatedForm(text, tests, names)),
    ),
  );
  return found.every((some) => some !== null) ? merged(found.flat()) : null;
}

const onlyOf = (form: TrustForm | null): readonly TrustForm[] | null => form && [form];

interface Test {
  readonly operator: string;
  readonly key: string;
  readonly values: Some;
}

function testsOf(condition: Json): Test[] | null {
  if (!isObject(condition)) return null;
  const found: Test[] = [];
  for (const [operator, keys] of Object.entries(condition)) {
    if (!isObject(keys)) return null;
    for (const [key, value] of Object.entries(keys)) {
      const values = texts(typeof value === 'boolean' ? String(value) : value);
      if (!values || values.length === 0) return null;
      found.push({ operator, key, values: one(values) });
    }
  }
  return found;
}

/**
 * The values that one of the keys must have, by what `oneOf` would write; undefined: nothing of the kind is asked.
 *
 * @param taken what the form takes as a value: others stay among the tests.
 */
function take(tests: Test[], key: string, taken = /^./s): Some | undefined {
  const at = tests.findIndex(
    (test) =>
      sameText(test.key, key) &&
      /^String(?:Equals|Like)$/i.test(test.operator) &&
      [test.values].flat().every((value) => taken.test(value)),
  );
  return at < 0 ? undefined : tests.splice(at, 1)[0]!.values;
}

const sameText = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

function awsForms(text: string, all: readonly Test[], names: Names): TrustForm | null {
  const tests = [...all];
  const externalId = take(tests, 'sts:ExternalId', /^.{2,1224}$/s);
  const org = take(tests, 'aws:PrincipalOrgID', /^o-[a-z0-9]{10,32}$/);
  const [test, ...more] = tests;
  const mfa =
    test !== undefined &&
    more.length === 0 &&
    /^bool$/i.test(test.operator) &&
    sameText(test.key, 'aws:MultiFactorAuthPresent') &&
    test.values === 'true';
  if (test !== undefined && !mfa) return null;
  const required = {
    ...(externalId === undefined ? {} : { externalId }),
    ...(mfa ? { mfa: true as const } : {}),
    ...(org === undefined ? {} : { org }),
  };
  if (text === '*') return org === undefined ? null : { account: '*', ...required };
  const [, account] = /^(?:arn:[^:]+:iam::)?(\d{12})(?::root)?$/.exec(text) ?? [];
  if (account !== undefined) return { account, ...required };
  const [, type, owner] = /^arn:[^:]+:iam::(?=\d+:(user|role)\/)(\d{12}):/.exec(text) ?? [];
  if (type === undefined) return null;
  const known = owner === names.account ? names.nameOf(text) : { kind: type, name: text };
  return known && ({ [known.kind]: known.name, ...required } as unknown as TrustForm);
}

function federatedForm(text: string, all: readonly Test[], names: Names): TrustForm | null {
  const { account, partition } = names;
  const own = `arn:${partition}:iam::${account}:`;
  if (!text.startsWith(own) || names.isUnknown?.(text)) return null;
  const [type, name] = split(text.slice(own.length), '/');
  const tests = [...all];
  if (type === 'saml-provider') {
    const audience = take(tests, 'SAML:aud');
    if (audience === undefined || tests.length > 0) return null;
    return { saml: name, ...(audience === samlAudience(partition) ? {} : { audience }) };
  }
  if (type !== 'oidc-provider') return null;
  const audience = take(tests, `${name}:aud`);
  const subject = take(tests, `${name}:sub`);
  if (name === github && audience !== undefined && subject !== undefined && tests.length === 0)
    return {
      github: { ...githubForm(subject), ...(audience === githubAudience ? {} : { audience }) },
    };
  // Its form always names both.
  if (name === github) return null;
  const conditions = allOf(...tests.map(({ operator, key, values }) => ({ [operator]: { [key]: values } })));
  return {
    oidc: name,
    ...(subject === undefined ? {} : { subject }),
    ...(audience === undefined ? {} : { audience }),
    ...(tests.length === 0 ? {} : { conditions }),
  };
}

function split(text: string, by: string): readonly [string, string] {
  const at = text.indexOf(by);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + by.length)];
}

/** Repositories and one of their parts, where the subjects are all that these give together; else as they are. */
function githubForm(subjects: Some): GithubForm {
  const read = many(subjects).map(readSubject);
  const [first] = read;
  const whole: GithubForm = { subject: subjects };
  if (!first || read.some((subject) => subject?.part !== first.part)) return whole;
  const [repos, values] = [
    [...new Set(read.map((subject) => subject!.repo))],
    [...new Set(read.map((subject) => subject!.value))],
  ];
  const form: GithubForm = {
    repo: one(repos),
    ...(first.part === 'pullRequest'
      ? { pullRequest: true }
      : first.part === null
        ? {}
        : { [first.part]: one(values) }),
  };
  const given = new Set(subjectsOf(form));
  return given.size === read.length && many(subjects).every((subject) => given.has(subject)) ? form : whole;
}

interface Subject {
  readonly repo: string;
  /** Null: whatever runs there. */
  readonly part: Exclude<keyof GithubForm, 'repo' | 'subject' | 'audience'> | null;
  readonly value: string;
}

function readSubject(subject: string): Subject | null {
  const [, repo, rest = ''] = /^repo:([^/:]+\/[^/:]+):(.+)$/s.exec(subject) ?? [];
  if (repo === undefined) return null;
  const is = (part: Subject['part'], value: string): Subject => ({ repo, part, value });
  if (rest === '*') return is(null, '');
  if (rest === 'pull_request') return is('pullRequest', '');
  const [kind, value] = split(rest, ':');
  if (kind === 'environment' && value !== '' && !value.includes(':'))
    return is('environment', value.replaceAll('%3A', ':'));
  if (kind !== 'ref') return null;
  if (/^refs\/heads\/./s.test(value)) return is('branch', value.slice('refs/heads/'.length));
  if (/^refs\/tags\/./s.test(value)) return is('tag', value.slice('refs/tags/'.length));
  return value === '' ? null : is('ref', value);
}

/** Forms of one statement that say the same of several: of one kind, and with the same requirements. */
function merged(forms: readonly TrustForm[]): readonly TrustForm[] {
  const groups = new Map<string, TrustForm[]>();
  for (const form of forms) {
    const [kind, ...rest] = Object.entries(form);
    const key = ['github', 'oidc', 'saml'].includes(kind![0])
      ? JSON.stringify(form)
      : JSON.stringify([kind![0], ...rest]);
    groups.set(key, [...(groups.get(key) ?? []), form]);
  }
  return [...groups.values()].map((group) => {
    const [[kind], ...rest] = Object.entries(group[0]!) as [[string, unknown], ...[string, unknown][]];
    if (group.length === 1 || ['github', 'oidc', 'saml'].includes(kind)) return group[0]!;
    const names = group.map((form) => (form as Record<string, unknown>)[kind] as string);
    return { [kind]: one([...new Set(names)]), ...Object.fromEntries(rest) } as unknown as TrustForm;
  });
}
