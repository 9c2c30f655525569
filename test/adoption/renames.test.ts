/** Who comes is as somebody who goes: it is told, and never guessed. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { manifests, scratch, stage } from '../support/cli.ts';
import type { Stage } from '../support/cli.ts';

const team = 'groups: { devs: {}, ops: {} }\n';
const people =
  'users:\n  ann: { groups: [devs], tags: { team: a } }\n  ben: { groups: [devs, ops] }\n  eve: {}\n';

async function notesOf({ rollcall }: Stage, yaml: string, ...more: string[]): Promise<string[]> {
  const { stdout } = await rollcall('plan', manifests(yaml), '--format', 'json', ...more);
  return (JSON.parse(stdout) as { notes: string[] }).notes.filter((note) => note.includes('renamedFrom'));
}

async function world(yaml = `${team}${people}`): Promise<Stage> {
  const there = await stage();
  expect((await there.rollcall('apply', manifests(yaml), '--yes')).code).toBe(0);
  return there;
}

describe('a plan that makes who is as somebody who goes', () => {
  test('names renamedFrom, and does as the files say', async () => {
    const there = await world();
    const yaml = `${team}${people.replace('ann:', 'annika:')}`;
    const { code, stdout } = await there.rollcall('plan', manifests(yaml));
    expect(code).toBe(2);
    expect(stdout).toContain('- user ann: offboard');
    expect(stdout.replaceAll(/[^\s(]*\/account.yaml/g, 'account.yaml')).toContain(
      'note: user annika is made, and user ann, which goes, has the same tags and groups: if they are one, ' +
        'write renamedFrom: ann for annika (account.yaml:4:3)',
    );
    const renamed = yaml.replace('annika: {', 'annika: { renamedFrom: ann,');
    expect(await notesOf(there, renamed)).toEqual([]);
  });

  test.each([
    [
      'whose tags differ',
      people.replace(
        'ann: { groups: [devs], tags: { team: a }',
        'annika: { groups: [devs], tags: { team: b }',
      ),
    ],
    ['who has nothing, as somebody else', people.replace('eve:', 'eva:')],
    ['who has other keys', people.replace('ann: {', 'annika: { accessKey: {},')],
  ])('says nothing of one %s', async (_, yaml) => {
    expect(await notesOf(await world(), `${team}${yaml}`)).toEqual([]);
  });

  test('says nothing where it may be either of two', async () => {
    const two = 'users: { ann: { groups: [devs] }, ben: { groups: [devs] } }\n';
    const there = await world(`${team}${two}`);
    expect(await notesOf(there, `${team}users: { annika: { groups: [devs] } }\n`)).toEqual([]);
  });

  test('names a stranger who is not managed, and nobody who is ignored', async () => {
    const there = await world();
    const yaml = `${team}users: { annika: { groups: [devs], tags: { team: a } } }\n`;
    expect(await notesOf(there, `${yaml}manage: { users: declared }\n`)).toEqual([
      expect.stringContaining('user ann, which is not managed, has the same tags and groups'),
    ]);
    expect(await notesOf(there, `${yaml}ignore: { users: ["*n", eve] }\n`)).toEqual([]);
  });

  test('names a group with the same members and policies', async () => {
    const policy = '{ Statement: [{ Effect: Allow, Action: "s3:*", Resource: "*" }] }';
    const yaml = (name: string) =>
      `groups: { ${name}: { policies: { s3: ${policy} }, members: [ann] } }\nusers: { ann: {} }\n`;
    const there = await world(yaml('devs'));
    expect(await notesOf(there, yaml('developers'))).toEqual([
      expect.stringContaining(
        'group developers is made, and group devs, which goes, has the same inline policies and members',
      ),
    ]);
  });
});

test('an event history links the two names of who was renamed by hand', async () => {
  const there = await world();
  there.sandbox.call('UpdateUser', { UserName: 'ann', NewUserName: 'annika' });
  there.sandbox.call('UpdateGroup', { GroupName: 'ops', NewGroupName: 'operators' });
  const record = (eventName: string, requestParameters: object, minute: number) => ({
    CloudTrailEvent: JSON.stringify({
      eventName,
      eventTime: `2027-01-02T03:0${minute}:00Z`,
      userIdentity: { arn: 'melvins' },
      requestParameters,
    }),
  });
  const file = join(scratch(), 'events.json');
  const Events = [
    record('UpdateUser', { userName: 'ann', newUserName: 'annika' }, 1),
    record('TagUser', { userName: 'annika' }, 2),
    record('UpdateGroup', { groupName: 'ops', newGroupName: 'operators' }, 3),
  ];
  writeFileSync(file, JSON.stringify({ Events }));
  const { stdout } = await there.rollcall('drift', manifests(`${team}${people}`), '--events', file);
  const renamed = 'renamed from ann to annika by melvins, 2027-01-02T03:01:00Z';
  expect(stdout).toContain(`user ann is in the files, but not in IAM  (${renamed})`);
  expect(stdout).toMatch(
    new RegExp(`user annika is in no file .*last TagUser by melvins, 2027-01-02T03:02:00Z; ${renamed}`),
  );
  const group = 'renamed from ops to operators by melvins, 2027-01-02T03:03:00Z';
  expect(stdout).toContain(`group ops is in the files, but not in IAM  (${group})`);
  expect(stdout).toMatch(new RegExp(`group operators is in no file.*${group}`));

  const json = await there.rollcall('drift', manifests(`${team}${people}`), '--events', file, '--json');
  expect((JSON.parse(json.stdout) as { drift: { change: string; renamed?: object }[] }).drift).toContainEqual(
    expect.objectContaining({
      change: 'user:ann',
      renamed: expect.objectContaining({ to: 'annika' }) as object,
    }),
  );
});
