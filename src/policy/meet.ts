/** A document between two: what to put while one is replaced by the other. */
import { isObject, stableJson, type Json, type JsonObject } from '../core/json.ts';
import type { PolicyDocument } from '../core/state.ts';
import { hasVariables, presentable } from './canonical.ts';
import { coverage } from './cover.ts';
import { assemble } from './pieces.ts';
import { readStatements, versionOf, type Statement } from './statement.ts';

const currentVersion = '2012-10-17';

/** A statement that changes nothing: IAM takes no document without statements. */
const nothing: JsonObject = { Effect: 'Deny', Action: 'none:null', Resource: '*' };
/** The same for a trust policy, which must name a principal and no resource. */
const nothingForTrust: JsonObject = { Effect: 'Deny', Principal: '*', Action: 'sts:AssumeRole' };

const withEffect = (document: PolicyDocument, effect: 'Allow' | 'Deny'): Statement[] =>
  readStatements(document).filter((statement) => statement.effect === effect);

/** A document of the same version with other statements. */
const holding = (document: PolicyDocument, statements: readonly Json[]): PolicyDocument => ({
  Version: versionOf(document),
  Statement: statements,
});

/**
 * A document that allows nothing that either of the two does not allow and denies all that either denies, so
 * that it is provably no wider than both. It keeps each Allow (or its pieces) that the other covers, and all Deny
 * statements but those that others already imply. It can be longer than IAM takes: see `documentSize`.
 */
export function meet(a: PolicyDocument, b: PolicyDocument): PolicyDocument {
  const allowsOfA = withEffect(a, 'Allow');
  const allowsOfB = withEffect(b, 'Allow');
  const keptOfB = holding(
    b,
    allowsOfB.flatMap((statement) => kept(statement, allowsOfA)),
  );
  const allowsKept = readStatements(keptOfB);
  const keptOfA = readStatements(
    holding(
      a,
      allowsOfA.flatMap((statement) => kept(statement, allowsOfB)),
    ),
  ).flatMap((statement) => missing(statement, allowsKept));
  const deniesOfB = withEffect(b, 'Deny');
  const deniesOfA = withEffect(a, 'Deny').filter((statement) => !coverage(statement, deniesOfB).whole);

  const version = hasVariables(a) || hasVariables(b) ? commonVersion(a, b) : currentVersion;
  const denies = (document: PolicyDocument, statements: readonly Statement[]): Json[] =>
    statements.map(({ source }) => (versionOf(document) === version ? source : modernised(source)));
  const statements = [
    ...asVersion(keptOfB, version),
    ...asVersion(holding(a, keptOfA), version),
    ...denies(b, deniesOfB),
    ...denies(a, deniesOfA),
  ].filter(isObject);
  const trust = [...readStatements(a), ...readStatements(b)].some(
    (statement) => statement.readable && statement.principals !== null && statement.resources === null,
  );
  const filled = statements.length > 0 ? statements : [trust ? nothingForTrust : nothing];
  return presentable({ Version: version, Statement: withUniqueSids(filled) });
}

function commonVersion(a: PolicyDocument, b: PolicyDocument): string {
  const [left, right] = [versionOf(a), versionOf(b)];
  return left === right ? left : currentVersion;
}

/** The statements that mean the same under another version: those without `${`. Only for Allow. */
const asVersion = (document: PolicyDocument, version: string): Json[] =>
  (document.Statement as readonly Json[]).filter(
    (statement) => versionOf(document) === version || !stableJson(statement).includes('${'),
  );

/** A statement of the old version, in which `${` is plain text, for the current one, in which `${$}` is a dollar sign. */
const modernised = (statement: Json): Json =>
  isObject(statement)
    ? Object.fromEntries(
        Object.entries(statement).map(([field, value]) => [
          field,
          /^(Not)?Resource$|^Condition$/.test(field) ? escaped(value) : value,
        ]),
      )
    : statement;

function escaped(value: Json): Json {
  if (typeof value === 'string') return value.replaceAll('${', '${$}{');
  if (Array.isArray(value)) return (value as readonly Json[]).map(escaped);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, escaped(field)]));
}

/** What of an Allow others cover, as statements. */
function kept(statement: Statement, by: readonly Statement[]): Json[] {
  const { whole, covered } = coverage(statement, by);
  if (whole) return [statement.source];
  return statement.readable ? assemble(statement, covered) : [];
}

/** What of a statement others do not cover, as statements. */
function missing(statement: Statement, from: readonly Statement[]): Json[] {
  const { whole, uncovered } = coverage(statement, from);
  if (whole) return [];
  return statement.readable ? assemble(statement, uncovered) : [statement.source];
}

/** A Sid must be unique in its document: the first keeps it. */
function withUniqueSids(statements: readonly JsonObject[]): JsonObject[] {
  const seen = new Set<string>();
  return statements.map((statement) => {
    const { Sid: sid, ...rest } = statement;
    if (typeof sid !== 'string' || seen.has(sid)) return sid === undefined ? statement : rest;
    seen.add(sid);
    return statement;
  });
}
