import { runScript } from './run.ts';
import type { Outcome } from './run.ts';
import type { Script, Step } from './script.ts';
import type { Manifest, SimUser } from './universe.ts';

/** Fewer steps, faults, calls and people, while the same promise is broken. */
export async function shrink(
  script: Script,
  outcome: Outcome,
  most = 600,
): Promise<{ script: Script; outcome: Outcome }> {
  // Exceptions are told apart by what they say.
  const kindOf = ({ failure }: Outcome): string | undefined =>
    failure?.property === 'exception' ? failure.message : failure?.property;
  let best: { script: Script; outcome: Outcome } = {
    script: { ...script, events: outcome.struck },
    outcome,
  };
  let left = most;
  const attempt = async (candidate: Script): Promise<boolean> => {
    if (left <= 0) return false;
    left -= 1;
    const result = await runScript(candidate);
    if (kindOf(result) !== kindOf(outcome)) return false;
    best = { script: candidate, outcome: result };
    return true;
  };
  // The faults as a list: the same run, unless faults interfere with their own making.
  if (!(await attempt(best.script))) return { script, outcome };
  for (const parallelism of [1, 2, 4]) {
    if (parallelism < script.parallelism && (await attempt({ ...best.script, parallelism }))) break;
  }
  await attempt({ ...best.script, chaos: { ...best.script.chaos, lag: {} } });
  await attempt({ ...best.script, chaos: { ...best.script.chaos, forbidden: [] } });
  // oxlint-disable-next-line no-unmodified-loop-condition -- `attempt` counts it down
  for (let before = -1; before !== left && left > 0;) {
    before = left;
    const size = JSON.stringify(best.script).length;
    for (const field of ['steps', 'events', 'account'] as const) {
      await fewer<unknown>(
        () => best.script[field] ?? [],
        (items) => attempt({ ...best.script, [field]: items }),
      );
    }
    for (const simpler of simplerManifests) await simpler(() => best.script, attempt);
    if (JSON.stringify(best.script).length === size) break;
  }
  return best;
}

/** Leaves out runs of items, long ones first. */
async function fewer<T>(
  current: () => readonly T[],
  attempt: (items: readonly T[]) => Promise<boolean>,
): Promise<void> {
  for (let size = Math.max(1, current().length >> 1); size >= 1; size >>= 1) {
    for (let at = 0; at < current().length;) {
      const items = current();
      if (items.length === 0) return;
      const rest = [...items.slice(0, at), ...items.slice(at + size)];
      if (!(await attempt(rest))) at += size;
    }
  }
}

type Simpler = (script: () => Script, attempt: (candidate: Script) => Promise<boolean>) => Promise<void>;

const inSteps = (script: Script, change: (manifest: Manifest, step: Step) => Manifest): Script => ({
  ...script,
  steps: script.steps.map((step) => ({ ...step, manifest: change(step.manifest, step) })),
});

const sections = ['users', 'groups', 'policies', 'roles', 'profiles', 'oidc', 'saml'] as const;
type Section = (typeof sections)[number];

const namesIn = (script: Script, of: Section): string[] => [
  ...new Set(script.steps.flatMap(({ manifest }) => manifest[of].map(({ name }) => name))),
];

const gone = (manifest: Manifest, of: Section, name: string): Manifest => {
  const arns = new Set(
    of === 'policies' ? manifest.policies.filter((one) => one.name === name).map(({ arn }) => arn) : [],
  );
  const keep = (attachedPolicyArns: readonly string[]): string[] =>
    attachedPolicyArns.filter((arn) => !arns.has(arn));
  return {
    ...manifest,
    [of]: manifest[of].filter((one) => one.name !== name),
    ...(of === 'users'
      ? {}
      : {
          users: manifest.users.map((user) => ({
            ...user,
            groups: of === 'groups' ? user.groups.filter((group) => group !== name) : user.groups,
            attachedPolicyArns: keep(user.attachedPolicyArns),
            boundary: user.boundary !== null && arns.has(user.boundary) ? null : user.boundary,
          })),
        }),
    ...(of === 'policies'
      ? {
          groups: manifest.groups.map((group) => ({
            ...group,
            attachedPolicyArns: keep(group.attachedPolicyArns),
          })),
          roles: manifest.roles.map((role) => ({
            ...role,
            attachedPolicyArns: keep(role.attachedPolicyArns),
            boundary: role.boundary !== null && arns.has(role.boundary) ? null : role.boundary,
          })),
        }
      : {}),
    ...(of === 'roles'
      ? { profiles: manifest.profiles.map((one) => (one.role === name ? { ...one, role: null } : one)) }
      : {}),
  };
};

/** What of a user can be plain. */
const plain: readonly ((user: SimUser) => SimUser)[] = [
  (user) => ({ ...user, tags: {} }),
  (user) => ({ ...user, path: '/' }),
  (user) => ({ ...user, attachedPolicyArns: [] }),
  (user) => ({ ...user, policies: {} }),
  (user) => ({ ...user, groups: [] }),
  (user) => ({ ...user, boundary: null }),
  ({ accessKey: _key, ...user }) => user,
  ({ console: _console, ...user }) => user,
  ({ suspended: _suspended, ...user }) => user,
  ({ expires: _expires, until: _until, ...user }) => user,
];

const simplerManifests: readonly Simpler[] = [
  async (script, attempt) => {
    for (const of of sections) {
      for (const name of namesIn(script(), of)) {
        await attempt(inSteps(script(), (manifest) => gone(manifest, of, name)));
      }
    }
  },
  async (script, attempt) => {
    const count = script().steps.length;
    for (let at = 0; at < count; at += 1) {
      for (const { name } of script().steps[at]?.manifest.users ?? []) {
        for (const simplify of plain) {
          const candidate = inSteps(script(), (manifest, step) =>
            step === script().steps[at]
              ? {
                  ...manifest,
                  users: manifest.users.map((user) => (user.name === name ? simplify(user) : user)),
                }
              : manifest,
          );
          if (JSON.stringify(candidate) !== JSON.stringify(script())) await attempt(candidate);
        }
      }
    }
  },
  async (script, attempt) => {
    for (const calm of [{ saved: false }, { meanwhile: 0 }, { tries: 1 }, { override: true }, { after: 0 }]) {
      for (let at = 0; at < script().steps.length; at += 1) {
        const candidate = {
          ...script(),
          steps: script().steps.map((step, index) => (index === at ? { ...step, ...calm } : step)),
        };
        if (JSON.stringify(candidate) !== JSON.stringify(script())) await attempt(candidate);
      }
    }
  },
];
