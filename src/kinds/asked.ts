import { parseRef } from '../core/references.ts';
import type { Kind } from './kind.ts';
import type { PlanReading } from './live.ts';

/**
 * Whether a plan can depend on the objects of a kind that a file must ask for (`Kind.optIn`). Otherwise they are only
 * counted (besides.ts).
 */
export function isAsked(
  { name, section, of }: Pick<Kind<unknown>, 'name' | 'section' | 'of'>,
  { manifests, before, touches }: Pick<PlanReading, 'manifests' | 'before' | 'touches'>,
): boolean {
  const { manage, removed, state } = manifests;
  return (
    (manage[section] ?? 'declared') !== 'declared' ||
    of(state).size > 0 ||
    (removed[section] ?? []).length > 0 ||
    (before !== null && of(before.state).size > 0) ||
    Object.keys(touches).some((ref) => parseRef(ref).kind === name)
  );
}
