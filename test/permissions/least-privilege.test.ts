import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { connect } from '../../src/aws/client.ts';
import type { Aws } from '../../src/aws/client.ts';
import { execute } from '../../src/aws/execute.ts';
import { applyOperations, applyPolicy, planOperations, planPolicy } from '../../src/aws/permissions.ts';
import { explainAccess } from '../../src/app/access/explain.ts';
import { askLive } from '../../src/app/access/read.ts';
import { whoCan } from '../../src/app/access/who-can.ts';
import { planAccount } from '../../src/app/session.ts';
import type { Desired } from '../../src/core/desired.ts';
import type { Json } from '../../src/core/json.ts';
import { objectRef } from '../../src/core/references.ts';
import { loadManifests } from '../../src/manifest/index.ts';
import { handlers } from '../../src/sandbox/iam/handlers.ts';
import { Session, type Server } from '../conformance/client.ts';
import type { Call } from '../conformance/row.ts';
import { fill } from '../conformance/run.ts';
import { clock, sandboxOptions } from '../conformance/servers.ts';
import { table } from '../conformance/table.ts';
import { startSandbox } from '../../src/sandbox/index.ts';
import { accountId, allRails, TestSink, testAccount } from '../support/account.ts';
import type { TestAccount } from '../support/account.ts';

/**
 * Least privilege, proven on an IAM in which policies count and no key is accepted that it did not make: what the
 * policies of the two roles allow is enough for everything that rollcall does, and every other call is refused.
 */
const pipeline = { planner: 'rollcall-plan', applier: 'rollcall-apply' } as const;
type Role = keyof typeof pipeline;
const policies = {
  planner: planPolicy(),
  applier: applyPolicy({
    account: accountId,
    roles: Object.values(pipeline),
    providers: ['vcs.example.com'],
    protect: { users: ['break-glass'], groups: ['owners'], policies: ['guard'] },
  }),
} as const;
const allowed: Readonly<Record<Role, ReadonlySet<string>>> = {
  planner: new Set([...planOperations, 'GetCallerIdentity']),
  applier: new Set([...applyOperations, 'GetCallerIdentity']),
};

const trust = JSON.stringify({
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Principal: { AWS: accountId }, Action: 'sts:AssumeRole' },
});

/** What no policy of the caller guards: a user's own sessions, and those of who shows a token instead of a key. */
const unguarded: ReadonlySet<string> = new Set(['AssumeRoleWithWebIdentity', 'GetSessionToken']);

interface Key {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** A user who holds one of the policies and nothing else. Roles have room for an inline policy of 10,240 characters. */
function hire(sandbox: TestAccount['sandbox'], role: Role): Key {
  const UserName = pipeline[role];
  sandbox.call('CreateUser', { UserName, Path: '/pipeline/' });
  sandbox.call('PutUserPolicy', {
    UserName,
    PolicyName: 'it',
    PolicyDocument: JSON.stringify(policies[role]),
  });
  const { AccessKey } = sandbox.call('CreateAccessKey', { UserName });
  return { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
}

const room = { quotas: { inlineUser: 10_240 }, enforce: true, strict: true } as const;

it('the policies fit into a role', () => {
  for (const policy of Object.values(policies)) expect(JSON.stringify(policy).length).toBeLessThan(10_240);
  expect(JSON.stringify(policies.planner).length).toBeLessThan(2048);
});

describe.each(['planner', 'applier'] as const)('the %s', (role) => {
  /** For each operation a call that succeeds for an administrator, with what it needs. */
  const guarded = Object.keys(handlers).filter((op) => !unguarded.has(op));
  const calls = guarded.map((op) => {
    const rows = table.filter(({ call }) => call.op === op && !('raw' in call) && !('as' in call));
    const row = rows.find(({ expected }) => 'ok' in expected) ?? rows[0];
    return [op, allowed[role].has(op) ? 'may' : 'may not', row] as const;
  });

  it.each(calls)('%s: %s', async (op, may, row) => {
    // Every row of ChangePassword that succeeds is signed by its user; any input will do to be refused.
    const { setup, call, options } = row!;
    const time = clock();
    const sandbox = await startSandbox({
      ...sandboxOptions(options),
      ...room,
      quotas: { ...options.quotas, ...room.quotas },
      clock: time,
    });
    const server: Server = { url: sandbox.url, operator: sandbox.operator, wait: time.wait };
    const session = new Session(server);
    try {
      const answers: unknown[] = [];
      for (const step of setup) {
        if ('waitMs' in step) {
          time.wait(step.waitMs);
          continue;
        }
        let last: unknown = null;
        for (let index = 0; index < (step.times ?? 1); index++) {
          const answer = await session.call(step, fill(step.input ?? {}, answers, index), sandbox.operator);
          last = 'ok' in answer ? answer.ok : null;
        }
        answers.push(last);
      }
      const made = call as Call;
      const answer = await session.call(made, fill(made.input ?? {}, answers, 0), hire(sandbox, role));
      const refused = 'error' in answer && answer.error === 'AccessDenied' && answer.status === 403;
      expect([op, refused ? 'may not' : 'may']).toEqual([op, may]);
    } finally {
      session.close();
      await sandbox.close();
    }
  });
});

it('every write is refused to the planner', () => {
  expect([...allowed.planner].filter((op) => !/^(?:Get|List|Generate)/.test(op))).toEqual([]);
});

describe('the applier is refused what is the pipeline’s, and what is protected', () => {
  const attach = { PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' };
  it.each<[string, string, object]>([
    ['a key for a protected user', 'CreateAccessKey', { UserName: 'break-glass' }],
    ['a policy for a protected user', 'AttachUserPolicy', { UserName: 'break-glass', ...attach }],
    ['a protected user removed', 'DeleteUser', { UserName: 'break-glass' }],
    ['a protected user renamed', 'UpdateUser', { UserName: 'break-glass', NewUserName: 'x' }],
    [
      'a password for a protected user',
      'CreateLoginProfile',
      { UserName: 'break-glass', Password: 'Abcdef1!xyz' },
    ],
    ['a member of a protected group', 'AddUserToGroup', { UserName: 'lorax', GroupName: 'owners' }],
    [
      'a protected group changed',
      'PutGroupPolicy',
      { GroupName: 'owners', PolicyName: 'p', PolicyDocument: '{}' },
    ],
    [
      'a protected policy changed',
      'CreatePolicyVersion',
      { PolicyArn: `arn:aws:iam::${accountId}:policy/x/guard`, PolicyDocument: JSON.stringify(planPolicy()) },
    ],
    [
      'its own role changed',
      'PutRolePolicy',
      { RoleName: 'rollcall-apply', PolicyName: 'p', PolicyDocument: JSON.stringify(planPolicy()) },
    ],
    [
      'a role made under its name',
      'CreateRole',
      { RoleName: 'rollcall-plan', AssumeRolePolicyDocument: trust },
    ],
    [
      'the trust of its own role',
      'UpdateAssumeRolePolicy',
      { RoleName: 'rollcall-apply', PolicyDocument: trust },
    ],
    [
      'its own provider removed',
      'DeleteOpenIDConnectProvider',
      { OpenIDConnectProviderArn: `arn:aws:iam::${accountId}:oidc-provider/vcs.example.com` },
    ],
  ])('%s', async (_what, op, input) => {
    const account = await testAccount(room);
    try {
      const { sandbox } = account;
      sandbox.call('CreateUser', { UserName: 'break-glass', Path: '/x/' });
      sandbox.call('CreateUser', { UserName: 'lorax' });
      sandbox.call('CreateGroup', { GroupName: 'owners', Path: '/x/' });
      sandbox.call('CreatePolicy', {
        PolicyName: 'guard',
        Path: '/x/',
        PolicyDocument: JSON.stringify(planPolicy()),
      });
      const key = hire(sandbox, 'applier');
      const session = new Session({ url: sandbox.url, operator: sandbox.operator, wait: () => {} });
      const answer = await session.call({ op }, input, key);
      session.close();
      expect(answer).toMatchObject({ error: 'AccessDenied', status: 403 });
    } finally {
      await account.close();
    }
  });
});

/** Every story that the scenarios tell: the demo's, rotation, suspension, offboarding, … */
describe('with these policies alone', () => {
  const dir = join(import.meta.dirname, '../scenarios');
  const now = new Date('2027-01-01T00:00:00Z');
  const scenarios = readdirSync(dir).filter((name) => existsSync(join(dir, name, 'after')));

  async function load(path: string): Promise<Desired> {
    const { desired } = await loadManifests(path, { now });
    const { ignore } = desired!;
    // The pipeline's own users are nobody's drift.
    return { ...desired!, ignore: { ...ignore, users: [...(ignore.users ?? []), 'rollcall-*'] } };
  }

  async function staffed(): Promise<TestAccount & { planner: Aws; applier: Aws }> {
    const account = await testAccount({ start: now, ...room });
    const as = (role: Role): Aws =>
      connect({
        endpointUrl: account.sandbox.url,
        credentials: hire(account.sandbox, role),
        requestHandler: account.sandbox.handler,
        now: account.aws.now,
        wait: account.aws.wait,
      });
    const [planner, applier] = [as('planner'), as('applier')];
    return {
      ...account,
      planner,
      applier,
      async close() {
        planner.close();
        applier.close();
        await account.close();
      },
    };
  }

  /** As test/scenarios does: some steps of `setup.json` need ids that only the sandbox knows. */
  async function prepare(account: TestAccount, op: string, input: { [field: string]: Json }): Promise<void> {
    const { sandbox, aws } = account;
    const UserName = input['UserName'] as string;
    const keys = (): string[] =>
      sandbox.call('ListAccessKeys', { UserName }).AccessKeyMetadata!.map(({ AccessKeyId }) => AccessKeyId!);
    const oldest = (): string =>
      keys().sort((a, b) =>
        sandbox.state.accessKeys.get(a)!.createdAt < sandbox.state.accessKeys.get(b)!.createdAt ? -1 : 1,
      )[0]!;
    if (op === 'wait') await aws.wait(Number(input['days']) * 86_400_000);
    else if (op === 'deactivate-oldest-key')
      sandbox.call('UpdateAccessKey', { UserName, AccessKeyId: oldest(), Status: 'Inactive' });
    else if (op === 'mark-undelivered') {
      const Value = `${aws.now().toISOString().slice(0, 19)}Z ${keys().join(' ') || 'none'}`;
      sandbox.call('TagUser', { UserName, Tags: [{ Key: 'rollcall-undelivered', Value }] });
    } else if (op === 'record-suspension')
      sandbox.call('TagUser', { UserName, Tags: [{ Key: 'rollcall-deactivated', Value: keys().join(' ') }] });
    else await account.call(op, input);
  }

  async function apply(desired: Desired, aws: Aws): Promise<string[]> {
    const { plan } = await planAccount(desired, aws, { overrides: allRails });
    const results = await execute(plan, aws, { sink: new TestSink() });
    return results.flatMap(({ status, step, message }) =>
      status === 'done' ? [] : [`${step.op}: ${message}`],
    );
  }

  it.each(scenarios)('%s: plans and applies', async (name) => {
    const account = await staffed();
    const at = (part: string): string => join(dir, name, part);
    try {
      const before = existsSync(at('before')) ? await apply(await load(at('before')), account.applier) : [];
      expect(before).toEqual([]);
      if (existsSync(at('setup.json'))) {
        const calls = JSON.parse(readFileSync(at('setup.json'), 'utf8')) as [
          string,
          { [field: string]: Json },
        ][];
        for (const [op, input] of calls) await prepare(account, op, input);
      }
      const desired = await load(at('after'));
      const { plan } = await planAccount(desired, account.planner, { overrides: allRails });
      expect(await apply(desired, account.applier)).toEqual([]);
      const further = existsSync(at('then-plan.txt')) ? await apply(desired, account.applier) : [];
      expect(further).toEqual([]);
      expect((await planAccount(desired, account.planner, { overrides: allRails })).plan.changes).toEqual([]);
      expect(plan.account).toBe(accountId);
    } finally {
      await account.close();
    }
  });

  it('the planner learns who can do what, and all that is told of somebody', async () => {
    const account = await staffed();
    try {
      const desired = await load('manifests');
      expect(await apply(desired, account.applier)).toEqual([]);
      const asked = await askLive(account.planner, desired);
      const request = { action: '*', resource: '*', context: {} };
      expect(whoCan(asked, request).principals.length).toBeGreaterThan(2);
      for (const name of asked.state.users.keys()) {
        const about = { request, whole: true };
        const { credentials, unread } = await explainAccess(
          objectRef('user', name),
          about,
          asked,
          account.planner,
        );
        expect(credentials).toBeDefined();
        expect(unread.sentences).toEqual([]);
      }
    } finally {
      await account.close();
    }
  });

  it("the demo's files are applied, and the planner cannot", async () => {
    const account = await staffed();
    try {
      const desired = await load('manifests');
      const failed = await apply(desired, account.planner);
      expect(failed.length).toBeGreaterThan(3);
      // None of its calls is allowed, and so nothing is there.
      expect(failed.filter((text) => !/access denied|needs /.test(text))).toEqual([]);
      expect([...account.sandbox.state.users.sorted()].map(({ name }) => name)).toEqual([
        'rollcall-apply',
        'rollcall-plan',
      ]);
      expect(await apply(desired, account.applier)).toEqual([]);
    } finally {
      await account.close();
    }
  });
});
