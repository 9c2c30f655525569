import { labelOf, objectRef, parseRef } from '../core/references.ts';
import type { Ref } from '../core/references.ts';
import { createHash } from 'node:crypto';
import type { Desired } from '../core/desired.ts';
import { exitCode, RollcallError } from '../core/errors.ts';
import { byText, isObject, parseJson, sortedKeys, stableJson } from '../core/json.ts';
import { NameMap } from '../core/names.ts';
import { planVersion } from '../kinds/plan.ts';
import type { Plan, SavedPlan, WordedPlan } from '../kinds/plan.ts';
import { kinds } from '../kinds/index.ts';
import type { AccountState } from '../core/state.ts';
import { validationError } from '../core/validation-error.ts';
import { planErrors } from './compiled.ts';

type Touches = SavedPlan['touches'];

/** @param live as the plan was made from, credentials included. */
export function savePlan(
  plan: WordedPlan,
  manifests: Desired,
  live: AccountState,
  about: { readonly rollcall: string; readonly at?: Date },
): SavedPlan {
  const saved = {
    ...plan,
    rollcall: about.rollcall,
    ...(about.at ? { at: about.at.toISOString() } : {}),
    manifests: manifests.hash,
    touches: fingerprints(plan, live),
    ...(live.unseenPolicies ? { unseenPolicies: live.unseenPolicies } : {}),
  };
  return { ...saved, digest: digestOf(saved) };
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
/** Empty, which no digest is, for what is nested too deeply to be a plan. */
function digestOf(plan: Omit<SavedPlan, 'digest'>): string {
  try {
    return sha256(stableJson(plan));
  } catch (error) {
    if (error instanceof RangeError) return '';
    throw error;
  }
}

/** What the changes are of, and what the steps touch. */
const touchedRefs = ({ changes, steps }: Plan): Ref[] =>
  [
    ...new Set([
      ...changes.map(({ kind, name }) => objectRef(kind, name)),
      ...steps.flatMap(({ touches }) => touches),
    ]),
  ].sort(byText);

function fingerprints(plan: Plan, live: AccountState): Touches {
  const fingerprint = fingerprinter(live);
  return Object.fromEntries(touchedRefs(plan).map((ref) => [ref, fingerprint(ref)]));
}

/** A name that was free is taken by any spelling of it. */
function fingerprinter(live: AccountState): (ref: Ref) => Touches[string] {
  const named = new Map(kinds.map((kind) => [kind.name, { kind, objects: new NameMap(kind.of(live)) }]));
  return (ref) => {
    const of = named.get(parseRef(ref).kind);
    const object = of?.objects.get(parseRef(ref).name);
    if (!of || object === undefined) return null;
    const fields = of.kind.fingerprint?.(object, live) ?? (object as object);
    return Object.fromEntries(
      sortedKeys(fields).map((field) => [
        field,
        sha256(stableJson((fields as Record<string, unknown>)[field])).slice(0, 16),
      ]),
    );
  };
}

/** The account as the plan saw it: whoever applies it may be allowed to read more policies of AWS. */
export function asSeenBy({ unseenPolicies = [] }: SavedPlan, live: AccountState): AccountState {
  if (unseenPolicies.length === 0) return live;
  const awsPolicies = new Map(live.awsPolicies);
  for (const arn of unseenPolicies) awsPolicies.delete(arn);
  return { ...live, awsPolicies };
}

/**
 * What is no longer as it was when the plan was made, a line each: empty while the plan still holds.
 *
 * @param live with the credentials that the saved plan knows.
 */
const whatMoved = (saved: SavedPlan, live: AccountState): string[] => moved(saved.touches, live);

/** The same between two readings, where the later one was of less. */
function whatMovedSince(plan: Plan, before: AccountState, now: AccountState): string[] {
  const read = fingerprints(plan, now);
  const touches = Object.entries(fingerprints(plan, before)).map(([ref, fields]) => {
    const again = read[ref];
    const both = Object.entries(fields ?? {}).filter(([field]) => again && field in again);
    return [ref, fields && again ? Object.fromEntries(both) : fields] as const;
  });
  return moved(Object.fromEntries(touches), now);
}

function moved(touches: Touches, live: AccountState): string[] {
  const fingerprint = fingerprinter(live);
  return Object.entries(touches).flatMap(([ref, before]) => {
    const now = fingerprint(ref);
    const label = labelOf(ref);
    if (before === null) return now === null ? [] : [`${label} was made meanwhile`];
    if (now === null) return [`${label} is gone`];
    // What the plan did not depend on may not have been read for it.
    const fields = sortedKeys(before).filter((field) => before[field] !== now[field]);
    return fields.length === 0 ? [] : [`${label}: ${fields.join(', ')} changed`];
  });
}

/** Why steps cannot be run one after the other; null: they can. */
function dependencyError(
  steps: readonly { readonly id: string; readonly needs: readonly string[] }[],
): string | null {
  const seen = new Set<string>();
  for (const { id, needs } of steps) {
    const missing = needs.find((need) => !seen.has(need));
    if (missing !== undefined) return `step ${id} needs ${missing}, which does not come before it`;
    if (seen.has(id)) return `two steps are called ${id}`;
    seen.add(id);
  }
  return null;
}

/**
 * @param file as the user would name it.
 * @throws RollcallError for what is no plan, is not whole, was edited or is of a newer form.
 */
export function parsePlan(text: string, file: string): SavedPlan {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    throw new RollcallError(`${file} is not a whole plan: ${(error as Error).message}`, {
      hint: 'make it again with `rollcall plan --out`',
    });
  }
  if (!isObject(value) || typeof value['version'] !== 'number' || !Array.isArray(value['steps'])) {
    throw new RollcallError(`${file} is not a plan`, { hint: 'make one with `rollcall plan --out`' });
  }
  if (value['version'] !== planVersion) {
    throw new RollcallError(
      `${file} has version ${value['version']}; this rollcall reads version ${planVersion}`,
      {
        hint: `use the rollcall that made it (${JSON.stringify(value['rollcall'])}), or make the plan again`,
      },
    );
  }
  const [error] = planErrors(value);
  if (error) {
    throw new RollcallError(`${file} is not a plan: ${validationError('plan', error)}`, {
      hint: 'make one with `rollcall plan --out`',
    });
  }
  const { digest, ...rest } = value as unknown as SavedPlan;
  const own = digestOf(rest);
  if (own === '' || digest !== own) {
    throw new RollcallError(`${file} was edited or damaged after it was made`, {
      hint: 'a plan is run as it was reviewed or not at all: change the manifests and plan again',
    });
  }
  const unordered = dependencyError(rest.steps);
  if (unordered !== null) {
    throw new RollcallError(`${file} is not a plan: ${unordered}`, {
      hint: 'make one with `rollcall plan --out`',
    });
  }
  return value as unknown as SavedPlan;
}

/** @throws RollcallError (exit 4) where the saved plan no longer holds. */
export function refuseStale(saved: SavedPlan, manifests: Desired, live: AccountState): void {
  throwStale([
    ...(saved.manifests === manifests.hash ? [] : ['the manifests changed']),
    ...whatMoved(saved, live),
  ]);
}

/** @throws RollcallError (exit 4) where the account is no longer as the plan was made from, before the first write. */
export const refuseMoved = (plan: Plan, before: AccountState, now: AccountState): void =>
  throwStale(whatMovedSince(plan, before, now));

function throwStale(what: readonly string[]): void {
  if (what.length > 0) throw stale(what);
}

/** @param what is no longer as it was, a line each. */
export const stale = (what: readonly string[]): RollcallError =>
  new RollcallError(['the plan is stale:', ...what.map((one) => `  ${one}`)], {
    exit: exitCode.stale,
    hint: 'nothing was changed; plan again and have it reviewed',
  });
