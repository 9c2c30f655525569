/**
 * The grammar of identity policies, checked before any call, with the place of each fault inside the document.
 *
 * Sources: IAM User Guide, "Grammar of the IAM JSON policy language", "IAM JSON policy elements" and "IAM and AWS STS
 * quotas"; the CreatePolicy operation for the characters allowed; and the texts of IAM's MalformedPolicyDocument
 * errors, such as "Resource vendor must be fully qualified and cannot contain regexes".
 */
import { isObject, type Json } from '../../core/json.ts';
import { currentVersion, earlierVersion, statementsOf } from '../../core/policy-language.ts';
import type { PolicyDocument } from '../../core/state.ts';
import { quote } from '../../core/text.ts';
import { Findings, type DocumentIssue, type Path } from './findings.ts';
import { checkKeys } from './keys.ts';
import { checkStatement } from './statement.ts';

/** Inline policies may still be of version 2008-10-17; IAM refuses it for managed ones. */
export type DocumentUse = 'inline' | 'managed';

/** The document with its version named: the current one where it names none (IAM would take it for 2008-10-17). */
export const withVersion = (document: PolicyDocument): PolicyDocument =>
  Object.hasOwn(document, 'Version') ? document : { Version: currentVersion, ...document };

/** Everything in the document that IAM would refuse (errors) or that hardly says what was meant (warnings). */
export function checkDocument(document: Json, use: DocumentUse): DocumentIssue[] {
  const found = new Findings();
  if (!isObject(document)) {
    found.error('policy-syntax', [], 'a policy document must be a mapping with "Statement"');
    return found.issues;
  }
  const meant = checkKeys(document, [], ['Version', 'Id', 'Statement'], 'a policy document', found);
  checkVersion(document.Version, use, found);
  checkId(document.Id, found);
  if (document.Statement === undefined) {
    if (!meant.has('Statement')) {
      found.error('policy-missing', [], 'the policy document has no "Statement"');
    }
  } else checkStatements(document, use === 'inline' && document.Version === earlierVersion, found);
  checkCharacters(document, [], found);
  return found.issues;
}

function checkStatements(document: PolicyDocument, earlier: boolean, found: Findings): void {
  const scope = { found, earlier, sids: new Map<string, Path>() };
  const isList = Array.isArray(document.Statement);
  const statements = statementsOf(document);
  if (statements.length === 0) {
    found.error('policy-missing', ['Statement'], 'the policy document has no statements');
  }
  for (const [index, statement] of statements.entries()) {
    if (isList) checkStatement(statement, ['Statement', index], `statement ${index + 1}`, scope);
    else checkStatement(statement, ['Statement'], 'the statement', scope);
  }
}

function checkVersion(version: Json | undefined, use: DocumentUse, found: Findings): void {
  if (version === undefined || version === currentVersion) return;
  if (version !== earlierVersion) {
    found.error(
      'policy-version',
      ['Version'],
      `Version must be ${quote(currentVersion)} or ${quote(earlierVersion)}`,
      { hint: `drop it: rollcall writes ${quote(currentVersion)}` },
    );
  } else if (use === 'managed') {
    found.error(
      'policy-version',
      ['Version'],
      `managed policies must be of Version ${quote(currentVersion)}`,
      { hint: 'drop it, and check that "${" means a policy variable wherever it is written' },
    );
  }
}

function checkId(id: Json | undefined, found: Findings): void {
  if (id === undefined) return;
  if (typeof id !== 'string') found.error('policy-syntax', ['Id'], 'Id must be a string');
  else
    found.warning('policy-id', ['Id'], 'Id means nothing in a policy of a user or group', {
      on: 'key',
      hint: 'drop it',
    });
}

/** IAM takes tab, line feed, carriage return and U+0020 to U+00FF. */
function checkCharacters(value: Json, path: Path, found: Findings): void {
  if (typeof value === 'string') {
    const foreign = /[^\t\n\r\u0020-\u00ff]/u.exec(value)?.[0];
    if (foreign === undefined) return;
    found.error(
      'policy-characters',
      path,
      `IAM does not take the character ${quote(foreign)} in a policy document`,
      { hint: 'use characters of Latin-1 only' },
    );
  } else if (Array.isArray(value)) {
    for (const [index, item] of (value as readonly Json[]).entries())
      checkCharacters(item, [...path, index], found);
  } else if (isObject(value)) {
    for (const [key, item] of Object.entries(value)) checkCharacters(item, [...path, key], found);
  }
}
