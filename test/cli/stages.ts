/** Accounts, and ways to them, that tests in process and tests of processes share. */
import { Decrypter, armor, generateIdentity, identityToRecipient } from 'age-encryption';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Sandbox } from '../../src/sandbox/index.ts';
import { accountId, scratch, stage, write } from '../support/cli.ts';

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
  const server = createServer((request, response) => {
    void (async () => {
      let body = '';
      for await (const chunk of request as AsyncIterable<Buffer>) body += chunk.toString('utf8');
      const reply = sandbox.answer({
        method: request.method ?? 'POST',
        path: request.url ?? '/',
        query: '',
        headers: request.headers as Record<string, string>,
        body,
      });
      if (body.includes(`Action=${op}&`)) {
        arrived();
        await released;
      }
      response.writeHead(reply.status, reply.headers).end(reply.body);
    })();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => {
    release();
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { there: ['--endpoint-url', url], arrival, release };
}
