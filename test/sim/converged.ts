import type { State } from '../../src/sandbox/index.ts';
import { accessOf, deniedTo, liveView, verdictsOf } from './access.ts';
import type { Manifest } from './universe.ts';
import { isLock } from '../../src/core/lock.ts';
import { allProbes, desiredAt, folded, isIgnored } from './universe.ts';

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

const tagsOf = (tags: readonly { readonly key: string; readonly value: string }[]): Record<string, string> =>
  Object.fromEntries(tags.map(({ key, value }) => [key, value]).sort());
