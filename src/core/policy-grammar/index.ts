/**
 * The grammar by which IAM takes policy documents or refuses them, as data: each fault with its place. `validate` says
 * them in words of its own, and the sandbox answers as IAM does, so that neither takes what the other refuses.
 *
 * Sources: IAM User Guide, "Grammar of the IAM JSON policy language", "IAM JSON policy elements" and "IAM JSON policy
 * elements: Condition operators"; the texts of IAM's errors; moto's table of documents with what AWS said to each
 * (getmoto/moto, tests/test_iam/test_iam_policies.py). What AWS's own policies have is always taken.
 */
import { isObject, type Json, type JsonObject } from '../json.ts';
import { currentVersion, earlierVersion, statementsOf } from '../policy-language.ts';
import { Collector, type Finding, type GrammarOptions, type Scope } from './findings.ts';
import { checkStatement } from './statement.ts';

export const documentElements: readonly string[] = ['Version', 'Id', 'Statement'];

/** Everything in a document that IAM would refuse, or that hardly says what was meant, in the order of the document. */
export function findIn(document: Json, options: GrammarOptions): readonly Finding[] {
  const found = new Collector();
  if (!isObject(document)) {
    found.add('no-document', []);
    return found.all;
  }
  for (const key of Object.keys(document)) {
    if (!documentElements.includes(key)) found.add('unknown-element', [key], key, { on: 'key' });
  }
  checkVersion(document['Version'], options, found);
  checkId(document['Id'], found);
  checkStatements(document, { ...options, found });
  return found.all;
}

function checkVersion(version: Json | undefined, { use }: GrammarOptions, found: Collector): void {
  if (version === currentVersion) return;
  if (version !== undefined && version !== earlierVersion) found.add('unknown-version', ['Version']);
  else if (use === 'managed') {
    if (version === undefined) found.add('no-version', []);
    else found.add('earlier-version', ['Version']);
  }
}

function checkId(id: Json | undefined, found: Collector): void {
  if (id === undefined) return;
  if (typeof id === 'string') found.add('id', ['Id'], id, { on: 'key' });
  else found.add('id-type', ['Id']);
}

function checkStatements(
  document: JsonObject,
  options: GrammarOptions & { readonly found: Collector },
): void {
  const scope: Scope = {
    ...options,
    variables: document['Version'] !== earlierVersion,
    sids: new Map(),
  };
  const isList = Array.isArray(document['Statement']);
  const statements = statementsOf(document);
  if (document['Statement'] === undefined) scope.found.add('no-statement', [], 'Statement');
  else if (statements.length === 0) scope.found.add('no-statement', ['Statement']);
  for (const [index, statement] of statements.entries())
    checkStatement(statement, isList ? ['Statement', index] : ['Statement'], scope);
}
