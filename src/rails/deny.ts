/** The rail `deny`: dangers that no plan may bring to anybody but who is excepted. */
import { deniedBy } from '../access/denied.ts';
import type { Denied } from '../core/desired.ts';
import { nameKey } from '../core/names.ts';
import type { RailViolation } from '../core/rails.ts';
import { labelOf, type Ref } from '../core/references.ts';
import { listSome } from '../core/text.ts';
import { plain } from '../core/marked.ts';
import type { AssumerEntry } from '../kinds/plan.ts';
import { gainedBy } from '../kinds/words.ts';
import { violation, type RailInput } from './violation.ts';

/** What is brought to whom, and by what they gain it: all who get the same by the same in one. */
export function deny({ plan, manifests }: RailInput): RailViolation[] {
  const found = new Map<
    string,
    { readonly danger: string; readonly by: string; readonly people: string[] }
  >();
  const add = (
    who: string,
    refs: readonly Ref[],
    dangers: readonly { readonly code: string }[],
    by: () => string,
  ): void => {
    const stopped = new Set<Denied>();
    for (const { code } of dangers) {
      for (const denied of deniedBy(manifests.rails.deny, code)) {
        // The worst comes first, and is enough.
        if (stopped.has(denied) || refs.some((ref) => isExcepted(ref, denied))) continue;
        stopped.add(denied);
        const danger = code === denied.danger ? code : `${denied.danger} (${code})`;
        const key = `${danger}, with ${by()}`;
        const same = found.get(key) ?? { danger, by: by(), people: [] };
        same.people.push(who);
        found.set(key, same);
      }
    }
  };
  for (const { principal, dangers = [], gained } of plan.access)
    add(labelOf(principal), [principal], dangers, () =>
      listSome(
        gained.map((piece) => `${piece.text} ${plain(gainedBy(piece))}`),
        3,
      ),
    );
  for (const { principals, outsider, path, comes, dangers = [] } of plan.assumers) {
    const role = path.at(-1)!;
    const by = (): string => `${labelOf(role)}, which they may assume${throughText(path.slice(0, -1))}`;
    if (comes !== 'gained') continue;
    if (outsider) add(outsiderText(outsider), [role], dangers, by);
    for (const principal of principals ?? []) add(labelOf(principal), [principal, role], dangers, by);
  }
  return [...found.values()].map(({ danger, by, people }) =>
    violation(
      'deny',
      `the plan brings ${danger} to ${listSome(people, 5)}, with ${by}`,
      'drop what gives it, except them under rails.deny in a change of its own',
    ),
  );
}

const throughText = (hops: readonly Ref[]): string =>
  hops.length === 0 ? '' : ` through ${hops.map(labelOf).join(' and ')}`;

const outsiderText = ({ type, name, subject }: NonNullable<AssumerEntry['outsider']>): string =>
  type === 'anybody' ? 'anybody' : `${type} ${name}${subject === undefined ? '' : ` (${subject})`}`;

/** By the name that the plan leaves them with. */
const isExcepted = (principal: Ref, { except }: Denied): boolean =>
  except.some((one) => nameKey(one) === nameKey(principal));
