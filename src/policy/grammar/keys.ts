import type { JsonObject } from '../../core/json.ts';
import { nearest, quote } from '../../core/text.ts';
import type { Findings, Path } from './findings.ts';

/** Gives the elements that unknown ones were probably meant to be: those are not missing as well. */
export function checkKeys(
  object: JsonObject,
  path: Path,
  known: readonly string[],
  what: string,
  found: Findings,
): ReadonlySet<string> {
  const meant = new Set<string>();
  for (const key of Object.keys(object)) {
    if (known.includes(key)) continue;
    if (key === 'Principal' || key === 'NotPrincipal') {
      found.error(
        'policy-principal',
        [...path, key],
        `${key} is not allowed here: the policy applies to whoever holds it`,
        { on: 'key', hint: 'drop it' },
      );
      continue;
    }
    const near = nearest(key, known);
    if (near !== null) meant.add(near);
    found.error('policy-unknown', [...path, key], `unknown element ${quote(key)} in ${what}`, {
      on: 'key',
      hint: near === null ? `known elements: ${known.join(', ')}` : `did you mean ${quote(near)}?`,
    });
  }
  return meant;
}
