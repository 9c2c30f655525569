import { globMatcher, nameMatcher } from '../../core/glob.ts';
import { RollcallError } from '../../core/errors.ts';
import { objectRef, parseRef } from '../../core/references.ts';
import type { Ref } from '../../core/references.ts';
import { isSelected } from '../../core/selection.ts';
import type { Selectable } from '../../core/selection.ts';
import type { AccountState } from '../../core/state.ts';
import { didYouMean, quote } from '../../core/text.ts';
import { registry } from '../../kinds/index.ts';
import type { Kind } from '../../kinds/index.ts';
import { namedKinds } from '../../kinds/sections.ts';
import type { Known } from './known.ts';
import type { BySection } from './to-manifest.ts';

/** Which objects of the account are asked for: both must fit, where both are given. */
export interface Wanted {
  /** Patterns of names, of users unless a kind stands before it: `anna.*`, `group:team-*`. */
  readonly only: readonly string[];
  /** IAM paths; what is below one counts too. */
  readonly paths: readonly string[];
}

/** Objects of the account that are taken. */
export interface Selection {
  has(kind: string, name: string): boolean;
  /** Asked for by name or path. */
  readonly chosen: BySection<string>;
  /** Taken because something that is taken refers to it: groups, and policies that are held. */
  readonly needed: BySection<string>;
  /** Of those, what is declared already: it stays as it is. */
  readonly declared: BySection<string>;
  /** What stays another's. */
  readonly left: BySection<string>;
}

/** Kinds of which an account has many objects. */
const many = namedKinds;

/**
 * @param refs of what is taken whatever its name.
 * @throws RollcallError for a pattern that fits nothing, which would be a typing error.
 */
export function select(live: AccountState, known: Known, wanted: Wanted): Selection {
  const chosen = new Set(chosenOf(live, wanted));
  const all = new Set<Ref>();
  const add = (ref: Ref): void => {
    if (all.has(ref)) return;
    all.add(ref);
    const { kind: of, name } = parseRef(ref);
    const kind = many.find((one) => one.name === of);
    // What is ignored is left out, and so is what it refers to.
    const object = kind?.of(live).get(name);
    if (!kind || object === undefined || known.isIgnored(of, name)) return;
    for (const needed of kind.needs?.(object, live) ?? []) add(needed);
  };
  for (const ref of chosen) add(ref);
  const isDeclared = (ref: Ref): boolean => {
    const { kind, name } = parseRef(ref);
    return known.declared(kind, name) !== undefined;
  };
  const bySection = (test: (ref: Ref) => boolean): BySection<string> =>
    Object.fromEntries(
      many.map((kind) => [
        kind.section,
        takable(kind, live).filter((name) => test(objectRef(kind.name, name))),
      ]),
    );
  return {
    has: (kind, name) => all.has(objectRef(kind, name)),
    chosen: bySection((ref) => chosen.has(ref) && !isDeclared(ref)),
    needed: bySection((ref) => all.has(ref) && !chosen.has(ref) && !isDeclared(ref)),
    declared: bySection((ref) => chosen.has(ref) && isDeclared(ref)),
    left: bySection((ref) => !all.has(ref) && !isDeclared(ref)),
  };
}

/** What `manage` selects of each section; null where it selects nothing less than all, or leaves that to the files. */
export function selectedByManage(live: AccountState, known: Known): Pick<Selection, 'has' | 'left'> | null {
  const rules = new Map(
    many.flatMap(({ name, section }) => {
      const rule = known.desired?.manage[section];
      return typeof rule === 'object' ? [[name, rule] as const] : [];
    }),
  );
  if (rules.size === 0) return null;
  const has: Selection['has'] = (kind, name) => {
    const rule = rules.get(kind);
    const object = many
      .find((one) => one.name === kind)
      ?.of(live)
      .get(name) as Selectable | undefined;
    return rule === undefined || (object !== undefined && isSelected(rule, object));
  };
  const left = Object.fromEntries(
    many.map((kind) => [
      kind.section,
      takable(kind, live).filter(
        (name) =>
          !has(kind.name, name) &&
          !known.isIgnored(kind.name, name) &&
          known.declared(kind.name, name) === undefined,
      ),
    ]),
  );
  return { has, left };
}

/** Neither rollcall's own nor AWS's. */
const takable = (kind: Kind<unknown>, live: AccountState): string[] =>
  [...kind.of(live)].flatMap(([name, object]) =>
    kind.isOurs?.(name) === true || kind.isAws?.(object) === true ? [] : [name],
  );

/** @throws RollcallError for a pattern that fits nothing, which would be a typing error. */
function chosenOf(live: AccountState, { only, paths }: Wanted): Ref[] {
  const patterns = only.map(patternOf);
  const isAt = globMatcher(paths.map((path) => `${path}*`));
  const found = new Set<string>();
  const chosen: Ref[] = [];
  for (const kind of many) {
    const asked = patterns.filter((pattern) => pattern.kind === kind);
    for (const name of takable(kind, live)) {
      const names = asked.filter(({ matches }) => matches(name));
      for (const { text } of names) found.add(text);
      if (only.length > 0 && names.length === 0) continue;
      if (paths.length > 0 && !isAt(pathOf(kind.of(live).get(name)))) continue;
      chosen.push(objectRef(kind.name, name));
    }
  }
  const missed = patterns.find(({ text }) => !found.has(text));
  if (missed) {
    throw new RollcallError(`no ${missed.kind.name} of account ${live.account} fits ${quote(missed.text)}`, {
      hint:
        didYouMean(missed.name, takable(missed.kind, live)) ??
        'patterns have * for any text and ? for any one character; groups are asked for as group:NAME',
    });
  }
  if (chosen.length > 0) return chosen;
  throw new RollcallError(
    only.length > 0
      ? `nothing that fits ${only.map((one) => quote(one)).join(', ')} has the path ${paths.map((one) => quote(one)).join(' or ')}`
      : `nothing of account ${live.account} has the path ${paths.map((one) => quote(one)).join(' or ')}`,
    { hint: 'IAM has paths such as /people/ and /; the one of a user stands in its ARN' },
  );
}

interface Pattern {
  readonly text: string;
  readonly kind: Kind<unknown>;
  readonly name: string;
  readonly matches: (name: string) => boolean;
}

function patternOf(text: string): Pattern {
  const [, prefix = registry[0].name, name = ''] = /^(?:([a-z-]+):)?(.*)$/s.exec(text) ?? [];
  const kind = many.find((one) => one.name === prefix);
  if (!kind) {
    throw new RollcallError(`--only ${text}: there is no kind of object ${quote(prefix)}`, {
      hint: `write a name or a pattern of users, or begin it with ${many.map((one) => `${one.name}:`).join(', ')}`,
    });
  }
  return { text, kind, name, matches: nameMatcher([name]) };
}

/** IAM's path of an object. */
const pathOf = (object: unknown): string => (object as { readonly path?: string }).path ?? '/';
