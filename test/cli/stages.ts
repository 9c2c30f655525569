/** Accounts, and ways to them, that tests in process and tests of processes share. */
import { Decrypter, armor, generateIdentity, identityToRecipient } from 'age-encryption';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Sandbox } from '../../src/sandbox/index.ts';
import { accountId, scratch, stage, write } from '../support/cli.ts';
import { relay } from '../support/relay.ts';

export const lockArn = `arn:aws:iam::${accountId}:policy/rollcall/rollcall-lock`;
const deny = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Deny', Action: 'iam:SetDefaultPolicyVersion', Resource: lockArn }],
});
export const grant = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
});
const start0 = Date.parse('2027-01-01T00:00:00Z');

/** A sandbox whose clock stands still but for what a test adds. */
export async function clocked() {
  let time = start0;
  const here = await stage({ clock: () => new Date(time) });
  return {
    ...here,
    clock: (): number => time,
    pass: (ms: number): void => void (time += ms),
    report: (): void => {
      here.sandbox.call('GenerateCredentialReport', {});
      time += 60_000;
      here.sandbox.call('GenerateCredentialReport', {});
    },
    lock: (Path = '/rollcall/', Description = 'rollcall apply by somebody, somewhere') =>
      here.sandbox.call('CreatePolicy', {
        PolicyName: 'rollcall-lock',
        Path,
        PolicyDocument: deny,
        Description,
      }),
    locks: () =>
      here.sandbox
        .call('ListPolicies', { Scope: 'Local' })
        .Policies!.filter(({ PolicyName }) => PolicyName?.toLowerCase() === 'rollcall-lock')
        .map(({ PolicyId }) => PolicyId),
    calls: () => here.sandbox.journal.map(({ op }) => op),
  };
}

/** melvins has a key and dale a password, both encrypted to one throw-away identity. */
export async function story(fields = '') {
  const identity = await generateIdentity();
  const recipient = await identityToRecipient(identity);
  const dir = scratch();
  write(dir, {
    'manifests/a.yaml': `account: "${accountId}"
users:
  melvins: { accessKey: { deliverTo: ${recipient}${fields} } }
  dale: { console: { deliverTo: ${recipient} } }
`,
  });
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  return {
    dir,
    recipient,
    mail: join(dir, 'deliveries', accountId),
    decrypt: async (file: string): Promise<string> =>
      await decrypter.decrypt(armor.decode(readFileSync(file, 'utf8')), 'text'),
  };
}

/** A way to the sandbox that holds back the answers to one operation until it is told to let them go. */
export async function held(sandbox: Sandbox, op: string) {
  let arrived = (): void => {};
  const arrival = new Promise<void>((done) => (arrived = done));
  let release = (): void => {};
  const released = new Promise<void>((done) => (release = done));
  const { there } = await relay(sandbox, async (call, pass) => {
    const reply = pass();
    if (call.op !== op) return reply;
    arrived();
    await released;
    return reply;
  });
  onTestFinished(() => release());
  return { there, arrival, release };
}
