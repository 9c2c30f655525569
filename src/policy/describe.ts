/** Statements in words, one line each, for reviewers. */
import { byText, isObject, stableJson, type Json, type JsonObject } from '../core/json.ts';
import type { PolicyDocument } from '../core/state.ts';
import { mark, plain } from '../core/marked.ts';
import { listWords } from '../core/text.ts';
import { normaliseStatements } from './canonical.ts';
import { awsDefinedName, texts } from './statement.ts';

/** How much of a document a sentence takes: names of one list, values of one condition, characters of one text. */
interface Limits {
  readonly names: number;
  readonly values: number;
  readonly text: number;
}
const brief: Limits = { names: 4, values: 2, text: 200 };
/** For places where no diff shows the rest, and a reviewer must see each name. */
const whole: Limits = { names: Infinity, values: Infinity, text: Infinity };

/** One line of printable text, whatever the document holds. */
export function oneLine(text: string, limit = brief.text): string {
  const clean = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
  return clean.length > limit ? `${clean.slice(0, limit)}…` : clean;
}

/** The names of one element of a statement, as far as a sentence takes them. */
interface Names {
  /** All but these; without names: everybody. */
  readonly except?: true;
  readonly names: readonly string[];
  /** How many more there are. */
  readonly more?: number;
}

interface Test {
  readonly operator: string;
  readonly key?: string;
  readonly values?: Names;
}

/** What a statement says, as far as a sentence takes it. Null: the statement has no such element. */
export interface Parts {
  readonly actions: Names | null;
  readonly resources: Names | null;
  readonly principals: Names | null;
  readonly conditions: { readonly tests: readonly Test[]; readonly more?: number } | null;
}
/** The same of what is gained or lost of a statement. */
interface PartsOfSome extends Parts {
  /** It is some of this only; what, is not said. */
  readonly isPart?: true;
  /** All of it but these. Null: all its actions or resources, or at any time. */
  readonly except?: readonly Parts[];
}
/** A statement as far as a sentence takes it. */
export type Brief = PartsOfSome | { readonly awsDefined: string } | { readonly unreadable: string };

function some<T>(items: readonly T[], limit: number): { items: readonly T[]; more?: number } {
  return items.length <= limit + 1 ? { items } : { items: items.slice(0, limit), more: items.length - limit };
}

function namesOf(value: Json, limit: number, text: number): Names {
  const all = texts(value) ?? [stableJson(value)];
  const { items, ...more } = some(
    [...new Set(all)].map((item) => oneLine(item, text)),
    limit,
  );
  return { names: items, ...more };
}

/** Of an element and its inverse, such as `NotAction`, the one that is there. */
function element(
  statement: JsonObject,
  name: 'Action' | 'Resource' | 'Principal',
  names: (value: Json) => Names,
): Names | null {
  const { [name]: plain, [`Not${name}`]: inverse } = statement;
  if (plain !== undefined) return names(plain);
  return inverse === undefined ? null : { except: true, ...names(inverse) };
}

function principals(value: Json, { names, text }: Limits): Names {
  if (value === '*') return { except: true, names: [] };
  if (!isObject(value)) return { names: [oneLine(stableJson(value), text)] };
  const all = Object.entries(value).flatMap(([type, some]) =>
    (texts(some) ?? [stableJson(some)]).map((name) => (type === 'AWS' ? name : `${type} ${name}`)),
  );
  return namesOf(all, names, text);
}

function conditions({ Condition: condition }: JsonObject, limits: Limits): Parts['conditions'] {
  if (!isObject(condition)) return null;
  const all = Object.entries(condition)
    .flatMap(([operator, block]): Test[] =>
      isObject(block)
        ? Object.entries(block).map(([key, values]) => ({
            operator: oneLine(operator, limits.text),
            key: oneLine(key, limits.text),
            values: namesOf(values, limits.values, limits.text),
          }))
        : [{ operator: oneLine(operator, limits.text) }],
    )
    .sort((a, b) => byText(plain(testText(a)), plain(testText(b))));
  const { items, ...more } = some(all, limits.names);
  return all.length === 0 ? null : { tests: items, ...more };
}

export function partsOf(statement: JsonObject, limits = brief): Parts {
  const names = (value: Json): Names => namesOf(value, limits.names, limits.text);
  return {
    actions: element(statement, 'Action', names),
    resources: element(statement, 'Resource', names),
    principals: element(statement, 'Principal', (value) => principals(value, limits)),
    conditions: conditions(statement, limits),
  };
}

export function briefOf(statement: Json, limits = brief): Brief {
  const awsDefined = awsDefinedName(statement);
  if (awsDefined !== undefined) return { awsDefined };
  return isObject(statement) ? partsOf(statement, limits) : unreadable(statement);
}

export const unreadable = (statement: Json): Brief => ({ unreadable: oneLine(stableJson(statement)) });

/** Whether a sentence leaves out names of an element. */
export const isCut = (part: Parts[keyof Parts]): boolean =>
  part !== null &&
  (part.more !== undefined ||
    ('tests' in part && part.tests.some(({ values }) => values?.more !== undefined)));

/** `a, b and c`, or with how many more there are. */
const list = (items: readonly string[], more = 0): string =>
  more > 0 ? `${items.join(', ')} and ${more} more` : listWords(items, 'and');

function namesText({ except, names, more }: Names, all: string): string {
  const told = list(names.map(mark), more);
  if (!except) return told;
  return names.length === 0 ? all : `${all} except ${told}`;
}

const testText = ({ operator, key = '', values }: Test): string =>
  values ? `${mark(operator)} ${mark(key)} ${namesText(values, '')}` : mark(operator);

const everything = {
  actions: 'all actions',
  resources: 'all resources',
  principals: 'everybody',
} as const;

function partText(element: keyof Parts, parts: Parts): string {
  if (element === 'conditions') {
    const { tests = [], more } = parts.conditions ?? {};
    return list(tests.map(testText), more);
  }
  const names = parts[element];
  return names ? namesText(names, everything[element]) : 'no action';
}

/** With names marked, as are all that are called so. */
export const markedConditions = (conditions: Parts['conditions']): string =>
  conditions ? ` if ${list(conditions.tests.map(testText), conditions.more)}` : '';
export const conditionsText = (conditions: Parts['conditions']): string =>
  plain(markedConditions(conditions));

/** `s3:* on arn:aws:s3:::houdini/* if IpAddress aws:SourceIp`, without the effect. */
export const grantText = (grant: Brief): string => plain(markedGrant(grant));

export function markedGrant(grant: Brief): string {
  if ('awsDefined' in grant) return `what AWS defines as ${mark(grant.awsDefined)}`;
  if ('unreadable' in grant) return `what an unreadable statement says: ${mark(grant.unreadable)}`;
  const { isPart, except = [] } = grant;
  const but = except.map((parts) => partsText(parts, parts.actions !== null));
  return `${isPart ? 'part of ' : ''}${partsText(grant)}${but.length > 0 ? ` except ${listWords(but, 'and')}` : ''}`;
}

const before = { actions: '', resources: 'on ', principals: 'for ', conditions: 'if ' } as const;

const partsText = (parts: Parts, withActions = true): string =>
  (Object.keys(before) as (keyof Parts)[])
    .filter((element) => (element === 'actions' ? withActions : parts[element] !== null))
    .map((element) => before[element] + partText(element, parts))
    .join(' ');

/** One sentence per statement with all that it says, such as `allow s3:* on arn:aws:s3:::houdini/*`. */
export function explain(document: PolicyDocument): string[] {
  return normaliseStatements(document, false).map(({ statement }) => {
    if (!isObject(statement) || (statement.Effect !== 'Allow' && statement.Effect !== 'Deny')) {
      return `unreadable statement ${oneLine(stableJson(statement), whole.text)}`;
    }
    return `${statement.Effect === 'Allow' ? 'allow' : 'deny'} ${grantText(briefOf(statement, whole))}`;
  });
}

/** Some statements, and how many more there are. */
interface Some {
  readonly grants: readonly Brief[];
  readonly more?: number;
}

/** What replacing one document by another does to access, as far as a sentence tells it. */
export type Difference =
  | { readonly by: 'nothing' }
  | { readonly by: 'version'; readonly before: string; readonly after: string }
  /** One statement changes in one respect. */
  | {
      readonly by: 'element';
      readonly element: keyof Parts;
      readonly deny?: true;
      readonly before: Parts;
      readonly after: Parts;
    }
  | {
      readonly by: 'statements';
      readonly undenied?: Some;
      readonly gained?: Some;
      readonly denied?: Some;
      readonly lost?: Some;
    };

export const mostGrants = 2;

const someText = ({ grants, more }: Some): string =>
  [grants.map(markedGrant).join(', and '), ...(more === undefined ? [] : [`and ${more} more`])].join(', ');

/** The difference in a sentence, such as `s3:* becomes s3:PutObject on …`. */
export const differenceText = (difference: Difference): string =>
  markedDifference(difference).map(plain).join('; ');

/** What comes and what goes in a sentence each. */
export function markedDifference(difference: Difference): string[] {
  switch (difference.by) {
    case 'nothing':
      return ['the same access'];
    case 'version':
      return [
        `Version ${mark(difference.before)} becomes ${mark(difference.after)}, which changes what ${mark('${…}')} means`,
      ];
    case 'element':
      return [elementText(difference)];
    case 'statements': {
      const { undenied, gained, denied, lost } = difference;
      return [
        ...(undenied ? [`removes a Deny (${someText(undenied)})`] : []),
        ...(gained ? [`allows ${someText(gained)}`] : []),
        ...(denied ? [`denies ${someText(denied)}`] : []),
        ...(lost ? [`no longer allows ${someText(lost)}`] : []),
      ];
    }
  }
}

function elementText({ element, deny, before, after }: Difference & { by: 'element' }): string {
  const sign = deny ? 'Deny of ' : '';
  const [was, is] = [partText(element, before), partText(element, after)];
  if (element === 'conditions') {
    const grant = sign + markedGrant({ ...before, conditions: null });
    if (before.conditions === null) return `${grant} becomes only if ${is}`;
    return after.conditions === null
      ? `${grant} no longer only if ${was}`
      : `${grant} if ${was} becomes if ${is}`;
  }
  if (element === 'actions') {
    const on = after.resources === null ? '' : ` on ${partText('resources', after)}`;
    return `${sign}${was} becomes ${is}${on}`;
  }
  const word = element === 'resources' ? 'on' : 'for';
  return `${sign}${partText('actions', after)} ${word} ${was} becomes ${word} ${is}`;
}
