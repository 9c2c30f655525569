import { createHash } from 'node:crypto';
import type { Desired } from '../../src/core/desired.ts';
import { stableJson } from '../../src/core/json.ts';
import type { Group, ManagedPolicy, PolicyDocument, User } from '../../src/core/state.ts';
import { desiredOf } from '../support/account.ts';
import type { Random } from './random.ts';

/** The small world of a run: few names, so that edits meet one another. */
export const names = {
  // `my-svc-1` is ours although it holds the pattern of what is not.
  users: ['u1', 'u2', 'u3', 'my-svc-1'],
  groups: ['g1', 'g2', 'g3'],
  policies: ['p1', 'p2', 'p3'],
  ignoredUsers: ['svc-1', 'svc-2'],
  ignoredGroups: ['svc-g'],
  ignoredPolicies: ['svc-p'],
  inline: ['i1', 'i2'],
  roles: ['r1'],
} as const;

/** None of rollcall's business: told apart here without the code under test. */
export const isIgnored = (name: string): boolean => name.startsWith('svc-');
const ignore = { users: ['svc-*'], groups: ['SVC-*'], policies: ['Svc-*'], roles: [] };

/** A name as somebody else may write it: to IAM the same. */
export const anyCase = (random: Random, name: string): string =>
  random.chance(0.3) ? name.toUpperCase() : name;
/** Names compared as IAM does, without the code under test. */
export const folded = (name: string): string => name.toLowerCase();

export const accountId = '123456789012';
export const policyArn = (name: string, path = '/'): string =>
  `arn:aws:iam::${accountId}:policy${path}${name}`;

/** A user's own place; to a document of 2008, one place whose name holds a dollar sign. */
const home = 'arn:aws:s3:::home/${aws:username}/';

/** What is asked of every user after every call. */
export const probes: readonly (readonly [action: string, resource: string])[] = [
  's3:GetObject',
  's3:PutObject',
  'ec2:StartInstances',
].flatMap((action) =>
  ['arn:aws:s3:::a/x', 'arn:aws:s3:::b/x', 'arn:aws:s3:::home/u1/x', `${home}x`].map(
    (resource) => [action, resource] as const,
  ),
);
export const allProbes = 2 ** probes.length - 1;

export interface SimUser extends User {
  /** Epoch in ms: the last instant at which the user counts. */
  readonly expires?: number;
  /** The same for a membership, by group. */
  readonly until?: { readonly [group: string]: number };
}

/** What the files say at one point of the history. */
export interface Manifest {
  readonly users: readonly SimUser[];
  readonly groups: readonly Group[];
  readonly policies: readonly ManagedPolicy[];
  readonly protect: readonly string[];
  readonly maxUsers: number | null;
}

const hashes = new WeakMap<Manifest, string>();

function hashOf(manifest: Manifest): string {
  let hash = hashes.get(manifest);
  if (hash === undefined) {
    hash = createHash('sha256').update(stableJson(manifest)).digest('hex');
    hashes.set(manifest, hash);
  }
  return hash;
}

/** The manifests as the loader would hand them over at that instant. */
export function desiredAt(manifest: Manifest, now: number): Desired {
  const users = manifest.users
    .filter(({ expires }) => expires === undefined || expires >= now)
    .map(({ expires: _expires, until = {}, ...user }): User => ({
      ...user,
      groups: user.groups.filter((group) => (until[group] ?? now) >= now),
    }));
  return desiredOf(
    { users, groups: manifest.groups, policies: manifest.policies },
    {
      ignore,
      rails: {
        maxRemovals: {
          groups: 5,
          policies: 5,
          ...(manifest.maxUsers === null ? { users: 5 } : { users: manifest.maxUsers, percent: 0 }),
        },
        protect: { users: manifest.protect, groups: manifest.protect, policies: manifest.protect },
        minMembers: {},
        deny: [],
      },
      hash: hashOf(manifest),
    },
  );
}

const actions = ['s3:GetObject', 's3:PutObject', 's3:*', 'ec2:*', '*'];
const resources = ['*', 'arn:aws:s3:::a/*', 'arn:aws:s3:::b/*'];

export function randomDocument(random: Random, size: 'small' | 'large' = 'small'): PolicyDocument {
  const Statement = Array.from({ length: random.between(1, 2) }, () => ({
    Effect: random.chance(0.62) ? 'Allow' : 'Deny',
    ...(random.chance(0.12) ? { NotAction: random.pick(actions) } : { Action: random.pick(actions) }),
    ...(random.chance(0.12)
      ? { [random.chance(0.5) ? 'Resource' : 'NotResource']: `${home}*` }
      : { Resource: random.chance(0.8) ? random.pick(resources) : resources.slice(1) }),
  }));
  const filler = {
    Effect: 'Allow',
    Action: 'none:null',
    Resource: Array.from({ length: 24 }, (_, n) => `arn:aws:s3:::filler-${n}-${'x'.repeat(44)}`),
  };
  return { Version: '2012-10-17', Statement: size === 'large' ? [...Statement, filler] : Statement };
}

/** Inline policies may be of the old version, in which `${aws:username}` is plain text. */
export const randomInline = (random: Random, size: 'small' | 'large' = 'small'): PolicyDocument => ({
  ...randomDocument(random, size),
  ...(random.chance(0.25) ? { Version: '2008-10-17' } : {}),
});
