/**
 * Sessions live on after who has them may no longer assume their role. A policy that denies everything to those that are
 * older than a date ends them, under the name that the console gives it.
 *
 * Source: IAM User Guide, "Revoking IAM role temporary security credentials".
 */
import { isObject } from '../../core/json.ts';
import { limits } from '../../core/limits.ts';
import type { Documents, PolicyDocument } from '../../core/state.ts';
import { documentSize } from '../../policy/index.ts';
import { inlineNamed, withoutInline } from '../access.ts';

export const revocationName = 'AWSRevokeOlderSessions';

export const revocationOf = (before: string): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Deny',
      Action: ['*'],
      Resource: ['*'],
      Condition: { DateLessThan: { 'aws:TokenIssueTime': before } },
    },
  ],
});

/** A revocation, by what it says: the name alone proves nothing. */
export function revocationIn(
  policies: Documents,
): { readonly name: string; readonly before: Date } | undefined {
  const found = inlineNamed(policies, revocationName);
  const before = found && revokedBefore(found.document);
  return found && before ? { name: found.name, before } : undefined;
}

export const withoutRevocation = (policies: Documents): Documents =>
  revocationIn(policies) ? withoutInline(policies, revocationName) : policies;

/** Characters that a revocation takes, whatever its time. */
export const revocationSize = documentSize(revocationOf(new Date(0).toISOString()));

/** Whether one fits beside the inline policies of all sides, which may be there at once. */
export function hasRoom(...sides: readonly Documents[]): boolean {
  const sizes = new Map<string, number>();
  for (const policies of sides.map((side) => withoutInline(side, revocationName)))
    for (const [name, document] of Object.entries(policies))
      sizes.set(name, Math.max(sizes.get(name) ?? 0, documentSize(document)));
  const used = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  return used + revocationSize <= limits.inlineRole;
}

const only = (value: unknown): unknown => (Array.isArray(value) && value.length === 1 ? value[0] : value);

function revokedBefore({ Statement, Id: _id, ...rest }: PolicyDocument): Date | undefined {
  const statement = only(Statement) as PolicyDocument;
  if (!isObject(statement) || Object.keys(rest).some((key) => key !== 'Version')) return undefined;
  const { Effect, Action, Resource, Condition, Sid: _sid, ...others } = statement;
  if (Object.keys(others).length > 0 || Effect !== 'Deny' || only(Action) !== '*' || only(Resource) !== '*')
    return undefined;
  if (!isObject(Condition ?? null)) return undefined;
  const { DateLessThan, ...operators } = Condition as PolicyDocument;
  if (Object.keys(operators).length > 0 || !isObject(DateLessThan ?? null)) return undefined;
  const [entry, ...more] = Object.entries(DateLessThan as PolicyDocument);
  if (!entry || more.length > 0 || entry[0].toLowerCase() !== 'aws:tokenissuetime') return undefined;
  const text = only(entry[1]);
  const at = typeof text === 'string' && /^\d{4}-\d\d-\d\dT/.test(text) ? new Date(text) : undefined;
  return at && !Number.isNaN(at.getTime()) ? at : undefined;
}

/** Whether no session that it ends can be left: each is over after the longest that the role gave. */
export const isOver = (before: Date, longest: number, now: Date): boolean =>
  now.getTime() > before.getTime() + longest * 1000;
