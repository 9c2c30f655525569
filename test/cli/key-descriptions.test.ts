/** The console keeps what somebody calls an access key in a tag of the user whose key is the key's id. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { manifests, run, scratch, stage } from '../support/cli.ts';
import type { Stage } from '../support/cli.ts';

const keyOf = ({ sandbox }: Stage, UserName: string): string => {
  const { AccessKey } = sandbox.call('CreateAccessKey', { UserName }) as {
    AccessKey: { AccessKeyId: string };
  };
  const Tags = [{ Key: AccessKey.AccessKeyId, Value: 'my laptop' }];
  sandbox.call('TagUser', { UserName, Tags });
  return AccessKey.AccessKeyId;
};
const tagsOf = ({ sandbox }: Stage, UserName: string): unknown =>
  (sandbox.call('ListUserTags', { UserName }) as { Tags: unknown }).Tags;

const withKey = (more = '') => manifests(`users: { dale: { tags: { team: a }, accessKey: {}${more} } }`);

async function described(): Promise<Stage & { readonly id: string }> {
  const world = await stage();
  world.sandbox.call('CreateUser', { UserName: 'dale', Tags: [{ Key: 'team', Value: 'a' }] });
  const id = keyOf(world, 'dale');
  world.sandbox.call('GenerateCredentialReport', {});
  world.sandbox.clearJournal();
  return { ...world, id };
}

test('the description of a key is no drift, and stays while there is the key', async () => {
  const { rollcall } = await described();
  expect(await rollcall('plan', withKey())).toMatchObject({ code: 0, stderr: '' });
  expect(await rollcall('drift', withKey())).toMatchObject({ code: 0 });
  const { stdout } = await rollcall(
    'plan',
    manifests('users: { dale: { tags: { team: b }, accessKey: {} } }'),
  );
  expect(stdout).toContain('user dale: tags ~team  (');
});

test('it goes with the key, and the plan says what the key was called', async () => {
  const world = await described();
  const { rollcall, sandbox, writes, id } = world;
  const second = keyOf(world, 'dale');
  sandbox.clearJournal();
  const { stdout } = await rollcall('plan', withKey());
  expect(stdout).toContain(`access key -${second} (my laptop)`);
  expect(await rollcall('apply', withKey(), '--yes')).toMatchObject({ code: 0 });
  expect(writes()).toEqual(['UpdateAccessKey dale', 'DeleteAccessKey dale', 'UntagUser dale']);
  expect(tagsOf(world, 'dale')).toEqual([
    { Key: id, Value: 'my laptop' },
    { Key: 'team', Value: 'a' },
  ]);
});

test('where IAM refuses to untag, the key is gone all the same', async () => {
  const world = await described();
  const { rollcall, sandbox } = world;
  keyOf(world, 'dale');
  sandbox.faults.add({ kind: 'denied', op: 'UntagUser' });
  const { code, stderr } = await rollcall('apply', withKey(), '--yes');
  expect(code).toBe(0);
  expect(stderr).toContain('access denied');
});

test('import does not write it', async () => {
  const { there, env, id } = await described();
  const dir = scratch();
  const ended = await run(['import', '-m', dir, ...there], { env });
  expect(ended.code).toBe(0);
  const text = readFileSync(join(dir, 'users.yaml'), 'utf8');
  expect(text).toContain('team: a');
  expect(text).not.toContain(id);
  expect(await run(['plan', '-m', dir, ...there], { env })).toMatchObject({ code: 0 });
});

test('where a file has it all the same, that is a warning, and it is not looked at', async () => {
  const { rollcall, id } = await described();
  const dir = manifests(`users: { dale: { tags: { team: a, ${id}: other }, accessKey: {} } }`);
  const { code, stderr } = await rollcall('plan', dir);
  expect(code).toBe(0);
  expect(stderr).toMatch(
    /account\.yaml:2:\d+: warning.*the tag AKIA\w+ of user "dale" is what the console calls/,
  );
});

test('of a key that is gone it is told', async () => {
  const world = await described();
  world.sandbox.call('DeleteAccessKey', { UserName: 'dale', AccessKeyId: world.id });
  world.sandbox.call('CreateLoginProfile', { UserName: 'dale', Password: 'a-Long-1-password' });
  world.sandbox.call('GenerateCredentialReport', {});
  const { stdout } = await world.rollcall('plan', withKey());
  expect(stdout).toContain(`aws iam untag-user --user-name dale --tag-keys ${world.id}`);
});

test('it counts among the fifty tags that IAM allows', async () => {
  const { rollcall } = await described();
  const tags = Array.from({ length: 50 }, (_, at) => `t${at}: a`).join(', ');
  const { stdout } = await rollcall(
    'plan',
    manifests(`users: { dale: { tags: { ${tags} }, accessKey: {} } }`),
  );
  expect(stdout).toContain('50 tags and the descriptions of 1 access key');
});
