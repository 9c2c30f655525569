/**
 * What somebody's whole access lets them become. A danger is judged on the sum of all that they hold, so halves in two
 * groups are found, and what a Deny or a boundary keeps out is none. It is new where a gain brings some of it.
 */
import type { JsonObject } from '../core/json.ts';
import type { PolicyDocument } from '../core/state.ts';
import { foldAction } from '../policy/canonical.ts';
import { briefOf, partsOf, type Brief, type Parts } from '../policy/describe.ts';
import { includes, includesResource, mayOverlap, readGlob, type Glob } from '../policy/glob.ts';
import { matcherIncludes } from '../policy/includes.ts';
import { readStatements } from '../policy/statement.ts';
import { accessBy, cut, gains, remainder, whole, type Access, type Gain, type Piece } from './compare.ts';
import { escalations, passedTo, resourcesOf, type Escalation, type Lead } from './escalations.ts';
import { intersect, meet, regionOf, subtract, type Box, type Region } from './regions.ts';
import { numberOf, remember } from './remember.ts';

/** What its holder can become an administrator with, or a grant that nobody has looked through. */
export type PolicyDanger =
  | { readonly code: 'administrator'; readonly conditions: Parts['conditions'] }
  | { readonly code: GrantCode; readonly grant: Brief }
  | EscalationDanger;

export type GrantCode = 'iam-full-access' | 'allow-not-action' | 'allow-not-resource' | 'open-to-everybody';

/** Its code is the actions that make it, such as `iam:PassRole+lambda:CreateFunction`. */
export interface EscalationDanger {
  readonly code: `${string}:${string}`;
  readonly actions: readonly string[];
  /** Of the first action. */
  readonly grant: Brief;
  readonly leads: Lead | 'assumes';
  readonly of?: string;
}

/** A danger that somebody did not have before. */
export interface NewDanger<Origin> {
  readonly danger: PolicyDanger;
  /** What brings it. */
  readonly by: readonly Gain<Origin>[];
  /** Whether something that makes it is certainly gained. */
  readonly certain: boolean;
}

/** A role that somebody could become. */
export interface AssumableRole {
  readonly name: string;
  readonly arn: string;
}

function once<K, V>(find: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>();
  return (key) => {
    const value = known.get(key) ?? find(key);
    known.set(key, value);
    return value;
  };
}

const glob = (action: string): Glob => readGlob(foldAction(action));

/** Some actions on some resources, whatever the circumstances. */
const area = (actions: readonly string[], resources: readonly string[]): Box => ({
  actions: { not: false, patterns: actions.map(glob) },
  resources: { not: false, patterns: resources.map((resource) => readGlob(resource)) },
  conditions: [],
  variables: new Set(),
  opaque: new Set(),
});

const everything = area(['*'], ['*']);

const each = (...forms: readonly string[]): string[] =>
  forms.flatMap((form) => ['User', 'Group', 'Role'].map((kind) => form.replace('?', kind)));

/**
 * What decides who may do what: an administrator to whom all of it is denied is none. By their names, because what a Deny
 * leaves out by a pattern (`iam:*MFA*`) is none of these.
 */
const governing = area(
  [
    ...each('Put?Policy', 'Attach?Policy', 'Detach?Policy', 'Delete?Policy', 'Create?'),
    'PutUserPermissionsBoundary',
    'PutRolePermissionsBoundary',
    'DeleteUserPermissionsBoundary',
    'DeleteRolePermissionsBoundary',
    'CreatePolicyVersion',
    'SetDefaultPolicyVersion',
    'UpdateAssumeRolePolicy',
    'AddUserToGroup',
    'RemoveUserFromGroup',
    'CreateLoginProfile',
    'UpdateLoginProfile',
    'CreateAccessKey',
  ].map((action) => `iam:${action}`),
  ['*'],
);

/** All of something, and an action of it that no policy names: only wildcards take that. */
interface Whole {
  readonly area: Box;
  readonly unnamed: Glob;
}
const anything = readGlob('\u0000');
const administration: Whole = { area: everything, unnamed: anything };
const iam: Whole = { area: area(['iam:*'], ['*']), unnamed: readGlob('iam:\u0000') };

const isWide = ({ actions, resources, opaque }: Box, { unnamed }: Whole): boolean =>
  opaque.size === 0 &&
  matcherIncludes(actions, unnamed, includes) &&
  matcherIncludes(resources, anything, includes);

const holdsAlways = ({ conditions, variables, opaque }: Box): boolean =>
  conditions.length + variables.size + opaque.size === 0;

const boxes = (pieces: readonly Piece<unknown>[]): readonly Box[] => pieces.map(({ box }) => box);

/** Whether boxes cover it together. Most people hold nothing of the kind: then one look is enough. */
function cover(all: readonly Box[], of: Whole): boolean {
  const wide = all.filter((box) => isWide(box, of));
  return wide.length > 0 && subtract(regionOf(of.area), [...wide, ...all])?.length === 0;
}

/** Whether somebody has all of something, at any time or only under conditions, and by which Allows. */
interface Standing<Origin> {
  readonly always: boolean;
  readonly by: readonly Piece<Origin>[];
}

function standing<Origin>(access: Access<Origin>, of: Whole): Standing<Origin> | null {
  const { allows, bounds, denies } = access;
  const by = allows.filter(({ box }) => isWide(box, of));
  if (by.length === 0) return null;
  const has = (boxesOf: (pieces: readonly Piece<Origin>[]) => readonly Box[]): boolean =>
    cover(boxesOf(allows), of) && (bounds === null || cover(boxesOf(bounds), of));
  const always = has((pieces) => boxes(pieces).filter(holdsAlways));
  if (
    !always &&
    !has((pieces) =>
      boxes(pieces)
        .filter(({ opaque }) => opaque.size === 0)
        .map(anyTime),
    )
  )
    return null;
  if (!isLeft(regionOf(governing), boxes(denies))) return null;
  return { always, by: always ? by.filter(({ box }) => holdsAlways(box)) : by };
}

const anyTime = (box: Box): Box => ({ ...box, conditions: [], variables: new Set() });

/** What an access is, so that the same of somebody else need not be judged again. */
const keyOf = ({ allows, bounds, denies }: Access<unknown>): string =>
  [allows, bounds ?? [], denies].map((list) => boxes(list).map(numberOf).join()).join(' ') +
  (bounds === null ? '' : ' bounded');

const administrators = new WeakMap<Box, Map<string, boolean>>();

/**
 * Whether somebody is allowed every action on every resource at any time, by all policies together and within the
 * boundary, and is left something of what decides who may do what. Whoever is suspended is not.
 */
export function isAdministrator(access: Access<unknown>): boolean {
  const wide = access.allows.find(({ box }) => holdsAlways(box) && isWide(box, administration));
  if (!wide) return false;
  const find = (): boolean => standing(access, administration)?.always === true;
  return remember(administrators, wide.box, keyOf(access), find);
}

const isLeft = (region: Region, denied: readonly Box[]): boolean => subtract(region, denied)?.length !== 0;

/** Whether a boundary leaves somebody anything of what decides who may do what. */
export const governs = ({ bounds, denies }: Access<unknown>): boolean =>
  boxes(bounds ?? []).some((box) => {
    const bounded = intersect(regionOf(governing), box);
    return bounded !== null && isLeft(bounded, boxes(denies));
  });

/** A danger, and which of the gains bring it. */
interface Found {
  readonly danger: PolicyDanger;
  readonly by: readonly number[];
}

/**
 * Dangers that somebody did not have before. Nobody who was an administrator, at any time, gets news.
 *
 * @param gained what they may do after and not before.
 * @param roles administrators among the roles, whomever they let in.
 */
export function newDangers<Origin>(
  before: Access<Origin>,
  after: Access<Origin>,
  gained: readonly Gain<Origin>[],
  roles: () => readonly AssumableRole[] = () => [],
): NewDanger<Origin>[] {
  if (gained.length === 0 || isAdministrator(before)) return [];
  const found = find(before, after, gained);
  return [...found, ...assumed(after, gained, found, roles)].map(({ danger, by }) => {
    const gains = by.map((at) => gained[at]!);
    return { danger, by: gains, certain: gains.some(({ doubt }) => doubt === null) };
  });
}

/** The same of documents, whoever holds them. */
export function dangersOf(before: PolicyDocument | null, after: PolicyDocument): PolicyDanger[] {
  const [was, is] = [accessBy(before ?? {}), accessBy(after)];
  return newDangers(was, is, gains(was, is)).map(({ danger }) => danger);
}

/** Statements of a trust policy that let anybody in. */
export const openTrust = (document: PolicyDocument): PolicyDanger[] =>
  readStatements(document).flatMap((statement): PolicyDanger[] => {
    if (!statement.readable || statement.effect !== 'Allow' || statement.conditions.size > 0) return [];
    const everybody = statement.principals?.some((name) => /^\*$|^AWS \*$|^not /.test(name)) ?? false;
    return everybody ? [{ code: 'open-to-everybody', grant: briefOf(statement.source) }] : [];
  });

function find(before: Access<unknown>, after: Access<unknown>, gained: readonly Gain<unknown>[]): Found[] {
  const administrator = newStanding(before, after, gained, administration);
  if (administrator?.always) return [administratorOf(administrator)];
  const full = newStanding(before, after, gained, iam);
  const [all, allOfIam] = [administration, iam].map((of) => standing(after, of));
  // What an Allow of everything gives under its conditions is told as that.
  const besides = (...of: readonly (Standing<unknown> | null | undefined)[]): Map<number, Gain<unknown>> => {
    const wide = new Set(of.flatMap((one) => (one ? one.by.map(({ box }) => box) : [])));
    return new Map([...gained.entries()].filter(([, { by }]) => !wide.has(by.box)));
  };
  return [
    ...(administrator ? [administratorOf(administrator)] : inverse(besides(all))),
    ...(full && !administrator
      ? [
          {
            danger: { code: 'iam-full-access', grant: briefWith(full.piece, 'iam:*') } as const,
            by: full.gains,
          },
        ]
      : []),
    // Whoever has all of IAM at any time needs nothing else.
    ...(allOfIam?.always ? [] : waysOf(after, besides(all, allOfIam))),
  ];
}

interface NewStanding {
  readonly always: boolean;
  readonly piece: Piece<unknown>;
  readonly gains: readonly number[];
}

const administratorOf = ({ always, piece, gains }: NewStanding): Found => ({
  danger: { code: 'administrator', conditions: always ? null : partsOf(sourceOf(piece)).conditions },
  by: gains,
});

/** All of something that somebody did not have before, or only under other conditions. */
function newStanding(
  before: Access<unknown>,
  after: Access<unknown>,
  gained: readonly Gain<unknown>[],
  of: Whole,
): NewStanding | null {
  const is = standing(after, of);
  const was = is && standing(before, of);
  if (!is || was?.always) return null;
  const had = new Set(was?.by.map(({ statement }) => statement.key));
  const fresh = is.always || !was ? is.by : is.by.filter(({ statement }) => !had.has(statement.key));
  const all = [...gained.keys()].filter((at) => intersect(gained[at]!.region, of.area) !== null);
  const own = all.filter((at) => fresh.some(({ box }) => box === gained[at]!.by.box));
  const gains = own.length > 0 || was ? own : all;
  const piece = fresh.find(({ box }) => gains.some((at) => gained[at]!.by.box === box)) ?? fresh[0];
  return piece && gains.length > 0 ? { always: is.always, piece, gains } : null;
}

const sourceOf = ({ statement }: Piece<unknown>): JsonObject => (statement.readable ? statement.source : {});

/** The statement as if it had that action alone. */
function briefWith(piece: Piece<unknown>, action: string): Brief {
  const { NotAction: _, ...source } = sourceOf(piece);
  return briefOf({ ...source, Action: action });
}

/** Allows that say what they leave out, and so grant what AWS adds later. */
function inverse(gained: ReadonlyMap<number, Gain<unknown>>): Found[] {
  const statements = new Map<Box, { readonly piece: Piece<unknown>; readonly by: number[] }>();
  for (const [at, { by: piece, lifted }] of gained) {
    const { actions, resources, opaque } = piece.box;
    if (opaque.size > 0 || lifted !== undefined || !(actions.not || resources.not)) continue;
    const known = statements.get(piece.box);
    if (known) known.by.push(at);
    else statements.set(piece.box, { piece, by: [at] });
  }
  return [...statements.values()].flatMap(({ piece, by }): Found[] => {
    const grant = briefOf(sourceOf(piece));
    const { actions, resources } = piece.box;
    return [
      ...(actions.not ? [{ danger: { code: 'allow-not-action', grant } as const, by }] : []),
      ...(resources.not ? [{ danger: { code: 'allow-not-resource', grant } as const, by }] : []),
    ];
  });
}

/** An action of a way, on resources that it takes. */
interface Need {
  readonly action: Glob;
  /** Such as `lambda:*:*:function:*`, without the partition; null: it is asked for as `*`. */
  readonly resources: readonly string[] | null;
  readonly selfService: boolean;
}

const needOf = (action: string, resources: readonly string[], selfService = false): Need => ({
  action: glob(action),
  resources: resources.includes('*') ? null : resources,
  selfService,
});

interface Way extends Escalation {
  readonly needs: readonly Need[];
  /** Services that a role is passed to. */
  readonly services: readonly Glob[] | null;
}

const needs = new Map<string, Need>();
const ways: readonly Way[] = escalations.map((one) => {
  for (const action of one.actions)
    if (!needs.has(action)) needs.set(action, needOf(action, resourcesOf.get(action)!, one.selfService));
  const to = one.leads === 'passes-to' ? (passedTo[one.of!] ?? [one.of!]) : null;
  return {
    ...one,
    needs: one.actions.map((action) => needs.get(action)!),
    services: to && to.map((service) => readGlob(`${service}.*`)),
  };
});
const assumeRole = 'sts:AssumeRole';
const assuming = needOf(assumeRole, resourcesOf.get(assumeRole)!);

/** Resources of one kind in one partition. */
interface Kind {
  readonly all: Glob;
  readonly service: Glob;
  /** What comes after the account; null: it has colons of its own, which a `*` before it may take. */
  readonly rest: Glob | null;
}

const kindOf = once((arn: string): Kind => {
  const [, , service = '', , , ...rest] = arn.split(':');
  const own = rest.length === 1 ? readGlob(rest[0]!) : null;
  return { all: readGlob(arn), service: readGlob(service), rest: own };
});
/** What is asked for as `*`: no pattern of ARNs matches it. */
const noResource: Kind = { all: readGlob('\u0001'), service: readGlob('*'), rest: null };

/** A pattern with everything that an ARN has, none of which has a colon in it. */
const arnForm = /^arn:[a-z*?-]*:([a-z0-9*?-]*):[a-z0-9*?-]*:(?:[0-9*?]*|aws):(.+)$/;

/** Whether a pattern may match a resource of that kind. Names have no colons, so `arn:*:s3:::a` is of S3 alone. */
function isOf({ source, hasVariable }: Glob, { service, rest }: Kind): boolean {
  const form = hasVariable ? null : arnForm.exec(source);
  if (!form) return true;
  return mayOverlap(readGlob(form[1]!), service) && (rest === null || mayOverlap(readGlob(form[2]!), rest));
}

/** An account lies in one partition, so another one than AWS's main one counts where a pattern names it. */
const partitionsOf = ({ resources }: Region): string[] => [
  'aws',
  ...new Set(resources.some.flat().flatMap(({ source }) => /^arn:(aws-[a-z-]+):/.exec(source)?.[1] ?? [])),
];

const kindsOf = ({ resources }: Need, region: Region): readonly Kind[] =>
  resources === null
    ? [noResource]
    : partitionsOf(region).flatMap((partition) =>
        resources.map((resource) => kindOf(`arn:${partition}:${resource}`)),
      );

const ownName = /:user\/(.*\/)?\$\{aws:username\}$/i;
const isOwnName = ({ hasVariable, hasQuestion, source }: Glob): boolean =>
  hasVariable && !hasQuestion && ownName.test(source);

const spelled = new WeakMap<readonly Glob[], ReadonlySet<string>>();
const wild = new WeakMap<readonly Glob[], readonly Glob[]>();

/** Whether a pattern of the list takes an action. AWS's own policies name a thousand. */
function takes(list: readonly Glob[], action: Glob): boolean {
  const known = spelled.get(list) ?? new Set(list.map(({ source }) => source));
  const patterns = wild.get(list) ?? list.filter((pattern) => pattern.wild);
  spelled.set(list, known);
  wild.set(list, patterns);
  return known.has(action.source) || patterns.some((pattern) => includes(pattern, action));
}

const reaches = new WeakMap<Region, Map<number, readonly Region[]>>();

/** What of a region is the action on resources that it takes: a region for each kind of them. */
function reach(region: Region, need: Need): readonly Region[] {
  const { actions, resources } = region;
  const isTaken = actions.some.every((list) => takes(list, need.action)) && !takes(actions.none, need.action);
  if (!isTaken) return [];
  return remember(reaches, region, numberOf(need), () =>
    kindsOf(need, region).flatMap((kind) => {
      const some = resources.some.map((list) =>
        list.filter((pattern) => isOf(pattern, kind) && !(need.selfService && isOwnName(pattern))),
      );
      if (some.some((list) => list.length === 0)) return [];
      return meet({ ...region, resources: { some, none: resources.none } }, [need.action], [kind.all]) ?? [];
    }),
  );
}

/** The Allows that give the action, within the boundary and not denied again. */
const holders = ({ allows, bounds, denies }: Access<unknown>, need: Need): readonly Piece<unknown>[] =>
  allows.filter(
    ({ box }) =>
      box.opaque.size === 0 &&
      reach(whole(box), need).some((region) =>
        (bounds ?? [null]).some((bound) => {
          const within = bound ? cut(region, bound.box) : region;
          return within !== null && remainder(within, [], denies).length > 0;
        }),
      ),
  );

const positive = /^(?:forallvalues:|foranyvalue:)?string(?:equals|like|equalsignorecase)(?:ifexists)?$/i;

/** Whether the conditions of an Allow let a role be passed to one of the services. */
const mayPass = ({ box }: Piece<unknown>, services: readonly Glob[]): boolean =>
  box.conditions.every(
    ({ key, operator, values }) =>
      !/^iam:passedtoservice$/i.test(key) ||
      !positive.test(operator) ||
      values === null ||
      [...values].some((value) => services.some((one) => mayOverlap(one, readGlob(value)))),
  );

/** The public ways that somebody has, of which one action at least is gained. */
function waysOf(after: Access<unknown>, gained: ReadonlyMap<number, Gain<unknown>>): Found[] {
  const gains = [...gained].filter(([, { by }]) => by.box.opaque.size === 0);
  const touching = once((need: Need) => gains.filter(([, { region }]) => reach(region, need).length > 0));
  const holding = once((need: Need) => holders(after, need));
  const found = ways.flatMap((way): Found[] => {
    const fits = (piece: Piece<unknown>, at: number): boolean =>
      at > 0 || way.services === null || mayPass(piece, way.services);
    const bring = way.needs.map((need, at) => touching(need).filter(([, { by }]) => fits(by, at)));
    if (bring.every((list) => list.length === 0)) return [];
    const held = way.needs.map((need, at) => holding(need).filter((piece) => fits(piece, at)));
    if (held.some((list) => list.length === 0)) return [];
    const fresh = new Set(bring[0]!.map(([, { by }]) => by.box));
    const piece = held[0]!.find(({ box }) => fresh.has(box)) ?? held[0]![0]!;
    const by = [...new Set(bring.flat().map(([at]) => at))];
    return [{ danger: escalationOf(way.actions, piece, way.leads, way.of), by }];
  });
  const every = holding(assuming).filter(takesEveryRole);
  const by = touching(assuming).filter(([, gain]) => every.some(({ box }) => box === gain.by.box));
  if (by.length === 0) return found;
  const danger = escalationOf([assumeRole], by[0]![1].by, 'assumes');
  return [...found, { danger, by: by.map(([at]) => at) }];
}

const escalationOf = (
  actions: readonly string[],
  piece: Piece<unknown>,
  leads: EscalationDanger['leads'],
  of?: string,
): EscalationDanger => ({
  code: actions.join('+') as EscalationDanger['code'],
  actions,
  grant: briefWith(piece, actions[0]!),
  leads,
  ...(of === undefined ? {} : { of }),
});

/** Every role of an account, which a pattern may name. */
function takesEveryRole({ box: { resources } }: Piece<unknown>): boolean {
  const accounts = resources.patterns.flatMap(
    ({ source }) => /^arn:[^:]*:iam::(\d{12}):/.exec(source)?.[1] ?? [],
  );
  return ['*', ...accounts].some((account) =>
    ['aws', 'aws-cn', 'aws-us-gov'].some((partition) =>
      matcherIncludes(resources, readGlob(`arn:${partition}:iam::${account}:role/*`), includesResource),
    ),
  );
}

const becoming = new WeakMap<AssumableRole, Need>();

/** Administrators whom somebody can become, who could not before. */
function assumed(
  after: Access<unknown>,
  gained: readonly Gain<unknown>[],
  found: readonly Found[],
  roles: () => readonly AssumableRole[],
): Found[] {
  if (found.some(({ danger }) => ['administrator', 'iam-full-access', assumeRole].includes(danger.code)))
    return [];
  const gains = [...gained.entries()].filter(
    ([, { by, region }]) => by.box.opaque.size === 0 && reach(region, assuming).length > 0,
  );
  if (gains.length === 0 || standing(after, iam)?.always) return [];
  return roles().flatMap((role): Found[] => {
    const need = becoming.get(role) ?? { ...assuming, resources: [role.arn.replace(/^arn:[^:]*:/, '')] };
    becoming.set(role, need);
    const by = gains.filter(([, { region }]) => reach(region, need).length > 0);
    const [piece] = holders(after, need);
    if (by.length === 0 || !piece) return [];
    return [{ danger: escalationOf([assumeRole], piece, 'assumes', role.name), by: by.map(([at]) => at) }];
  });
}
