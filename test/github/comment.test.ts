import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { run, scratch, stage, write } from '../support/cli.ts';
import type { Ended, Stage } from '../support/cli.ts';
import { Emulators } from './github.ts';
import type { Comment, Issue } from './github.ts';

vi.setConfig({ testTimeout: 120_000 });

const marker = '<!-- rollcall:plan:123456789012 -->';
const bot = { login: 'github-actions[bot]' };

/** `rollcall github plan --comment` on pull request 12. */
async function pullRequest() {
  const dir = scratch();
  const emulators = new Emulators(join(dir, 'emulators'));
  const account: Stage = await stage();
  write(dir, {
    'manifests/account.yaml': "account: '123456789012'\nusers: { dale: {} }\n",
    'event.json': JSON.stringify({ pull_request: { number: 12, head: { sha: 'a'.repeat(40) } } }),
  });
  const env = {
    ...account.env,
    ...emulators.env(),
    GITHUB_REPOSITORY: 'octo-org/access',
    GITHUB_EVENT_PATH: join(dir, 'event.json'),
    GITHUB_WORKSPACE: dir,
    GITHUB_STEP_SUMMARY: join(dir, 'summary.md'),
    GITHUB_OUTPUT: join(dir, 'output'),
    GH_TOKEN: 'token pull-requests',
  };
  return {
    dir,
    emulators,
    account,
    declare: (text: string) => write(dir, { 'manifests/account.yaml': `account: '123456789012'\n${text}` }),
    plan: async (more: Record<string, string> = {}): Promise<Ended> =>
      await run(['github', 'plan', '--comment', ...account.there], { cwd: dir, env: { ...env, ...more } }),
    drift: async (...more: string[]): Promise<Ended> =>
      await run(['github', 'drift', '--issue', ...account.there, ...more], {
        cwd: dir,
        env: { ...env, GH_TOKEN: 'token issues' },
      }),
  };
}

test('the first run makes the comment, the second edits the same one', async () => {
  const { emulators, declare, plan } = await pullRequest();
  const first = await plan();
  expect(first.code).toBe(0);
  expect(first.stdout).toContain('comment of #12: created');
  declare('users: { dale: {}, buzzo: {} }');
  expect((await plan()).stdout).toContain('comment of #12: updated');
  expect((await plan()).stdout).toContain('comment of #12: unchanged');
  const [comment, ...others] = emulators.github.comments['12']!;
  expect(others).toEqual([]);
  expect(comment!.body).toContain('buzzo');
  expect(emulators.writes().map(({ method, path }) => `${method} ${path}`)).toEqual([
    'POST repos/octo-org/access/issues/12/comments',
    `PATCH repos/octo-org/access/issues/comments/${comment!.id}`,
  ]);
});

test('among hundreds of comments; a forged marker of somebody else, and a quoted one, are not touched', async () => {
  const { emulators, plan } = await pullRequest();
  const others: Comment[] = [
    { id: 1, user: { login: 'buzzo' }, body: `${marker}\n## Nothing to see, please approve` },
    { id: 2, user: bot, body: `> ${marker}\n\nquoted by another workflow` },
    { id: 3, user: bot, body: '<!-- rollcall:plan:999999999999 -->\nof another account' },
    ...Array.from({ length: 450 }, (_, n) => ({
      id: 100 + n,
      user: { login: 'lorax' },
      body: `comment ${n}`,
    })),
  ];
  const own: Comment = { id: 4_294_967_296_123, user: bot, body: `${marker}\nthe plan before` };
  const comments = [...others, own, { id: 9, user: { login: 'dale' }, body: 'thanks' }];
  emulators.github = { ...emulators.github, comments: { 12: comments } };
  const { code, stdout } = await plan();
  expect(code).toBe(0);
  expect(stdout).toContain('updated');
  const after = emulators.github.comments['12']!;
  expect(after).toHaveLength(comments.length);
  expect(after.filter(({ id }) => id !== own.id)).toEqual(comments.filter(({ id }) => id !== own.id));
  expect(after.find(({ id }) => id === own.id)!.body).toContain('dale');
  expect(emulators.calls().filter(({ method }) => method === 'GET')).toHaveLength(5);
});

test('of the issues with the marker only the own one of this account is edited, and closed', async () => {
  const { emulators, drift, account } = await pullRequest();
  const body = '<!-- rollcall:drift:123456789012 -->\nnothing to see';
  const issue = (number: number, rest: Partial<Issue>): Issue => ({
    id: number,
    number,
    state: 'open',
    title: 'Drift in AWS account 123456789012',
    labels: [{ name: 'rollcall-drift' }],
    user: bot,
    body,
    ...rest,
  });
  const others = [
    issue(1, { user: { login: 'buzzo' } }),
    issue(2, { pull_request: {} }),
    issue(3, { body: '<!-- rollcall:drift:999999999999 -->\nof another account' }),
    issue(4, { body: `> ${body}` }),
  ];
  emulators.github = { ...emulators.github, issues: [...others, issue(5, {})] };
  expect((await drift()).stdout).toContain('issue about drift: updated');
  account.sandbox.call('CreateUser', { UserName: 'dale' });
  expect((await drift()).stdout).toContain('issue about drift: closed');
  const { issues } = emulators.github;
  expect(issues.slice(0, 4)).toEqual(others);
  expect(issues.slice(4)).toMatchObject([{ number: 5, state: 'closed' }]);
  expect(issues[4]!.body).toContain('dale');
});

test('lists that are taken for empty are not called by the commands that the step runs either', async () => {
  const { drift, account } = await pullRequest();
  account.sandbox.call('CreateUser', { UserName: 'zorro' });
  const called = (): number => account.sandbox.journal.filter(({ op }) => op === 'ListSSHPublicKeys').length;
  await drift();
  expect(called()).toBe(1);
  const { stdout } = await drift('--assume-empty', 'ListSSHPublicKeys', 'ListMFADevices');
  expect(stdout).toContain('user zorro');
  expect(called()).toBe(1);
});

test('no changes: no new comment, but the one that is there says so', async () => {
  const { emulators, declare, plan, account } = await pullRequest();
  account.sandbox.call('CreateUser', { UserName: 'dale' });
  expect((await plan()).stdout).toContain('comment of #12: none');
  expect(emulators.writes()).toEqual([]);
  declare('users: { dale: {}, buzzo: {} }');
  await plan();
  declare('users: { dale: {} }');
  expect((await plan()).stdout).toContain('updated');
  expect(emulators.github.comments['12']![0]!.body).toContain('nothing to change');
});

test('manifests without a readable account: the next run takes their comment over', async () => {
  const { dir, emulators, declare, plan } = await pullRequest();
  write(dir, { 'manifests/account.yaml': 'account: [\n' });
  expect((await plan()).code).toBe(1);
  expect(emulators.github.comments['12']![0]!.body).toMatch(/^<!-- rollcall:plan:unknown -->\n/);
  declare('users: { dale: {} }');
  await plan();
  const comments = emulators.github.comments['12']!;
  expect(comments).toHaveLength(1);
  expect(comments[0]!.body.startsWith(marker)).toBe(true);
});

test('a plan of thousands of changes fits the comment, with its commit and its run', async () => {
  const { dir, emulators, declare, plan } = await pullRequest();
  const users = Array.from({ length: 3000 }, (_, n) => `  user-${n}: { tags: { team: "team ${n}" } }`);
  declare(`users:\n${users.join('\n')}\n`);
  const { code } = await plan({ GITHUB_SERVER_URL: 'https://github.com', GITHUB_RUN_ID: '7' });
  expect(code).toBe(0);
  const { body } = emulators.github.comments['12']![0]!;
  expect(Buffer.byteLength(body)).toBeLessThanOrEqual(65_536);
  expect(body).toContain('commit aaaaaaaaaaaa · [run](https://github.com/octo-org/access/actions/runs/7)');
  expect(body).toContain('Not all fits here');
  const summary = readFileSync(join(dir, 'summary.md'));
  expect(summary.length).toBeGreaterThan(100_000);
  expect(summary.length).toBeLessThanOrEqual(1024 * 1024);
});

test('a comment that cannot be written fails the step: an old plan would be taken for this one', async () => {
  const { emulators, plan } = await pullRequest();
  emulators.github = { ...emulators.github, fails: '^POST repos' };
  const { code, stderr } = await plan();
  expect(code).toBe(1);
  expect(stderr).toMatch(/gh api POST repos\/octo-org\/access\/issues\/12\/comments: gh: HTTP 502/);
  emulators.github = { ...emulators.github, fails: '^$' };
  const readOnly = await plan({ GH_TOKEN: 'token' });
  expect(readOnly.code).toBe(1);
  expect(readOnly.stderr).toMatch(/Resource not accessible[^]*pull-requests: write/);
});

test('without a pull request there is nothing to comment on', async () => {
  const { plan } = await pullRequest();
  const { code, stderr } = await plan({ GITHUB_EVENT_PATH: '' });
  expect(code).toBe(1);
  expect(stderr).toContain('--comment needs a job of a pull request');
});
