import type { Planning } from '../../src/app/session.ts';
import type { State } from '../../src/sandbox/index.ts';
import { nameOf } from './access.ts';
import { oidcArn, samlArn } from './universe.ts';

/**
 * Every object that a plan's steps and changes name, as IAM has it, by reference: the simulator's own idea of what a
 * saved plan depends on.
 */
export function touchedObjects(state: State, { plan, live }: Planning): Map<string, string> {
  const refs = new Set<string>();
  for (const { kind, name } of plan.changes) refs.add(`${kind} ${name}`);
  for (const { input } of plan.steps) {
    for (const [field, kind] of fields) {
      const value = (input as Readonly<Record<string, unknown>>)[field];
      if (typeof value !== 'string' || value.includes('::aws:')) continue;
      refs.add(`${kind} ${kind.endsWith('-provider') ? value.slice(value.indexOf('/') + 1) : nameOf(value)}`);
    }
  }
  return new Map([...refs].map((ref) => [ref, show(state, ref, live)]));
}

const fields = [
  ['UserName', 'user'],
  ['GroupName', 'group'],
  ['PolicyArn', 'policy'],
  ['PermissionsBoundary', 'policy'],
  ['RoleName', 'role'],
  ['InstanceProfileName', 'instance-profile'],
  ['OpenIDConnectProviderArn', 'oidc-provider'],
  ['SAMLProviderArn', 'saml-provider'],
] as const;

function show(state: State, ref: string, live: Planning['live']): string {
  const [kind = '', name = ''] = ref.split(' ');
  if (kind === 'user') {
    const user = state.users.taken(name);
    if (!user) return 'none';
    const { login, passwordLastUsed: _used, ...rest } = user;
    const groups = user.groups.map((id) => state.groups.get(id)?.name ?? '').sort();
    const attached = [...user.attached].sort();
    // Read only where the plan depends on them.
    const credentials = live.users.get(name)?.credentials
      ? [state.accessKeys, state.sshKeys, state.certificates, state.serviceCredentials].flatMap((table) =>
          table.ownedBy(user.id).map(({ id, status }) => `${id} ${status}`),
        )
      : [];
    const password = live.users.get(name)?.credentials ? login !== null : null;
    return JSON.stringify([rest, groups, attached, credentials, password]);
  }
  if (kind === 'group') {
    const group = state.groups.taken(name);
    const members = state.users.sorted().filter((user) => group && user.groups.includes(group.id));
    return JSON.stringify([group ?? 'none', members.map((user) => user.name)]);
  }
  if (kind === 'role') {
    const role = state.roles.taken(name);
    const profiles = state.instanceProfiles.sorted().filter(({ roleId }) => role && roleId === role.id);
    return JSON.stringify([role ?? 'none', profiles.map((profile) => profile.name)]);
  }
  if (kind === 'instance-profile') return JSON.stringify(state.instanceProfiles.taken(name) ?? 'none');
  if (kind === 'oidc-provider') return JSON.stringify(state.oidcProviders.get(oidcArn(name)) ?? 'none');
  if (kind === 'saml-provider') return JSON.stringify(state.samlProviders.get(samlArn(name)) ?? 'none');
  return JSON.stringify(state.policies.taken(name) ?? 'none');
}
