/**
 * Whether statements provably say at least what another says. Every "yes" is a proof; a "no" only means that none
 * was found. IAM User Guide, "Policy evaluation logic" and "Conditions with multiple context keys or values".
 */
import { includes, includesResource, mayOverlap, type Glob } from './glob.ts';
import { conditionsInclude } from './conditions.ts';
import { awsDefinedName, type Grant, type Matcher, type Statement } from './statement.ts';

type Includes = (wide: Glob, narrow: Glob) => boolean;

const isAll = (glob: Glob): boolean => glob.tokens.length === 1 && glob.tokens[0] === '*';

/** Whether a matcher takes all that one pattern takes. */
export function matcherIncludes(wide: Matcher, narrow: Glob, test: Includes): boolean {
  return wide.not
    ? !wide.patterns.some((pattern) => mayOverlap(pattern, narrow))
    : wide.patterns.some((pattern) => test(pattern, narrow));
}

/** Whether a matcher takes all but what `narrow` excludes: all, or it excludes no more. */
function includesInverse(wide: Matcher, narrow: Matcher, test: Includes): boolean {
  return wide.not
    ? wide.patterns.every((pattern) => narrow.patterns.some((other) => test(other, pattern)))
    : wide.patterns.some(isAll);
}

/** One pattern, or a whole inverse matcher, which has no parts to take one by one. */
type Part = Glob | Matcher;
const isMatcher = (part: Part): part is Matcher => 'patterns' in part;

/** What a matcher can be split into so that several statements may include it together. */
const partsOf = (matcher: Matcher): readonly Part[] => (matcher.not ? [matcher] : matcher.patterns);

const includesPart = (wide: Matcher, part: Part, test: Includes): boolean =>
  isMatcher(part) ? includesInverse(wide, part, test) : matcherIncludes(wide, part, test);

/** Whether the principals of a statement take one that is none of them. */
export type TakesPrincipal = (wide: readonly string[], narrow: string, effect: Grant['effect']) => boolean;

/** "*" is everybody with an AWS identity, and nobody else for sure. */
const anyIdentity: TakesPrincipal = (wide, narrow) =>
  narrow.startsWith('AWS ') && (wide.includes('*') || wide.includes('AWS *'));

const principalIncludes = (wide: Grant, narrow: string | null, takes: TakesPrincipal): boolean =>
  narrow === null || wide.principals === null
    ? narrow === wide.principals
    : wide.principals.includes(narrow) || takes(wide.principals, narrow, wide.effect);

/** The smallest parts of a statement: one statement of another document must include each as a whole. */
export interface Atom {
  readonly principal: string | null;
  readonly action: Part;
  /** Null: the statement has no resources. */
  readonly resource: Part | null;
}

/** A statement against others of the same effect: which of its atoms are included, each by one of them. */
export interface Inclusion {
  readonly statement: Statement;
  /** True only if everything is. */
  readonly whole: boolean;
  /** Both are filled only where `whole` is false and the statement can be split. */
  readonly included: readonly Atom[];
  readonly missing: readonly Atom[];
}

/** Whether no variable without a value can make IAM drop `wide` alone. */
const appliesWith = (wide: Grant, narrow: Grant): boolean =>
  [...wide.variables].every((name) => narrow.variables.has(name));

const everyPart = (statement: Grant, wide: Grant): boolean =>
  partsOf(statement.actions).every((part) => includesPart(wide.actions, part, includes)) &&
  resourceParts(statement).every((part) => includesResourcePart(wide, part));

const resourceParts = (statement: Grant): readonly (Part | null)[] =>
  statement.resources ? partsOf(statement.resources) : [null];

const includesResourcePart = (wide: Grant, part: Part | null): boolean =>
  part === null || wide.resources === null
    ? part === wide.resources
    : includesPart(wide.resources, part, includesResource);

/** A statement of every action on every resource includes whatever a statement of AWS's says. */
const saysAll = (wide: Statement, effect: Statement['effect']): boolean =>
  wide.readable &&
  wide.effect === effect &&
  wide.conditions.size === 0 &&
  wide.principals === null &&
  [wide.actions, wide.resources].every((matcher) => matcher && !matcher.not && matcher.patterns.some(isAll));

/** How `statement` is included by `by`. */
export function inclusion(
  statement: Statement,
  by: readonly Statement[],
  takes: TakesPrincipal = anyIdentity,
): Inclusion {
  const none = { statement, included: [], missing: [] };
  if (by.some((other) => other.key === statement.key)) return { ...none, whole: true };
  if (!statement.readable) {
    const known = awsDefinedName(statement.source) !== undefined;
    return { ...none, whole: known && by.some((other) => saysAll(other, statement.effect)) };
  }
  const candidates = by.filter(
    (other): other is Grant =>
      other.readable &&
      other.effect === statement.effect &&
      conditionsInclude(other.conditions.values(), [...statement.conditions.values()]) &&
      appliesWith(other, statement),
  );
  const who: readonly (string | null)[] = statement.principals ?? [null];
  const whole = candidates.some(
    (other) => who.every((name) => principalIncludes(other, name, takes)) && everyPart(statement, other),
  );
  if (whole) return { ...none, whole: true };
  return atomByAtom(statement, candidates, who, takes);
}

function atomByAtom(
  statement: Grant,
  candidates: readonly Grant[],
  who: readonly (string | null)[],
  takes: TakesPrincipal,
): Inclusion {
  /** For each part, the candidates that include it. */
  const rows = <T>(parts: readonly T[], test: (other: Grant, part: T) => boolean): boolean[][] =>
    parts.map((part) => candidates.map((other) => test(other, part)));
  const actions = partsOf(statement.actions);
  const resources = resourceParts(statement);
  const byPrincipal = rows(who, (other, name) => principalIncludes(other, name, takes));
  const byAction = rows(actions, (other, part) => includesPart(other.actions, part, includes));
  const byResource = rows(resources, includesResourcePart);
  const included: Atom[] = [];
  const missing: Atom[] = [];
  for (const [p, principal] of who.entries()) {
    for (const [r, resource] of resources.entries()) {
      for (const [a, action] of actions.entries()) {
        const found = candidates.some((_, c) => byPrincipal[p]![c] && byAction[a]![c] && byResource[r]![c]);
        (found ? included : missing).push({ principal, action, resource });
      }
    }
  }
  return { statement, whole: missing.length === 0, included, missing };
}
