import { matches } from '../../core/glob.ts';

/** Wildcards of policies, `*` and `?`, once they are told from the same characters in the value of a variable. */
const any = '\u0000';
const one = '\u0001';

/** Values of policy variables by name in lower case; undefined if the request does not have it. */
export type Variables = (name: string) => string | undefined;

/**
 * A pattern with its wildcards marked and its variables filled in, so that a star in a variable's value is a plain
 * star. Null if a variable has no value: such a pattern matches nothing.
 */
export function fill(pattern: string, variables: Variables | null): string | null {
  let filled = '';
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at]!;
    if (char === '*') filled += any;
    else if (char === '?') filled += one;
    else if (char === '$' && variables && pattern[at + 1] === '{') {
      const end = pattern.indexOf('}', at);
      if (end === -1) return filled + pattern.slice(at);
      const value = valueOf(pattern.slice(at + 2, end), variables);
      if (value === undefined) return null;
      filled += value;
      at = end;
    } else filled += char;
  }
  return filled;
}

/**
 * Keys with several values, which are no variables, and fit no operator without `ForAllValues:` or `ForAnyValue:`.
 * Source: IAM User Guide, "Single-valued vs. multivalued context keys"; of aws:TagKeys seen on AWS.
 */
export const multivalued: ReadonlySet<string> = new Set(
  `
  aws:calledvia aws:principalorgpaths aws:principalservicenameslist aws:resourceorgpaths aws:sourceorgpaths
  aws:tagkeys
  `.match(/\S+/g),
);

/** `aws:username`, `aws:PrincipalTag/team, 'none'`, or one of the escapes `*`, `?`, `$`. */
function valueOf(expression: string, variables: Variables): string | undefined {
  if (expression === '*' || expression === '?' || expression === '$') return expression;
  const [, name = '', fallback] = /^([^,]*?)\s*(?:,\s*'([^']*)'\s*)?$/.exec(expression) ?? [];
  if (multivalued.has(name.toLowerCase())) return undefined;
  return variables(name.toLowerCase()) ?? fallback;
}

/** Whether a text matches a pattern that `fill` returned. */
export const fits = (pattern: string, text: string): boolean => matches(pattern, text, any, one);

/** Actions are compared without case. */
export const fitsAction = (pattern: string, action: string): boolean =>
  fits(fill(pattern.toLowerCase(), null) ?? '', action.toLowerCase());

/** ARN conditions compare each of the six parts by itself. */
export function fitsArn(pattern: string, arn: string): boolean {
  const patterns = splitArn(pattern);
  const parts = splitArn(arn);
  return (
    patterns !== null && parts !== null && patterns.every((expected, index) => fits(expected, parts[index]!))
  );
}

function splitArn(arn: string): string[] | null {
  const parts = arn.split(':');
  return parts.length < 6 ? null : [...parts.slice(0, 5), parts.slice(5).join(':')];
}
