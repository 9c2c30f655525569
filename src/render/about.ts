/** What files say for people about what a change is about. */
import type { About } from '../core/desired.ts';
import { scalarText } from '../core/json.ts';
import type { Json } from '../core/json.ts';
import type { Detail } from '../kinds/change.ts';
import type { AnyFact } from '../kinds/facts.ts';

function valueText(value: Json): string {
  if (Array.isArray(value)) return (value as readonly Json[]).map(valueText).join(', ');
  return scalarText(value);
}

/** `owner: team-images; ticket: OPS-123` */
export const aboutText = (about: About): string =>
  Object.entries(about)
    .map(([key, value]) => `${key}: ${valueText(value)}`)
    .join('; ');

/** A line for the object, and one for each membership and attachment with something of its own. */
export function aboutDetails(
  about: About | undefined,
  facts: readonly AnyFact[],
  factText: (fact: AnyFact) => string,
): Detail[] {
  return [
    ...(about ? [aboutText(about)] : []),
    ...facts.flatMap((fact) => (fact.about ? [`${factText(fact)}: ${aboutText(fact.about)}`] : [])),
  ].map((text) => ({ sign: ' ', text }));
}
