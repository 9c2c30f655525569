/**
 * What somebody's whole access lets them become. A danger is judged on the sum of all that they hold, so halves in two
 * groups are found, and what a Deny or a boundary keeps out is none.
 */
import { foldAction } from '../policy/canonical.ts';
import { includes, readGlob } from '../policy/glob.ts';
import { matcherIncludes } from '../policy/includes.ts';
import type { Access } from './compare.ts';
import { intersect, regionOf, subtract, type Box, type Region } from './regions.ts';
import { numberOf, remember } from './remember.ts';

/** Some actions on some resources, whatever the circumstances. */
const area = (actions: readonly string[], resources: readonly string[]): Box => ({
  actions: { not: false, patterns: actions.map((action) => readGlob(foldAction(action))) },
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

/** An action and a resource that no policy names: only wildcards take them. */
const unnamed = readGlob('\u0000');
const takesUnnamed = ({ actions, resources }: Box): boolean =>
  matcherIncludes(actions, unnamed, includes) && matcherIncludes(resources, unnamed, includes);

const holdsAlways = ({ conditions, variables, opaque }: Box): boolean =>
  conditions.length + variables.size + opaque.size === 0;

const boxes = (pieces: Access<unknown>['allows']): readonly Box[] => pieces.map(({ box }) => box);

/** Whether boxes cover every action on every resource together. */
function coverEverything(all: readonly Box[]): boolean {
  const always = all.filter(holdsAlways);
  // Most people hold nothing of the kind, and need no more than this look.
  return always.some(takesUnnamed) && subtract(regionOf(everything), always)?.length === 0;
}

const administrators = new WeakMap<Box, Map<string, boolean>>();

/**
 * Whether somebody is allowed every action on every resource at any time, by all policies together and within the
 * boundary, and is left something of what decides who may do what. Whoever is suspended is not.
 */
export function isAdministrator({ allows, bounds, denies }: Access<unknown>): boolean {
  const wide = allows.find(({ box }) => holdsAlways(box) && takesUnnamed(box));
  if (!wide) return false;
  const lists = [boxes(allows), boxes(bounds ?? []), boxes(denies)] as const;
  const key = `${lists.map((list) => list.map(numberOf).join()).join(' ')} ${bounds !== null}`;
  return remember(administrators, wide.box, key, () => {
    const [allowed, bound, denied] = lists;
    if (!coverEverything(allowed) || (bounds && !coverEverything(bound))) return false;
    return isLeft(regionOf(governing), denied);
  });
}

const isLeft = (region: Region, denied: readonly Box[]): boolean => subtract(region, denied)?.length !== 0;

/** Whether a boundary leaves somebody anything of what decides who may do what. */
export const governs = ({ bounds, denies }: Access<unknown>): boolean =>
  boxes(bounds ?? []).some((box) => {
    const bounded = intersect(regionOf(governing), box);
    return bounded !== null && isLeft(bounded, boxes(denies));
  });
