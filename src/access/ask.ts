/**
 * What somebody may do, for people who ask: the verdict of one request or of all that a pattern stands for, and the
 * statements that decide it.
 *
 * A request is allowed if some Allow of the identity's policies takes it, and one of the permissions boundary, and no
 * Deny of either does (IAM User Guide, "Policy evaluation logic"). What is said to be allowed is allowed, and what is
 * said to be denied is denied, whatever is not known of the request; else the answer says on what it depends.
 */
import { byText, isObject, type Json } from '../core/json.ts';
import { partRef, type Ref } from '../core/references.ts';
import type { AccountState, Role, User } from '../core/state.ts';
import { foldAction } from '../policy/canonical.ts';
import type { Condition } from '../policy/conditions.ts';
import { pattern, readable, type ValuesOf } from '../policy/fill.ts';
import { mayOverlap, narrower, readGlob, type Glob } from '../policy/glob.ts';
import { spelling, type Matcher } from '../policy/statement.ts';
import { anything, boxFor, clausesOf, variableName, type Clause } from './clauses.ts';
import type { Holdings, Source } from './compare.ts';
import { denyAll, suspendedDeny } from './documents.ts';
import { holdingsOf, principalOf, type Origin } from './principals.ts';
import { intersect, isCertain, isWithin, regionOf, subtract } from './regions.ts';
import type { Box, Circumstances, Region } from './regions.ts';
import { numberOf, remember } from './remember.ts';

/** Values of condition keys. Empty: the request does not have the key. A key that is not here may be anything. */
type Values = ReadonlyMap<string, readonly string[]>;

/** What is always known of somebody's requests. */
interface Context {
  /** By key in lower case. */
  readonly values: Values;
  /** Keys that begin so and are not in `values` are not in a request. */
  readonly complete: readonly string[];
}

/** Who is asked about. */
export interface Access {
  readonly holdings: Holdings<Origin>;
  readonly context: Context;
}

export interface Question {
  /** `*` and `?` stand for any characters: for all such actions. */
  readonly action: string;
  /** Likewise; `${*}`, `${?}` and `${$}` are the characters. `*` alone: any resource. */
  readonly resource: string;
  /** What is known of the request. */
  readonly context: Values;
}

/** A statement and where it stands. */
export interface Place {
  readonly origin: Origin;
  readonly effect: 'Allow' | 'Deny' | null;
  /** Among the statements of its document, from 0; null: what the document has beside them. */
  readonly index: number | null;
  readonly sid?: string;
  /** As its author spelled it, in the canonical order. */
  readonly source: Json;
}

/** A condition that nobody knows of whether it holds. */
export interface Requirement {
  readonly operator: string;
  readonly key: string;
  /** Null: see the statement. */
  readonly values: readonly string[] | null;
}

/** A statement that applies if some things hold; if there are none, it does. */
export interface Deciding extends Place {
  readonly conditions: readonly Requirement[];
  /** Policy variables that may have no value, and then AWS may drop the statement. */
  readonly variables: readonly string[];
}

/** Texts that match one of some patterns, and none of others. */
interface Names {
  readonly patterns: readonly string[];
  readonly except: readonly string[];
}

/** What one Allow gives, within one Allow of the boundary. */
export interface Part {
  readonly allow: Deciding;
  /** Null: there is no boundary. */
  readonly within: Deciding | null;
  /** Of two patterns of which neither lies within the other, that of the Allow. */
  readonly actions: Names;
  readonly resources: Names;
  /** What takes something out of it, or may. */
  readonly denies: readonly Deciding[];
  /** Some of it is allowed whatever is not known. */
  readonly certain: boolean;
}

export interface Answer {
  /**
   * `allowed`: all of it, always. `conditional`: all of it, under conditions that the context does not decide.
   * `partly`: some of it. `unknown`: that cannot be said, because of policies that nobody can read or because it was not proved.
   * `explicitDeny`: a Deny takes all of it. `implicitDeny`: nothing of it is allowed.
   */
  readonly decision: 'allowed' | 'conditional' | 'partly' | 'unknown' | 'implicitDeny' | 'explicitDeny';
  /** What of it is allowed, or may be. */
  readonly parts: readonly Part[];
  /** The Denies that take something of it, or may. */
  readonly denies: readonly Deciding[];
  /** Null: there is none. Whether what is asked lies within it, without regard to anything else. */
  readonly boundary: { readonly origin: Origin; readonly takes: 'all' | 'some' | 'none' } | null;
  /** The Allows of policies that are outside the boundary, or that Denies take. */
  readonly withheld: readonly Deciding[];
  /** Statements that nobody can read and that may change the answer. */
  readonly unknown: readonly Place[];
}

/** A statement for the requests that are asked about. */
interface Piece {
  readonly clause: Clause;
  readonly origin: Origin;
  readonly box: Box;
}

/** What of the question one Allow gives, within one of the boundary. */
interface Found {
  readonly allow: Piece;
  readonly bound: Piece | null;
  readonly denies: readonly Piece[];
  /** What the Denies leave. */
  readonly left: readonly Region[];
}

const none: ReadonlySet<string> = new Set();

/** All that decides what a user or a role may do, and what is known of their requests; null: there is no such principal. */
export function accessOf(state: AccountState, ref: Ref): Access | null {
  const holdings = holdingsOf(state, ref);
  const who = principalOf(state, ref);
  if (!holdings || !who) return null;
  const isSuspended = 'suspended' in who && who.suspended;
  const suspension: Source<Origin>[] = isSuspended
    ? [
        {
          document: denyAll,
          origin: { policy: { inline: suspendedDeny }, refs: [partRef(ref, 'suspended')], through: [ref] },
        },
      ]
    : [];
  return {
    holdings: { ...holdings, grants: [...suspension, ...holdings.grants] },
    context: contextOf(state, who),
  };
}

/**
 * What every request of a user or role has, as far as the account tells.
 *
 * Source: IAM User Guide, "AWS global condition context keys" and "IAM policy elements: Variables and tags" (principal
 * key values). A role's tags are not read, and its sessions may have more.
 */
function contextOf({ account, partition }: AccountState, who: User | Role): Context {
  const isUser = 'groups' in who;
  const arn = who.arn ?? `arn:${partition}:iam::${account}:user${who.path}${who.name}`;
  const tags = Object.entries(isUser ? who.tags : {});
  const values: [string, readonly string[]][] = [
    ['aws:principalarn', [arn]],
    ['aws:principalaccount', [account]],
    ['aws:principaltype', [isUser ? 'User' : 'AssumedRole']],
    ['aws:principalisawsservice', ['false']],
    ['aws:username', isUser ? [who.name] : []],
    ...tags.map(([key, value]): [string, string[]] => [`aws:principaltag/${key.toLowerCase()}`, [value]]),
  ];
  if (isUser && who.id !== undefined) values.push(['aws:userid', [who.id]]);
  return { values: new Map(values), complete: isUser ? ['aws:principaltag/'] : [] };
}

function valuesIn({ values, complete }: Context, given: Values): ValuesOf {
  const known = new Map(values);
  for (const [key, value] of given) known.set(key.toLowerCase(), value);
  return (key) => known.get(key) ?? (complete.some((prefix) => key.startsWith(prefix)) ? [] : undefined);
}

const read = new WeakMap<Clause, Map<string, Box | null>>();
const alike = new WeakMap<Region, Map<string, Box>>();

/** The same box for all of whom the same is known, and for all statements that come to the same. */
function piecesOf(
  { document, origin }: Source<Origin>,
  effect: 'Allow' | 'Deny',
  valuesOf: ValuesOf,
  asked: Region,
): Piece[] {
  return clausesOf(document).flatMap((clause): Piece[] => {
    const { statement, keys } = clause;
    if (statement.effect !== effect && statement.effect !== null) return [];
    const values = JSON.stringify(keys.map((key) => valuesOf(key) ?? null));
    const box = remember(read, clause, `${effect} ${values}`, () => {
      const found = boxFor(clause, effect, valuesOf);
      return found && remember(alike, asked, sayingOf(clause, effect, found), () => found);
    });
    return box ? [{ clause, origin, box }] : [];
  });
}

/** The same for boxes that say the same. */
const sayingOf = ({ statement: { key } }: Clause, effect: string, box: Box): string =>
  JSON.stringify([
    effect,
    key,
    box.resources.patterns.map(({ source }) => source),
    box.conditions.map(({ text }) => text),
    [...box.variables].map(variableName),
  ]);

const regions = new WeakMap<Question, Map<'all' | 'one', Region>>();
const cuts = new WeakMap<Region, Map<number, Region | null>>();
const cut = (region: Region, box: Box): Region | null =>
  remember(cuts, region, numberOf(box), () => intersect(region, box));

const boxAsked = ({ action, resource }: Question): Box => ({
  actions: { not: false, patterns: [readGlob(foldAction(action))] },
  resources: { not: false, patterns: [readGlob(pattern(resource))] },
  conditions: [],
  variables: none,
  opaque: none,
});

/** The same one each time, so that what many people hold is looked at once. */
const regionAsked = (question: Question): Region =>
  remember(regions, question, 'all', () => regionOf(boxAsked(question)));

/** One of the requests that are asked about, with a character that no policy names in the place of wildcards. */
const exampleOf = (question: Question): Region =>
  remember(regions, question, 'one', () => {
    const { actions, resources, ...box } = boxAsked(question);
    const plain = ({ not, patterns }: Matcher): Matcher => ({
      not,
      patterns: patterns.map(({ source }) => readGlob(source.replaceAll(/[*?]/g, '\u0000'))),
    });
    return regionOf({ ...box, actions: plain(actions), resources: plain(resources) });
  });

const covered = new WeakMap<Region, Map<string, boolean>>();

/** Whether some boxes take, together, all that is asked about. */
function areEnough(question: Question, by: readonly Box[]): boolean {
  // Mostly a glance at one request tells that they do not.
  if (by.every((box) => cut(exampleOf(question), box) === null)) return false;
  const region = regionAsked(question);
  return remember(covered, region, by.map(numberOf).join(), () => subtract(region, by)?.length === 0);
}

export function ask({ holdings: { grants, boundary }, context }: Access, question: Question): Answer {
  const valuesOf = valuesIn(context, question.context);
  const region = regionAsked(question);
  const touching = (sources: readonly Source<Origin>[], effect: 'Allow' | 'Deny'): Piece[] =>
    sources
      .flatMap((source) => piecesOf(source, effect, valuesOf, region))
      .filter(({ box }) => cut(region, box) !== null);
  const allows = touching(grants, 'Allow');
  const bounds = boundary && touching([boundary], 'Allow');
  const denies = touching(boundary ? [...grants, boundary] : grants, 'Deny');
  const found = allows.flatMap((allow) =>
    (bounds ?? [null]).flatMap((bound) => leftOf(region, allow, bound, denies)),
  );
  const isOpen = ({ allow, bound }: Found): boolean => !isOpaque(allow) && !(bound && isOpaque(bound));
  const decided = decision(question, { allows, bounds, denies, found });
  const isUnknown = decided !== 'allowed' && decided !== 'explicitDeny' && decided !== 'implicitDeny';
  return {
    decision: decided,
    parts: found.filter(isOpen).map((one) => partOf(one, question)),
    denies: denies.filter((piece) => !isOpaque(piece)).map(deciding),
    boundary: boundary && { origin: boundary.origin, takes: takes(question, bounds!) },
    withheld: allows
      .filter((allow) => !isOpaque(allow) && !found.some((one) => one.allow === allow))
      .map(deciding),
    unknown: isUnknown
      ? [...new Set([...allows, ...(bounds ?? []), ...denies])].filter(isOpaque).map(placeOf)
      : [],
  };
}

const isOpaque = ({ box }: Piece): boolean => box.opaque.size > 0;
const isSettled = ({ conditions, variables, opaque }: Circumstances): boolean =>
  conditions.length === 0 && variables.size === 0 && opaque.size === 0;
const boxes = (pieces: readonly Piece[]): Box[] => pieces.map(({ box }) => box);
const settled = (pieces: readonly Piece[]): Box[] => boxes(pieces).filter(isSettled);

/** Something that nobody knows does not hold. */
const unknown = { conditions: [], variables: none, opaque: new Set(['too many pieces']) };

const remainders = new WeakMap<Region, Map<string, readonly Region[]>>();

function leftOf(asked: Region, allow: Piece, bound: Piece | null, denies: readonly Piece[]): Found[] {
  const allowed = cut(asked, allow.box);
  const region = allowed && bound ? cut(allowed, bound.box) : allowed;
  if (!region) return [];
  const touching = denies.filter(({ box }) => cut(region, box) !== null);
  // Those that always apply come first: they leave less to take apart.
  const [always, sometimes] = [true, false].map((is) =>
    boxes(touching).filter((box) => isSettled(box) === is),
  );
  const by = [...always!, ...sometimes!];
  const left = remember(
    remainders,
    region,
    by.map(numberOf).join(),
    () => subtract(region, by) ?? [{ ...region, unless: [...region.unless, unknown] }],
  );
  return left.length === 0 ? [] : [{ allow, bound, denies: touching, left }];
}

interface Judged {
  readonly allows: readonly Piece[];
  readonly bounds: readonly Piece[] | null;
  readonly denies: readonly Piece[];
  readonly found: readonly Found[];
}

function decision(question: Question, { allows, bounds, denies, found }: Judged): Answer['decision'] {
  const isWithin = (by: readonly Box[]): boolean => areEnough(question, by);
  if (found.length === 0) return isWithin(settled(denies)) ? 'explicitDeny' : 'implicitDeny';
  const isAllowed = denies.length === 0 && isWithin(settled(allows));
  if (isAllowed && (!bounds || isWithin(settled(bounds)))) return 'allowed';
  const known = found.filter(({ left }) => left.some(isKnown));
  if (known.length === 0) return 'unknown';
  const atBest = (pieces: readonly (Piece | null)[]): Box[] => [
    ...new Set(pieces.flatMap((piece) => (piece ? [relaxed(piece.box)] : []))),
  ];
  const mayBeAll = settled(denies).length === 0 && isWithin(atBest(known.map(({ allow }) => allow)));
  if (mayBeAll && (!bounds || isWithin(atBest(known.map(({ bound }) => bound))))) return 'conditional';
  const { actions, resources } = regionAsked(question);
  const isPattern = [actions, resources].some(({ some }) => some[0]![0]!.wild);
  return isPattern ? 'partly' : 'unknown';
}

/** Whether only what is not known of the request stands in the way, and nothing that nobody can read. */
const isKnown = ({ opaque, unless }: Region): boolean =>
  [opaque, ...unless.map((one) => one.opaque)].every(({ size }) => size === 0);

/** The box if everything holds that it depends on. */
const relaxed = (box: Box): Box =>
  remember(atBest, box, null, () => ({
    ...box,
    conditions: [],
    variables: none,
    resources: widened(box.resources),
  }));
const atBest = new WeakMap<Box, Map<null, Box>>();

/** With any text in the place of variables. */
function widened({ not, patterns }: Matcher): Matcher {
  if (!not) return { not, patterns: patterns.map((glob) => (glob.hasVariable ? anyOf(glob) : glob)) };
  const plain = patterns.filter(({ hasVariable }) => !hasVariable);
  return plain.length > 0 ? { not, patterns: plain } : anything;
}
const anyOf = ({ source }: Glob): Glob => readGlob(source.replaceAll(/\$\{[^}]*\}/g, '*'));

function takes(question: Question, bounds: readonly Piece[]): 'all' | 'some' | 'none' {
  if (bounds.length === 0) return 'none';
  return areEnough(question, settled(bounds)) ? 'all' : 'some';
}

function placeOf({ clause: { statement, index }, origin }: Piece): Place {
  const { effect, source } = statement;
  const sid = isObject(source) && typeof source.Sid === 'string' ? { sid: source.Sid } : {};
  return { origin, effect, index, ...sid, source };
}

const deciding = (piece: Piece): Deciding => ({
  ...placeOf(piece),
  conditions: piece.box.conditions.map(requirement),
  variables: [...piece.box.variables].map(variableName),
});

const requirement = ({ operator, key, values }: Condition): Requirement => ({
  operator,
  key,
  values: values && [...values].map(readable),
});

const partOf = ({ allow, bound, denies, left }: Found, question: Question): Part => ({
  allow: deciding(allow),
  within: bound && deciding(bound),
  ...remember(
    extents,
    left,
    [allow, ...(bound ? [bound] : [])].map(({ clause }) => numberOf(clause)).join(),
    () => extentOf({ allow, bound, left }, question),
  ),
  denies: denies.filter((piece) => !isOpaque(piece)).map(deciding),
});

type Extent = Pick<Part, 'actions' | 'resources' | 'certain'>;
const extents = new WeakMap<readonly Region[], Map<string, Extent>>();

function extentOf({ allow, bound, left }: Omit<Found, 'denies'>, question: Question): Extent {
  const limits = bound ? [allow.box, bound.box, boxAsked(question)] : [allow.box, boxAsked(question)];
  const spelled = [allow, ...(bound ? [bound] : [])].map(({ clause }) =>
    isObject(clause.statement.source) ? spelling(clause.statement.source) : (text: string) => text,
  );
  const inTheirWords = (action: string): string =>
    spelled.map((spell) => spell(action)).find((text) => text !== action) ??
    (foldAction(question.action) === action ? question.action : action);
  return {
    actions: names(limits, left, 'actions', inTheirWords),
    resources: names(limits, left, 'resources', readable),
    certain: left.some((region) => isCertain(region) && isSettled(region)),
  };
}

function names(
  limits: readonly Box[],
  left: readonly Region[],
  of: 'actions' | 'resources',
  spell: (text: string) => string,
): Names {
  const matchers = limits.map((box): Matcher => box[of]);
  const patterns = matchers
    .filter((matcher) => !matcher.not)
    .reduce<readonly Glob[]>((found, { patterns: others }) => narrower(found, others), anything.patterns)
    .filter((glob) => left.some((region) => isWithin(region, glob, of)));
  const except = matchers
    .filter(({ not }) => not)
    .flatMap(({ patterns: others }) => others)
    .filter((other) => patterns.some((glob) => mayOverlap(glob, other)));
  const texts = (globs: readonly Glob[]): string[] => [...new Set(globs.map(({ source }) => spell(source)))];
  return { patterns: texts(patterns), except: texts(except) };
}

/** What somebody may do of one service; `*`: of those that a pattern names. */
interface Service {
  readonly service: string;
  readonly parts: readonly Part[];
}

/** All that somebody may do, by service. */
export function everything(
  access: Access,
  context: Values,
): Answer & { readonly services: readonly Service[] } {
  const answer = ask(access, { action: '*', resource: '*', context });
  const services = new Map<string, Part[]>();
  for (const part of answer.parts) {
    const actions = new Map<string, string[]>();
    for (const text of part.actions.patterns) {
      const [, service = '*'] = /^([^:*?]+):/.exec(text) ?? [];
      actions.set(service, [...(actions.get(service) ?? []), text]);
    }
    for (const [service, patterns] of actions) {
      const parts = services.get(service) ?? [];
      services.set(service, [...parts, { ...part, actions: { ...part.actions, patterns } }]);
    }
  }
  const sorted = [...services].sort(([a], [b]) => byText(a, b));
  return { ...answer, services: sorted.map(([service, parts]) => ({ service, parts })) };
}
