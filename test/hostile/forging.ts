import { createHash } from 'node:crypto';
import { resumePlan, planAccount } from '../../src/app/session.ts';
import { RollcallError } from '../../src/core/errors.ts';
import { stableJson } from '../../src/core/json.ts';
import type { Step } from '../../src/core/plan.ts';
import { parsePlan, savePlan } from '../../src/plan/saved.ts';
import { aGroup, allRails, aPolicy, aUser, desiredOf, reconcile, testAccount } from '../support/account.ts';
import { prototypesAreClean } from './support.ts';

const allow = (Action: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
});
const reports = aPolicy('read-reports', allow('s3:GetObject'));
const admins = aGroup('admins', { policies: { allow_all: allow('*') } });
const before = desiredOf(
  {
    users: [
      ...['buzzo', 'dale', 'lorax'].map((name) => aUser(name, { groups: ['admins'] })),
      aUser('melvins', { accessKey: { count: 1 } }),
    ],
    groups: [admins],
    policies: [reports],
  },
  { hash: 'a' },
);
export const recipient = 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p';
/** lorax leaves, dale gets a policy and loses a group, melvins' key goes, buzzo gets one. */
const after = desiredOf(
  {
    users: [
      aUser('buzzo', { groups: ['admins'], accessKey: { count: 1, deliverTo: recipient } }),
      aUser('dale', { attachedPolicyArns: [reports.arn] }),
      aUser('melvins'),
    ],
    groups: [admins],
    policies: [reports],
  },
  { hash: 'b' },
);

/** A plan as loose data: what a forger writes. */
export interface Loose {
  [field: string]: unknown;
  steps: Step[];
  changes: { [field: string]: unknown }[];
}

export const account = await testAccount({ transport: 'direct' });

/** An honest plan from `before` to `after`. */
export const text = await (async () => {
  await reconcile(before, account.aws);
  const { plan, live } = await planAccount(after, account.aws, { overrides: allRails });
  account.sandbox.clearJournal();
  return JSON.stringify(savePlan(plan, after, live, { rollcall: '0.1.0' }), null, 2);
})();

/** Tries to apply: what was refused, or null where it would have run. */
export async function refusal(file: string): Promise<RollcallError | null> {
  const refused = await attempt(file);
  if (!prototypesAreClean()) throw new Error('a prototype was changed');
  return refused;
}

async function attempt(file: string): Promise<RollcallError | null> {
  try {
    const { plan } = await resumePlan(parsePlan(file, 'plan.json'), after, account.aws, {
      overrides: allRails,
    });
    // A mutation that means the same, such as other white space.
    if (callsOf(plan) !== callsOf(JSON.parse(text) as Loose)) throw new Error('other calls would be made');
    return null;
  } catch (error) {
    if (error instanceof RollcallError) return error;
    throw error;
  }
}

/** What the steps do, and in which order; that one waits for more than it must changes nothing. */
const callsOf = ({ steps }: { readonly steps: readonly Step[] }): string =>
  stableJson(steps.map(({ op, input, expect: expected, delivers }) => ({ op, input, expected, delivers })));

/** With the digest that belongs to it. */
export function sign(plan: Loose): string {
  // As a file has it: lists without fields of their own.
  const { digest: _, ...rest } = JSON.parse(JSON.stringify(plan)) as Loose;
  return JSON.stringify({ ...rest, digest: createHash('sha256').update(stableJson(rest)).digest('hex') });
}
export const forge = (change: (plan: Loose) => void): string => {
  const plan = JSON.parse(text) as Loose;
  change(plan);
  return sign(plan);
};

export const writes = (): string[] =>
  account.sandbox.journal
    .filter(({ readOnly, op }) => !readOnly && op !== 'GenerateCredentialReport')
    .map(({ op }) => op);
