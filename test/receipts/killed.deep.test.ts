import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Receipt } from '../../src/app/receipts/index.ts';
import { manifests } from '../support/cli.ts';
import { startProcess } from '../support/process.ts';
import { anyway, only, play, rest } from './play.ts';

test('killed half-way: the receipt is there, and the next one names it', async () => {
  const { leave, there, env, cwd, sandbox } = await play();
  const reached = new Promise<void>((done) => {
    sandbox.faults.beforeCall = ({ op }) => {
      if (op === 'RemoveUserFromGroup') done();
    };
  });
  sandbox.faults.add({ kind: 'delay', op: 'RemoveUserFromGroup', times: 1, ms: 60_000 });
  const running = await startProcess(['apply', '-m', manifests(rest), ...there, ...anyway], { env, cwd });
  await reached;
  running.child.kill('SIGKILL');
  expect(await running.ended).toMatchObject({ signal: 'SIGKILL' });
  const dir = join(cwd, 'receipts');
  const { file, receipt } = only(dir);
  expect(receipt).toMatchObject({ complete: false, run: { endedAt: null } });
  expect(receipt.steps.find(({ operation }) => operation === 'DeleteAccessKey')).toMatchObject({
    status: 'done',
  });
  expect(receipt.steps.find(({ status }) => status === 'unknown')).toMatchObject({
    operation: 'RemoveUserFromGroup',
  });

  sandbox.faults.clear();
  // The lock of the one that was killed counts for some minutes.
  expect(await leave('--no-lock')).toMatchObject({ code: 0 });
  const next = JSON.parse(readFileSync(join(dir, file.replace('.json', '-2.json')), 'utf8')) as Receipt;
  expect(next).toMatchObject({ complete: true, earlier: [file] });
});
