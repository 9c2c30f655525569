/** What the manifests rule over and did not, and the other way round. */
import type { Base, Desired } from '../../core/desired.ts';
import { matches } from '../../core/glob.ts';
import { byText, stableJson } from '../../core/json.ts';
import type { Json } from '../../core/json.ts';
import type { Effect } from '../../core/plan.ts';
import { NameMap, nameKey, sameName } from '../../core/names.ts';
import { objectRef } from '../../core/references.ts';
import type { Ref } from '../../core/references.ts';
import type { AccountState } from '../../core/state.ts';
import { kinds } from '../../kinds/index.ts';
import type { Kind } from '../../kinds/index.ts';
import type { Rule } from '../../kinds/rule.ts';
import { manageRule, namedKinds } from '../../kinds/sections.ts';
import { scopeOf } from '../scope.ts';
import type { Told } from './told.ts';

interface ScopeInput {
  readonly before: Desired;
  readonly after: Desired;
  readonly base: Base;
  readonly account: AccountState;
  readonly live: AccountState;
}

/** Scopes first; then what is newly declared, or no longer, without a change and without another scope. */
export function scopeRules(input: ScopeInput, told: Told): Rule[] {
  const sections = namedKinds.map((kind) => ({
    kind,
    ...movedOf(kind, input, told),
    ...wordingOf(kind, input),
  }));
  const scopes = sections.flatMap(({ kind, out, into, known, was, is, sense }): Rule[] => {
    const key = kind.section;
    if (stableJson(was) === stableJson(is)) return [];
    const effect = out.length > 0 ? 'widens' : into.length > 0 && sense === 'unclear' ? 'narrows' : sense;
    const of = [...out, ...into];
    const many = known > 0 ? { told: known } : {};
    return [{ id: `scope/${key}`, rule: 'scope', of, key, before: was, after: is, effect, out, ...many }];
  });
  const moved = new Set(scopes.flatMap(({ of }) => of));
  return [...scopes, ...unmanaged(input), ...kinds.flatMap((kind) => presence(kind, input, told, moved))];
}

/**
 * Of all that is there or declared, what goes out of scope and what comes into it, but for what the plan tells:
 * `known` is how many these are.
 */
function movedOf(
  kind: Kind<unknown>,
  { before, after, base, account, live }: ScopeInput,
  told: Told,
): { readonly out: readonly Ref[]; readonly into: readonly Ref[]; readonly known: number } {
  const [wasIn, isIn] = [scopeOf(before, account), scopeOf(after, account, base, live)];
  const all = [live, before.state, after.state].flatMap((state) => [...kind.of(state).keys()]);
  const names = [...new Map(all.map((name) => [nameKey(name), name])).values()]
    .sort(byText)
    .filter((name) => wasIn(kind.name, name) !== isIn(kind.name, name));
  const refs = (isOut: boolean): Ref[] =>
    names.filter((name) => wasIn(kind.name, name) === isOut).map((name) => objectRef(kind.name, name));
  const [out, into] = [true, false].map((isOut) => refs(isOut).filter((ref) => !told(ref)));
  return { out: out!, into: into!, known: refs(false).length - into!.length };
}

/** What the manifests say of a section's scope, and whether that is looser whatever there is. */
function wordingOf(
  kind: Kind<unknown>,
  { before, after }: ScopeInput,
): { readonly was: Json; readonly is: Json; readonly sense: Effect } {
  const { section } = kind;
  const [was, is] = [before, after].map(({ ignore, manage, removed }) => ({
    ignore: [...(ignore[section] ?? [])].sort(byText),
    manage: manageRule(kind, manage),
    removed: [...(removed[section] ?? [])].sort(byText),
  }));
  const come = is!.ignore.some((pattern) => !was!.ignore.some((one) => covers(one, pattern)));
  const gone = was!.ignore.some((pattern) => !is!.ignore.some((one) => covers(one, pattern)));
  const [from, to] = [was!, is!].map(({ manage }) => breadth(manage));
  const isOther = stableJson(was!.manage) !== stableJson(is!.manage);
  const sense =
    come || to! < from!
      ? 'widens'
      : gone || to! > from!
        ? 'narrows'
        : isOther
          ? 'unclear'
          : ('none' as const);
  return { was: was as Json, is: is as Json, sense };
}

/** Less is managed, and more is left alone. */
const breadth = (rule: Desired['manage'][string]): number =>
  rule === 'all' ? 2 : rule === 'declared' ? 0 : 1;

/** `ignore` of what no kind rules over: it has no effect yet. */
function unmanaged({ before, after }: ScopeInput): Rule[] {
  const all = [...new Set([before, after].flatMap(({ ignore }) => Object.keys(ignore)))];
  return all
    .filter((section) => kinds.every((kind) => kind.section !== section))
    .flatMap((section): Rule[] => {
      const [was, is] = [before, after].map(({ ignore }) => ({
        ignore: [...(ignore[section] ?? [])].sort(byText),
      }));
      if (stableJson(was) === stableJson(is)) return [];
      const id = `scope/${section}`;
      return [{ id, rule: 'scope', of: [], key: section, before: was!, after: is!, effect: 'none' }];
    });
}

/** Whether a pattern is for some text that the other is not for; of two patterns the text of one stands for all of it. */
const covers = (pattern: string, other: string): boolean => matches(nameKey(pattern), nameKey(other));

function presence<T>(
  kind: Kind<T>,
  { before, after }: ScopeInput,
  told: Told,
  moved: ReadonlySet<Ref>,
): Rule[] {
  const [was, is] = [kind.of(before.state), kind.of(after.state)];
  const renamed = [...is.values()].flatMap(
    (object) => (object as { readonly renamedFrom?: string } | null)?.renamedFrom ?? [],
  );
  const missing = (names: Iterable<string>, others: ReadonlyMap<string, T>, { sources }: Desired): Ref[] => {
    const [known, places] = [new NameMap(others), new NameMap(sources)];
    return [...names]
      .filter((name) => !known.has(name))
      .map((name) => objectRef(kind.name, name))
      .filter((ref) => !places.has(ref) && !told(ref) && !moved.has(ref));
  };
  const come = missing(is.keys(), was, before);
  const gone = missing(
    [...was.keys()].filter((name) => !renamed.some((from) => sameName(from, name))),
    is,
    after,
  );
  // Of what there is one at most, nothing is removed where no file has it: it is left alone.
  const left = kind.only === undefined ? 'none' : 'unclear';
  return [
    ...(come.length > 0 ? [rule('declared', kind.section, come, 'unclear')] : []),
    ...(gone.length > 0 ? [rule('undeclared', kind.section, gone, left)] : []),
  ];
}

const rule = (name: Rule['rule'], key: string, of: readonly Ref[], effect: Rule['effect']): Rule => ({
  id: `${name}/${key}`,
  rule: name,
  of,
  key,
  before: name === 'undeclared',
  after: name === 'declared',
  effect,
});
