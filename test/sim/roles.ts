import type { InstanceProfile, OidcProvider, SamlProvider } from '../../src/core/state.ts';
import type { TrustForm } from '../../src/kinds/role/trust-forms.ts';
import type { Random } from './random.ts';
import { accountId, declaredIn, names, oidcArn, profilesOf, randomInline, samlArn } from './universe.ts';
import type { Manifest, OptInSection, SimRole, SimTrust } from './universe.ts';

/** Roles, who comes into them, and what goes with them: as a team would write them, and the edits of it. */

type Edit = (random: Random, manifest: Manifest) => Manifest | null;

const [github, other] = names.oidc;
const shortest = 3600;

/** The smallest that IAM takes. */
const metadata = (entity: string): string =>
  `<EntityDescriptor entityID="https://${entity}.example.com">${'x'.repeat(1000)}</EntityDescriptor>`;

type Declared = Pick<Manifest, 'users' | 'oidc' | 'saml'> & { readonly roles: readonly { name: string }[] };

function aForm(random: Random, { users, roles, oidc, saml }: Declared): TrustForm {
  const user = random.maybe([...users.map(({ name }) => name), ...names.ignoredUsers.slice(0, 1)]);
  const role = random.maybe(roles.map(({ name }) => name));
  const mfa = random.chance(0.2) ? { mfa: true as const } : {};
  const hasOidc = (name: string): boolean => oidc.some((one) => one.name === name);
  const forms: readonly (readonly [number, TrustForm | null])[] = [
    [4, user === undefined ? null : { user, ...mfa }],
    [3, role === undefined ? null : { role }],
    [2, { account: accountId, ...mfa }],
    [1, { account: '999999999999' }],
    [1, { account: '*' }],
    [2, { service: 'lambda.amazonaws.com' }],
    [
      2,
      hasOidc(github) ? { github: { repo: 'acme/web', environment: random.pick(['prod', 'test']) } } : null,
    ],
    [1, hasOidc(other) ? { oidc: other, subject: 'x', audience: 'a' } : null],
    [1, saml.length > 0 ? { saml: names.saml[0] } : null],
  ];
  return random.weighted(forms.flatMap(([weight, form]) => (form ? [[weight, form] as const] : [])));
}

/** Whom a Deny may name. */
const isOfAws = (form: TrustForm): boolean => 'user' in form || 'role' in form || 'account' in form;

function aTrust(random: Random, declared: Declared): SimTrust {
  const forms = Array.from({ length: random.between(1, 2) }, () => aForm(random, declared));
  const denied = random.chance(0.15) ? [aForm(random, declared)].filter(isOfAws) : [];
  return { forms, denied };
}

const inline = (random: Random): SimRole['policies'] =>
  Object.fromEntries(random.some(names.inline, 0.45).map((name) => [name, randomInline(random)]));

type Parts = Declared & Pick<Manifest, 'policies'>;

function aRole(random: Random, name: string, declared: Parts): SimRole {
  const arns = declared.policies.map(({ arn }) => arn);
  return {
    name,
    path: random.chance(0.85) ? '/' : '/ci/',
    trust: aTrust(random, declared),
    tags: random.chance(0.2) ? { team: random.pick(['a', 'b']) } : {},
    policies: inline(random),
    attachedPolicyArns: random.some(arns, 0.35).sort(),
    boundary: arns.length > 0 && random.chance(0.25) ? random.pick(arns) : null,
    description: random.chance(0.2) ? random.pick(['one', 'another']) : '',
    maxSession: random.chance(0.8) ? shortest : 2 * shortest,
    ...(random.chance(0.25) ? { revoke: true as const } : {}),
    ...(random.chance(0.2) ? { profile: name } : {}),
  };
}

const anOidc = (random: Random, name: string): OidcProvider => ({
  name,
  arn: oidcArn(name),
  audiences: name === github ? ['sts.amazonaws.com'] : random.pick([['a'], ['a', 'b'], ['b']]),
  tags: random.chance(0.2) ? { team: 'a' } : {},
});

const aSaml = (random: Random, name: string): SamlProvider => ({
  name,
  arn: samlArn(name),
  metadata: metadata(random.pick(['one', 'two'])),
  tags: {},
});

const aProfile = (random: Random, name: string, roles: readonly SimRole[]): InstanceProfile => ({
  name,
  path: random.chance(0.8) ? '/' : '/x/',
  role: random.maybe(roles)?.name ?? null,
  ...(random.chance(0.3) ? { tags: { team: random.pick(['a', 'b']) } } : {}),
});

type OptIn = Pick<Manifest, 'roles' | 'profiles' | 'oidc' | 'saml' | 'manages' | 'removed'>;

export const nothingRemoved: Manifest['removed'] = {
  roles: [],
  instanceProfiles: [],
  'identityProviders.oidc': [],
  'identityProviders.saml': [],
};

export const noRoles: OptIn = {
  roles: [],
  profiles: [],
  oidc: [],
  saml: [],
  manages: 'declared',
  removed: nothingRemoved,
};

export function randomRoles(random: Random, manifest: Pick<Manifest, 'users' | 'policies'>): OptIn {
  const oidc = random.some(names.oidc, 0.3).map((name) => anOidc(random, name));
  const saml = random.some(names.saml, 0.15).map((name) => aSaml(random, name));
  const some = random.some(names.roles, 0.6);
  const declared = { ...manifest, oidc, saml, roles: some.map((name) => ({ name })) };
  const roles = some.map((name) => aRole(random, name, declared));
  const profiles = random.some(names.profiles, 0.15).map((name) => aProfile(random, name, roles));
  return {
    roles,
    profiles,
    oidc,
    saml,
    manages: random.chance(0.6) ? 'all' : 'declared',
    removed: nothingRemoved,
  };
}

const one = (form: TrustForm, kind: 'user' | 'role'): string | null =>
  kind in form ? String((form as Record<string, unknown>)[kind]) : null;

/** What the files say no more of somebody: by name they may not, and in a document that is written out they may. */
export function withoutNamed(manifest: Manifest, kind: 'user' | 'role', name: string): Manifest {
  const keep = (forms: SimTrust['forms']): SimTrust['forms'] =>
    forms.filter((form) => one(form, kind) !== name);
  return withTrusts(manifest, ({ trust }) => ({ forms: keep(trust.forms), denied: keep(trust.denied) }));
}

/** A user has another name, which the files then have where they had the old one. */
export const renamedInTrusts = (roles: readonly SimRole[], before: string, after: string): SimRole[] => {
  const renamed = (form: TrustForm): TrustForm =>
    one(form, 'user') === before ? { ...form, user: after } : form;
  return roles.map((role) => ({
    ...role,
    trust: { forms: role.trust.forms.map(renamed), denied: role.trust.denied.map(renamed) },
  }));
};

const withTrusts = (manifest: Manifest, change: (role: SimRole) => SimTrust): Manifest => ({
  ...manifest,
  roles: manifest.roles.map((role) => {
    const trust = change(role);
    // A trust says something always.
    const forms = trust.forms.length > 0 ? trust.forms : [{ service: 'lambda.amazonaws.com' }];
    return { ...role, trust: { ...trust, forms } };
  }),
});

const onRole =
  (change: (role: SimRole, random: Random, manifest: Manifest) => SimRole | null): Edit =>
  (random, manifest) => {
    const role = random.maybe(manifest.roles);
    const changed = role && change(role, random, manifest);
    return changed
      ? { ...manifest, roles: manifest.roles.map((each) => (each === role ? changed : each)) }
      : null;
  };

const toggle = (list: readonly string[], item: string): string[] =>
  list.includes(item) ? list.filter((each) => each !== item) : [...list, item].sort();

const without = (role: SimRole, key: 'profile' | 'revoke'): SimRole => {
  const { [key]: _gone, ...rest } = role;
  return rest;
};

function removeRole(random: Random, manifest: Manifest, name: string): Manifest {
  const rest: Manifest = {
    ...manifest,
    roles: manifest.roles.filter((role) => role.name !== name),
    profiles: manifest.profiles.map((profile) =>
      profile.role === name ? { ...profile, role: null } : profile,
    ),
  };
  return random.chance(0.6) ? withoutNamed(rest, 'role', name) : rest;
}

/** Nothing of the kind is declared in a run without roles. */
export const roleEdits: readonly (readonly [weight: number, edit: Edit])[] = [
  [
    3,
    (random, manifest) => {
      const free = names.roles.filter((name) => !manifest.roles.some((role) => role.name === name));
      const name = random.maybe(free);
      if (name === undefined) return null;
      const declared = { ...manifest, roles: [...manifest.roles, { name }] };
      return { ...manifest, roles: [...manifest.roles, aRole(random, name, declared)] };
    },
  ],
  [
    3,
    (random, manifest) => {
      const gone = random.maybe(manifest.roles);
      return gone ? removeRole(random, manifest, gone.name) : null;
    },
  ],
  // One gives way to another, which has all that it had.
  [
    1,
    (random, manifest) => {
      const gone = random.maybe(manifest.roles);
      const free = names.roles.filter((name) => !manifest.roles.some((role) => role.name === name));
      const name = random.maybe(free);
      if (!gone || name === undefined) return null;
      const rest = removeRole(random, manifest, gone.name);
      return { ...rest, roles: [...rest.roles, { ...without(gone, 'profile'), name }] };
    },
  ],
  [5, onRole((role, random, manifest) => ({ ...role, trust: aTrust(random, manifest) }))],
  [
    4,
    onRole((role, random, manifest) => {
      const form = JSON.stringify(aForm(random, manifest));
      const rest = role.trust.forms.filter((each) => JSON.stringify(each) !== form);
      const isThere = rest.length < role.trust.forms.length;
      if (isThere && rest.length === 0) return null;
      const forms = isThere ? rest : [...rest, JSON.parse(form) as TrustForm];
      return { ...role, trust: { ...role.trust, forms } };
    }),
  ],
  // Two that trust each other, or a chain of them.
  [
    2,
    (random, manifest) => {
      const [first, second] = manifest.roles;
      if (!first || !second) return null;
      const both = random.chance(0.6);
      return withTrusts(manifest, ({ name, trust }) =>
        name === first.name
          ? { ...trust, forms: [...trust.forms.slice(0, 1), { role: second.name }] }
          : name === second.name && both
            ? { ...trust, forms: [...trust.forms.slice(0, 1), { role: first.name }] }
            : trust,
      );
    },
  ],
  [4, onRole((role, random) => ({ ...role, policies: inline(random) }))],
  [
    4,
    onRole((role, random, manifest) => {
      const arn = random.maybe(manifest.policies)?.arn;
      return arn === undefined ? null : { ...role, attachedPolicyArns: toggle(role.attachedPolicyArns, arn) };
    }),
  ],
  [
    2,
    onRole((role, random, manifest) => ({
      ...role,
      boundary: random.maybe([null, ...manifest.policies.map(({ arn }) => arn)]) ?? null,
    })),
  ],
  [
    1,
    onRole((role, random) => ({ ...role, tags: { [random.pick(['team', 'x'])]: random.pick(['a', 'b']) } })),
  ],
  [
    1,
    onRole((role, random) => ({
      ...role,
      description: random.pick(['', 'one']),
      maxSession: random.pick([1, 2, 3]) * shortest,
    })),
  ],
  [1, onRole((role) => (role.revoke ? without(role, 'revoke') : { ...role, revoke: true }))],
  [
    1,
    onRole((role, random, manifest) => {
      if (role.profile !== undefined) return without(role, 'profile');
      const name = random.pick([role.name, ...names.profiles]);
      return profilesOf(manifest).some((each) => each.name === name) ? null : { ...role, profile: name };
    }),
  ],
  [
    1,
    (random, manifest) => {
      const name = random.pick(names.profiles);
      if (manifest.roles.some(({ profile }) => profile === name)) return null;
      const rest = manifest.profiles.filter((each) => each.name !== name);
      const made = rest.length === manifest.profiles.length || random.chance(0.5);
      const old = manifest.profiles.find((each) => each.name === name);
      const next = { ...aProfile(random, name, manifest.roles), ...(old ? { path: old.path } : {}) };
      return { ...manifest, profiles: made ? [...rest, next] : rest };
    },
  ],
  // A provider comes, changes, or goes with all trusts that name it.
  [
    1,
    (random, manifest) => {
      const name = random.pick(names.oidc);
      const rest = manifest.oidc.filter((each) => each.name !== name);
      if (rest.length === manifest.oidc.length || random.chance(0.5))
        return { ...manifest, oidc: [...rest, anOidc(random, name)] };
      const isOfIt = (form: TrustForm): boolean =>
        name === github ? 'github' in form : 'oidc' in form && form.oidc === name;
      return withTrusts({ ...manifest, oidc: rest }, ({ trust }) => ({
        ...trust,
        forms: trust.forms.filter((form) => !isOfIt(form)),
      }));
    },
  ],
  [
    1,
    (random, manifest) => {
      const [name] = names.saml;
      if (manifest.saml.length === 0 || random.chance(0.5))
        return { ...manifest, saml: [aSaml(random, name)] };
      return withTrusts({ ...manifest, saml: [] }, ({ trust }) => ({
        ...trust,
        forms: trust.forms.filter((form) => !('saml' in form)),
      }));
    },
  ],
];

/** `removed:` says what was declared before and is no more. */
export function settleRemoved(before: Manifest, after: Manifest): Manifest {
  const [was, is] = [declaredIn(before), declaredIn(after)];
  const gone = (section: OptInSection): string[] =>
    [...new Set([...before.removed[section], ...was[section]])]
      .filter((name) => !is[section].includes(name))
      .sort();
  const removed = {
    roles: gone('roles'),
    instanceProfiles: gone('instanceProfiles'),
    'identityProviders.oidc': gone('identityProviders.oidc'),
    'identityProviders.saml': gone('identityProviders.saml'),
  };
  return { ...after, removed };
}
