/**
 * What IAM would refuse in a policy document, in words, before any call. The rules are in `src/core/policy-grammar`,
 * which the sandbox answers by; the set of characters is that of the CreatePolicy operation.
 */
import { isObject, type Json } from '../../core/json.ts';
import { findIn } from '../../core/policy-grammar/index.ts';
import type { DocumentUse, Path } from '../../core/policy-grammar/findings.ts';
import { currentVersion } from '../../core/policy-language.ts';
import type { PolicyDocument } from '../../core/state.ts';
import { quote } from '../../core/text.ts';
import { Findings, type DocumentIssue } from './findings.ts';
import { issuesOf } from './words.ts';

export type { DocumentUse } from '../../core/policy-grammar/findings.ts';

/** The document with its version named: the current one where it names none (IAM would take it for 2008-10-17). */
export const withVersion = (document: PolicyDocument): PolicyDocument =>
  Object.hasOwn(document, 'Version') ? document : { Version: currentVersion, ...document };

/**
 * Everything in the document that IAM would refuse (errors) or that hardly says what was meant (warnings).
 *
 * @param partition of the account; without it, a resource may be of any that AWS has.
 */
export function checkDocument(document: Json, use: DocumentUse, partition?: string): DocumentIssue[] {
  const found = new Findings();
  checkCharacters(document, [], found);
  return [...issuesOf(findIn(document, { use, partition }), { use, partition }), ...found.issues];
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
