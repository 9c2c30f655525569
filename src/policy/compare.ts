/** What replacing one policy document by another does to access. */
import { stableJson } from '../core/json.ts';
import type { PolicyDocument } from '../core/state.ts';
import { hasVariables, normaliseStatements } from './canonical.ts';
import { inclusion, type Inclusion, type TakesPrincipal } from './includes.ts';
import { briefOf, isCut, mostGrants, oneLine, partsOf, unreadable } from './describe.ts';
import type { Brief, Difference } from './describe.ts';
import { assemble } from './atoms.ts';
import {
  GlobReader,
  awsDefinedName,
  readStatements,
  versionOf,
  type Grant,
  type Statement,
} from './statement.ts';

export interface Comparison {
  /**
   * `narrows`: provably nothing becomes allowed, `widens`: provably nothing stops being allowed, `none`: both;
   * `mixed`: neither could be proved, so it may widen.
   */
  readonly effect: 'widens' | 'narrows' | 'none' | 'mixed';
  readonly difference: Difference;
  /** Each is false only if that is proved. */
  readonly addsDeny: boolean;
  readonly removesDeny: boolean;
  readonly addsAllow: boolean;
  readonly removesAllow: boolean;
}

interface Differences {
  /** Allows of the new document that the old one did not have. */
  readonly gained: readonly Inclusion[];
  readonly lost: readonly Inclusion[];
  /** Denies of the new document that the old one did not have. */
  readonly denied: readonly Inclusion[];
  readonly undenied: readonly Inclusion[];
}

const mayBe = (effect: 'Allow' | 'Deny', statement: Statement): boolean =>
  statement.effect === effect || statement.effect === null;

/** The statements of `of` that `by` does not provably include. */
function notIncluded(
  effect: 'Allow' | 'Deny',
  of: readonly Statement[],
  by: readonly Statement[],
  takes?: TakesPrincipal,
): Inclusion[] {
  const others = by.filter((statement) => mayBe(effect, statement));
  return of
    .filter((statement) => mayBe(effect, statement))
    .map((statement) => inclusion(statement, others, takes))
    .filter(({ whole }) => !whole);
}

/**
 * Compares by inclusion: each atom of an Allow (action × resource × principal) of one document must lie within one
 * Allow of the other with no further conditions, and likewise for Deny. So it holds for the document together
 * with any others: a Deny counts even where this document allows nothing. Null: no document.
 *
 * @param takes of documents with principals: which of them take others.
 */
export function compareDocuments(
  before: PolicyDocument | null,
  after: PolicyDocument | null,
  takes?: TakesPrincipal,
): Comparison {
  const globs = new GlobReader();
  const old = readStatements(before, globs);
  const next = readStatements(after, globs);
  const gained = notIncluded('Allow', next, old, takes);
  const lost = notIncluded('Allow', old, next, takes);
  const denied = notIncluded('Deny', next, old, takes);
  const undenied = notIncluded('Deny', old, next, takes);
  const narrows = gained.length === 0 && undenied.length === 0;
  const widens = lost.length === 0 && denied.length === 0;
  return {
    effect: narrows ? (widens ? 'none' : 'narrows') : widens ? 'widens' : 'mixed',
    difference: versionChange(before, after) ?? difference({ gained, lost, denied, undenied }, old, next),
    addsAllow: gained.length > 0,
    removesAllow: lost.length > 0,
    addsDeny: denied.length > 0,
    removesDeny: undenied.length > 0,
  };
}

function briefs(inclusions: readonly Inclusion[]): { grants: readonly Brief[]; more?: number } {
  const all = inclusions.flatMap(({ statement, missing }) => {
    const { source } = statement;
    if (!statement.readable)
      return [awsDefinedName(source) === undefined ? unreadable(source) : briefOf(source)];
    // Only what makes the difference.
    return (missing.length > 0 ? assemble(statement, missing) : [source]).map((one) => briefOf(one));
  });
  const grants = all.slice(0, mostGrants);
  return all.length > grants.length ? { grants, more: all.length - grants.length } : { grants };
}

/** The one statement of `of` that `others` does not hold; null if there are none or several. */
function only(of: readonly Statement[], others: readonly Statement[]): Grant | null {
  const keys = new Set(others.map(({ key }) => key));
  const found = of.filter(({ key }) => !keys.has(key));
  return found.length === 1 && found[0]!.readable ? found[0]! : null;
}

/** Of documents of which one statement changed in one respect. */
function changeOfOne(old: readonly Statement[], next: readonly Statement[]): Difference | null {
  const was = only(old, next);
  const is = only(next, old);
  if (!was || !is || was.effect !== is.effect) return null;
  const [before, after] = [partsOf(was.source), partsOf(is.source)];
  const [element, ...others] = (['actions', 'resources', 'principals', 'conditions'] as const).filter(
    (name) => stableJson(before[name]) !== stableJson(after[name]),
  );
  if (element === undefined || others.length > 0) return null;
  // A long list hides what changed in it.
  if (isCut(before[element]) || isCut(after[element])) return null;
  if (element !== 'conditions' && (before[element] === null || after[element] === null)) return null;
  return { by: 'element', element, ...(was.effect === 'Deny' ? { deny: true } : {}), before, after };
}

/** Statements that are the same but for what `${…}` in them means. */
function versionChange(before: PolicyDocument | null, after: PolicyDocument | null): Difference | null {
  if (!before || !after || !hasVariables(before)) return null;
  const [was, is] = [versionOf(before), versionOf(after)];
  const keys = (document: PolicyDocument): string =>
    normaliseStatements(document, true)
      .map(({ key }) => key)
      .join('\n');
  if (was === is || keys(before) !== keys(after)) return null;
  return { by: 'version', before: oneLine(was), after: oneLine(is) };
}

function difference(
  differences: Differences,
  old: readonly Statement[],
  next: readonly Statement[],
): Difference {
  const found = Object.entries(differences).filter(([, inclusions]) => inclusions.length > 0);
  if (found.length === 0) return { by: 'nothing' };
  const statements = (): Difference => ({
    by: 'statements',
    ...Object.fromEntries(found.map(([name, inclusions]) => [name, briefs(inclusions as Inclusion[])])),
  });
  return changeOfOne(old, next) ?? statements();
}

/** Whether a document holds an Allow, or something that could be one. */
export const hasAllow = (document: PolicyDocument): boolean =>
  readStatements(document).some((statement) => mayBe('Allow', statement));

/** Whether a document holds a Deny, or something that could be one. */
export const hasDeny = (document: PolicyDocument): boolean =>
  readStatements(document).some((statement) => mayBe('Deny', statement));
