import { isObject, type Json, type JsonObject } from '../../core/json.ts';
import { currentVersion, statementsOf } from '../../core/policy-language.ts';
import { holds, type RequestContext } from './conditions.ts';
import { fill, fits, fitsAction } from './match.ts';

/** Source: IAM User Guide, "Policy evaluation logic", for one account and identity-based policies. */
type Verdict = 'allow' | 'deny' | 'none';

/** What policies say to a request: each kind of them by itself. */
export interface Decision {
  readonly identity: Verdict;
  /** Null if the caller has no boundary. */
  readonly boundary: Verdict | null;
  /** Null if nothing narrows the session. */
  readonly session: Verdict | null;
}

interface Statement {
  readonly deny: boolean;
  readonly actions: readonly string[];
  readonly notActions: boolean;
  readonly resources: readonly string[];
  readonly notResources: boolean;
  readonly condition: JsonObject | null;
  /** Policy variables exist from version 2012-10-17 on. */
  readonly variables: boolean;
}

/** One text or a list of them, as elements of a policy are written. */
export function texts(value: Json | undefined): readonly string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? (value as readonly Json[]).filter((item) => typeof item === 'string') : [];
}

const cache = new Map<string, readonly Statement[]>();

function parse(text: string): readonly Statement[] {
  const known = cache.get(text);
  if (known) return known;
  const document = JSON.parse(text) as JsonObject;
  const statements = statementsOf(document)
    .filter(isObject)
    .map((statement) => ({
      deny: statement['Effect'] === 'Deny',
      actions: texts(statement['Action'] ?? statement['NotAction']),
      notActions: statement['NotAction'] !== undefined,
      resources: texts(statement['Resource'] ?? statement['NotResource']),
      notResources: statement['NotResource'] !== undefined,
      condition: isObject(statement['Condition'] ?? null) ? (statement['Condition'] as JsonObject) : null,
      variables: document['Version'] === currentVersion,
    }));
  // Long simulations use ever new documents.
  if (cache.size >= 5000) cache.clear();
  cache.set(text, statements);
  return statements;
}

function applies(statement: Statement, action: string, resource: string, context: RequestContext): boolean {
  const actionFits = statement.actions.some((pattern) => fitsAction(pattern, action));
  if (actionFits === statement.notActions) return false;
  const variables = statement.variables ? context.variables : null;
  const filled = (pattern: string): string | null => fill(pattern, variables);
  const covers = (pattern: string | null): boolean => pattern !== null && fits(pattern, resource);
  if (statement.notResources) {
    // "Any attempt to match it fails and causes the statement to be invalid": of variables without a value.
    const patterns = statement.resources.map(filled);
    if (patterns.some((pattern) => pattern === null || covers(pattern))) return false;
  } else if (!statement.resources.some((pattern) => covers(filled(pattern)))) return false;
  if (!statement.condition) return true;
  // Fail closed: a statement that cannot be decided does not allow, but does deny.
  return holds(statement.condition, { ...context, variables }) ?? statement.deny;
}

/** The result of a set of policy documents: a Deny beats every Allow. */
export function evaluate(
  documents: Iterable<string>,
  action: string,
  resource: string,
  context: RequestContext,
): Verdict {
  let verdict: Verdict = 'none';
  for (const document of documents) {
    for (const statement of parse(document)) {
      if (verdict === 'allow' && !statement.deny) continue;
      if (!applies(statement, action, resource, context)) continue;
      if (statement.deny) return 'deny';
      verdict = 'allow';
    }
  }
  return verdict;
}

/** The statements of one document that apply to a request, by their place in it. */
export function applying(
  document: string,
  action: string,
  resource: string,
  context: RequestContext,
): { readonly allows: readonly number[]; readonly denies: readonly number[] } {
  const found = parse(document)
    .map((statement, index) => ({ statement, index }))
    .filter(({ statement }) => applies(statement, action, resource, context));
  const where = (deny: boolean): number[] =>
    found.filter(({ statement }) => statement.deny === deny).map(({ index }) => index);
  return { allows: where(false), denies: where(true) };
}
