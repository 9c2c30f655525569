import { byText } from '../core/json.ts';
import type { Made } from '../core/made.ts';
import { parseRef } from '../core/references.ts';
import type { StepResult } from '../aws/execute.ts';
import { kinds } from '../kinds/index.ts';
import type { MadeObject } from '../render/made.ts';
import type { Delivered } from './delivery/index.ts';

/** Where the secrets of a run went. */
export class Places {
  readonly #places = new Map<string, Delivered['place']>();

  /** @param id of an access key; a user has one password. */
  note<T extends Delivered>(delivered: T, id = delivered.user): T {
    this.#places.set(`${delivered.credential} ${id}`, delivered.place);
    return delivered;
  }

  of({ step: { delivers } }: StepResult, { id, name }: Made): MadeObject['delivered'] {
    const place = delivers && this.#places.get(`${delivers.credential} ${id ?? name}`);
    if (!place) return undefined;
    const { kind: how } = place;
    if (place.kind === 'revealed') return { how };
    return { how, path: place.path, ...(delivers.to === null ? {} : { to: delivers.to }) };
  }
}

/** What steps made, by kind and name of the object, and of each in the order of the plan. */
export function madeBy(results: readonly StepResult[], places: Places): MadeObject[] {
  const rank = new Map(kinds.map(({ name }, index) => [name, index]));
  return results
    .flatMap((result) => {
      if (!result.made) return [];
      const delivered = places.of(result, result.made);
      const made: MadeObject = { ...result.made, ...(delivered ? { delivered } : {}) };
      return [{ at: rank.get(parseRef(result.step.change).kind) ?? rank.size, made }];
    })
    .sort((a, b) => a.at - b.at || byText(a.made.name, b.made.name))
    .map(({ made }) => made);
}
