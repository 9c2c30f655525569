import type { State } from '../../src/sandbox/index.ts';
import { accessOf, deniedTo, entriesOf, liveView, verdictsOf } from './access.ts';
import type { Manifest } from './universe.ts';
import { isLock } from '../../src/core/lock.ts';
import { allProbes, desiredAt, folded, isIgnored, isManaged } from './universe.ts';
import type { OptInSection } from './universe.ts';

/** Why the account is not what the manifests say, by a comparison that shares nothing with the planner; or null. */
export function whatDiffers(state: State, manifest: Manifest, now: number): string | null {
  const { state: desired } = desiredAt(manifest, now);
  const problems: string[] = [];
  const same = (what: string, found: unknown, wanted: unknown): void => {
    const [a, b] = [JSON.stringify(found), JSON.stringify(wanted)];
    if (a !== b) problems.push(`${what} is ${a} where the manifests say ${b}`);
  };
  const ours = <T extends { readonly name: string }>(items: readonly T[]): T[] =>
    items.filter(({ name }) => !isIgnored(name) && !isLock(name));
  const namesOf = (items: readonly { readonly name: string }[]): string[] =>
    items.map(({ name }) => name).sort();
  const documents = (policies: Readonly<Record<string, unknown>>): unknown =>
    Object.keys(policies)
      .map((name) => {
        const document = policies[name];
        const text = typeof document === 'string' ? document : JSON.stringify(document);
        // IAM keeps the spelling that a policy was made with, whatever the manifests call it by now.
        return [folded(name), verdictsOf(text)] as const;
      })
      .sort(([a], [b]) => (a < b ? -1 : 1));
  const attached = (arns: readonly string[]): string[] =>
    arns.filter((arn) => !arn.includes('AWSCompromisedKeyQuarantine')).sort();

  same('the users', namesOf(ours(state.users.sorted())), [...desired.users.keys()].sort());
  same('the groups', namesOf(ours(state.groups.sorted())), [...desired.groups.keys()].sort());
  same('the policies', namesOf(ours(state.policies.sorted())), [...desired.policies.keys()].sort());
  const managed = <T extends { readonly name: string }>(section: OptInSection, items: readonly T[]): T[] =>
    items.filter((one) => isManaged(manifest, section, one));
  const roles = managed('roles', state.roles.sorted());
  const profiles = managed('instanceProfiles', state.instanceProfiles.sorted());
  const oidc = managed('identityProviders.oidc', withNames(state.oidcProviders.sorted()));
  const saml = managed('identityProviders.saml', withNames(state.samlProviders.sorted()));
  same('the roles', namesOf(roles), [...desired.roles.keys()].sort());
  same('the instance profiles', namesOf(profiles), [...desired.instanceProfiles.keys()].sort());
  same('the OIDC providers', namesOf(oidc), [...desired.oidcProviders.keys()].sort());
  same('the SAML providers', namesOf(saml), [...desired.samlProviders.keys()].sort());
  if (problems.length > 0) return problems.join('; ');

  for (const group of ours(state.groups.sorted())) {
    const wanted = desired.groups.get(group.name)!;
    same(`the path of ${group.name}`, group.path, wanted.path);
    same(`the inline policies of ${group.name}`, documents(group.policies), documents(wanted.policies));
    same(
      `the policies attached to ${group.name}`,
      attached(group.attached),
      attached(wanted.attachedPolicyArns),
    );
  }
  for (const policy of ours(state.policies.sorted())) {
    const wanted = desired.policies.get(policy.name)!;
    const current = policy.versions.find(({ id }) => id === policy.defaultVersion)?.document ?? '';
    same(`the ARN of ${policy.name}`, policy.arn, wanted.arn);
    same(`the document of ${policy.name}`, verdictsOf(current), verdictsOf(JSON.stringify(wanted.document)));
    if (wanted.tags) same(`the tags of ${policy.name}`, tagsOf(policy.tags), wanted.tags);
  }
  const view = liveView(state);
  const arns = new Set([...view.users.values(), ...view.roles.values()].map(({ arn }) => arn));
  /** Whoever is not there cannot be in a trust; and where nobody comes in, nobody need be kept out. */
  const entries = (trust: string): string[] => {
    const all = entriesOf(trust, view).filter((one) => {
      const [, arn] = / AWS (arn:aws:iam::\d+:(?:user|role)\/\S+) /.exec(one) ?? [];
      return arn === undefined || arns.has(arn);
    });
    return all.some((one) => one.startsWith('Allow')) ? all : [];
  };
  for (const role of roles) {
    const wanted = desired.roles.get(role.name)!;
    const { name } = role;
    same(`who comes into ${name}`, entries(role.trust), entries(JSON.stringify(wanted.trust)));
    if (entriesOf(role.trust, view).some((one) => / AWS A(?:IDA|ROA)/.test(one)))
      problems.push(`the trust of ${name} names somebody who is gone: ${role.trust}`);
    const { AWSRevokeOlderSessions: _revocation, ...held } = role.policies;
    same(`the path of ${name}`, role.path, wanted.path);
    same(`the description of ${name}`, role.description ?? '', wanted.description);
    same(`the sessions of ${name}`, role.maxSession, wanted.maxSession);
    same(`the tags of ${name}`, tagsOf(role.tags), wanted.tags);
    same(`the boundary of ${name}`, role.boundary, wanted.boundary);
    same(`the inline policies of ${name}`, documents(held), documents(wanted.policies));
    same(`the policies attached to ${name}`, attached(role.attached), attached(wanted.attachedPolicyArns));
  }
  for (const profile of profiles) {
    const wanted = desired.instanceProfiles.get(profile.name)!;
    same(`the role in ${profile.name}`, state.roles.get(profile.roleId)?.name ?? null, wanted.role);
    if (wanted.isShort !== true) same(`the path of ${profile.name}`, profile.path, wanted.path);
    if (wanted.tags) same(`the tags of ${profile.name}`, tagsOf(profile.tags), wanted.tags);
  }
  for (const { name, clients, tags } of oidc) {
    const wanted = desired.oidcProviders.get(name)!;
    same(`the audiences of ${name}`, [...clients].sort(), wanted.audiences);
    same(`the tags of ${name}`, tagsOf(tags), wanted.tags);
  }
  for (const { name, metadata, tags } of saml) {
    const wanted = desired.samlProviders.get(name)!;
    same(`the metadata of ${name}`, metadata, wanted.metadata);
    same(`the tags of ${name}`, tagsOf(tags), wanted.tags);
  }
  for (const user of ours(state.users.sorted())) {
    const wanted = desired.users.get(user.name)!;
    const keys = state.accessKeys.ownedBy(user.id);
    const groups = user.groups
      .map((id) => state.groups.get(id)?.name ?? '')
      .filter((name) => !isIgnored(name));
    same(`the groups of ${user.name}`, groups.sort(), [...wanted.groups].sort());
    if (wanted.suspended) {
      const seen = view.users.get(user.name)!;
      same(
        `what ${user.name} may while suspended`,
        [accessOf(view, seen), deniedTo(view, seen)],
        [0, allProbes],
      );
      same(`the active keys of ${user.name}`, keys.filter(({ status }) => status === 'Active').length, 0);
      same(`the password of ${user.name}`, user.login !== null, false);
      continue;
    }
    same(`the path of ${user.name}`, user.path, wanted.path);
    same(`the tags of ${user.name}`, tagsOf(user.tags), wanted.tags);
    same(`the boundary of ${user.name}`, user.boundary, wanted.boundary);
    same(`the inline policies of ${user.name}`, documents(user.policies), documents(wanted.policies));
    same(
      `the policies attached to ${user.name}`,
      attached(user.attached),
      attached(wanted.attachedPolicyArns),
    );
    same(`the password of ${user.name}`, user.login !== null, wanted.console !== undefined);
    const { count = 0, rotateAfter } = wanted.accessKey ?? {};
    const most = rotateAfter === undefined ? count : 2;
    if (keys.length < count || keys.length > most)
      same(`the number of keys of ${user.name}`, keys.length, count);
  }
  return problems.length === 0 ? null : problems.join('; ');
}

/** Providers have ARNs alone. */
const withNames = <T extends { readonly id: string }>(
  items: readonly T[],
): (T & { readonly name: string })[] =>
  items.map((one) => ({ ...one, name: one.id.slice(one.id.indexOf('/') + 1) }));

const tagsOf = (tags: readonly { readonly key: string; readonly value: string }[]): Record<string, string> =>
  Object.fromEntries(tags.map(({ key, value }) => [key, value]).sort());
