import type { Outcome } from './run.ts';
import type { Forced, Script } from './script.ts';

/** What many runs came to. */
export interface Totals {
  runs: number;
  /** Processes of rollcall that were started, most of them through a plan and an apply. */
  processes: number;
  plans: number;
  calls: number;
  refused: number;
  failed: number;
  /** Faults and other events, by kind, as often as they struck. */
  events: { [kind: string]: number };
}

export const noTotals = (): Totals => ({
  runs: 0,
  processes: 0,
  plans: 0,
  calls: 0,
  refused: 0,
  failed: 0,
  events: {},
});

export function addTo(
  totals: Totals,
  { figures, failure, refused }: Pick<Outcome, 'figures' | 'failure' | 'refused'>,
): void {
  totals.runs += 1;
  totals.processes += figures.processes;
  totals.plans += figures.plans;
  totals.calls += figures.calls;
  totals.refused += refused === null ? 0 : 1;
  totals.failed += failure ? 1 : 0;
  for (const [kind, count] of Object.entries(figures.events)) {
    totals.events[kind] = (totals.events[kind] ?? 0) + count;
  }
}

const cut = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most - 1)}…` : text;

/** A failing run as a person wants it: how to see it again, what it takes, and the last calls. */
export function describeFailure(
  seed: number,
  { only, parallelism }: Forced,
  { script, outcome }: { script: Script; outcome: Outcome },
): string {
  const { failure } = outcome;
  const json = (value: unknown): string => cut(JSON.stringify(value), 400);
  return [
    `seed ${seed} breaks a promise: ${failure?.message ?? ''}`,
    `  again: npm run sim -- --seed ${seed}${only === undefined ? '' : ` --only ${only}`}${
      parallelism === undefined ? '' : ` --parallelism ${parallelism}`
    }`,
    ...(failure?.property === 'exception' ? [failure.stack] : []),
    `  cut down to, at parallelism ${script.parallelism}:`,
    ...script.account.map((call) => `    before: ${call.op} ${json(call.input)}`),
    ...script.steps.flatMap(({ manifest, ...step }) => [
      `    step: ${json(step)}${manifest.protect.length > 0 ? ` protects ${manifest.protect.join(', ')}` : ''}${
        manifest.manages === 'all' ? ' manages all roles' : ''
      }`,
      ...manifest.users.map((user) => `      user ${json(user)}`),
      ...manifest.groups.map((group) => `      group ${json(group)}`),
      ...manifest.policies.map((policy) => `      policy ${json(policy)}`),
      ...manifest.roles.map((role) => `      role ${json(role)}`),
      ...manifest.profiles.map((profile) => `      instance profile ${json(profile)}`),
      ...[...manifest.oidc, ...manifest.saml].map(({ name }) => `      provider ${name}`),
    ]),
    ...(Object.keys(script.chaos.lag).length > 0 ? [`    lag: ${json(script.chaos.lag)}`] : []),
    ...script.chaos.forbidden.map((op) => `    forbidden: ${op}`),
    ...(script.events ?? []).map(
      (event) => `    at ${event.at}: ${event.kind}${event.span > 1 ? ` × ${event.span}` : ''}`,
    ),
    '  the last calls:',
    ...outcome.trace.slice(-30).map((line) => `    ${cut(line, 300)}`),
  ].join('\n');
}
