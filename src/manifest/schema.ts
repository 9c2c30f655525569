import type { ErrorObject } from 'ajv';
import { listWords, nearest, plural, quote } from '../core/text.ts';
import type { Json } from '../core/json.ts';
import { parseExpiry } from '../core/expiry.ts';
import type { Report } from '../core/report.ts';
import { entriesOf, follow, pathOf, place, textOf, toJson } from '../core/tree.ts';
import type { Node, Path, Scalar } from '../core/tree.ts';
import { manifestErrors } from './compiled.ts';
import { below, describe, kindAt } from './words.ts';
import { flow } from './write/yaml.ts';

/** The parts of a schema that messages use. */
interface Rule {
  readonly title?: string;
  readonly pattern?: string;
  readonly patternErrorMessage?: string;
  readonly properties?: Readonly<
    Record<string, { readonly doNotSuggest?: boolean; readonly type?: unknown }>
  >;
  readonly type?: string | readonly string[];
  readonly required?: readonly string[];
}

/** Checks one manifest file against the schema and reports each error in one sentence. */
export function checkSchema(root: Node, report: Report): void {
  for (const error of manifestErrors(toJson(root))) reportError(root, error, report);
}

/** How many steps of the path lead to a policy document; null if it is not in one. */
function documentDepth(path: Path): number | null {
  const kind = kindAt(path);
  const [key, each] = kind?.documents?.split('.') ?? [];
  const start = path.length - below(path, kind).length;
  const depth = start + (each === undefined ? 2 : 3);
  return key !== undefined && path[start + 1] === key && path.length >= depth ? depth : null;
}

function reportError(root: Node, error: ErrorObject, report: Report): void {
  const path = pathOf(root, error.instancePath);
  const found = follow(root, path);
  const { node } = found;
  const depth = documentDepth(path);
  // policy/grammar checks documents and says more about them. The schema repeats its rules for editors.
  if (depth !== null && (path.length > depth || node.kind === 'map')) return;

  const rule = (error.parentSchema ?? {}) as Rule;
  const params = error.params as Record<string, unknown>;
  // The error is about a key: its place is the mapping, but its value is the key's text.
  if (node.kind === 'map' && typeof error.data === 'string') {
    reportName(root, path, error.data, error, report);
    return;
  }
  const what = describe(path);
  switch (error.keyword) {
    case 'additionalProperties':
      reportUnknownKey(root, path, String(params['additionalProperty']), rule, report);
      break;
    case 'required':
      reportMissing(found, what, String(params['missingProperty']), rule, report);
      break;
    case 'type':
      reportType(path, node, [params['type'] as string | string[]].flat(), rule, report);
      break;
    case 'maxProperties':
      report.error(
        'quota',
        place(found.key),
        `${what} has ${plural(Object.keys(error.data as object).length, 'entry', 'entries')}; IAM allows ${String(params['limit'])}`,
      );
      break;
    case 'propertyNames':
    case 'if':
      // Other errors report it.
      break;
    default:
      report.error(
        error.keyword === 'maxLength' ? 'too-long' : 'bad-value',
        place(node),
        `${what} ${problemOf(error, rule)}`,
        { hint: valueHint(error.keyword, node, rule) },
      );
  }
}

function valueHint(keyword: string, node: Node, { patternErrorMessage }: Rule): string | undefined {
  if (keyword === 'pattern') return privateKeyHint(node);
  return keyword === 'minProperties'
    ? (patternErrorMessage ?? 'drop the key, or put something in it')
    : undefined;
}

/** What is wrong with a value, in the words that follow what it is. */
function problemOf({ keyword, data, message, params }: ErrorObject, rule: Rule): string {
  const { allowedValues, allowedValue, limit } = params as Record<string, unknown>;
  switch (keyword) {
    case 'enum':
      return `must be ${listWords((allowedValues as unknown[]).map(String))}`;
    case 'const':
      return `must be ${String(allowedValue)}`;
    case 'pattern':
      return `is not valid: ${rule.patternErrorMessage ?? 'it has forbidden characters'}`;
    case 'minimum':
      return `must be at least ${String(limit)}`;
    case 'maximum':
      return `must be at most ${String(limit)}`;
    case 'minLength':
      return data === '' ? 'is empty' : `is too short: at least ${String(limit)} characters are needed`;
    case 'minItems':
    case 'minProperties':
      return 'is empty';
    case 'maxLength':
      return `has ${String(data).length} characters; at most ${String(limit)} are allowed`;
    default:
      return message ?? 'is not valid';
  }
}

/** Reports an error about a key; `rule` says what names of its kind must look like. */
function reportName(root: Node, path: Path, name: string, error: ErrorObject, report: Report): void {
  const rule = (error.parentSchema ?? {}) as Rule;
  const kind = (rule.title ?? 'name').toLowerCase();
  const at = place(follow(root, [...path, name]).key);
  const limit = String((error.params as { limit?: unknown }).limit);
  if (error.keyword === 'pattern') {
    report.error(
      'bad-name',
      at,
      `${quote(name)} is not ${/^[aeio]/.test(kind) ? 'an' : 'a'} ${kind}: ${rule.patternErrorMessage ?? 'it has forbidden characters'}`,
    );
  } else if (error.keyword === 'maxLength') {
    report.error(
      'bad-name',
      at,
      `the ${kind} ${quote(name)} has ${name.length} characters; IAM allows ${limit}`,
    );
  }
}

function reportMissing(
  { node, key }: ReturnType<typeof follow>,
  what: string,
  missing: string,
  rule: Rule,
  report: Report,
): void {
  const known = Object.keys(rule.properties ?? {});
  const unknown = entriesOf(node).filter((entry) => !known.includes(entry.key));
  // A misspelt key was reported already.
  if (unknown.some((entry) => nearest(entry.key, known) === missing)) return;
  report.error('missing-key', place(key), `${what} has no ${quote(missing)}`, {
    hint: missing === 'document' ? 'write document: ./file.json, or the document itself' : undefined,
  });
}

/** Words of other tools and of AWS, and what they are called here. */
const synonyms: Readonly<Record<string, string>> = {
  attachedPolicies: 'attach',
  disabled: 'suspended',
  expiration: 'expires',
  expiry: 'expires',
  inlinePolicies: 'policies',
  loginProfile: 'console',
  managedPolicies: 'attach',
  permissionsBoundary: 'boundary',
  users: 'members',
};

function reportUnknownKey(root: Node, path: Path, key: string, rule: Rule, report: Report): void {
  const known = Object.entries(rule.properties ?? {})
    .filter(([, { doNotSuggest }]) => doNotSuggest !== true)
    .map(([name]) => name);
  const at = place(follow(root, [...path, key]).key);
  const synonym = synonyms[key];
  let hint = report.suggest(`key of ${known.join()}`, key, known);
  if (hint === undefined && synonym !== undefined && known.includes(synonym))
    hint = `did you mean ${quote(synonym)}?`;
  if (/^(Version|Statement)$/.test(key)) {
    hint =
      path.length === 0
        ? 'to use this file as a policy document, name it in a manifest: document: ./file.yaml'
        : kindAt(path)?.documents === 'document'
          ? 'put the policy document under "document:"'
          : 'put the policy document under a name in "policies:"';
  }
  report.error('unknown-key', at, `unknown key ${quote(key)} in ${describe(path)}`, {
    hint: hint ?? `known keys: ${known.join(', ')}`,
  });
}

const typeWords: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  object: 'a mapping',
  array: 'a list',
};

function reportType(path: Path, node: Node, types: readonly string[], rule: Rule, report: Report): void {
  const wanted = listWords(types.filter((type) => type !== 'null').map((type) => typeWords[type] ?? type));
  const isAccount = path[0] === 'account' && (path.length === 1 || path[1] === 'id');
  if (isAccount && node.kind === 'scalar' && typeof node.value === 'number') {
    reportUnquotedAccount(node, report);
    return;
  }
  const key = path.at(-1);
  const is =
    node.kind === 'map'
      ? 'a mapping'
      : node.kind === 'list'
        ? 'a list'
        : node.value === null
          ? 'empty'
          : `a ${typeof node.value}`;
  report.error('wrong-type', place(node), `${describe(path)} must be ${wanted}, but is ${is}`, {
    hint: typeHint(key, node, types, path, rule),
  });
}

/** What to write instead. It is never something that the next check would refuse. */
function typeHint(
  key: Path[number] | undefined,
  node: Node,
  types: readonly string[],
  path: Path,
  rule: Rule,
): string | undefined {
  const isDocument = documentDepth(path) === path.length;
  if (node.kind === 'list' && key === 'policies' && path.length === 3) {
    return 'inline policies are written name: document; to attach managed ones, list them under attach';
  }
  // A word or a mapping, and neither is it.
  if (types.includes('object') && types.includes('string') && path[0] === 'manage')
    return rule.patternErrorMessage;
  if (node.kind === 'list' && types.includes('object') && typeof key === 'string')
    return isDocument ? 'write { Statement: … }, with the list in it' : mappingHint(key, node.items, rule);
  if (node.kind === 'map' && types.includes('array')) return listHint([...node.entries.keys()]);
  if (node.kind !== 'scalar') return undefined;
  const { value, written } = node;
  if (value === null) {
    if (!types.includes('object') || typeof key !== 'string') return undefined;
    if (rule.patternErrorMessage !== undefined) return rule.patternErrorMessage;
    const needed = (rule.required ?? []).map((name) => `${name}: …`);
    return needed.length > 0
      ? `write ${key}: { ${needed.join(', ')} }, or drop the key`
      : `write ${key}: {} for all defaults, or drop the key`;
  }
  if (typeof value !== 'string' && types.includes('string') && !isDocument) {
    return key === 'expires' ? dateHint(written) : quoteHint(written, rule);
  }
  if (types.includes('boolean')) return booleanHint(String(value));
  if (key === 'accessKey' || key === 'console') {
    return /^(?:false|no|off)$/i.test(written)
      ? `drop the key: without it, there is no ${key === 'console' ? 'password' : 'access key'}`
      : 'write {} or { deliverTo: … }';
  }
  if (typeof value === 'string' && types.includes('array')) {
    return listHint(value.trim().split(/,?\s+/));
  }
  return undefined;
}

/** What does not fit is left for the reader to go on with. */
const short = (text: string): boolean => text.length <= 60;

function listHint(words: readonly string[]): string {
  const list = flow(words);
  return short(list) ? `write a list: ${list}` : 'write a list';
}

/** A name with what belongs to it, as somebody wrote it into a list; undefined if it is something else. */
function namedEntry(item: Node): readonly [string, Json] | undefined {
  const text = textOf(item);
  if (text !== undefined) return [text, {}];
  const [first, ...more] = entriesOf(item);
  if (
    first !== undefined &&
    more.length === 0 &&
    first.value.kind !== 'list' &&
    textOf(first.value) === undefined
  )
    return [first.key, toJson(first.value) ?? {}];
  const named = entriesOf(item).find(
    ({ key }) => /^(?:name|key)$/i.test(key) || /(?:[a-z]N|_n)ame$/.test(key),
  );
  const name = textOf(named?.value);
  if (name === undefined) return undefined;
  const others = entriesOf(item).filter((entry) => entry !== named);
  const only = others.length === 1 && /^value$/i.test(others[0]!.key) ? others[0]!.value : undefined;
  return [
    name,
    only === undefined
      ? Object.fromEntries(others.map((entry) => [entry.key, toJson(entry.value)]))
      : toJson(only),
  ];
}

/** For a list where names are keys. */
function mappingHint(key: string, items: readonly Node[], rule: Rule): string | undefined {
  // What an object has in lists of its own, such as members of a group.
  const lists = Object.entries(rule.properties ?? {}).filter(([, { type }]) => type === 'array');
  const words = items.map(textOf);
  if (lists.length > 0 && words.length > 0 && words.every((word) => word !== undefined))
    return `write ${flow({ [key]: { [(lists.find(([name]) => name === 'members') ?? lists[0]!)[0]]: words } })}`;
  if (rule.properties !== undefined) return undefined;
  const entries = items.map(namedEntry);
  if (entries.length === 0) return `write ${key}: {}`;
  if (entries.some((entry) => entry === undefined || !short(entry[0])))
    return 'write each name as a key, with what belongs to it below';
  const whole = flow(Object.fromEntries(entries as readonly (readonly [string, Json])[]));
  const names = entries.slice(0, 3).map((entry) => `${flow(entry![0])}: …`);
  return `write names as keys: ${short(whole) ? whole : `{ ${names.join(', ')}${entries.length > 3 ? ', …' : ''} }`}`;
}

function quoteHint(written: string, { pattern, patternErrorMessage }: Rule): string | undefined {
  if (pattern === undefined || new RegExp(pattern, 'u').test(written)) return `quote it: ${quote(written)}`;
  const days = `${written}d`;
  return new RegExp(pattern, 'u').test(days) ? `write ${days}` : patternErrorMessage;
}

/** A date without its hyphens is a number in YAML. */
function dateHint(written: string): string {
  const date = written.replace(/^(\d{4})(\d{2})(\d{2})$/, '$1-$2-$3');
  return date !== written && 'at' in parseExpiry(date)
    ? `write ${date}`
    : 'write a date such as 2027-01-31, or an instant such as 2027-01-31T18:00:00Z';
}

/** YAML 1.1 and other tools take these for true and false. */
function booleanHint(written: string): string | undefined {
  if (/^(?:true|yes|y|on|1)$/i.test(written)) return 'write true';
  return /^(?:false|no|n|off|0)$/i.test(written) ? 'write false' : undefined;
}

function reportUnquotedAccount(node: Scalar, report: Report): void {
  const loses = node.written.startsWith('0') ? ' and loses its leading zero' : '';
  report.error(
    'unquoted-account',
    place(node),
    `the account id is not in quotes: YAML reads it as a number${loses}`,
    {
      hint: `quote it: account: ${quote(node.written)}`,
    },
  );
}

/** A private key in a manifest is known to everybody who can read the repository, so it must be replaced. */
function privateKeyHint(node: Node): string | undefined {
  const secret = node.kind === 'scalar' && /^AGE-SECRET-KEY-|PRIVATE KEY-----/i.test(String(node.value));
  return secret
    ? 'this is a private key: remove it here, and make a new pair, because this one is no longer secret'
    : undefined;
}
