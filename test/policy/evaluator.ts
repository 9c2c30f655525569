/**
 * A small evaluator of policy documents for the tests, written apart from `src/policy`: it decides every request of
 * a small universe by regular expressions and compares nothing.
 */
import type { PolicyDocument } from '../../src/core/state.ts';

/** Keys in lower case. A list: the key has several values, or none of them. */
type Context = { readonly [key: string]: string | readonly string[] };

/** Requests: every combination of these. */
export interface Universe {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly contexts: readonly Context[];
  readonly principals: readonly string[];
}

/** How what AWS leaves open is read. */
export interface Reading {
  /** `anything`: wildcards cross colons. `segments`: only a star at the end of a segment does. */
  readonly wildcards: 'anything' | 'segments';
  /**
   * A variable without a value: its statement does not apply at all, or what it stands in matches nothing (so that
   * what is negated holds), or it is an empty text.
   */
  readonly noValue: 'void' | 'nothing' | 'empty';
}

export const readings: readonly Reading[] = (['anything', 'segments'] as const).flatMap((wildcards) =>
  (['void', 'nothing', 'empty'] as const).map((noValue) => ({ wildcards, noValue })),
);

interface RawStatement {
  readonly Effect: string;
  readonly Action?: string | string[];
  readonly NotAction?: string | string[];
  readonly Resource?: string | string[];
  readonly NotResource?: string | string[];
  readonly Principal?: string | { readonly [type: string]: string | string[] };
  readonly Condition?: { readonly [operator: string]: { readonly [key: string]: unknown } };
}

const many = <T>(value: T | readonly T[]): readonly T[] =>
  Array.isArray(value) ? (value as readonly T[]) : [value as T];

const literal = (text: string): string => text.replaceAll(/[^\w]/g, String.raw`\$&`);

/** `${name}`, `${name, 'default'}`, or one of the characters `${*}`, `${?}`, `${$}`. */
const variable = /^\$\{([^}]*)\}/;

/** What a variable stands for; null: nothing is known. */
function valueOf(inner: string, context: Context, { noValue }: Reading): string | null {
  if (/^[*?$]$/.test(inner)) return inner;
  const [name = '', fallback] = inner.split(/,\s*/);
  const known = context[name.trim().toLowerCase()];
  if (typeof known === 'string') return known;
  return fallback?.replace(/^'(.*)'$/, '$1') ?? (noValue === 'empty' ? '' : null);
}

/** @param context values of policy variables; null where `${` is plain text. */
function expression(pattern: string, flags: string, reading: Reading, context: Context | null): RegExp {
  const plain = context === null || !pattern.includes('${');
  const key = `${reading.wildcards} ${flags} ${pattern}`;
  const known = plain ? expressions.get(key) : undefined;
  if (known) return known;
  const read = readExpression(pattern, flags, reading, plain ? null : context);
  if (plain) expressions.set(key, read);
  return read;
}

const expressions = new Map<string, RegExp>();

function readExpression(pattern: string, flags: string, reading: Reading, context: Context | null): RegExp {
  let source = '';
  for (let at = 0; at < pattern.length; at += 1) {
    const char = pattern[at]!;
    const found = context && variable.exec(pattern.slice(at));
    if (found) {
      const value = valueOf(found[1]!, context, reading);
      if (value === null) return /^\b$/;
      source += literal(value);
      at += found[0].length - 1;
    } else if (char === '*') {
      const end = at + 1 === pattern.length || pattern[at + 1] === ':';
      source += reading.wildcards === 'anything' || end ? '.*' : '[^:]*';
    } else if (char === '?') source += reading.wildcards === 'anything' ? '.' : '[^:]';
    else source += literal(char);
  }
  return new RegExp(`^${source}$`, `s${flags}`);
}

/** Whether the statement is dropped, because something in it has no value. */
function isVoid(statement: RawStatement, context: Context, reading: Reading): boolean {
  if (reading.noValue !== 'void') return false;
  const { Resource, NotResource, Condition } = statement;
  const text = JSON.stringify([Resource, NotResource, Condition]);
  return [...text.matchAll(/\$\{([^}]*)\}/g)].some((found) => valueOf(found[1]!, context, reading) === null);
}

/** Texts as numbers that compare as they are meant to. */
const instant = (text: string): number => (/^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text));

const addressBits = (text: string): string => {
  if (!text.includes(':'))
    return `4${text
      .split('.')
      .map((part) => Number(part).toString(2).padStart(8, '0'))
      .join('')}`;
  const [head = [], tail] = text.split('::').map((half) => half.split(':').filter(Boolean));
  const words = tail
    ? [...head, ...Array.from({ length: 8 - head.length - tail.length }, () => '0'), ...tail]
    : head;
  return `6${words.map((word) => parseInt(word, 16).toString(2).padStart(16, '0')).join('')}`;
};

function inNetwork(address: string, network: string): boolean {
  const [host = '', size] = network.split('/');
  const bits = addressBits(host);
  return addressBits(address).startsWith(size === undefined ? bits : bits.slice(0, 1 + Number(size)));
}

const wildcardTest = (text: string, pattern: string): boolean =>
  expression(pattern, '', readings[0]!, null).test(text);

/** The six parts of an ARN, each by itself. */
const arnTest = (text: string, pattern: string): boolean => {
  const parts = (arn: string): string[] => [...arn.split(':', 5), arn.split(':').slice(5).join(':')];
  const wanted = parts(pattern);
  return parts(text).every((part, at) => wildcardTest(part, wanted[at]!));
};

type Compare = (actual: string, wanted: string) => boolean;
const ordered = (of: string, read: (text: string) => number): { [operator: string]: Compare } => ({
  [`${of}equals`]: (actual, wanted) => read(actual) === read(wanted),
  [`${of}lessthan`]: (actual, wanted) => read(actual) < read(wanted),
  [`${of}lessthanequals`]: (actual, wanted) => read(actual) <= read(wanted),
  [`${of}greaterthan`]: (actual, wanted) => read(actual) > read(wanted),
  [`${of}greaterthanequals`]: (actual, wanted) => read(actual) >= read(wanted),
});

const comparisons: { readonly [operator: string]: Compare } = {
  stringequals: (actual, wanted) => actual === wanted,
  stringequalsignorecase: (actual, wanted) => actual.toLowerCase() === wanted.toLowerCase(),
  stringlike: wildcardTest,
  bool: (actual, wanted) => actual.toLowerCase() === wanted.toLowerCase(),
  ipaddress: inNetwork,
  arnequals: arnTest,
  arnlike: arnTest,
  ...ordered('numeric', Number),
  ...ordered('date', instant),
};

function conditionHolds(
  operator: string,
  values: readonly string[],
  actual: string | readonly string[] | undefined,
): boolean {
  const [, quantifier, named = '', ifExists] =
    /^(forallvalues:|foranyvalue:)?(.*?)(ifexists)?$/.exec(operator.toLowerCase()) ?? [];
  if (named === 'null') return values.includes(String(actual === undefined));
  const negated = /^(stringnot|numericnot|datenot|arnnot|notip)/.test(named);
  const compare = comparisons[negated ? named.replace('not', '') : named];
  if (!compare) throw new Error(`no such operator in the tests: ${operator}`);
  const one = (text: string): boolean => values.some((value) => compare(text, value)) !== negated;
  if (quantifier === 'forallvalues:') return many(actual ?? []).every(one);
  if (actual === undefined) return ifExists !== undefined || (negated && quantifier === undefined);
  return many(actual).some(one);
}

/** A condition's value with its variables filled in. */
function filled(value: string, context: Context, reading: Reading): string | null {
  let text = '';
  for (let at = 0; at < value.length; at += 1) {
    const found = variable.exec(value.slice(at));
    const known = found ? valueOf(found[1]!, context, reading) : value[at]!;
    if (known === null) return null;
    text += known;
    if (found) at += found[0].length - 1;
  }
  return text;
}

const inContext = (
  statement: RawStatement,
  context: Context,
  variables: boolean,
  reading: Reading,
): boolean =>
  Object.entries(statement.Condition ?? {}).every(([operator, block]) =>
    Object.entries(block).every(([key, values]) => {
      const texts = many(values).map(String);
      const known = texts.map((text) => (variables ? filled(text, context, reading) : text));
      return conditionHolds(
        operator,
        known.filter((text) => text !== null),
        context[key.toLowerCase()],
      );
    }),
  );

function isFor(statement: RawStatement, principal: string): boolean {
  const named = statement.Principal;
  if (typeof named !== 'object') return true;
  const names = new Set(
    Object.entries(named).flatMap(([type, list]) =>
      many(list).map((name) => `${type} ${name.replace(/^arn:aws:iam::(\d+):root$/, '$1')}`),
    ),
  );
  // {"AWS": "*"} allows whom "*" allows; of a Deny only the least is taken for granted.
  const anybody = names.has('AWS *') && (statement.Effect === 'Allow' || principal.startsWith('AWS '));
  return anybody || names.has(principal);
}

/** Pattern lists against texts: which of them match. */
const matching = (
  plain: string | string[] | undefined,
  inverse: string | string[] | undefined,
  texts: readonly string[],
  read: (pattern: string) => RegExp,
): boolean[] => {
  const expressions = many(plain ?? inverse ?? '*').map(read);
  return texts.map(
    (text) => expressions.some((one) => one.test(text)) === (plain !== undefined || inverse === undefined),
  );
};

/** What a document says to each request: whether some Allow, and whether some Deny, matches. */
export function evaluate(
  document: PolicyDocument,
  { actions, resources, contexts, principals }: Universe,
  reading: Reading = readings[0]!,
): { allow: Uint8Array; deny: Uint8Array } {
  const size = actions.length * resources.length * contexts.length * principals.length;
  const said = { allow: new Uint8Array(size), deny: new Uint8Array(size) };
  const variables = document.Version === '2012-10-17';
  for (const statement of many(document.Statement as unknown as RawStatement | RawStatement[])) {
    const marks = statement.Effect === 'Allow' ? said.allow : said.deny;
    const byAction = matching(statement.Action, statement.NotAction, actions, (pattern) =>
      expression(pattern, 'i', { ...reading, wildcards: 'anything' }, null),
    );
    const byPrincipal = principals.map((principal) => isFor(statement, principal));
    let at = 0;
    let same: boolean[] | undefined;
    const mayBeVoid = variables && JSON.stringify(statement).includes('${');
    const varies = mayBeVoid && JSON.stringify([statement.Resource, statement.NotResource]).includes('${');
    for (const context of contexts) {
      const holds =
        inContext(statement, context, variables, reading) &&
        !(mayBeVoid && isVoid(statement, context, reading));
      const byResource =
        same ??
        matching(statement.Resource, statement.NotResource, resources, (pattern) =>
          expression(pattern, '', reading, variables ? context : null),
        );
      if (!varies) same = byResource;
      for (const resource of byResource) {
        for (const action of byAction) {
          for (const principal of byPrincipal) {
            if (holds && resource && action && principal) marks[at] = 1;
            at += 1;
          }
        }
      }
    }
  }
  return said;
}

/** The request at a position of {@link evaluate}'s answer, to show it. */
export function requestAt(at: number, { actions, resources, contexts, principals }: Universe): object {
  const take = <T>(list: readonly T[], rest: number): [T, number] => [
    list[rest % list.length]!,
    Math.floor(rest / list.length),
  ];
  const [principal, a] = take(principals, at);
  const [action, b] = take(actions, a);
  const [resource, c] = take(resources, b);
  return { principal, action, resource, context: contexts[c] };
}
