/** What is wrong with a trust policy, in words, before any call. The rules are in `src/core/policy-grammar`. */
import type { Json } from '../../core/json.ts';
import { isObject } from '../../core/json.ts';
import { limits } from '../../core/limits.ts';
import { documentSize } from '../../core/policy-language.ts';
import type { PolicyDocument } from '../../core/state.ts';
import { plural } from '../../core/text.ts';
import type { DocumentIssue } from '../grammar/findings.ts';
import { checkDocument } from '../grammar/index.ts';
import { orphansIn } from './principals.ts';

/** What IAM takes only because it stands there already. */
const refusedAnew: ReadonlySet<string> = new Set(['trust-issuer']);

/**
 * Everything in a trust that IAM would refuse (errors) or that hardly says what was meant (warnings).
 *
 * @param where.partition of the account; without it, a principal may be of any that AWS has.
 * @param where.whereItStands the account has it as it is, and nothing writes it: what IAM would refuse only now is a
 *   warning.
 */
export function checkTrust(
  document: Json,
  { partition, whereItStands = false }: { readonly partition?: string; readonly whereItStands?: boolean },
): DocumentIssue[] {
  const issues = checkDocument(document, 'trust', partition).map((issue) =>
    whereItStands && refusedAnew.has(issue.code) ? { ...issue, severity: 'warning' as const } : issue,
  );
  if (!isObject(document)) return issues;
  return [...issues, ...orphans(document), ...size(document)];
}

/** What IAM refuses of a trust where it is written, although it may stand in an account as it is. */
export const refusedAnewIn = (document: PolicyDocument, partition: string): DocumentIssue[] =>
  checkTrust(document, { partition }).filter(({ code }) => refusedAnew.has(code));

/** IAM takes the id of a user or role that is there, and shows its ARN from then on. */
const orphans = (document: Parameters<typeof orphansIn>[0]): DocumentIssue[] =>
  orphansIn(document).map((id) => ({
    severity: 'warning',
    code: 'trust-principal',
    path: [],
    on: 'value',
    message: `${id} is what AWS shows for a ${id.startsWith('AIDA') ? 'user' : 'role'} that was deleted: it lets in nobody, and IAM does not take it again`,
    hint: 'name who is meant by ARN, or drop it',
  }));

function size(document: Parameters<typeof orphansIn>[0]): DocumentIssue[] {
  const length = documentSize(document);
  if (length <= limits.trust) return [];
  const told = `the trust policy has ${plural(length, 'character')} without white space, and IAM takes`;
  const tooLong = length > limits.trustRaised;
  return [
    {
      severity: tooLong ? 'error' : 'warning',
      code: 'trust-size',
      path: [],
      on: 'value',
      message: tooLong
        ? `${told} at most ${limits.trustRaised}`
        : `${told} ${limits.trust} unless AWS has raised the quota of the account`,
      hint: 'trust an account or a role in place of many principals',
    },
  ];
}
