/** Whether an ARN of a policy, and what the ARNs of a type of resource look like, have anything in common. */
import { readGlob } from '../glob.ts';
import type { Glob } from '../glob.ts';

/**
 * Whether some ARN may be both. A format is one of scripts/service-data.mjs: `*` stands for any text, `+` for any without a
 * slash and a colon. A policy variable may be any text, so "no" is right as far as the format is.
 */
export function mayHaveFormat({ source, tokens }: Glob, format: string): boolean {
  // Most are of another service.
  const service = /^[^:*+]*:/.exec(format)?.[0] ?? '';
  if (!source.startsWith(service) && !/^[^:]*[*?$]/.test(source)) return false;
  const isOpen = (token: string): boolean => token === '*' || token.length > 1;
  /** `row[j]`: the rest of the tokens from i and of the format from j may be the same text. */
  let row: boolean[] = [];
  for (let i = tokens.length; i >= 0; i -= 1) {
    const next = row;
    const token = tokens[i];
    row = [];
    for (let j = format.length; j >= 0; j -= 1) {
      const other = format[j];
      if (token === undefined && other === undefined) row[j] = true;
      else if (token !== undefined && isOpen(token))
        row[j] = next[j]! || (other !== undefined && row[j + 1]!);
      else if (other === '*' || other === '+')
        row[j] = row[j + 1]! || (token !== undefined && (other === '*' || !/[/:]/.test(token)) && next[j]!);
      else row[j] = token !== undefined && (token === '?' || token === other) && next[j + 1]!;
    }
  }
  return row[0]!;
}

/** An ARN from its service on. IAM fills up one that is cut short with wildcards. */
export function readResource(arn: string, variables: boolean): Glob {
  const parts = arn.split(':').slice(2);
  while (parts.length < 4) parts.push('*');
  return readGlob(parts.join(':').replace(/^codestar-connections:/, 'codeconnections:'), variables);
}

/** Whether an ARN names one thing: not a pattern, and not only the account or the region that things are in. */
export function namesOne(resource: Glob): boolean {
  const name = resource.source.split(':').slice(3).join(':');
  return /\w/.test(name) && !/[*?]|\$\{/.test(name);
}
