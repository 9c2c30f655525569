import type { Consistency } from '../../src/sandbox/index.ts';
import { day, edited, randomManifest } from './history.ts';
import type { Tastes } from './history.ts';
import { randomAccount } from './outside.ts';
import type { RawCall } from './outside.ts';
import { randomAt } from './random.ts';
import type { Random } from './random.ts';
import type { Manifest } from './universe.ts';

/** Everything about a run that does not depend on what rollcall does, as data: so it can be cut down. */
export interface Script {
  readonly seed: number;
  /** Calls go through the SDK's serialisation and middleware; otherwise past it, at a fraction of the time. */
  readonly wire: boolean;
  /** Calls that a process has on the wire at one time. */
  readonly parallelism: number;
  /** Milliseconds of throttling after which a process gives a call up. */
  readonly maxWait: number;
  /** Made before the first run, behind rollcall's back. */
  readonly account: readonly RawCall[];
  readonly steps: readonly Step[];
  readonly chaos: Chaos;
  /** Only these, instead of what the rates draw. */
  readonly events?: readonly ChaosEvent[];
}

/** One state of the manifests, applied until it is done or time is up. */
export interface Step {
  readonly manifest: Manifest;
  /** How long after the step before, in ms. */
  readonly after: number;
  /** Processes started at most. */
  readonly tries: number;
  /** The plan is saved, reviewed for a while, and resumed by another process. */
  readonly saved: boolean;
  /** All rails overridden. */
  readonly override: boolean;
  /** What others do between plan and apply. */
  readonly meanwhile: number;
}

export const eventKinds = [
  'throttle',
  'error-before',
  'error-after',
  'lost-reply-before',
  'lost-reply-after',
  'cut-reply',
  'denied',
  'truncate-page',
  'crash-before',
  'crash-after',
  'second-writer',
  'second-apply',
  'clock-jump',
  'interrupt',
  'sink-fails',
  'tagger',
] as const;
export type EventKind = (typeof eventKinds)[number];

/** Strikes the call (or delivery) with that number, and the next `span - 1` too. */
export interface ChaosEvent {
  readonly at: number;
  readonly kind: EventKind;
  readonly span: number;
}

export interface Chaos {
  readonly rates: { readonly [kind in EventKind]?: number };
  readonly lag: Consistency;
  /** What the caller is not allowed to do until the calm: these steps fail in every run. */
  readonly forbidden: readonly string[];
}

const forbiddable = [
  'AddUserToGroup',
  'AttachGroupPolicy',
  'AttachRolePolicy',
  'AttachUserPolicy',
  'CreateAccessKey',
  'CreatePolicyVersion',
  'DeleteAccessKey',
  'DeleteGroupPolicy',
  'DeleteRolePolicy',
  'DeleteUserPermissionsBoundary',
  'DeleteUserPolicy',
  'DetachGroupPolicy',
  'DetachRolePolicy',
  'DetachUserPolicy',
  'GetUser',
  'PutGroupPolicy',
  'PutRolePermissionsBoundary',
  'PutRolePolicy',
  'PutUserPermissionsBoundary',
  'PutUserPolicy',
  'RemoveUserFromGroup',
  'UpdateAccessKey',
  'UpdateAssumeRolePolicy',
];

/** How often a kind strikes per call while it is in the swarm. */
const usual: { readonly [kind in EventKind]: number } = {
  throttle: 0.04,
  'error-before': 0.03,
  'error-after': 0.03,
  'lost-reply-before': 0.03,
  'lost-reply-after': 0.03,
  'cut-reply': 0.02,
  denied: 0.015,
  'truncate-page': 0.3,
  'crash-before': 0.01,
  'crash-after': 0.01,
  'second-writer': 0.015,
  'second-apply': 0.02,
  'clock-jump': 0.01,
  interrupt: 0.005,
  'sink-fails': 0.1,
  tagger: 0.03,
};

/** Most lives are short: what goes wrong does so between two manifests, seldom among five. */
const lifetime = (random: Random): number =>
  random.weighted([
    [4, 1],
    [4, 2],
    [2, 3],
    [1, 4],
    [1, 5],
  ]);

/** One at a time is what many people use, and breaks in other ways. */
function drawPace(seed: number): Pick<Script, 'parallelism' | 'maxWait'> {
  const random = randomAt(seed, 8);
  const parallelism = random.chance(1 / 3) ? 1 : random.between(2, 16);
  return { parallelism, maxWait: random.pick([1000, 300_000, 300_000]) };
}

/** What is not drawn. */
export interface Forced {
  /** This kind of fault and no other. */
  readonly only?: EventKind;
  readonly parallelism?: number;
}

export function drawScript(seed: number, { only, ...forced }: Forced = {}): Script {
  const random = randomAt(seed, 1);
  const tastes: Tastes = {
    tight: random.chance(0.12),
    credentials: random.chance(0.5),
    roles: random.chance(0.5),
  };
  // Swarm testing: some runs know few kinds of faults and many of each, some all, some none.
  const share = random.pick([0, 0.15, 0.3, 0.6]);
  const kinds = only ? [only] : eventKinds.filter(() => random.chance(share));
  const rates = Object.fromEntries(kinds.map((kind) => [kind, usual[kind] * random.pick([0.3, 1, 1, 3])]));
  const lag: Consistency =
    only || !random.chance(0.12)
      ? {}
      : random.pick<Consistency>([
          { readsBehindMs: 1500 },
          { readsBehindMs: 6000 },
          { newHiddenCalls: 2 },
          { newHiddenCalls: 3 },
        ]);
  const forbidden = only || !random.chance(0.25) ? [] : random.some(forbiddable, 0.15);
  let manifest = randomManifest(random, tastes);
  const account = random.chance(0.9) ? randomAccount(random, manifest, tastes) : [];
  let now = start;
  const steps = Array.from({ length: lifetime(random) }, (_, index): Step => {
    const after = random.weighted([
      [4, random.int(120) * 1000],
      [3, random.int(6 * 3600) * 1000],
      [2, random.int(3) * day],
      [1, random.int(45) * day],
    ]);
    now += after;
    if (index > 0) manifest = edited(random, manifest, tastes, now);
    return {
      manifest,
      after,
      tries: random.weighted([
        [5, 1],
        [3, 2],
        [2, 3],
      ]),
      saved: random.chance(0.25),
      override: random.chance(0.5),
      meanwhile: kinds.includes('second-writer') && random.chance(0.5) ? random.between(1, 2) : 0,
    };
  });
  return {
    seed,
    wire: seed % 16 === 0,
    ...drawPace(seed),
    ...forced,
    account,
    steps,
    chaos: { rates, lag, forbidden },
  };
}

export const start = Date.parse('2027-01-01T00:00:00Z');
