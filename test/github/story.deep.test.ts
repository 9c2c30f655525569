import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { repositoryName, succeeded, World } from './world.ts';

// Each is a dozen processes, one after the other.
vi.setConfig({ testTimeout: 240_000 });

const plans = /^<!-- rollcall:plan:123456789012 -->\n/;

describe('the story of the demo, as pull requests', () => {
  test('merged, restricted, offboarded', async () => {
    const world = await World.make();
    const { sandbox } = world.account;
    const users = () => sandbox.call('ListUsers', {}).Users!.map(({ UserName }) => UserName);

    // An empty account meets the first commit.
    let runs = await world.apply('push');
    expect(runs['plan']).toMatchObject({ result: 'success', outputs: { changes: '5' } });
    succeeded(runs['apply']);
    expect(users()).toEqual(expect.arrayContaining(['buzzo', 'dale', 'lorax', 'melvins']));

    // melvins only ever uploads.
    const first = world.branch('uploads', 'manifests/users.yaml', (text) =>
      text.replace('s3:*', 's3:PutObject'),
    );
    runs = await world.pullRequest(7);
    succeeded(runs['plan']);
    expect(runs['validate']!.result).toBe('skipped');
    const [comment] = world.emulators.github.comments['7']!;
    expect(comment!.body).toMatch(plans);
    expect(comment!.body).toContain('s3:PutObject');
    expect(comment!.body).toContain(`commit ${first.slice(0, 12)}`);
    expect(comment!.body).toContain('https://github.com/octo-org/access/actions/runs/42');
    expect(runs['plan']!.summary).toContain('s3:PutObject');
    expect(runs['plan']!.log).toMatch(
      /^::notice file=manifests\/users\.yaml,line=\d+,col=\d+,title=rollcall%3A plan::user melvins: /m,
    );
    expect(world.account.writes()).toEqual([]);
    runs = await world.merge();
    expect(runs['apply']!.result).toBe('success');
    expect(world.account.writes()).toEqual(['PutUserPolicy melvins']);

    // lorax takes off.
    world.branch('lorax', 'manifests/users.yaml', (text) =>
      text.replace(/^ {2}lorax:.*\n(?: {4,}.*\n)*/m, ''),
    );
    runs = await world.pullRequest(8);
    expect(world.emulators.github.comments['8']![0]!.body).toMatch(/offboard/);
    let summaryForApprover = '';
    world.whileWaiting = (before) => (summaryForApprover = before['plan']!.summary);
    runs = await world.merge();
    succeeded(runs['apply']);
    expect(summaryForApprover).toMatch(/offboard/);
    expect(users()).not.toContain('lorax');
    expect(readdirSync(world.artifact('rollcall-receipts')!).join()).toMatch(/lorax/);

    // And again: nobody is asked to approve nothing.
    world.whileWaiting = () => expect.fail('nobody needs to approve an empty plan');
    runs = await world.apply('push');
    expect(runs['plan']).toMatchObject({ result: 'success', outputs: { changes: '0' } });
    expect(runs['apply']!.result).toBe('skipped');
    expect(world.account.writes()).toEqual([]);
  });

  test('somebody else changes the account while the plan waits: nothing is applied, and the job says so', async () => {
    const world = await World.make();
    const { sandbox } = world.account;
    await world.apply('push');
    world.branch('lorax', 'manifests/users.yaml', (text) =>
      text.replace(/^ {2}lorax:.*\n(?: {4,}.*\n)*/m, ''),
    );
    world.whileWaiting = () => {
      sandbox.call('RemoveUserFromGroup', { GroupName: 'admins', UserName: 'lorax' });
      sandbox.clearJournal();
    };
    const runs = await world.merge();
    expect(runs['plan']!.result).toBe('success');
    expect(runs['apply']!.result).toBe('failure');
    expect(runs['apply']!.log).toMatch(
      /^::error title=rollcall%3A the plan is stale::error: the plan is stale:%0A/m,
    );
    expect(runs['apply']!.summary).toContain('the plan is stale; nothing was changed');
    expect(runs['apply']!.summary).toContain('user lorax: groups changed');
    expect(world.account.writes()).toEqual([]);

    // The next run plans from what is there now.
    world.whileWaiting = () => {};
    const again = await world.apply('workflow_dispatch');
    succeeded(again['apply']);
  });

  test('an old commit is neither planned nor applied: not when it is run again, not when it is approved too late', async () => {
    const world = await World.make();
    const first = world.git('rev-parse', 'main');
    await world.apply('push');
    world.branch('lorax', 'manifests/users.yaml', (text) =>
      text.replace(/^ {2}lorax:.*\n(?: {4,}.*\n)*/m, ''),
    );
    succeeded((await world.merge())['apply']);

    // "Re-run all jobs" keeps the commit, whose files still have lorax.
    const refusal = (tip: string, sha: string): string =>
      `::error title=not the tip of the branch::this run is of commit ${sha.slice(0, 12)}, but main is at ${tip.slice(0, 12)};`;
    const tip = world.git('rev-parse', 'main');
    let runs = await world.apply('push', {}, first);
    expect(runs['plan']!.result).toBe('failure');
    expect(runs['plan']!.log).toContain(refusal(tip, first));
    expect(runs['plan']!.log).toContain('Run workflow');
    expect(runs['apply']!.result).toBe('skipped');
    expect(world.account.sandbox.journal).toEqual([]);

    // The branch moves on while a plan waits.
    world.edit('manifests/users.yaml', (text) => text.replace('s3:*', 's3:PutObject'));
    const waiting = world.git('rev-parse', 'main');
    world.whileWaiting = () =>
      world.edit('manifests/users.yaml', (text) => text.replace('s3:PutObject', 's3:GetObject'));
    runs = await world.apply('push');
    succeeded(runs['plan']);
    expect(runs['apply']!.result).toBe('failure');
    expect(runs['apply']!.log).toContain(refusal(world.git('rev-parse', 'main'), waiting));
    expect(world.account.writes()).toEqual([]);

    // So does one whose branch cannot be looked up.
    world.whileWaiting = () => {};
    world.emulators.github = { ...world.emulators.github, fails: 'git/ref' };
    runs = await world.apply('workflow_dispatch');
    expect(runs['plan']!.result).toBe('failure');
    expect(runs['plan']!.log).toContain('HTTP 502');
    world.emulators.github = { ...world.emulators.github, fails: '^$' };
    succeeded((await world.apply('workflow_dispatch'))['apply']);
    expect(world.account.writes()).toEqual(['PutUserPolicy melvins']);
  });

  test('a rail refuses: the check fails, the comment says why; whoever runs it by hand can override it', async () => {
    const world = await World.make();
    await world.apply('push');
    world.branch('nobody', 'manifests/users.yaml', (text) =>
      text.replace(/^ {2}(?:lorax|buzzo):.*\n(?: {4,}.*\n)*/gm, ''),
    );
    const runs = await world.pullRequest(9);
    expect(runs['plan']!.result).toBe('failure');
    expect(world.emulators.github.comments['9']![0]!.body).toMatch(plans);
    expect(world.emulators.github.comments['9']![0]!.body).toContain('Refused by rails');
    expect(runs['plan']!.log).toMatch(/^::error title=rollcall%3A refused by the rail min-members::/m);
    const merged = await world.merge();
    expect(merged['plan']!.result).toBe('failure');
    expect(merged['apply']!.result).toBe('skipped');
    expect(world.account.writes()).toEqual([]);

    const overridden = await world.apply('workflow_dispatch', { override: 'min-members max-removals' });
    succeeded(overridden['apply']);
    expect(overridden['plan']!.log).toMatch(
      /^::warning title=rollcall%3A the rail min-members is overridden::/m,
    );
  });
});

describe('what a pull request reaches', () => {
  test('from a fork: its manifests are checked, with no credentials and no comment', async () => {
    const world = await World.make();
    world.branch('typo', 'manifests/users.yaml', (text) =>
      text.replace('groups: [admins]', 'grups: [admins]'),
    );
    const runs = await world.pullRequest(3, 'stranger/access');
    expect(runs['plan']!.result).toBe('skipped');
    expect(runs['validate']!.result).toBe('failure');
    expect(runs['validate']!.log).toMatch(
      /^::error file=manifests\/users\.yaml,line=\d+,col=\d+,title=rollcall%3A unknown-key::.*grups/m,
    );
    expect(world.emulators.calls()).toEqual([]);
    expect(world.account.sandbox.journal).toEqual([]);
  });

  test('with wrong manifests: the comment no longer shows the plan before', async () => {
    const world = await World.make();
    world.branch('dale', 'manifests/users.yaml', (text) => text.replace('s3:*', 's3:PutObject'));
    await world.pullRequest(4);
    world.edit('manifests/users.yaml', (text) =>
      text.replace('s3:PutObject', '').replace('Effect:', 'Efect:'),
    );
    const runs = await world.pullRequest(4);
    expect(runs['plan']!.result).toBe('failure');
    const comments = world.emulators.github.comments['4']!;
    expect(comments).toHaveLength(1);
    expect(comments[0]!.body).toMatch(plans);
    expect(comments[0]!.body).toMatch(/the manifests have \d+ error/);
    expect(comments[0]!.body).not.toContain('Calls');
  });

  test('before the roles are set up, pull requests are checked and nothing else runs', async () => {
    const world = await World.make();
    world.vars = {};
    world.branch('dale', 'manifests/users.yaml', (text) => text.replace('s3:*', 's3:PutObject'));
    const runs = await world.pullRequest(5);
    expect(runs['plan']!.result).toBe('skipped');
    succeeded(runs['validate']);
    expect((await world.merge())['plan']!.result).toBe('skipped');
    expect((await world.drift())['drift']!.result).toBe('skipped');
  });

  test('the apply role trusts the environment alone: the plan workflow cannot take it', async () => {
    const world = await World.make();
    world.vars = { ...world.vars, ROLLCALL_PLAN_ROLE: world.vars['ROLLCALL_APPLY_ROLE']! };
    world.branch('dale', 'manifests/users.yaml', (text) => text.replace('s3:*', 's3:PutObject'));
    const runs = await world.pullRequest(6);
    expect(runs['plan']!.result).toBe('failure');
    expect(runs['plan']!.log).toContain(
      `Not authorized to perform sts:AssumeRoleWithWebIdentity (repo:${repositoryName}:pull_request)`,
    );
  });
});

describe('drift', () => {
  test('opens one issue, updates it, and closes it', async () => {
    const world = await World.make();
    const { sandbox } = world.account;
    await world.apply('push');
    expect((await world.drift())['drift']!.result).toBe('success');
    expect(world.emulators.github.issues).toEqual([]);

    sandbox.call('CreateUser', { UserName: 'zorro' });
    const runs = await world.drift();
    succeeded(runs['drift']);
    expect(runs['drift']!.summary).toContain('zorro');
    const [opened, ...others] = world.emulators.github.issues;
    expect(others).toEqual([]);
    expect(opened).toMatchObject({
      state: 'open',
      title: 'Drift in AWS account 123456789012',
      labels: [{ name: 'rollcall-drift' }],
    });
    expect(opened!.body).toMatch(/^<!-- rollcall:drift:123456789012 -->\n/);
    expect(opened!.body).toContain('zorro');

    // The same again says nothing new; more does.
    await world.drift();
    expect(world.emulators.writes()).toHaveLength(1);
    sandbox.call('RemoveUserFromGroup', { GroupName: 'admins', UserName: 'dale' });
    await world.drift();
    expect(world.emulators.github.issues).toHaveLength(1);
    expect(world.emulators.github.issues[0]!.body).toContain('dale');

    // A read that fails closes nothing.
    world.vars = { ...world.vars, ROLLCALL_PLAN_ROLE: 'arn:aws:iam::123456789012:role/rollcall-apply' };
    expect((await world.drift())['drift']!.result).toBe('failure');
    expect(world.emulators.github.issues[0]!.state).toBe('open');
    world.vars = { ...world.vars, ROLLCALL_PLAN_ROLE: 'arn:aws:iam::123456789012:role/rollcall-plan' };

    await world.apply('workflow_dispatch');
    await world.drift();
    expect(world.emulators.github.issues).toMatchObject([{ state: 'closed' }]);
    expect(world.emulators.github.comments['1']![0]!.body).toContain('as the files say again');

    // Closed is closed: the next drift is another issue.
    sandbox.call('CreateUser', { UserName: 'zorro' });
    await world.drift();
    expect(world.emulators.github.issues.map(({ state }) => state)).toEqual(['closed', 'open']);
  });
});

test('nothing of a run is left where it should not be', async () => {
  const world = await World.make();
  await world.apply('push');
  expect(world.emulators.npm().every((line) => / npm ci --ignore-scripts /.test(line))).toBe(true);
  expect(existsSync(join(world.repository, 'rollcall-plan.json'))).toBe(false);
});
