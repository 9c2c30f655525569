import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Ended } from '../support/cli.ts';
import { accountId, run, scratch, stage, write } from '../support/cli.ts';
import { story } from './stages.ts';

const passwordFile = expect.stringMatching(/^dale-password-\d{8}T\d{6}Z-[0-9a-f]{8}\.age$/) as string;

/** Every byte of every file below a directory. */
const everyByte = (dir: string): string =>
  readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .map((name) => join(dir, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, 'latin1'))
    .join('\n');

const printed = (...ended: readonly Ended[]): string =>
  ended.map(({ stdout, stderr }) => stdout + stderr).join('\n');

describe('new secrets', () => {
  test('go to their person alone: no other byte that is written or printed holds them', async () => {
    const { dir, mail, decrypt } = await story();
    const here = { cwd: dir };
    const plan = await run(['plan', '--sandbox=account.jsonl', '--out', 'plan.json', '-v'], here);
    expect(plan.code).toBe(2);
    const apply = await run(['apply', 'plan.json', '--sandbox=account.jsonl', '--yes', '-v'], here);
    expect(apply.stderr).not.toContain('failed');
    expect(apply.code).toBe(0);
    const json = await run(['apply', '--sandbox=account.jsonl', '--yes', '--json', '-v'], here);

    const files = readdirSync(mail).sort();
    expect(files).toEqual([passwordFile, expect.stringMatching(/^melvins-AKIA[A-Z0-9]{16}\.age$/) as string]);
    for (const file of files) expect(statSync(join(mail, file)).mode & 0o777).toBe(0o600);
    expect(statSync(mail).mode & 0o777).toBe(0o700);
    const secret = /^aws_secret_access_key = (\S{40})$/m.exec(await decrypt(join(mail, files[1]!)))?.[1];
    const password = /^Password: +(\S+)$/m.exec(await decrypt(join(mail, files[0]!)))?.[1];
    expect(secret).toBeDefined();
    expect(password).toMatch(/^.{24,}$/);
    for (const trace of [everyByte(dir), printed(plan, apply, json)]) {
      expect(trace).not.toContain(secret!);
      expect(trace).not.toContain(password!);
    }
  });

  test('without a recipient are refused before the first write', async () => {
    const { sandbox, there, env, writes } = await stage();
    const dir = scratch();
    write(dir, { 'manifests/a.yaml': `account: "${accountId}"\nusers:\n  melvins: { accessKey: {} }\n` });
    const ended = await run(['apply', ...there, '--yes'], { cwd: dir, env });
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain('the new access key of melvins has nowhere to go');
    expect(writes()).toEqual([]);
    expect(sandbox.call('ListUsers', {}).Users).toEqual([]);
  });

  test('that cannot be written are not made: the key is deleted again, and the next run makes another', async () => {
    const { dir, mail, decrypt } = await story();
    const { sandbox, there, env } = await stage();
    // After the check before the first write, a file takes the directory's place.
    sandbox.faults.beforeCall = ({ op }) => {
      if (op !== 'CreateAccessKey') return;
      rmSync(mail, { recursive: true });
      writeFileSync(mail, '');
    };
    const failed = await run(['apply', ...there, '--yes'], { cwd: dir, env });
    expect(failed.code).toBe(5);
    expect(failed.stderr).toMatch(
      /the key AKIA\w+ of melvins was deleted again, because the secret could not be delivered/,
    );
    expect(sandbox.call('ListAccessKeys', { UserName: 'melvins' }).AccessKeyMetadata).toEqual([]);

    sandbox.faults.beforeCall = null;
    rmSync(mail);
    expect((await run(['apply', ...there, '--yes'], { cwd: dir, env })).code).toBe(0);
    const [key] = sandbox.call('ListAccessKeys', { UserName: 'melvins' }).AccessKeyMetadata!;
    const id = key!.AccessKeyId!;
    expect(await decrypt(join(mail, `melvins-${id}.age`))).toContain(`aws_access_key_id = ${id}\n`);
  });

  test.each(['error-after', 'lost-reply-after', 'error-before'] as const)(
    'are never made twice blindly (%s)',
    async (kind) => {
      const { dir, mail, decrypt } = await story();
      const { sandbox, there, env } = await stage();
      sandbox.faults.rules.push(
        { op: 'CreateAccessKey', kind, times: 1 },
        { op: 'CreateLoginProfile', kind, times: 1 },
      );
      const ended = await run(['apply', ...there, '--yes'], { cwd: dir, env });
      expect(ended.code).toBe(0);
      const keys = () => sandbox.call('ListAccessKeys', { UserName: 'melvins' }).AccessKeyMetadata!;
      const [key, ...others] = keys().filter(({ Status }) => Status === 'Active');
      expect(others).toEqual([]);
      expect(keys()).toHaveLength(kind === 'error-before' ? 1 : 2);
      expect(readdirSync(mail).sort()).toEqual([passwordFile, `melvins-${key!.AccessKeyId!}.age`]);
      expect(await decrypt(join(mail, `melvins-${key!.AccessKeyId!}.age`))).toContain(key!.AccessKeyId);
      // What has no delivery has stopped working, and goes with the next run.
      expect((await run(['apply', ...there, '--yes'], { cwd: dir, env })).code).toBe(0);
      expect(keys().map(({ AccessKeyId }) => AccessKeyId)).toEqual([key!.AccessKeyId]);
      expect((await run(['plan', ...there], { cwd: dir, env })).code).toBe(0);
    },
  );

  test.each(['CI', 'a pipe'])('are not revealed in %s', async (where) => {
    const { dir } = await story();
    const env = where === 'CI' ? { env: { CI: 'true' } } : {};
    const ended = await run(['apply', '--sandbox', '--yes', '--reveal'], { cwd: dir, ...env });
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain('--reveal shows secrets on a terminal only, and never in CI');
  });
});
