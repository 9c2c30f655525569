import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { run, scratch, stage } from '../support/cli.ts';

const example = resolve(import.meta.dirname, '../../examples/team-files');

test('who is declared again has all that the files say, and another id (docs/restoring.md)', async () => {
  const there = await stage();
  const [dir, cwd] = [scratch(), scratch()];
  cpSync(example, dir, { recursive: true });
  const rollcall = async (command: string, ...more: string[]) =>
    await run([command, '-m', dir, ...there.there, ...more], { env: there.env, cwd });
  const apply = async (): Promise<number> => (await rollcall('apply', '--yes')).code;
  const lorax = () => {
    const { UserDetailList } = there.sandbox.call('GetAccountAuthorizationDetails', { Filter: ['User'] });
    const { UserId, CreateDate, ...rest } = UserDetailList!.find(({ UserName }) => UserName === 'lorax')!;
    return { id: UserId, made: CreateDate, rest };
  };
  expect(await apply()).toBe(0);
  const before = lorax();
  const file = join(dir, 'teams/images.yaml');
  const text = readFileSync(file, 'utf8');
  expect((await rollcall('offboard', 'lorax', '--no-plan')).code).toBe(0);
  expect(await apply()).toBe(0);
  // As `git revert` does.
  writeFileSync(file, text);
  const reports = join(dir, 'teams/reports.yaml');
  writeFileSync(reports, readFileSync(join(example, 'teams/reports.yaml')));
  expect(await apply()).toBe(0);
  const after = lorax();
  expect(after.rest).toEqual(before.rest);
  expect(after.id).not.toBe(before.id);
  const receipts = await run(['receipts', 'verify', ...there.there], { env: there.env, cwd });
  expect({ code: receipts.code, stdout: receipts.stdout }).toMatchObject({ code: 0 });
  expect(receipts.stdout).toMatch(/^gone .*lorax \(/);
});
