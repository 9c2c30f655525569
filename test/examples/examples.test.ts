import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { AssumeRoleWithWebIdentityCommand } from '@aws-sdk/client-sts';
import { stsOf } from '../sandbox/sts.ts';
import { run, scratch, stage } from '../support/cli.ts';
import type { Ended, Stage } from '../support/cli.ts';

const root = resolve(import.meta.dirname, '../../examples');
const folders = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

/** @throws if a command has ended otherwise. */
function endsWith(wanted: number, { code, stdout, stderr }: Ended): void {
  if (code !== wanted) throw new Error(`exit code ${code} instead of ${wanted}:\n${stdout}${stderr}`);
}

/** An example on the embedded IAM, on a day. */
class Story {
  readonly #there: Stage;
  readonly dir: string;
  readonly #cwd = scratch();
  now: Date;

  private constructor(there: Stage, dir: string, now: Date) {
    this.#there = there;
    this.dir = dir;
    this.now = now;
  }

  static async of(folder: string): Promise<Story> {
    const clock: { now: () => Date } = { now: () => new Date('2027-01-01T08:00:00Z') };
    const dir = scratch();
    cpSync(join(root, folder), dir, { recursive: true });
    const story = new Story(await stage({ clock: () => clock.now() }), dir, clock.now());
    let seconds = 0;
    clock.now = () => new Date(story.now.getTime() + 1000 * (seconds += 1));
    return story;
  }

  async rollcall(command: string, ...more: string[]): Promise<Ended> {
    const { there, env } = this.#there;
    return await run([command, '--manifests', this.dir, ...there, ...more], {
      env,
      cwd: this.#cwd,
      now: this.now,
    });
  }

  get sandbox(): Stage['sandbox'] {
    return this.#there.sandbox;
  }

  /** Plans and applies, and there is nothing more to change. */
  async apply(...overrides: readonly string[]): Promise<string> {
    const options = overrides.flatMap((rail) => ['--override', rail]);
    const plan = await this.rollcall('plan', ...options);
    endsWith(2, plan);
    const apply = await this.rollcall('apply', '--yes', ...options);
    endsWith(0, apply);
    const after = await this.rollcall('plan');
    endsWith(0, after);
    return plan.stdout;
  }
}

test('the index names every example', () => {
  const index = readFileSync(join(root, 'README.md'), 'utf8');
  expect(folders.length).toBeGreaterThan(3);
  for (const folder of folders) expect(index).toContain(`- [${folder}](${folder}): `);
});

describe.each(folders)('%s', (folder) => {
  test('is valid without a warning', async () => {
    const { code, stderr } = await run(['validate', '-m', join(root, folder)], {
      now: new Date('2027-01-01T08:00:00Z'),
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(await run(['fmt', '--check', '-m', join(root, folder)])).toMatchObject({ code: 0 });
  });

  test('applies, and then there is nothing to change', async () => {
    const made = ['break-glass', 'roles'].includes(folder) ? ['protected'] : [];
    const story = await Story.of(folder);
    expect(await story.apply(...made)).toContain('Plan for account 123456789012');
  });
});

test('temporary-access: on the days after, what ended goes, and nothing else', async () => {
  const story = await Story.of('temporary-access');
  expect(await story.apply()).toContain('until 2027-01-31');
  story.now = new Date('2027-01-15T18:00:00Z');
  expect(await story.apply()).toMatch(/group incident: members -lorax/);
  story.now = new Date('2027-02-01T00:00:00Z');
  expect(await story.apply()).toMatch(/user dale: .*-migrate-tables/);
  story.now = new Date('2027-03-01T00:00:00Z');
  expect(await story.apply()).toMatch(/- user houdini/);
  const { Users } = story.sandbox.call('ListUsers', {});
  expect(Users!.map(({ UserName }) => UserName)).toEqual(['dale', 'lorax']);
});

test('break-glass: whoever deletes it from the file is refused', async () => {
  const story = await Story.of('break-glass');
  await story.apply('protected');
  const file = join(story.dir, 'account.yaml');
  const text = readFileSync(file, 'utf8');
  writeFileSync(
    file,
    text.replace(/^ {2}break-glass:\n(?: {4}.*\n)+\n/m, '').replace('[break-glass, buzzo]', '[buzzo]'),
  );
  const { code, stderr } = await story.rollcall('apply', '--yes');
  expect({ code, stderr }).toEqual({ code: 3, stderr });
  expect(stderr).toContain('refused by the rail protected');
  expect(story.sandbox.call('GetUser', { UserName: 'break-glass' }).User).toBeDefined();
});

test('service-users: after 90 days the key gets a successor, and goes once that has worked for a week', async () => {
  const story = await Story.of('service-users');
  await story.apply();
  const keys = (): string[] =>
    story.sandbox
      .call('ListAccessKeys', { UserName: 'backup' })
      .AccessKeyMetadata!.map(({ AccessKeyId, Status }) => `${AccessKeyId} ${Status}`);
  const [first] = keys();
  story.now = new Date('2027-04-02T08:00:00Z');
  await story.apply();
  expect(keys()).toHaveLength(2);
  story.now = new Date('2027-04-10T08:00:00Z');
  await story.apply();
  story.now = new Date('2027-04-18T08:00:00Z');
  await story.rollcall('apply', '--yes');
  expect(keys()).toHaveLength(1);
  expect(keys()).not.toContain(first);
});

test('team-files: a team that writes itself administrator is refused', async () => {
  const story = await Story.of('team-files');
  await story.apply();
  const file = join(story.dir, 'teams/images.yaml');
  const text = readFileSync(file, 'utf8');
  writeFileSync(
    file,
    text.replace('    policies:\n', '    attach: [aws:AdministratorAccess]\n    policies:\n'),
  );
  const { code, stderr } = await story.rollcall('plan');
  expect({ code, stderr }).toEqual({ code: 3, stderr });
  expect(stderr).toContain('refused by the rail deny');
});

test('roles: jobs of the environment are let in and no others, and who leaves goes from trusts as well', async () => {
  const story = await Story.of('roles');
  await story.apply('protected');
  const { sandbox } = story;
  const assume = async (sub: string): Promise<string | undefined> => {
    const command = new AssumeRoleWithWebIdentityCommand({
      RoleArn: 'arn:aws:iam::123456789012:role/ci/web-deploy',
      RoleSessionName: 'job',
      WebIdentityToken: sandbox.token({ sub }),
    });
    const sts = stsOf(sandbox, { accessKeyId: 'none', secretAccessKey: 'none' });
    return (await sts.send(command)).AssumedRoleUser?.Arn;
  };
  expect(await assume('repo:acme/web:environment:production')).toMatch(/assumed-role\/web-deploy\/job$/);
  for (const other of ['repo:acme/web:ref:refs/heads/main', 'repo:acme/other:environment:production'])
    await expect(assume(other)).rejects.toThrow('Not authorized');

  const file = join(story.dir, 'account.yaml');
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace('  lorax: {}\n', '').replace('[dale, lorax]', 'dale'));
  expect((await story.rollcall('plan')).stderr).toContain('refused by the rail protected');
  await story.apply('protected');
  const { Role } = sandbox.call('GetRole', { RoleName: 'support' });
  const trust = decodeURIComponent(Role!.AssumeRolePolicyDocument!);
  expect(trust).toContain('user/dale');
  expect(trust).not.toMatch(/lorax|AIDA/);
});
