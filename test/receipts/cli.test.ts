import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { manifests, run, scratch } from '../support/cli.ts';
import type { Ended } from '../support/cli.ts';
import { anyway, everybody, only, play, rest } from './play.ts';
import { validate } from './support.ts';

test('apply writes a receipt and says where; verify finds nobody back', async () => {
  const { leave, receipts, cwd, sandbox } = await play();
  const left = await leave();
  expect(left).toMatchObject({ code: 0 });
  const { file, receipt } = only(join(cwd, 'receipts'));
  expect(left.stderr).toContain(`Receipt of lorax: ${join('receipts', file)}\n`);
  expect(file).toBe(`${receipt.run.startedAt.slice(0, 10)}-123456789012-lorax.json`);
  expect(receipt).toMatchObject({ complete: true });
  expect(receipt.run.manifests).not.toHaveProperty('git');

  sandbox.clearJournal();
  const verified = await receipts('verify');
  expect(verified).toMatchObject({ code: 0, stderr: '' });
  expect(verified.stdout).toContain(`gone  ${file.slice(0, 10)}  lorax (${receipt.user.id})  ${file}\n`);
  expect(verified.stdout).toContain('1 gone, 0 back, 0 incomplete; 1 of 1 access key asked for.');
  expect(sandbox.journal).toHaveLength(3);

  const json = JSON.parse((await receipts('verify', '--json')).stdout) as object;
  expect(json).toEqual({
    account: '123456789012',
    accessKeys: { asked: 1, known: 1 },
    receipts: [
      {
        file,
        account: '123456789012',
        user: 'lorax',
        userId: receipt.user.id,
        complete: true,
        startedAt: receipt.run.startedAt,
        verdict: 'gone',
        findings: [],
        keys: [],
      },
    ],
    diagnostics: [],
  });

  const listed = await receipts('list');
  expect(listed).toMatchObject({ code: 0, stderr: '' });
  expect(listed.stdout).toContain(`${file}, complete, by arn:aws:iam::123456789012:user/sandbox-operator`);
  expect(JSON.parse((await receipts('list', '--json')).stdout)).toMatchObject({
    receipts: [{ file, steps: receipt.steps.length }],
    diagnostics: [],
  });
});

test('partly done: exit 5 and a receipt; verify exits 2 until a later run has finished', async () => {
  const { leave, receipts, cwd, sandbox } = await play();
  sandbox.faults.add({ kind: 'denied', op: 'RemoveUserFromGroup', times: 1 });
  const half = await leave();
  expect(half).toMatchObject({ code: 5 });
  expect(half.stderr).toContain('Receipt of lorax (not complete): ');
  const { file } = only(join(cwd, 'receipts'));
  expect(await receipts('verify')).toMatchObject({
    code: 2,
    stdout: expect.stringContaining('is still there') as string,
  });
  expect((await receipts('list')).stdout).toContain('not complete: ');

  expect(await leave('--json')).toMatchObject({ code: 0 });
  const again = await receipts('verify');
  expect(again).toMatchObject({ code: 0 });
  expect(again.stdout).toContain(`completed by ${file.replace('.json', '-2.json')}`);
});

test('a receipt that cannot be written is printed, and the run is no success', async () => {
  const { leave, cwd } = await play();
  writeFileSync(join(cwd, 'receipts'), '');
  const left = await leave();
  expect(left).toMatchObject({ code: 1 });
  expect(left.stderr).toContain('the receipt of lorax is NOT on disk');
  expect(left.stderr).toContain('(ENOTDIR)');
  const printed: unknown = JSON.parse(
    left.stdout.slice(left.stdout.indexOf('\n{\n'), left.stdout.lastIndexOf('\n}\n') + 2),
  );
  expect(validate(printed)).toBe(true);
  expect(printed).toMatchObject({ complete: true, user: { name: 'lorax' } });
});

test('likewise in JSON', async () => {
  const { leave, cwd } = await play();
  writeFileSync(join(cwd, 'file'), '');
  const left = await leave('--json', '--receipts', 'file');
  expect(left).toMatchObject({ code: 1 });
  const { receipts, unwrittenReceipts } = JSON.parse(left.stdout) as Record<string, unknown[]>;
  expect(receipts).toEqual([]);
  expect(unwrittenReceipts).toHaveLength(1);
  expect(validate(unwrittenReceipts![0])).toBe(true);
});

test('a restored sandbox file: the same user is back, exit 2; a broken receipt does not hide it', async () => {
  const dir = scratch();
  const keys = ['--yes', '--keys-to', join(scratch(), 'keys')];
  const file = join(dir, 'account.db');
  const there = [`--sandbox=${file}`];
  expect(await run(['apply', '-m', manifests(everybody), ...there, ...keys], { cwd: dir })).toMatchObject({
    code: 0,
  });
  copyFileSync(file, `${file}.copy`);
  expect(await run(['apply', '-m', manifests(rest), ...there, ...anyway], { cwd: dir })).toMatchObject({
    code: 0,
  });
  const verify = (...more: string[]): Promise<Ended> =>
    run(['receipts', 'verify', ...there, ...more], { cwd: dir });
  expect(await verify()).toMatchObject({ code: 0 });

  writeFileSync(join(dir, 'receipts', 'zz-broken.json'), '{\n  "version": 1,\n}');
  const broken = await verify();
  expect(broken).toMatchObject({ code: 1 });
  expect(broken.stderr).toContain(join('receipts', 'zz-broken.json:3:1'));
  expect(broken.stdout).toContain('1 gone, 0 back, 0 incomplete, 1 not readable');
  expect(await run(['receipts', 'list'], { cwd: dir })).toMatchObject({ code: 1 });

  copyFileSync(`${file}.copy`, file);
  const back = await verify();
  expect(back).toMatchObject({ code: 2 });
  expect(back.stdout).toMatch(
    /^BACK {2}.*\n {2}AIDA\w+ is in the account again\n {2}access key AKIA\w+ exists/,
  );
});

test('another account is skipped, and refused where one is named', async () => {
  const { leave, receipts, cwd } = await play();
  await leave();
  const dir = join(cwd, 'receipts');
  const { file } = only(dir);
  const text = readFileSync(join(dir, file), 'utf8').replace(
    '"account": "123456789012"',
    '"account": "210987654321"',
  );
  writeFileSync(join(dir, file), text);
  const skipped = await receipts('verify');
  expect(skipped).toMatchObject({ code: 0 });
  expect(skipped.stdout).toContain('0 gone, 0 back, 0 incomplete, 1 of other accounts skipped');
  expect(await receipts('verify', '--account', '210987654321')).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('these credentials are for account 123456789012') as string,
  });
  expect(await receipts('verify', '--account', 'dale')).toMatchObject({ code: 1 });
  expect(await receipts('verify', '--receipts', 'nowhere')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('there is no directory nowhere') as string,
  });
});
