/** `Sid` and `Id` mean nothing to IAM: where they differ alone, that is told, and written with the next change. */
import { expect, test } from 'vitest';
import { join } from 'node:path';
import { manifests, scratch, stage } from '../support/cli.ts';
import type { Stage } from '../support/cli.ts';

const files = (sid: string, action = 's3:GetObject') => {
  const document = `{ Statement: [{ ${sid === '' ? '' : `Sid: ${sid}, `}Effect: Allow, Action: '${action}', Resource: '*' }] }`;
  return manifests(
    `users: { dale: { attach: [reports], policies: { own: ${document} } } }\n` +
      `groups: { staff: { policies: { all: ${document} } } }\npolicies: { reports: { document: ${document} } }`,
  );
};
const inIam = ({ sandbox }: Stage): string[] => {
  const { Policies, UserDetailList, GroupDetailList } = sandbox.call('GetAccountAuthorizationDetails', {
    Filter: ['User', 'Group', 'LocalManagedPolicy'],
  }) as {
    Policies: { PolicyVersionList: { Document: string; IsDefaultVersion: boolean }[] }[];
    UserDetailList: { UserPolicyList: { PolicyDocument: string }[] }[];
    GroupDetailList: { GroupPolicyList: { PolicyDocument: string }[] }[];
  };
  return [
    ...UserDetailList.flatMap((user) => user.UserPolicyList.map((one) => one.PolicyDocument)),
    ...GroupDetailList.flatMap((group) => group.GroupPolicyList.map((one) => one.PolicyDocument)),
    ...Policies.flatMap((one) => one.PolicyVersionList.find((version) => version.IsDefaultVersion)!.Document),
  ].map((text) => /"Sid":"(\w+)"/.exec(decodeURIComponent(text))?.[1] ?? '');
};

async function applied(sid: string): Promise<Stage> {
  const world = await stage();
  expect(await world.rollcall('apply', files(sid), '--yes')).toMatchObject({ code: 0 });
  world.sandbox.clearJournal();
  return world;
}

test.each([
  ['Old', 'New'],
  ['Old', ''],
  ['', 'New'],
])('a Sid %j that is to be %j is a note and no change', async (before, after) => {
  const world = await applied(before);
  const plan = await world.rollcall('plan', files(after));
  expect(plan).toMatchObject({ code: 0, stderr: '' });
  expect(plan.stdout).toContain(
    'note: only the Sid or Id differs from the files, which means nothing to IAM: inline policy own of user dale, ' +
      'inline policy all of group staff, policy reports; the next change of the document writes it, or `apply --text`',
  );
  expect(await world.rollcall('drift', files(after))).toMatchObject({ code: 0 });
  expect(await world.rollcall('apply', files(after), '--yes')).toMatchObject({ code: 0 });
  expect(world.writes()).toEqual([]);
  expect((await world.rollcall('plan', files(before))).stdout).not.toContain('only the Sid or Id');
});

test('it is written together with the next change of the document', async () => {
  const world = await applied('Old');
  expect(await world.rollcall('apply', files('New', 's3:PutObject'), '--yes')).toMatchObject({ code: 0 });
  expect(inIam(world)).toEqual(['New', 'New', 'New']);
  expect((await world.rollcall('plan', files('New', 's3:PutObject'))).stdout).not.toContain(
    'only the Sid or Id',
  );
});

test('plan --text shows it as a change without effect, and apply --text writes it', async () => {
  const world = await applied('Old');
  const plan = await world.rollcall('plan', files('New'), '--text');
  expect(plan.code).toBe(2);
  expect(plan.stdout).toMatch(
    /policy reports: document\n +only its Sid or Id differs, which means nothing to IAM/,
  );
  expect(plan.stdout).toMatch(/- +"Sid": "Old"/);
  expect(plan.stdout).toMatch(/\+ +"Sid": "New"/);
  expect(plan.stdout).toContain('3 changes: 3 updates; 0 may widen access; 3 API calls.');
  expect(await world.rollcall('apply', files('New'), '--text', '--yes')).toMatchObject({ code: 0 });
  expect(inIam(world)).toEqual(['New', 'New', 'New']);
  expect(world.writes().sort()).toEqual([
    'CreatePolicyVersion',
    'PutGroupPolicy staff',
    'PutUserPolicy dale',
  ]);
  expect(await world.rollcall('plan', files('New'), '--text')).toMatchObject({ code: 0 });
});

test('a plan that was saved with --text is applied as it is', async () => {
  const world = await applied('Old');
  const [dir, file] = [files('New'), join(scratch(), 'plan.json')];
  expect((await world.rollcall('plan', dir, '--text', '--out', file)).code).toBe(2);
  expect(await world.rollcall('apply', dir, file, '--yes')).toMatchObject({ code: 0 });
  expect(inIam(world)).toEqual(['New', 'New', 'New']);
});

test('a version that says the same under another Sid does not come into force in place of a new one', async () => {
  const world = await applied('Old');
  await world.rollcall('apply', files('Old', 's3:PutObject'), '--yes');
  world.sandbox.clearJournal();
  expect(await world.rollcall('apply', files('New'), '--yes')).toMatchObject({ code: 0 });
  expect(world.writes()).toContain('CreatePolicyVersion');
  expect(inIam(world)).toEqual(['New', 'New', 'New']);
});
