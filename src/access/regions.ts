/**
 * What statements say as regions: actions × resources, under conditions. A region is taken apart by others until
 * nothing is left of it, which proves that they cover it together; what is left is what they may leave out.
 */
import {
  areImpossible,
  conditionsInclude,
  conditionsMayFail,
  seemImpossible,
  type Condition,
} from '../policy/conditions.ts';
import { readGlob, type Glob } from '../policy/glob.ts';
import { awsDefinedName, type Matcher, type Statement } from '../policy/statement.ts';
import { emptiness, setOf, stepsSoFar, within, without, type TextSet } from './sets.ts';

/** What holds of a request: conditions, policy variables that have a value, and unreadable statements that apply. */
export interface Circumstances {
  readonly conditions: readonly Condition[];
  readonly variables: ReadonlySet<string>;
  readonly opaque: ReadonlySet<string>;
}

/** A statement's actions × resources under its circumstances. */
export interface Box extends Circumstances {
  readonly actions: Matcher;
  readonly resources: Matcher;
}

export interface Region extends Circumstances {
  readonly actions: TextSet;
  readonly resources: TextSet;
  /** Of each of these, something does not hold. */
  readonly unless: readonly Circumstances[];
}

const all = readGlob('*');
const everything: Matcher = { not: false, patterns: [all] };
const none: ReadonlySet<string> = new Set();

/**
 * A statement of an identity policy; null: it says nothing of whoever holds it. One that cannot be read may say
 * anything, under circumstances that only itself knows.
 *
 * @param known policy variables that always have a value. IAM drops a statement with another that has none.
 */
export function boxOf(statement: Statement, known: ReadonlySet<string>): Box | null {
  if (!statement.readable) {
    const isOfAws = awsDefinedName(statement.source) !== undefined;
    const opaque = new Set([isOfAws ? `${ofAws}${statement.key}` : statement.key]);
    return { actions: everything, resources: everything, conditions: [], variables: none, opaque };
  }
  // What names principals is a trust policy, or one of a resource; IAM takes no other without resources.
  if (statement.principals !== null || statement.resources === null) return null;
  const { actions, resources } = statement;
  const conditions = [...statement.conditions.values()];
  if (areImpossible(conditions)) return null;
  const variables = new Set([...statement.variables].filter((name) => !known.has(name)));
  return { actions, resources, conditions, variables, opaque: none };
}

export const regionOf = (box: Box): Region => ({
  ...box,
  actions: setOf(box.actions, all),
  resources: setOf(box.resources, all),
  unless: [],
});

const joined = (a: ReadonlySet<string>, b: ReadonlySet<string>): ReadonlySet<string> =>
  b.size === 0 ? a : a.size === 0 ? b : new Set([...a, ...b]);

/** What of the region lies within the box, too; null: nothing. */
export function intersect(region: Region, box: Box): Region | null {
  const both: Region = {
    actions: within(region.actions, box.actions),
    resources: within(region.resources, box.resources),
    conditions: box.conditions.length === 0 ? region.conditions : [...region.conditions, ...box.conditions],
    variables: joined(region.variables, box.variables),
    opaque: joined(region.opaque, box.opaque),
    unless: region.unless,
  };
  const meet = region.conditions.length > 0 && box.conditions.length > 0;
  return isEmpty(both) || (meet && areImpossible(both.conditions)) ? null : both;
}

/** What of the region lies within the patterns, too; null: nothing. */
export function meet(region: Region, actions: readonly Glob[], resources: readonly Glob[]): Region | null {
  // The narrow lists first: whether something is left is looked for from there.
  const both: Region = {
    ...region,
    actions: { some: [actions, ...region.actions.some], none: region.actions.none },
    resources: { some: [resources, ...region.resources.some], none: region.resources.none },
  };
  return isEmpty(both) ? null : both;
}

const isSubset = (small: ReadonlySet<string>, large: ReadonlySet<string>): boolean =>
  [...small].every((item) => large.has(item));

/** Whether the circumstances hold wherever those of the region do. */
const follows = (circumstances: Circumstances, region: Circumstances): boolean =>
  isSubset(circumstances.variables, region.variables) &&
  isSubset(circumstances.opaque, region.opaque) &&
  conditionsInclude(circumstances.conditions, region.conditions);

const isEmpty = (region: Region): boolean =>
  region.unless.some((circumstances) => follows(circumstances, region)) ||
  emptiness(region.actions, 'action') === true ||
  emptiness(region.resources, 'resource') === true;

/** More pieces than this are not taken apart, nor is what takes more steps of search. */
const [mostPieces, mostSteps] = [200, 1_000_000];

/** What the boxes leave of a region, in pieces; null: there are too many to say, or they are too hard to tell. */
export function subtract(region: Region, boxes: readonly Box[]): readonly Region[] | null {
  const most = stepsSoFar() + mostSteps;
  let pieces: Region[] = [region];
  for (const box of boxes) {
    const left: Region[] = [];
    for (const piece of pieces) {
      left.push(...leftOf(piece, box));
      if (left.length > mostPieces || stepsSoFar() > most) return null;
    }
    pieces = left;
    if (pieces.length === 0) break;
  }
  return pieces;
}

function leftOf(piece: Region, box: Box): readonly Region[] {
  const common = intersect(piece, box);
  if (!common) return [piece];
  const left: Region[] = [];
  const keep = (region: Region): void => {
    if (!isEmpty(region)) left.push(region);
  };
  keep({ ...piece, actions: without(piece.actions, box.actions) });
  const actions = within(piece.actions, box.actions);
  keep({ ...piece, actions, resources: without(piece.resources, box.resources) });
  if (!follows(box, piece)) {
    const resources = within(piece.resources, box.resources);
    keep({ ...piece, actions, resources, unless: [...piece.unless, box] });
  }
  return left;
}

/** Whether something of it is there whatever the circumstances: some request that nothing is unknown about. */
export const isCertain = (region: Region): boolean => region.unless.length === 0 && doubtOf(region) === null;

/**
 * Why it is not certain that something of a region is there: a policy of AWS's that nobody looked at, or a statement that
 * nobody can read, decides; a condition may hold always, or a variable have no value; patterns are too many, or can be
 * read in two ways.
 */
export const doubts = [
  'unknown-policy',
  'unreadable',
  'condition',
  'variable',
  'too-large',
  'wildcards',
] as const;
export type Doubt = (typeof doubts)[number];

/** Null: some request is there that nothing is unknown about. */
export function doubtOf(region: Region): Doubt | null {
  for (const { opaque } of [region, ...region.unless])
    for (const key of opaque)
      return key === tooLarge ? 'too-large' : key.startsWith(ofAws) ? 'unknown-policy' : 'unreadable';
  if (seemImpossible(region.conditions)) return 'condition';
  const open = region.unless.filter(({ conditions }) => !conditionsMayFail([conditions], region.conditions));
  if (open.length > 0) return open.some(({ variables }) => variables.size > 0) ? 'variable' : 'condition';
  const unless = region.unless.map(({ conditions }) => conditions);
  if (!conditionsMayFail(unless, region.conditions)) return 'condition';
  const sets = [emptiness(region.actions, 'action'), emptiness(region.resources, 'resource')];
  if (!sets.includes(null)) return null;
  const { some, none: out } = region.resources;
  if ([...some.flat(), ...out].some(({ hasVariable }) => hasVariable)) return 'variable';
  return out.length > 0 ? 'wildcards' : 'too-large';
}

/** Marks what a policy of AWS's that was not looked at says among what is opaque. */
const ofAws = 'aws ';
const tooLarge = 'too many pieces';
/** Something that nobody knows does not hold: nobody looked at what is left. */
export const notLookedAt: Circumstances = { conditions: [], variables: none, opaque: new Set([tooLarge]) };

/** Whether something of the region may match a pattern of actions or resources. */
export const isWithin = (region: Region, glob: Glob, of: 'actions' | 'resources'): boolean =>
  emptiness(
    within(region[of], { not: false, patterns: [glob] }),
    of === 'actions' ? 'action' : 'resource',
  ) !== true;
