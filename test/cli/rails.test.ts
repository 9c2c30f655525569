import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { stableJson } from '../../src/core/json.ts';
import type { RailName } from '../../src/core/rails.ts';
import type { SavedPlan } from '../../src/kinds/plan.ts';
import type { Sandbox } from '../../src/sandbox/index.ts';
import { credentials, manifests, run, scratch, stage, write } from '../support/cli.ts';
import type { Ended, Stage } from '../support/cli.ts';

const admins = `
groups:
  admins: { policies: { allow_all: { Statement: [{ Effect: Allow, Action: '*', Resource: '*' }] } } }
`;

/** An account with these users, the first two of them administrators. */
const account = async (...users: string[]): Promise<Stage> => fill(await stage(), users);

function fill(there: Stage, users: readonly string[]): Stage {
  const { sandbox } = there;
  const allowAll = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
  });
  sandbox.call('CreateGroup', { GroupName: 'admins' });
  sandbox.call('PutGroupPolicy', { GroupName: 'admins', PolicyName: 'allow_all', PolicyDocument: allowAll });
  for (const [index, UserName] of users.entries()) {
    sandbox.call('CreateUser', { UserName });
    if (index < 2) sandbox.call('AddUserToGroup', { GroupName: 'admins', UserName });
  }
  sandbox.clearJournal();
  return there;
}

const crew = (n: number): string[] => Array.from({ length: n }, (_, index) => `temp${index}`);

/**
 * Plan and apply are refused with exit 3, the reason and the override on stderr, and no write. With the override
 * the plan is let through.
 */
async function refused(
  { sandbox, writes }: Pick<Stage, 'sandbox' | 'writes'>,
  rail: RailName,
  rollcall: (command: string, ...more: string[]) => Promise<Ended>,
): Promise<string> {
  const [plan, apply, json] = await Promise.all([
    rollcall('plan'),
    rollcall('apply', '--yes'),
    rollcall('apply', '--yes', '--json'),
  ]);
  for (const { code, stdout, stderr } of [plan, apply]) {
    expect(stderr).toContain(`refused by the rail ${rail}: `);
    expect(stderr).toContain(`or add --override ${rail} for this plan only\n`);
    expect(code).toBe(3);
    expect(stdout).toContain('Plan for account');
  }
  expect(json).toMatchObject({ code: 3, stdout: '', stderr: apply.stderr });
  expect(writes()).toEqual([]);
  sandbox.clearJournal();
  const through = await rollcall('plan', '--override', rail);
  expect(through.code).toBe(2);
  expect(through.stderr).not.toContain('refused by');
  return plan.stderr;
}

const as =
  ({ rollcall }: Stage, dir: string) =>
  (command: string, ...more: string[]): Promise<Ended> =>
    rollcall(command, dir, ...more);

test('max-removals: more than a quarter of the users would go', async () => {
  const there = await account('buzzo', 'dale', ...crew(6));
  const dir = manifests(`users: { buzzo: { groups: [admins] }, dale: { groups: [admins] } }\n${admins}`);
  const told = await refused(there, 'max-removals', as(there, dir));
  expect(told).toContain('6 users of 8 would be removed; at most 2 may go in one plan');
  const raised = manifests(
    `rails: { maxRemovals: { users: 6 } }\nusers: { buzzo: { groups: [admins] }, dale: { groups: [admins] } }\n${admins}`,
  );
  expect(await there.rollcall('plan', raised)).toMatchObject({ code: 2, stderr: '' });
});

test('max-removals: one of four may go, two of six are refused, and a number in the files keeps its meaning', async () => {
  const keep = (...names: string[]): string =>
    `users: { buzzo: { groups: [admins] }, dale: { groups: [admins] }, ${names.map((name) => `${name}: {}`).join(', ')} }\n${admins}`;
  const four = await account('buzzo', 'dale', ...crew(2));
  expect((await four.rollcall('plan', manifests(keep('temp1')))).code).toBe(2);
  expect((await four.rollcall('plan', manifests(keep()))).code).toBe(3);
  const six = await account('buzzo', 'dale', ...crew(4));
  const two = keep('temp2', 'temp3');
  expect(await six.rollcall('apply', manifests(two), '--yes')).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('2 users of 6 would be removed; at most 1 may go in one plan') as string,
  });
  expect(six.writes()).toEqual([]);
  const set = 'rails: { maxRemovals: { users: 5, percent: 25 } }\n';
  expect((await six.rollcall('plan', manifests(set + keep()))).code).toBe(2);
});

test('max-removals: the keys and passwords of twenty people who stay would go', async () => {
  const people = crew(20);
  let time = Date.parse('2027-01-01T00:00:00Z');
  const there = fill(await stage({ clock: () => new Date((time += 1000)) }), ['buzzo', 'dale', ...people]);
  for (const [index, UserName] of people.entries()) {
    if (index < 10) there.sandbox.call('CreateAccessKey', { UserName });
    else there.sandbox.call('CreateLoginProfile', { UserName, Password: 'Truffula-Tree-1971!' });
  }
  // IAM makes its report anew after four hours.
  time += 5 * 60 * 60 * 1000;
  there.sandbox.clearJournal();
  const dir = manifests(
    `users: { buzzo: { groups: [admins] }, dale: { groups: [admins] }, ${people.map((name) => `${name}: {}`).join(', ')} }\n${admins}`,
  );
  const told = await refused(there, 'max-removals', as(there, dir));
  expect(told).toContain('20 users of 22 would stay and lose access keys, passwords or other credentials');
  expect(told).toContain('at most 5 may in one plan');
});

test('max-removals: the members of a group would go with it', async () => {
  const there = await account('buzzo', 'dale', ...crew(6));
  there.sandbox.call('CreateGroup', { GroupName: 'readers' });
  for (const UserName of crew(6)) there.sandbox.call('AddUserToGroup', { GroupName: 'readers', UserName });
  there.sandbox.clearJournal();
  const users = `users: { buzzo: { groups: [admins] }, dale: { groups: [admins] }, ${crew(6)
    .map((name) => `${name}: {}`)
    .join(', ')} }`;
  const told = await refused(there, 'max-removals', as(there, manifests(`${users}\n${admins}`)));
  expect(told).toContain('6 memberships of 8 would be removed');
  const raised = `rails: { maxRemovals: { memberships: 6 } }\n${users}\n${admins}`;
  expect((await there.rollcall('plan', manifests(raised))).code).toBe(2);
});

test('max-removals counts each kind, and leaves out what is ignored', async () => {
  const there = await account('buzzo', 'dale', ...crew(6));
  const users = 'users: { buzzo: { groups: [admins] }, dale: { groups: [admins] } }';
  const ignoring = manifests(`ignore: { users: [temp*] }\n${users}\n${admins}`);
  expect(await there.rollcall('plan', ignoring)).toMatchObject({ code: 0 });
  for (let n = 0; n < 6; n += 1) there.sandbox.call('CreateGroup', { GroupName: `old${n}` });
  const { code, stderr } = await there.rollcall('plan', ignoring);
  expect(code).toBe(3);
  expect(stderr).toContain('6 groups of 7 would be removed');
});

test('empty-manifest: no file declares a user any more', async () => {
  const there = await account('buzzo', 'dale', 'lorax');
  const dir = manifests(admins);
  const { code, stderr } = await there.rollcall('plan', dir);
  expect(code).toBe(3);
  expect(stderr).toContain('no file declares any user, and 3 users would be offboarded');
  expect(stderr).toContain('refused by the rail last-administrator: ');
  const overridden = ['--override', 'empty-manifest', 'last-administrator'];
  expect(await there.rollcall('plan', dir, ...overridden)).toMatchObject({ code: 2, stderr: '' });
  expect(there.writes()).toEqual([]);
});

test('empty-manifest: no file declares anything any more, and that is meant', async () => {
  const there = await stage();
  for (const UserName of ['buzzo', 'lorax']) there.sandbox.call('CreateUser', { UserName });
  there.sandbox.clearJournal();
  const dir = manifests('users: {}');
  const meant = ['--override', 'empty-manifest'];
  const refusedAs = 'if all is meant to go, plan and apply take --override empty-manifest';
  for (const more of [[], ['--override', 'max-removals']]) {
    const { code, stderr } = await there.rollcall('apply', dir, '--yes', ...more);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(refusedAs) as string });
  }
  // What declares nothing because it is not there stays an error.
  for (const lost of [scratch(), join(scratch(), 'nowhere'), write(scratch(), { 'a.yaml': 'users: {}' })])
    expect(await there.rollcall('apply', lost, '--yes', ...meant)).toMatchObject({ code: 1, stdout: '' });
  expect(there.writes()).toEqual([]);

  const file = join(scratch(), 'plan.json');
  expect(await there.rollcall('plan', dir, '--out', file, ...meant)).toMatchObject({ code: 2, stderr: '' });
  const apply = (...more: string[]): Promise<Ended> =>
    run(
      ['apply', file, '-m', dir, '--yes', '--receipts', join(scratch(), 'receipts'), ...there.there, ...more],
      {
        env: there.env,
      },
    );
  expect((await apply()).code).toBe(1);
  expect(there.writes()).toEqual([]);
  expect((await apply(...meant)).code).toBe(0);
  expect(there.sandbox.call('ListUsers', {}).Users).toEqual([]);
});

const denied = (rest: string): string => `rails: { deny: [escalation, administrator] }\n${rest}\n${admins}`;

test('deny: somebody would become an administrator', async () => {
  const there = await account('buzzo', 'lorax', 'dale');
  const dir = manifests(
    denied('users: { buzzo: { groups: [admins] }, lorax: { groups: [admins] }, dale: { groups: [admins] } }'),
  );
  expect(await refused(there, 'deny', as(there, dir))).toMatch(
    /the plan brings administrator to user dale, with \* on \* by the inline policy allow_all through group admins \(\S+account\.yaml:\d+:\d+\)\n/,
  );
});

test('deny: a part of a plan is judged by what the whole gives, whatever its file says', async () => {
  const there = await account('buzzo', 'lorax', 'dale');
  const dir = manifests(
    denied(
      'users: { buzzo: { groups: [admins] }, lorax: { groups: [admins], tags: { team: trees } }, dale: { groups: [admins] } }',
    ),
  );
  const file = join(scratch(), 'plan.json');
  expect((await there.rollcall('plan', dir, '--out', file, '--override', 'deny')).code).toBe(2);
  const { digest: _, ...plan } = JSON.parse(readFileSync(file, 'utf8')) as SavedPlan;
  const part = {
    ...plan,
    access: [],
    overridden: [],
    changes: plan.changes.filter(({ name }) => name !== 'lorax'),
    steps: plan.steps.filter(({ change }) => !change.startsWith('user:lorax')),
  };
  const digest = createHash('sha256').update(stableJson(part)).digest('hex');
  writeFileSync(file, JSON.stringify({ ...part, digest }));
  const apply = ['apply', file, '-m', dir, '--yes', ...there.there];
  const { code, stderr } = await run(apply, { env: there.env });
  expect(stderr).toContain('refused by the rail deny: ');
  expect(code).toBe(3);
  expect(there.writes()).toEqual([]);
});

test('deny: what is there already, and is imported, is stopped by nothing', async () => {
  const there = await account('buzzo', 'lorax', 'dale');
  const dir = manifests(
    denied('users: { buzzo: { groups: [admins] }, lorax: { groups: [admins] }, dale: {} }'),
  );
  expect((await there.rollcall('plan', dir)).code).toBe(0);
  there.sandbox.call('AddUserToGroup', { GroupName: 'admins', UserName: 'dale' });
  // By hand: the plan takes it away.
  expect((await there.rollcall('plan', dir)).code).toBe(2);
});

test('min-members: a group would have fewer members than it needs', async () => {
  const there = await account('buzzo', 'lorax');
  const dir = manifests(
    `rails: { minMembers: { admins: 2 } }\nusers: { buzzo: { groups: [admins] } }\n${admins}`,
  );
  expect(await refused(there, 'min-members', as(there, dir))).toContain(
    'group admins would have 1 of at least 2 members',
  );
});

test('min-members: a suspended member does not count', async () => {
  const there = await account('buzzo', 'lorax');
  const dir = manifests(
    `rails: { minMembers: { admins: 2 } }\nusers: { buzzo: { groups: [admins] }, lorax: { groups: [admins], suspended: true } }\n${admins}`,
  );
  expect(await refused(there, 'min-members', as(there, dir))).toContain(
    'group admins would have 1 of at least 2 members, the suspended not counted',
  );
});

test('last-administrator: nobody would be left who can repair it', async () => {
  const there = await account('buzzo', 'lorax');
  const dir = manifests('users: { buzzo: {}, lorax: {} }');
  expect(await refused(there, 'last-administrator', as(there, dir))).toContain(
    'nobody would be left who can administer the account',
  );
});

describe('protected', () => {
  const rails = 'rails: { protect: { users: [lorax], groups: [admins] } }';

  test('a protected user would leave', async () => {
    const there = await account('buzzo', 'dale', 'lorax');
    const dir = manifests(
      `${rails}\nusers: { buzzo: { groups: [admins] }, dale: { groups: [admins] } }\n${admins}`,
    );
    expect(await refused(there, 'protected', as(there, dir))).toContain(
      'the plan touches the protected user lorax: user lorax: offboard',
    );
  });

  test('a protected user would have another name', async () => {
    const there = await account('buzzo', 'dale', 'lorax');
    const dir = manifests(
      `${rails}\nusers: { buzzo: { groups: [admins] }, dale: { groups: [admins] }, tree: { renamedFrom: lorax } }\n${admins}`,
    );
    expect(await refused(there, 'protected', as(there, dir))).toContain(
      'the plan touches the protected user lorax: user tree: renamed from lorax',
    );
  });

  test('a protected group would lose a member', async () => {
    const there = await account('buzzo', 'dale', 'lorax');
    const dir = manifests(`${rails}\nusers: { buzzo: { groups: [admins] }, dale: {}, lorax: {} }\n${admins}`);
    expect(await refused(there, 'protected', as(there, dir))).toContain('the protected group admins');
  });

  test('a protected user that IAM has in another case would leave', async () => {
    const there = await account('buzzo', 'dale', 'break-glass');
    const dir = manifests(
      `rails: { protect: { users: [Break-Glass] } }\nusers: { buzzo: { groups: [admins] }, dale: { groups: [admins] } }\n${admins}`,
    );
    expect(await refused(there, 'protected', as(there, dir))).toContain(
      'the plan touches the protected user Break-Glass: user break-glass: offboard',
    );
  });

  test('somebody new would join a protected group', async () => {
    const there = await account('buzzo', 'dale');
    const dir = manifests(
      `rails: { protect: { groups: [Admins] } }\nusers: { buzzo: { groups: [admins] }, dale: { groups: [admins] }, mallory: { groups: [admins] } }\n${admins}`,
    );
    expect(await refused(there, 'protected', as(there, dir))).toContain(
      'the plan touches the protected group admins: user mallory: create',
    );
  });
});

test('what is ignored in another case is left alone, and counts for nothing', async () => {
  const there = await account('buzzo', 'dale', 'svc-legacy');
  const dir = manifests(
    `ignore: { users: ['SVC-*'] }\nusers: { buzzo: { groups: [admins] }, dale: { groups: [admins] } }\n${admins}`,
  );
  expect(await there.rollcall('plan', dir)).toMatchObject({ code: 0, stderr: '' });
});

describe('whoever runs it', () => {
  const withKey = (sandbox: Sandbox, UserName: string): Record<string, string> => {
    const { AccessKey } = sandbox.call('CreateAccessKey', { UserName });
    sandbox.clearJournal();
    return credentials({
      accessKeyId: AccessKey?.AccessKeyId ?? '',
      secretAccessKey: AccessKey?.SecretAccessKey ?? '',
    });
  };

  test('caller: the plan would take away who runs it', async () => {
    const there = await account('buzzo', 'dale', 'lorax');
    const env = withKey(there.sandbox, 'lorax');
    const dir = manifests(`users: { buzzo: { groups: [admins] }, dale: { groups: [admins] } }\n${admins}`);
    const told = await refused(there, 'caller', (command, ...more) =>
      run([command, '-m', dir, ...there.there, ...more], { env }),
    );
    expect(told).toContain('the plan touches lorax, who runs it: user lorax: offboard');
  });

  test('caller: the plan would put who runs it in a group', async () => {
    const there = await account('buzzo', 'dale', 'lorax');
    const env = withKey(there.sandbox, 'lorax');
    const dir = manifests(
      `users: { buzzo: { groups: [admins] }, dale: { groups: [admins] }, lorax: { groups: [admins], accessKey: {} } }\n${admins}`,
    );
    const told = await refused(there, 'caller', (command, ...more) =>
      run([command, '-m', dir, ...there.there, ...more], { env }),
    );
    expect(told).toContain('lorax, who runs it: group admins: ');
  });

  test('root-caller: nobody works as root', async () => {
    const there = await account('buzzo', 'dale', 'lorax');
    const arn = 'arn:aws:iam::123456789012:root';
    const sts = createServer((_, response) =>
      response.end(
        `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>${arn}</Arn><UserId>123456789012</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`,
      ),
    );
    await new Promise<void>((done) => sts.listen(0, '127.0.0.1', done));
    onTestFinished(() => void sts.close());
    const env = {
      ...there.env,
      AWS_ENDPOINT_URL_IAM: there.sandbox.url,
      AWS_ENDPOINT_URL_STS: `http://127.0.0.1:${(sts.address() as AddressInfo).port}`,
    };
    const dir = manifests(`users: { buzzo: { groups: [admins] }, dale: { groups: [admins] } }\n${admins}`);
    const told = await refused(there, 'root-caller', (command, ...more) =>
      run([command, '-m', dir, ...more], { env }),
    );
    expect(told).toContain('root user’s credentials');
  });
});

test('an empty plan runs into no rail', async () => {
  const there = await account('buzzo', 'lorax');
  const dir = manifests(
    `rails: { minMembers: { admins: 3 }, protect: { users: [buzzo, lorax] } }\nusers: { buzzo: { groups: [admins] }, lorax: { groups: [admins] } }\n${admins}`,
  );
  expect(await there.rollcall('apply', dir)).toMatchObject({ code: 0, stderr: '' });
});

test('every rail that trips is told at once', async () => {
  const there = await account('buzzo', 'lorax', ...crew(6));
  const dir = manifests(
    `rails: { minMembers: { admins: 1 }, protect: { users: [buzzo] } }\nusers: { dale: {} }\n${admins}`,
  );
  const { code, stderr } = await there.rollcall('plan', dir, '--override', 'min-members');
  expect(code).toBe(3);
  expect([...stderr.matchAll(/refused by the rail ([\w-]+)/g)].map(([, rail]) => rail)).toEqual([
    'protected',
    'max-removals',
    'last-administrator',
  ]);
});
