/** What becomes of the versions of a managed policy, of which IAM keeps five. */
import { describe, expect, test } from 'vitest';
import { manifests, stage } from '../support/cli.ts';
import type { Stage } from '../support/cli.ts';

const PolicyArn = 'arn:aws:iam::123456789012:policy/reports';

const statement = (action: string, effect = 'Allow') =>
  `{ Effect: ${effect}, Action: '${action}', Resource: '*' }`;
const files = (...statements: string[]) =>
  manifests(
    `users: { dale: { attach: [reports] } }\npolicies: { reports: { document: { Statement: [${statements.join(', ')}] } } }`,
  );
const text = (Action: string, Effect = 'Allow') =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect, Action, Resource: '*' }] });

/** Made by the manifests, with versions v2 to vN that somebody made by hand. */
async function withVersions(n: number, inForce = text('s3:GetObject')): Promise<Stage> {
  const world = await stage();
  await world.rollcall('apply', files(statement('s3:GetObject')), '--yes');
  for (let at = 2; at <= n; at += 1) {
    world.sandbox.call('CreatePolicyVersion', {
      PolicyArn,
      PolicyDocument: at === n ? inForce : text(`sqs:Receive${at}`),
      SetAsDefault: at === n,
    });
  }
  world.sandbox.clearJournal();
  return world;
}

const changed = ({ sandbox }: Stage): unknown[] =>
  sandbox.journal
    .filter(({ op }) => op.endsWith('PolicyVersion') && !op.startsWith('Get'))
    .filter(({ params }) => params['PolicyArn'] === PolicyArn)
    .map(({ op, params }) => (typeof params['VersionId'] === 'string' ? `${op} ${params['VersionId']}` : op));

describe('what makes room', () => {
  test.each([
    [3, []],
    [4, []],
    [5, ['DeletePolicyVersion v1']],
  ])('for one that takes some access and gives other, of %i versions: %j', async (n, deleted) => {
    const world = await withVersions(n);
    const after = files(statement('s3:PutObject'));
    const { stdout } = await world.rollcall('plan', after);
    expect(stdout.match(/version v\d.*/g) ?? []).toEqual(
      deleted.map(() => 'version v1 (the oldest goes: IAM keeps 5)'),
    );
    expect(await world.rollcall('apply', after, '--yes')).toMatchObject({ code: 0 });
    expect(changed(world)).toEqual([...deleted, 'CreatePolicyVersion']);
    expect(await world.rollcall('plan', after)).toMatchObject({ code: 0 });
  });

  test('is the oldest that is not in force', async () => {
    const world = await withVersions(5);
    world.sandbox.call('SetDefaultPolicyVersion', { PolicyArn, VersionId: 'v1' });
    world.sandbox.clearJournal();
    const after = files(statement('s3:PutObject'));
    expect(await world.rollcall('apply', after, '--yes')).toMatchObject({ code: 0 });
    expect(changed(world)).toEqual(['DeletePolicyVersion v2', 'CreatePolicyVersion']);
  });

  test('is one more where what both grant takes a version in between, and the plan says so', async () => {
    const denying = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Action: 's3:*', Resource: '*' },
        { Effect: 'Deny', Action: 's3:Delete*', Resource: '*' },
      ],
    });
    const world = await withVersions(4, denying);
    const after = files(statement('s3:Get*'), statement('sqs:*'), statement('s3:Put*', 'Deny'));
    const { stdout } = await world.rollcall('plan', after);
    expect(stdout.match(/version v\d.*/g)).toEqual([
      'version v1 (goes as well: what both documents grant takes a version in between: IAM keeps 5)',
    ]);
    expect(await world.rollcall('apply', after, '--yes')).toMatchObject({ code: 0 });
    expect(changed(world)).toEqual(['DeletePolicyVersion v1', 'CreatePolicyVersion', 'CreatePolicyVersion']);
  });

  test('is no drift that somebody made', async () => {
    const { rollcall } = await withVersions(5, text('s3:*'));
    const { code, stdout } = await rollcall('drift', files(statement('s3:Put*')));
    expect(code).toBe(2);
    expect(stdout).toContain('policy reports has another document');
    expect(stdout).not.toMatch(/version v\d/);
  });
});

describe('a version that says what the files say', () => {
  test('comes into force again where somebody rolled back by hand', async () => {
    const world = await withVersions(5, text('s3:PutObject'));
    world.sandbox.call('SetDefaultPolicyVersion', { PolicyArn, VersionId: 'v3' });
    world.sandbox.clearJournal();
    const after = files(statement('s3:PutObject'));
    expect((await world.rollcall('drift', after)).code).toBe(2);
    const { stdout } = await world.rollcall('plan', after);
    expect(stdout).toContain('version v5 instead of v3: it says already what the files say');
    expect(await world.rollcall('apply', after, '--yes')).toMatchObject({ code: 0 });
    expect(changed(world)).toEqual(['SetDefaultPolicyVersion v5']);
    expect(await world.rollcall('plan', after)).toMatchObject({ code: 0 });
  });

  test('stays while another goes for the document in between', async () => {
    const world = await stage();
    const wanted = [statement('s3:Get*'), statement('s3:Put*', 'Deny')];
    await world.rollcall('apply', files(...wanted), '--yes');
    for (const at of [2, 3, 4, 5]) {
      world.sandbox.call('CreatePolicyVersion', {
        PolicyArn,
        PolicyDocument: JSON.stringify({
          Version: '2012-10-17',
          Statement: [
            { Effect: 'Allow', Action: `s3:*${at === 5 ? '' : at}`, Resource: '*' },
            { Effect: 'Deny', Action: 's3:Delete*', Resource: '*' },
          ],
        }),
        SetAsDefault: at === 5,
      });
    }
    world.sandbox.clearJournal();
    expect(await world.rollcall('apply', files(...wanted), '--yes')).toMatchObject({ code: 0 });
    expect(changed(world)).toEqual([
      'DeletePolicyVersion v2',
      'CreatePolicyVersion',
      'SetDefaultPolicyVersion v1',
    ]);
    expect(await world.rollcall('plan', files(...wanted))).toMatchObject({ code: 0 });
  });
});
