import { describe, expect, test } from 'vitest';
import { manifests, run, stage } from '../support/cli.ts';

const files = (about: Readonly<Record<string, string>>): string => `
users:
  anna: { groups: [{ name: admins, expires: 2036-12-28, ${about['membership'] ?? ''} }], ${about['user'] ?? ''} }
groups:
  admins: { policies: { p: { Statement: { Effect: Allow, Action: 's3:*', Resource: '*' } } }, ${about['group'] ?? ''} }
policies:
  reports: { document: { Statement: { Effect: Allow, Action: 's3:Get*', Resource: '*' } }, description: Reads, ${about['policy'] ?? ''} }
`;

const told = files({
  user: 'owner: [team-images, ben], note: leaves in March, description: an intern, x-cost: { centre: 12 }',
  membership: 'ticket: OPS-4711',
  group: 'owner: team-platform',
  policy: 'ticket: 12',
});

describe('what files say for people', () => {
  test('is shown beside the object, in every format, and is in no call', async () => {
    const { rollcall, sandbox } = await stage();
    const dir = manifests(told);
    const terminal = await rollcall('plan', dir);
    expect(terminal).toMatchObject({ code: 2, stderr: '' });
    expect(terminal.stdout).toContain(
      '        owner: team-images, ben; note: leaves in March; description: an intern; x-cost: {"centre":12}\n',
    );
    expect(terminal.stdout).toMatch(/^ {8}.*admins.*: ticket: OPS-4711$/m);
    for (const text of ['owner: team-platform', 'ticket: 12'])
      for (const format of ['terminal', 'markdown', 'html'])
        expect((await rollcall('plan', dir, '--format', format)).stdout).toContain(text);
    const { changes } = JSON.parse((await rollcall('plan', dir, '--json')).stdout) as {
      changes: { id: string; about?: object; facts: { about?: object }[] }[];
    };
    const byId = new Map(changes.map((change) => [change.id, change]));
    expect(byId.get('user:anna')?.about).toEqual({
      owner: ['team-images', 'ben'],
      note: 'leaves in March',
      description: 'an intern',
      'x-cost': { centre: 12 },
    });
    expect(byId.get('policy:reports')?.about).toEqual({ ticket: 12 });
    expect(changes.flatMap(({ facts }) => facts.flatMap((fact) => fact.about ?? []))).toContainEqual({
      ticket: 'OPS-4711',
    });
    expect(await rollcall('apply', dir, '--yes')).toMatchObject({ code: 0 });
    const calls = JSON.stringify(sandbox.journal);
    for (const text of ['team-images', 'OPS-4711', 'team-platform', 'intern'])
      expect(calls).not.toContain(text);
    // IAM's own.
    expect(calls).toContain('"Description":"Reads"');
  });

  test('changed alone, it is no change', async () => {
    const { rollcall } = await stage();
    expect(await rollcall('apply', manifests(files({})), '--yes')).toMatchObject({ code: 0 });
    const { code, stdout } = await rollcall('plan', manifests(told));
    expect(code).toBe(0);
    expect(stdout).toContain('nothing to change');
  });

  test('is told by drift and by explain', async () => {
    const { rollcall, sandbox } = await stage();
    const dir = manifests(told);
    await rollcall('apply', dir, '--yes');
    sandbox.call('CreateUser', { UserName: 'mallory' });
    sandbox.call('AddUserToGroup', { UserName: 'mallory', GroupName: 'admins' });
    sandbox.call('TagUser', { UserName: 'anna', Tags: [{ Key: 'a', Value: 'b' }] });
    const drift = await rollcall('drift', dir);
    expect(drift.stdout).toContain('owner: team-images, ben; note');
    expect((await rollcall('drift', dir, '--format', 'markdown')).stdout).toContain(
      'owner: team-images, ben',
    );
    expect((await rollcall('explain', dir, 'user:anna')).stdout).toContain('owner: team-images, ben');
    expect(JSON.parse((await rollcall('explain', dir, 'user:anna', '--json')).stdout)).toMatchObject({
      about: { note: 'leaves in March' },
    });
  });

  test('holds no control characters where it is shown', async () => {
    const { rollcall } = await stage();
    const { stdout } = await rollcall('plan', manifests('users: { anna: { note: "a\\e[31mb\\u202ec" } }'));
    expect(stdout).toContain('note: a');
    // eslint-disable-next-line no-control-regex
    expect(stdout).not.toMatch(/\u001b|\u202e/);
  });

  test.each([
    ['users: { anna: { owner: { a: b } } }', '"owner" of user "anna" must be a string or a list'],
    ['users: { anna: { note: 2027 } }', 'hint: quote it: "2027"'],
    ['users: { anna: { onwer: ben } }', 'did you mean "owner"?'],
    ['rails: { owner: x }', 'unknown key "owner"'],
  ])('%s: %s', async (text, message) => {
    const { code, stderr } = await run(['validate', '-m', manifests(text)]);
    expect(code).toBe(1);
    expect(stderr).toContain(message);
  });

  test("of a policy, description is IAM's own", async () => {
    const { rollcall } = await stage();
    const dir = manifests(files({ policy: 'note: x' }));
    const { changes } = JSON.parse((await rollcall('plan', dir, '--json')).stdout) as {
      changes: { id: string; about?: object }[];
    };
    expect(changes.find(({ id }) => id === 'policy:reports')?.about).toEqual({ note: 'x' });
  });
});
