import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { manifests, scratch, stage } from '../support/cli.ts';
import { IamError } from '../../src/sandbox/wire/errors.ts';
import type { Stage } from '../support/cli.ts';

/** How an apply ends that did not do all of its plan: what was told must have happened, and what to do must help. */

const deny = "{ Effect: Deny, Action: 's3:*', Resource: '*' }";
const people = `
users:
  dale: { groups: [admins] }
  lorax: { groups: [admins], policies: { p: { Statement: [${deny}] } } }
groups: { admins: { policies: { all: { Statement: [{ Effect: Allow, Action: '*', Resource: '*' }] } } } }
`;
const withoutLorax = people.replace(/ {2}lorax.*\n/, '');

async function settled(): Promise<Stage> {
  const play = await stage();
  expect(await play.rollcall('apply', manifests(people), '--yes')).toMatchObject({ code: 0 });
  return play;
}

describe('what a second run cannot mend is not met with a second run', () => {
  test.each<[string, string, (play: Stage) => void, RegExp]>([
    [
      'AccessDenied',
      'users: { dale: {} }',
      ({ sandbox }) => sandbox.faults.add({ kind: 'denied', op: 'CreateUser' }),
      /\n {4}CreateUser: allow iam:CreateUser to this caller/,
    ],
    [
      'NoSuchEntity of a policy that AWS does not have',
      'users: { dale: { attach: [aws:ReadOnlyAcess] } }',
      () => {},
      /\n {4}AttachUserPolicy: AWS has no policy arn:aws:iam::aws:policy\/ReadOnlyAcess in this partition: correct its name/,
    ],
    [
      'PolicyNotAttachable',
      'users: { dale: { attach: [aws:ReadOnlyAccess] } }',
      ({ sandbox }) => {
        sandbox.faults.beforeCall = ({ op }) => {
          if (op === 'AttachUserPolicy') throw new IamError('PolicyNotAttachable', 'Cannot attach it.');
        };
      },
      /\n {4}AttachUserPolicy: only roles of AWS services can have this policy/,
    ],
  ])('%s', async (_what, yaml, prepare, expected) => {
    const play = await stage();
    // What was made in the same run is waited for.
    if (yaml.includes('attach')) play.sandbox.call('CreateUser', { UserName: 'dale' });
    prepare(play);
    const { code, stdout, stderr } = await play.rollcall('apply', manifests(yaml), '--yes');
    expect(code).toBe(5);
    expect(stdout).toMatch(
      /\nPartly applied: \d of \d steps?\. Another run ends the same way until this is fixed:\n/,
    );
    expect(stdout).toMatch(expected);
    expect(stdout + stderr).not.toMatch(/run (?:apply )?again/i);
  });

  test('what only waits for it says so, and what fails for a while is for another run', async () => {
    const { sandbox, rollcall } = await stage();
    sandbox.faults.add({ kind: 'denied', op: 'CreateGroup' });
    sandbox.faults.add({ kind: 'error-before', op: 'TagUser' });
    expect((await rollcall('apply', manifests('users: { dale: {} }'), '--yes')).code).toBe(0);
    const wanted = manifests(
      "users: { dale: { tags: { a: '1' }, groups: [readers] } }\ngroups: { readers: {} }",
    );
    const { code, stdout } = await rollcall('apply', wanted, '--yes');
    expect(code).toBe(5);
    expect(stdout).toContain(
      'Partly applied: 0 of 3 steps. Another run ends the same way until this is fixed:\n  group:readers: CreateGroup, AddUserToGroup\n    CreateGroup: allow iam:CreateGroup',
    );
    expect(stdout).toMatch(/\nRun apply again for what remains:\n {2}user:dale\/tags: TagUser\n$/);
  });

  test('what somebody else moved is for a new plan', async () => {
    const { sandbox, rollcall } = await stage();
    sandbox.faults.beforeCall = ({ op }) => {
      if (op !== 'CreateUser') return;
      sandbox.faults.beforeCall = null;
      sandbox.call('CreateUser', { UserName: 'DALE' });
    };
    const { code, stdout } = await rollcall('apply', manifests('users: { dale: {} }'), '--yes');
    expect(code).toBe(5);
    expect(stdout).toContain(
      'Partly applied: 0 of 1 step. The account has changed meanwhile: plan again, and see what has changed, for:\n  user:dale: CreateUser\n    CreateUser: it exists already',
    );
  });

  test('a plan from a file is made again, since what it did no longer lets it hold', async () => {
    const { sandbox, rollcall } = await stage();
    const file = join(scratch(), 'plan.json');
    const dir = manifests('users: { dale: {}, lorax: {} }');
    expect((await rollcall('plan', dir, '--out', file)).code).toBe(2);
    sandbox.faults.add({ kind: 'error-before', op: 'CreateUser', after: 1 });
    const { code, stdout } = await rollcall('apply', dir, file, '--yes');
    expect(code).toBe(5);
    expect(stdout).toContain(
      'Plan again for what remains, since this plan no longer holds:\n  user:lorax: CreateUser\n',
    );
    sandbox.faults.clear();
    expect((await rollcall('apply', dir, file, '--yes')).code).toBe(4);
  });
});

describe('a deny that failed', () => {
  const gone = withoutLorax;
  const suspended = people.replace('lorax: {', 'lorax: { suspended: true,');

  test.each([
    ['of who leaves', gone],
    ['of who is suspended', suspended],
  ])('%s is told before anything else, and keeps from them what would give access', async (_who, yaml) => {
    const { sandbox, rollcall, writes } = await settled();
    sandbox.clearJournal();
    sandbox.faults.add({ kind: 'denied', op: 'PutUserPolicy' });
    const { code, stdout, stderr } = await rollcall('apply', manifests(yaml), '--yes');
    expect(code).toBe(5);
    const [first, next] = stdout.slice(stdout.indexOf('note: keys and passwords')).split('\n').slice(1);
    expect(first).toMatch(
      /^lorax still has access: everything was to be denied first, and that failed \(PutUserPolicy: access denied/,
    );
    expect(next).toMatch(/^Partly applied: /);
    expect(stderr).toMatch(
      /^failed: user:lorax.*\n {2}allow iam:PutUserPolicy.*\n {2}lorax still has access\n/,
    );
    expect(writes()).toEqual(['PutUserPolicy lorax']);
    expect(sandbox.allows('lorax', 'ec2:RunInstances', '*')).toBe(true);
  });

  test('without an answer is told as not known', async () => {
    const { sandbox, rollcall } = await settled();
    sandbox.faults.add({ kind: 'error-before', op: 'PutUserPolicy' });
    const { stdout } = await rollcall('apply', manifests(gone), '--yes');
    expect(stdout).toContain('\nlorax may still have access: whether everything is denied is not known (');
  });

  test('is in the JSON', async () => {
    const { sandbox, rollcall } = await settled();
    sandbox.faults.add({ kind: 'denied', op: 'PutUserPolicy' });
    const { stdout, stderr } = await rollcall('apply', manifests(gone), '--yes', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      notDenied: [
        { user: 'lorax', known: true, message: expect.stringContaining('access denied') as string },
      ],
    });
    expect(stderr).toContain('\nlorax still has access: ');
  });
});

describe('what an offboarding does not need', () => {
  test('is a warning, what is left over is told, and the exit code is 0', async () => {
    const { sandbox, rollcall } = await settled();
    const { VirtualMFADevice } = sandbox.call('CreateVirtualMFADevice', { VirtualMFADeviceName: 'lorax' });
    const SerialNumber = VirtualMFADevice!.SerialNumber!;
    const codes = { AuthenticationCode1: '123456', AuthenticationCode2: '654321' };
    sandbox.call('EnableMFADevice', { UserName: 'lorax', SerialNumber, ...codes });
    sandbox.faults.add({ kind: 'denied', op: /^(DeleteVirtualMFADevice|DeleteUserPermissionsBoundary)$/ });
    const receipts = scratch();
    const { code, stdout, stderr } = await rollcall(
      'apply',
      manifests(withoutLorax),
      '--yes',
      '--receipts',
      receipts,
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/\nApplied 1 change: 1 offboarding;.*\n$/);
    expect(stderr).toMatch(
      /^warning: user:lorax: DeleteVirtualMFADevice: access denied: .*; the rest does not need it/,
    );
    expect(stderr).toContain(
      `warning: user:lorax: left over: the MFA device ${SerialNumber}, which nobody has any more; delete it by hand\n`,
    );
    expect(() => sandbox.call('GetUser', { UserName: 'lorax' })).toThrow(/cannot be found/);
    const [, file] = /^Receipt of lorax: (.*)$/m.exec(stderr)!;
    expect(JSON.parse(readFileSync(file!, 'utf8'))).toMatchObject({
      complete: true,
      leftOver: [{ operation: 'DeleteVirtualMFADevice', target: `MFA device ${SerialNumber}` }],
    });
  });
});

describe('a saved plan from which the world has moved', () => {
  const policies = `
policies: { old: { document: { Statement: [{ Effect: Allow, Action: 's3:*', Resource: '*' }] } } }
`;
  const role = {
    RoleName: 'runner',
    AssumeRolePolicyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' },
    }),
  };
  const arn = 'arn:aws:iam::123456789012:policy/old';

  test.each<[string, string, string, (play: Stage) => void, RegExp]>([
    [
      'a role holds the policy that it deletes',
      `users: { dale: {} }${policies}`,
      'users: { dale: {} }',
      ({ sandbox }) => {
        sandbox.call('CreateRole', role);
        sandbox.call('AttachRolePolicy', { RoleName: 'runner', PolicyArn: arn });
      },
      /the change policy:old is not among its changes/,
    ],
    [
      'a role is bounded by the policy that it deletes',
      `users: { dale: {} }${policies}`,
      'users: { dale: {} }',
      ({ sandbox }) => {
        sandbox.call('CreateRole', { ...role, PermissionsBoundary: arn });
      },
      /the change policy:old is not among its changes/,
    ],
    [
      'a user whom it does not touch holds the policy that it deletes',
      `users: { dale: {}, lorax: {} }${policies}`,
      'users: { dale: {}, lorax: {} }',
      ({ sandbox }) => sandbox.call('AttachUserPolicy', { UserName: 'lorax', PolicyArn: arn }),
      /the change user:lorax\/attach would have to come before the step s1 \(DeletePolicy\)/,
    ],
    [
      'somebody it does not know is in the group that it deletes',
      'users: { dale: {} }\ngroups: { staff: {} }\nignore: { users: [ci] }',
      'users: { dale: {} }\nignore: { users: [ci] }',
      ({ sandbox }) => {
        sandbox.call('CreateUser', { UserName: 'ci' });
        sandbox.call('AddUserToGroup', { UserName: 'ci', GroupName: 'staff' });
      },
      /group staff: members changed/,
    ],
    [
      'the user that it makes is there in another case',
      'users: { dale: {} }',
      'users: { dale: {}, lorax: {} }',
      ({ sandbox }) => sandbox.call('CreateUser', { UserName: 'LORAX' }),
      /lorax/i,
    ],
    [
      'what it renames has been made under both names',
      'users: { dale: {} }',
      'users: { lorax: { renamedFrom: dale } }',
      ({ sandbox }) => sandbox.call('CreateUser', { UserName: 'lorax' }),
      /user lorax was made meanwhile/,
    ],
    [
      'who leaves is gone',
      'users: { dale: {}, lorax: {} }',
      'users: { dale: {} }',
      ({ sandbox }) => sandbox.call('DeleteUser', { UserName: 'lorax' }),
      /user lorax is gone/,
    ],
    [
      'who leaves goes while it is read',
      'users: { dale: {}, lorax: {} }',
      'users: { dale: {} }',
      ({ sandbox }) => {
        sandbox.faults.beforeCall = ({ op }) => {
          if (op !== 'ListAccessKeys') return;
          sandbox.faults.beforeCall = null;
          sandbox.call('DeleteUser', { UserName: 'lorax' });
        };
      },
      /lorax/,
    ],
  ])('exit 4, with what moved: %s', async (_what, before, after, move, expected) => {
    const play = await stage();
    expect(await play.rollcall('apply', manifests(before), '--yes')).toMatchObject({ code: 0 });
    const file = join(scratch(), 'plan.json');
    const dir = manifests(after);
    expect((await play.rollcall('plan', dir, '--out', file)).code).toBe(2);
    move(play);
    play.sandbox.clearJournal();
    const { code, stderr } = await play.rollcall('apply', dir, file, '--yes');
    expect({ code, stderr }).toMatchObject({ code: 4, stderr: expect.stringMatching(expected) as string });
    expect(stderr).toMatch(/nothing was changed; plan again/);
    // Not counting what was done behind its back.
    expect(play.writes().filter((write) => write !== 'DeleteUser lorax')).toEqual([]);
  });

  test('manifests that are no longer valid are exit 1', async () => {
    const play = await stage();
    const file = join(scratch(), 'plan.json');
    expect((await play.rollcall('plan', manifests('users: { dale: {} }'), '--out', file)).code).toBe(2);
    expect(
      (await play.rollcall('apply', manifests('users: { dale: { group: [x] } }'), file, '--yes')).code,
    ).toBe(1);
  });
});
