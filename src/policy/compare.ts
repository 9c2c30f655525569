/** What replacing one policy document by another does to access. */
import { isObject, stableJson, type JsonObject } from '../core/json.ts';
import type { PolicyDocument } from '../core/state.ts';
import { hasVariables, normaliseStatements } from './canonical.ts';
import { inclusion, type Inclusion } from './includes.ts';
import { describeGrant, describeParts, oneLine } from './describe.ts';
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
  /** One short sentence. */
  readonly reason: string;
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
): Inclusion[] {
  const others = by.filter((statement) => mayBe(effect, statement));
  return of
    .filter((statement) => mayBe(effect, statement))
    .map((statement) => inclusion(statement, others))
    .filter(({ whole }) => !whole);
}

/**
 * Compares by inclusion: each atom of an Allow (action × resource × principal) of one document must lie within one
 * Allow of the other with no further conditions, and likewise for Deny. So it holds for the document together
 * with any others: a Deny counts even where this document allows nothing. Null: no document.
 */
export function compareDocuments(before: PolicyDocument | null, after: PolicyDocument | null): Comparison {
  const globs = new GlobReader();
  const old = readStatements(before, globs);
  const next = readStatements(after, globs);
  const gained = notIncluded('Allow', next, old);
  const lost = notIncluded('Allow', old, next);
  const denied = notIncluded('Deny', next, old);
  const undenied = notIncluded('Deny', old, next);
  const narrows = gained.length === 0 && undenied.length === 0;
  const widens = lost.length === 0 && denied.length === 0;
  return {
    effect: narrows ? (widens ? 'none' : 'narrows') : widens ? 'widens' : 'mixed',
    reason: versionChange(before, after) ?? reason({ gained, lost, denied, undenied }, old, next),
    addsAllow: gained.length > 0,
    removesAllow: lost.length > 0,
    addsDeny: denied.length > 0,
    removesDeny: undenied.length > 0,
  };
}

function describe(inclusions: readonly Inclusion[]): string {
  const sentences = inclusions.flatMap(({ statement, missing }) => {
    if (!statement.readable) {
      const { source } = statement;
      if (isObject(source) && awsDefinedName(source) !== undefined) return [describeGrant(source)];
      return [`what an unreadable statement says: ${oneLine(stableJson(source))}`];
    }
    // Only what makes the difference.
    return (missing.length > 0 ? assemble(statement, missing) : [statement.source]).map((one) =>
      describeGrant(one),
    );
  });
  const shown = sentences.slice(0, 2).join(', and ');
  return sentences.length > 2 ? `${shown}, and ${sentences.length - 2} more` : shown;
}

/** The one statement of `of` that `others` does not hold; null if there are none or several. */
function only(of: readonly Statement[], others: readonly Statement[]): Grant | null {
  const keys = new Set(others.map(({ key }) => key));
  const found = of.filter(({ key }) => !keys.has(key));
  return found.length === 1 && found[0]!.readable ? found[0]! : null;
}

/** `s3:* becomes s3:PutObject on …`, for documents of which one statement changed in one respect. */
function changeOfOne(old: readonly Statement[], next: readonly Statement[]): string | null {
  const before = only(old, next);
  const after = only(next, old);
  if (!before || !after || before.effect !== after.effect) return null;
  const from = describeParts(before.source);
  const to = describeParts(after.source);
  const changed = (['actions', 'resources', 'principals', 'conditions'] as const).filter(
    (name) => from[name] !== to[name],
  );
  const name = changed[0];
  if (name === undefined || changed.length > 1) return null;
  const [was, is] = [from[name], to[name]];
  // A long list hides what changed in it.
  if ([was, is].some((text) => text !== null && /and \d+ more/.test(text))) return null;
  const deny = before.effect === 'Deny' ? 'Deny of ' : '';
  if (name === 'conditions') {
    const grant = deny + describeGrant(withoutCondition(before.source));
    if (was === null) return `${grant} becomes only if ${is}`;
    return is === null ? `${grant} no longer only if ${was}` : `${grant} if ${was} becomes if ${is}`;
  }
  if (was === null || is === null) return null;
  if (name === 'actions')
    return `${deny}${was} becomes ${is}${to.resources === null ? '' : ` on ${to.resources}`}`;
  const word = name === 'resources' ? 'on' : 'for';
  return `${deny}${to.actions} ${word} ${was} becomes ${word} ${is}`;
}

const withoutCondition = (statement: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(statement).filter(([field]) => field !== 'Condition'));

/** Statements that are the same but for what `${…}` in them means. */
function versionChange(before: PolicyDocument | null, after: PolicyDocument | null): string | null {
  if (!before || !after || !hasVariables(before)) return null;
  const [was, is] = [versionOf(before), versionOf(after)];
  const keys = (document: PolicyDocument): string =>
    normaliseStatements(document, true)
      .map(({ key }) => key)
      .join('\n');
  if (was === is || keys(before) !== keys(after)) return null;
  return `Version ${oneLine(was)} becomes ${oneLine(is)}, which changes what \${…} means`;
}

function reason(differences: Differences, old: readonly Statement[], next: readonly Statement[]): string {
  const { gained, lost, denied, undenied } = differences;
  const count = gained.length + lost.length + denied.length + undenied.length;
  if (count === 0) return 'the same access';
  const one = changeOfOne(old, next);
  if (one !== null) return one;
  const parts: string[] = [];
  if (undenied.length > 0) parts.push(`removes a Deny (${describe(undenied)})`);
  if (gained.length > 0) parts.push(`allows ${describe(gained)}`);
  if (denied.length > 0) parts.push(`denies ${describe(denied)}`);
  if (lost.length > 0) parts.push(`no longer allows ${describe(lost)}`);
  return parts.join('; ');
}

/** Whether a document holds an Allow, or something that could be one. */
export const hasAllow = (document: PolicyDocument): boolean =>
  readStatements(document).some((statement) => mayBe('Allow', statement));

/** Whether a document holds a Deny, or something that could be one. */
export const hasDeny = (document: PolicyDocument): boolean =>
  readStatements(document).some((statement) => mayBe('Deny', statement));
