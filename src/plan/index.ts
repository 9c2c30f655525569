import { withAwsPolicies } from '../access/documents.ts';
import { objectRef, parseRef } from '../core/references.ts';
import type { Ref } from '../core/references.ts';
import type { Base, Desired } from '../core/desired.ts';
import { formatLocation } from '../core/errors.ts';
import type { Diagnostic } from '../core/errors.ts';
import { byText } from '../core/json.ts';
import { listSome } from '../core/text.ts';
import { nameKey, NameMap } from '../core/names.ts';
import { planVersion } from '../kinds/plan.ts';
import type { Change, LeftAlone, Plan } from '../kinds/plan.ts';
import { emptyState } from '../core/state.ts';
import type { AccountState } from '../core/state.ts';
import { kinds } from '../kinds/index.ts';
import { afterwards, withoutRevocations } from '../kinds/afterwards.ts';
import { withAbout } from '../kinds/about.ts';
import { untilOf, withUntil } from '../kinds/until.ts';

import { keepPaths } from '../kinds/policy/index.ts';
import type { Context, Draft, Kind } from '../kinds/index.ts';
import { giveFirst } from './give-first.ts';
import { keepMoves } from './moves.ts';
import { order } from './order.ts';
import { affectedPrincipals, principalsOf } from './affected-principals.ts';
import type { AffectedPrincipals } from './affected-principals.ts';
import { accessTable, pieces } from './access-table.ts';
import { assumersOf } from './assumers.ts';
import { AccessDiff, judge, judged, judgedByOthers } from './effects.ts';
import { holdingAspects, partOf } from './partial.ts';
import type { Aim } from './partial.ts';
import { applyRenames } from './rename.ts';
import { ignoredBy, scopeOf } from './scope.ts';
import { noteRenames } from './rename-hints.ts';
import { isByAccount } from '../kinds/rule.ts';
import { changedRules } from './rules/index.ts';
import type { RulesInput } from './rules/index.ts';
import { noteScope } from './scope-notes.ts';
import { spellAsLive } from './spelling.ts';
import { lookedAt } from './looked.ts';
import { throughRoles } from './through-roles.ts';
import { makeSafe } from './transition.ts';
import type { ScheduledStep } from './transition.ts';

export { ignoredBy, scopeOf, stateBefore } from './scope.ts';

/** A plan, or why none can be made (all reasons at once). */
type Planned =
  | {
      readonly plan: Plan;
      /** What it brings about: what the manifests declare, or of a partial plan only the part. */
      readonly state: AccountState;
      /** What it is not about, by name. */
      readonly leftAlone: readonly LeftAlone[];
      readonly problems?: never;
    }
  | {
      readonly plan?: never;
      readonly state?: never;
      readonly leftAlone?: never;
      readonly problems: readonly Diagnostic[];
    };

/**
 * `(desired, live, now) → Plan`. Pure and deterministic: the same input gives the same bytes.
 *
 * @param account must hold the credentials of every user that `withCredentials` (kinds/user/live.ts) reads.
 * @param now decides the age of access keys.
 * @param delivered ids of access keys whose delivery is known here.
 * @param base the manifests as they were; without it nothing is known of them.
 * @param targets of a partial plan: objects such as `user:anna`; none: everything is planned.
 * @param runsAs the role of whoever runs it, or made it.
 * @param text whether a `Sid` or `Id` that differs alone is a change.
 */
export function makePlan(
  manifests: Desired,
  account: AccountState,
  now: Date,
  delivered: ReadonlySet<string> = new Set(),
  base: Base | null = null,
  targets: readonly string[] = [],
  text = false,
  runsAs?: string,
): Planned {
  const problems: Diagnostic[] = [];
  const notes: string[] = [];
  const problem = problemIn(manifests, problems);
  const { live, renames, inScope, aim } = worldOf(manifests, account, { base, targets, problem });
  const state = aim?.state ?? manifests.state;
  const declared = withAwsPolicies(withOthersPolicies(state, account, inScope), account);
  const note = (one: string): void => void notes.push(one);
  const labelled: string[] = [];
  const kept = keepPaths(declared, { live, inScope });
  const desired = spellAsLive({ desired: kept.desired, live, problem, note });
  const context = contextOf(
    manifests,
    { desired, live, now, delivered, inScope, problem, note, runsAs },
    (what) => {
      if (!text) labelled.push(what);
      return text;
    },
  );
  const drafts: Draft[] = [
    ...renames,
    ...kept.drafts,
    ...kinds.flatMap((kind) => diffKind(kind, context, aim)),
  ];
  for (const kind of kinds) kind.survey?.(aim ? { ...context, desired: aim.own(desired) } : context);
  for (const one of live.unseen ?? []) context.note(one);
  noteRenames(context);
  noteLabels(labelled, note);
  noteScope({ manifests, account, base, inScope, note });
  noteUnknownExceptions(manifests.rails.deny, [live, desired, manifests.state], note);
  const affected = affectedPrincipals(desired, live);
  const sides = { live, desired: afterwards(context) };
  const diff = new AccessDiff(withoutRevocations(sides), sides.desired);
  const steps = giveFirst(keepMoves(drafts.flatMap(place()), context), { ...sides, affected, diff });
  const through = throughRoles({ ...sides, affected, diff });
  const scheduled = makeSafe(steps, { ...context, affected, through });
  if (problems.length > 0) return { problems };
  const impact = impactOf({ drafts, scheduled, ...sides, affected, diff }, context, manifests);
  const { looked, leftAlone } = lookedAt({ manifests, live, inScope, aim }, drafts);
  const plan: Plan = {
    version: planVersion,
    account: desired.account,
    partition: desired.partition,
    ...(runsAs === undefined ? {} : { runsAs }),
    ...(aim ? { targets: aim.targets } : {}),
    overridden: [],
    relaxed: [],
    ...since(
      base,
      { after: manifests, account, live, now, changes: impact.changes, affected },
      sides.desired,
      Boolean(aim),
    ),
    ...impact,
    steps: order(scheduled, affected, through),
    looked,
    notes,
  };
  return { plan, state, leftAlone };
}

interface Impacted {
  readonly drafts: readonly Draft[];
  readonly scheduled: readonly ScheduledStep[];
  readonly live: AccountState;
  readonly desired: AccountState;
  readonly affected: AffectedPrincipals;
  readonly diff: AccessDiff;
}

/** What the plan does to access: by change, by principal, and by who comes to which role. */
function impactOf(
  { drafts, scheduled, live, desired, affected, diff }: Impacted,
  context: Context,
  manifests: Desired,
): Pick<Plan, 'access' | 'assumers' | 'changes'> {
  const place = (ref: Ref): string | undefined => context.place(ref);
  const judgements = judge(drafts, diff, affected);
  const until = untilOf(manifests.expiring);
  const assumed = assumersOf({ live, desired, diff }, place, (gains) => pieces(gains, place, until));
  return {
    access: accessTable(diff.all(), place, until, assumed.isShut),
    assumers: assumed.assumers,
    changes: changesOf(drafts, scheduled, judgements, manifests).map((one) => judgedByOthers(one, assumed)),
  };
}

function contextOf(
  manifests: Desired,
  sides: Pick<Context, 'desired' | 'live' | 'now' | 'delivered' | 'inScope' | 'problem' | 'note' | 'runsAs'>,
  writesLabels: Context['writesLabels'],
): Context {
  const expired = new NameMap(
    manifests.expiring.filter((one) => one.expired).map(({ ref, at }) => [ref, at] as const),
  );
  return {
    ...sides,
    isIgnored: ignoredBy(manifests.ignore),
    expiry: (ref) => expired.get(ref),
    place: (ref) => {
      const at = manifests.sources.get(ref);
      return at && formatLocation(at);
    },
    writesLabels,
  };
}

/** They mean nothing to IAM, so no account is touched for them alone. */
function noteLabels(labelled: readonly string[], note: Context['note']): void {
  if (labelled.length === 0) return;
  note(
    `only the Sid or Id differs from the files, which means nothing to IAM: ${listSome(labelled, 5)}; the next change of ` +
      `the document writes it, or \`apply --text\``,
  );
}

/** Reports what cannot be planned, with the place that declares it. */
const problemIn =
  ({ sources }: Desired, problems: Diagnostic[]): Context['problem'] =>
  (message, hint, at) => {
    const place = sources.get(at);
    problems.push({ severity: 'error', code: 'cannot-plan', message, hint, ...(place ? { at: place } : {}) });
  };

/** The account under the names that objects are to have, what is managed, and at what of it the plan aims. */
function worldOf(
  manifests: Desired,
  account: AccountState,
  {
    base,
    targets,
    problem,
  }: Pick<Context, 'problem'> & { readonly base: Base | null; readonly targets: readonly string[] },
) {
  const isPartial = targets.length > 0;
  const { live, drafts, doubtful } = applyRenames(manifests.state, account);
  const managed = scopeOf(manifests, account, base, live);
  const inScope: Context['inScope'] = (kind, name) =>
    !doubtful.has(objectRef(kind, name)) && managed(kind, name);
  // Of a stranger that has the old name the manifests say nothing.
  const renames = drafts.filter(
    ({ change: { byHand, kind, facts } }) => !byHand || managed(kind, String(facts[0]?.before)),
  );
  if (!isPartial) return { live, renames, inScope, aim: null };
  const aim = partOf({ declared: manifests.state, live: account, inScope }, targets, (message, hint) =>
    problem(message, hint, ''),
  );
  const part = applyRenames(aim.state, account);
  return { live: part.live, renames: part.drafts, inScope, aim };
}

/** A version that no document in between needs stays, and is not told to go. */
function withoutSpareFacts(
  drafts: readonly Draft[],
  scheduled: readonly ScheduledStep[],
): readonly Draft['change'][] {
  const split = new Set(scheduled.filter(({ draft }) => draft.ifSplit).map(({ change }) => change));
  return drafts.map(({ change, steps }) =>
    steps.some(({ ifSplit }) => ifSplit) && !split.has(change.id)
      ? { ...change, facts: change.facts.filter((fact) => !('ifSplit' in fact)) }
      : change,
  );
}

/** Each with what the files say besides: until when it lasts, and what people are to know. */
const changesOf = (
  drafts: readonly Draft[],
  scheduled: readonly ScheduledStep[],
  judgements: ReturnType<typeof judge>,
  manifests: Desired,
): Change[] => {
  const until = untilOf(manifests.expiring);
  return withoutSpareFacts(drafts, scheduled)
    .map((change) => judged(change as Change, judgements.get(change.id)))
    .map((change) => withAbout(withUntil(change, until), manifests.about))
    .sort(inReadingOrder);
};

/** What changed without a call since the base. Of a base that could not be read nothing is known. */
function since(
  base: Base | null,
  input: Omit<RulesInput, 'base' | 'before' | 'dangersOf'>,
  after: AccountState,
  isPartial: boolean,
): Pick<Plan, 'base' | 'rules'> {
  if (base === null) return { base: null, rules: [] };
  const { rev } = base;
  if ('why' in base) return { base: { rev, why: base.why }, rules: [] };
  const { commit, desired: before } = base;
  const all = new AccessDiff(emptyState(after.account, after.partition), after);
  const dangersOf = (ref: Ref): string[] => all.of(ref).dangers.map(({ danger: { code } }) => code);
  const rules = changedRules({ ...input, base, before, dangersOf });
  return {
    base: { rev, commit, ...(before.files.length === 0 ? { isEmpty: true } : {}) },
    // What a partial plan does not tell may be another change, left for later.
    rules: isPartial ? rules.filter((rule) => !isByAccount(rule)) : rules,
  };
}

/** Whoever is called so later would be excepted. */
function noteUnknownExceptions(
  denied: Desired['rails']['deny'],
  sides: readonly AccountState[],
  note: Context['note'],
): void {
  const excepted = denied.flatMap(({ danger, except }) => except.map((ref) => ({ danger, ref })));
  if (excepted.length === 0) return;
  const known = new Set(sides.flatMap(principalsOf).map(({ ref }) => nameKey(ref)));
  for (const { danger, ref } of excepted) {
    const { kind, name } = parseRef(ref);
    if (!known.has(nameKey(ref)))
      note(`rails.deny excepts ${kind} ${name} from ${danger}, but there is no such ${kind}`);
  }
}

/** Policies that are left alone stay as they are, and may be held: what they grant must be known on both sides. */
function withOthersPolicies(
  desired: AccountState,
  live: AccountState,
  inScope: Context['inScope'],
): AccountState {
  const ignored = [...live.policies].filter(([name]) => !inScope('policy', name));
  return ignored.length === 0
    ? desired
    : { ...desired, policies: new Map([...ignored, ...desired.policies]) };
}

/** @param aim of a partial plan. What it does not aim at is as the account has it, but for what the account cannot tell. */
function diffKind<T>(kind: Kind<T>, context: Context, aim: Aim | null): Draft[] {
  const desired = kind.of(context.desired);
  const live = kind.of(context.live);
  const names = [...new Set([...live.keys(), ...desired.keys()])]
    .filter((name) => desired.has(name) || (kind.only === undefined && context.inScope(kind.name, name)))
    .sort(byText);
  if (hasCaseTwins(kind.name, names, desired, context)) return [];
  return names.flatMap((name) => {
    const part = aim?.changes(kind.name, name) ?? 'all';
    if (part === 'none') return [];
    const drafts = kind.diff(desired.get(name), live.get(name), context);
    return part === 'all' ? drafts : drafts.filter(({ change }) => holdingAspects.has(change.aspect));
  });
}

/** To IAM `Dale` and `dale` are one name: making the one while the other is there fails. A problem for each. */
function hasCaseTwins(
  kind: string,
  names: readonly string[],
  desired: ReadonlyMap<string, unknown>,
  context: Context,
): boolean {
  const seen = new NameMap<string>();
  let found = false;
  for (const name of names) {
    const twin = seen.get(name);
    seen.set(name, name);
    if (twin === undefined) continue;
    found = true;
    const [declared, live] = desired.has(name) ? [name, twin] : [twin, name];
    context.problem(
      `${kind} ${declared}: IAM has it as ${live}, and IAM's names differ by more than case`,
      `write it as IAM does: ${live}`,
      objectRef(kind, declared),
    );
  }
  return found;
}

/** Gives each step its number across all drafts, and its predecessor where it is chained to one. */
function place(): (draft: Draft) => ScheduledStep[] {
  let seq = 0;
  return ({ change, steps }) => {
    return steps.map((draft) => {
      seq += 1;
      return { draft, change: change.id, seq, ...(draft.chained ? { follows: [seq - 1] } : {}) };
    });
  };
}

const kindOrder: readonly string[] = kinds.map(({ name }) => name);
const inReadingOrder = (a: Change, b: Change): number =>
  kindOrder.indexOf(a.kind) - kindOrder.indexOf(b.kind) || byText(a.name, b.name) || byText(a.id, b.id);
