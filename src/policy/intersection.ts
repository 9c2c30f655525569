/** The intersection of two documents, for the time in which one is replaced by the other. */
import { isObject, type Json, type JsonObject } from '../core/json.ts';
import type { PolicyDocument } from '../core/state.ts';
import { formatted } from './canonical.ts';
import { inclusion, type TakesPrincipal } from './includes.ts';
import { commonVersion, restate } from './merge.ts';
import { assemble } from './atoms.ts';
import { readStatements, variablesOf, versionOf, type Statement } from './statement.ts';

/** A statement that changes nothing: IAM takes no document without statements. */
const nothing: JsonObject = { Effect: 'Deny', Action: 'none:null', Resource: '*' };
/** The same for a trust policy, which must name a principal and no resource. */
const nothingForTrust: JsonObject = { Effect: 'Deny', Principal: '*', Action: 'sts:AssumeRole' };

/** Used in place of a Deny that cannot be expressed in the document. */
const everything: JsonObject = { Effect: 'Deny', Action: '*', Resource: '*' };
const everythingForTrust: JsonObject = { Effect: 'Deny', Principal: '*', Action: 'sts:*' };

const withEffect = (document: PolicyDocument, effect: 'Allow' | 'Deny'): Statement[] =>
  readStatements(document).filter((statement) => statement.effect === effect);

/** A document of the same version with other statements. */
const holding = (document: PolicyDocument, statements: readonly Json[]): PolicyDocument => ({
  Version: versionOf(document),
  Statement: statements,
});

/**
 * A document that allows nothing that either of the two does not allow and denies all that either denies, so
 * that it is provably no wider than both. It keeps each Allow (or its atoms) that the other includes, and all Deny
 * statements but those that others already imply. It can be longer than IAM takes: see `documentSize`.
 *
 * @param takes of documents with principals: which of them take others.
 */
export function intersection(a: PolicyDocument, b: PolicyDocument, takes?: TakesPrincipal): PolicyDocument {
  const allowsOfA = withEffect(a, 'Allow');
  const allowsOfB = withEffect(b, 'Allow');
  const keptOfB = allowsOfB.flatMap((statement) => kept(statement, allowsOfA, versionOf(b), takes));
  const allowsKept = readStatements(holding(b, keptOfB));
  const keptOfA = readStatements(
    holding(
      a,
      allowsOfA.flatMap((statement) => kept(statement, allowsOfB, versionOf(a), takes)),
    ),
  ).flatMap((statement) => remainder(statement, allowsKept, versionOf(a), takes));
  const deniesOfB = readStatements(b).filter(mayDeny);
  const deniesOfA = readStatements(a)
    .filter(mayDeny)
    .filter((statement) => !inclusion(statement, deniesOfB, takes).whole);

  const version = commonVersion([a, b]);
  const trust = [...readStatements(a), ...readStatements(b)].some(
    (statement) => statement.readable && statement.principals !== null && statement.resources === null,
  );
  const allows = (document: PolicyDocument, statements: readonly Json[]): Json[] =>
    statements
      .map((statement) => restate(statement, versionOf(document), version))
      .filter((statement) => statement !== null);
  const denies = (document: PolicyDocument, statements: readonly Statement[]): Json[] =>
    statements.map(
      ({ effect, source }) =>
        (effect === 'Deny' ? restate(source, versionOf(document), version) : null) ??
        (trust ? everythingForTrust : everything),
    );
  const statements = [
    ...allows(b, keptOfB),
    ...allows(a, keptOfA),
    ...denies(b, deniesOfB),
    ...denies(a, deniesOfA),
  ].filter(isObject);
  const filled = statements.length > 0 ? statements : [trust ? nothingForTrust : nothing];
  return formatted({ Version: version, Statement: withUniqueSids(filled) });
}

/** A statement that could be a Deny counts as one. */
const mayDeny = ({ effect }: Statement): boolean => effect !== 'Allow';

/** The part of an Allow that others include, as statements. */
function kept(
  statement: Statement,
  by: readonly Statement[],
  version: string,
  takes?: TakesPrincipal,
): Json[] {
  const { whole, included } = inclusion(statement, by, takes);
  if (whole) return [statement.source];
  if (!statement.readable) return [];
  return assemble(statement, included).filter((part) => hasSameVariables(part, statement, version));
}

/** The part of a statement that others do not include, as statements. */
function remainder(
  statement: Statement,
  from: readonly Statement[],
  version: string,
  takes?: TakesPrincipal,
): Json[] {
  const { whole, missing } = inclusion(statement, from, takes);
  if (whole) return [];
  if (!statement.readable) return [statement.source];
  const parts = assemble(statement, missing);
  return parts.every((part) => hasSameVariables(part, statement, version)) ? parts : [statement.source];
}

/** A part without one of the variables would apply where IAM drops the whole statement, as the variable has no value. */
function hasSameVariables(part: JsonObject, { variables }: Statement & { readable: true }, version: string) {
  return variablesOf(part, version).size === variables.size;
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
