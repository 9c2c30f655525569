import { createHash } from 'node:crypto';
import type { Desired } from '../../src/core/desired.ts';
import { stableJson } from '../../src/core/json.ts';
import type {
  Group,
  InstanceProfile,
  ManagedPolicy,
  OidcProvider,
  PolicyDocument,
  Role,
  SamlProvider,
  User,
} from '../../src/core/state.ts';
import { fromForms } from '../../src/kinds/role/trust-forms.ts';
import type { TrustForm } from '../../src/kinds/role/trust-forms.ts';
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
  roles: ['r1', 'r2', 'r3'],
  ignoredRoles: ['svc-r'],
  /** What rollcall's own jobs come in by: no manifest of this world declares it, and no plan writes it. */
  pipelineRoles: ['rollcall-plan', 'rollcall-apply'],
  profiles: ['f1', 'f2'],
  oidc: ['token.actions.githubusercontent.com', 'id.example.com/x'],
  saml: ['okta'],
} as const;

/** None of rollcall's business: told apart here without the code under test. */
export const isIgnored = (name: string): boolean => name.startsWith('svc-');
const ignore = { users: ['svc-*'], groups: ['SVC-*'], policies: ['Svc-*'], roles: ['Svc-*'] };

/** A name as somebody else may write it: to IAM the same. */
export const anyCase = (random: Random, name: string): string =>
  random.chance(0.3) ? name.toUpperCase() : name;
/** Names compared as IAM does, without the code under test. */
export const folded = (name: string): string => name.toLowerCase();

export const accountId = '123456789012';
const arnOf = (rest: string): string => `arn:aws:iam::${accountId}:${rest}`;
export const policyArn = (name: string, path = '/'): string => arnOf(`policy${path}${name}`);
export const userArn = (name: string, path = '/'): string => arnOf(`user${path}${name}`);
export const roleArn = (name: string, path = '/'): string => arnOf(`role${path}${name}`);
export const oidcArn = (name: string): string => arnOf(`oidc-provider/${name}`);
export const samlArn = (name: string): string => arnOf(`saml-provider/${name}`);

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

/** Who comes into a role: those of the first forms, and none of the second. Users and roles by name. */
export interface SimTrust {
  readonly forms: readonly TrustForm[];
  readonly denied: readonly TrustForm[];
}

export interface SimRole extends Omit<Role, 'trust' | 'arn'> {
  readonly trust: SimTrust;
  /** `instanceProfile` of the role: the name of the profile. */
  readonly profile?: string;
}

/** What the files say at one point of the history. */
export interface Manifest {
  readonly users: readonly SimUser[];
  readonly groups: readonly Group[];
  readonly policies: readonly ManagedPolicy[];
  readonly roles: readonly SimRole[];
  /** Beside those that roles declare. */
  readonly profiles: readonly InstanceProfile[];
  readonly oidc: readonly OidcProvider[];
  readonly saml: readonly SamlProvider[];
  /** `manage` of roles, profiles and providers. */
  readonly manages: 'all' | 'declared';
  /** What of them was declared once and is gone, by section. */
  readonly removed: Readonly<Record<OptInSection, readonly string[]>>;
  readonly protect: readonly string[];
  readonly maxUsers: number | null;
}

/** Sections that are managed as far as they are declared, where `manage` says nothing. */
export const optInSections = [
  'roles',
  'instanceProfiles',
  'identityProviders.oidc',
  'identityProviders.saml',
] as const;
export type OptInSection = (typeof optInSections)[number];

/** Names that a manifest declares of each such section. */
export const declaredIn = (manifest: Manifest): Readonly<Record<OptInSection, readonly string[]>> => {
  const names = (items: readonly { readonly name: string }[]): string[] => items.map(({ name }) => name);
  return {
    roles: names(manifest.roles),
    instanceProfiles: names(profilesOf(manifest)),
    'identityProviders.oidc': names(manifest.oidc),
    'identityProviders.saml': names(manifest.saml),
  };
};

export const profilesOf = ({ roles, profiles }: Manifest): InstanceProfile[] => [
  ...profiles,
  ...roles.flatMap(({ name, profile }): InstanceProfile[] =>
    profile === undefined ? [] : [{ name: profile, path: '/', role: name, isShort: true }],
  ),
];

/**
 * Whether an object of such a section is rollcall's business, told without the code under test: what is AWS's own, what
 * is ignored, and what rollcall itself runs with never is.
 */
export function isManaged(
  manifest: Manifest,
  section: OptInSection,
  { name, path = '/' }: { readonly name: string; readonly path?: string },
): boolean {
  if (section === 'roles') {
    const isPipeline = names.pipelineRoles.some((one) => one === name);
    if (isIgnored(name) || isPipeline || /^\/aws-(?:service-role|reserved)\//.test(path)) return false;
  }
  const known = [declaredIn(manifest)[section], manifest.removed[section]];
  return manifest.manages === 'all' || known.some((some) => some.includes(name));
}

/** A trust as a document, with ARNs that the people and roles of the manifest have, or would have. */
export function trustDocument(
  { forms, denied }: SimTrust,
  manifest: Pick<Manifest, 'users' | 'roles'>,
): PolicyDocument {
  const document = fromForms([...forms, ...denied], {
    account: accountId,
    partition: 'aws',
    arnOf(kind, name) {
      const isRole = kind === 'role';
      const { path } = (isRole ? manifest.roles : manifest.users).find((one) => one.name === name) ?? {};
      return isRole ? roleArn(name, path) : userArn(name, path);
    },
    nameOf: () => null,
  });
  const statements = document['Statement'] as readonly PolicyDocument[];
  return {
    ...document,
    Statement: statements.map((one, index) => (index < forms.length ? one : { ...one, Effect: 'Deny' })),
  };
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
  const roles = manifest.roles.map(({ profile: _profile, trust, ...role }): Role => ({
    ...role,
    arn: roleArn(role.name, role.path),
    trust: trustDocument(trust, manifest),
  }));
  return desiredOf(
    {
      users,
      groups: manifest.groups,
      policies: manifest.policies,
      roles,
      instanceProfiles: profilesOf(manifest),
      oidcProviders: manifest.oidc,
      samlProviders: manifest.saml,
    },
    {
      ignore,
      manage: manifest.manages === 'all' ? Object.fromEntries(optInSections.map((one) => [one, 'all'])) : {},
      removed: manifest.removed,
      rails: {
        maxRemovals: {
          groups: 5,
          policies: 5,
          roles: 5,
          instanceProfiles: 5,
          identityProviders: 5,
          ...(manifest.maxUsers === null ? { users: 5 } : { users: manifest.maxUsers, percent: 0 }),
        },
        protect: Object.fromEntries(
          ['users', 'groups', 'policies', 'roles'].map((section) => [section, manifest.protect]),
        ),
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
    ...(random.chance(0.15) ? ofAssuming(random) : ofActions(random)),
  }));
  const filler = {
    Effect: 'Allow',
    Action: 'none:null',
    Resource: Array.from({ length: 24 }, (_, n) => `arn:aws:s3:::filler-${n}-${'x'.repeat(44)}`),
  };
  return { Version: '2012-10-17', Statement: size === 'large' ? [...Statement, filler] : Statement };
}

const ofActions = (random: Random): PolicyDocument => ({
  ...(random.chance(0.12) ? { NotAction: random.pick(actions) } : { Action: random.pick(actions) }),
  ...(random.chance(0.12)
    ? { [random.chance(0.5) ? 'Resource' : 'NotResource']: `${home}*` }
    : { Resource: random.chance(0.8) ? random.pick(resources) : resources.slice(1) }),
});

/** Which roles somebody may come into, as far as these let them in. */
const ofAssuming = (random: Random): PolicyDocument => ({
  Action: random.pick(['sts:AssumeRole', 'sts:*']),
  Resource: random.pick(['*', roleArn('*'), roleArn(random.pick(names.roles))]),
});

/** Inline policies may be of the old version, in which `${aws:username}` is plain text. */
export const randomInline = (random: Random, size: 'small' | 'large' = 'small'): PolicyDocument => ({
  ...randomDocument(random, size),
  ...(random.chance(0.25) ? { Version: '2008-10-17' } : {}),
});
