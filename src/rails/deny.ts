/** The rail `deny`: dangers that no plan may bring to anybody but who is excepted. */
import { deniedBy } from '../access/denied.ts';
import type { Denied } from '../core/desired.ts';
import { nameKey } from '../core/names.ts';
import type { RailViolation } from '../core/rails.ts';
import { labelOf, type Ref } from '../core/references.ts';
import { listSome } from '../core/text.ts';
import { plain } from '../core/marked.ts';
import { gainedBy } from '../kinds/words.ts';
import { violation, type RailInput } from './violation.ts';

/** What is brought to whom, and by what they gain it: all who get the same by the same in one. */
export function deny({ plan, manifests }: RailInput): RailViolation[] {
  const found = new Map<string, { readonly danger: string; readonly by: string; readonly people: Ref[] }>();
  for (const { principal, dangers = [], gained } of plan.access) {
    const stopped = new Set<Denied>();
    for (const { code } of dangers) {
      for (const denied of deniedBy(manifests.rails.deny, code)) {
        // The worst comes first, and is enough.
        if (stopped.has(denied) || isExcepted(principal, denied)) continue;
        stopped.add(denied);
        const danger = code === denied.danger ? code : `${denied.danger} (${code})`;
        const by = listSome(
          gained.map((piece) => `${piece.text} ${plain(gainedBy(piece))}`),
          3,
        );
        const key = `${danger}, with ${by}`;
        const same = found.get(key) ?? { danger, by, people: [] };
        same.people.push(principal);
        found.set(key, same);
      }
    }
  }
  return [...found.values()].map(({ danger, by, people }) =>
    violation(
      'deny',
      `the plan brings ${danger} to ${listSome(people.map(labelOf), 5)}, with ${by}`,
      'drop what gives it, except them under rails.deny in a change of its own',
    ),
  );
}

/** By the name that the plan leaves them with. */
const isExcepted = (principal: Ref, { except }: Denied): boolean =>
  except.some((one) => nameKey(one) === nameKey(principal));
