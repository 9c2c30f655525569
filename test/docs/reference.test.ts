import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { connect } from '../../src/aws/client.ts';
import { applyPolicy, planPolicy } from '../../src/aws/permissions.ts';
import { planAccount } from '../../src/app/session.ts';
import { exitCode } from '../../src/core/errors.ts';
import { railNames } from '../../src/core/rails.ts';
import { startSandbox } from '../../src/sandbox/index.ts';
import type { Sandbox } from '../../src/sandbox/index.ts';
import { aGroup, aPolicy, aUser, accountId, desiredOf, reconcile } from '../support/account.ts';

const page = (name: string): string => readFileSync(join(import.meta.dirname, '../../docs', name), 'utf8');

test('docs/exit-codes.md names every exit code', () => {
  const rows = [...page('exit-codes.md').matchAll(/^\| (\d) +\| (\w+) +\| /gm)];
  expect(Object.fromEntries(rows.map(([, code, name]) => [name, Number(code)]))).toEqual(exitCode);
});

test('every test that the docs name is there', () => {
  const root = join(import.meta.dirname, '../..');
  const pages = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.md'),
  );
  const named = pages.flatMap((name) =>
    [...page(name).matchAll(/(?<![\w/-])test\/[\w./-]*\w/g)].map(([path]) => `docs/${name}: ${path}`),
  );
  expect(named.length).toBeGreaterThan(50);
  expect(named.filter((line) => !existsSync(join(root, line.split(': ')[1]!)))).toEqual([]);
});

test('docs/rails.md has a section for every rail', () => {
  const sections = [...page('rails.md').matchAll(/^## ([a-z-]+)$/gm)].map(([, name]) => name);
  expect(sections).toEqual([...railNames]);
});

describe('docs/permissions.md', () => {
  const [planning, applying] = [...page('permissions.md').matchAll(/^```json\n(.*?)^```$/gms)].map(
    ([, json]) => JSON.parse(json!) as unknown,
  );

  test('shows the policies that the code knows', () => {
    expect(planning).toEqual(planPolicy());
    expect(applying).toEqual(
      applyPolicy({
        account: accountId,
        roles: ['rollcall-plan', 'rollcall-apply'],
        providers: ['token.actions.githubusercontent.com'],
        protect: { users: ['break-glass'], groups: [], policies: [] },
      }),
    );
  });

  const read = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:Get*', Resource: '*' }] };
  const write = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:Put*', Resource: '*' }] };
  const ignore = { users: ['ci'], groups: [], policies: ['ci'], roles: [] };

  /** Everything that rollcall makes, and then everything that it changes and removes. */
  const policies = [aPolicy('reports', read), aPolicy('limits', read, '/x/')];
  const first = desiredOf(
    {
      policies: [{ ...policies[0]!, tags: { a: '1' } }, policies[1]!],
      groups: [
        aGroup('readers', { policies: { own: read }, attachedPolicyArns: [policies[0]!.arn] }),
        aGroup('old'),
      ],
      users: [
        aUser('buzzo', {
          groups: ['readers'],
          policies: { own: read },
          attachedPolicyArns: [policies[0]!.arn],
        }),
        aUser('dale', {
          tags: { team: 'a' },
          boundary: policies[1]!.arn,
          accessKey: { count: 1 },
          console: {},
        }),
        aUser('lorax', { groups: ['old'] }),
      ],
    },
    { ignore },
  );
  const second = desiredOf(
    {
      policies: [{ ...policies[0]!, document: write, tags: { b: '2' } }],
      groups: [aGroup('readers', { path: '/y/', policies: { other: write } })],
      users: [
        aUser('buzzo', { path: '/x/', policies: { other: write }, tags: { team: 'b' } }),
        aUser('dale', { groups: ['readers'] }),
      ],
    },
    { ignore },
  );

  /** Calls as a user with this policy, in an account where policies count. */
  async function as(sandbox: Sandbox, policy: unknown) {
    const PolicyDocument = JSON.stringify(policy);
    const { Policy } = sandbox.call('CreatePolicy', { PolicyName: 'ci', PolicyDocument });
    sandbox.call('CreateUser', { UserName: 'ci' });
    sandbox.call('AttachUserPolicy', { UserName: 'ci', PolicyArn: Policy?.Arn ?? '' });
    const { AccessKey } = sandbox.call('CreateAccessKey', { UserName: 'ci' });
    const { AccessKeyId = '', SecretAccessKey = '' } = AccessKey ?? {};
    const credentials = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey };
    const aws = connect({ endpointUrl: sandbox.url, requestHandler: sandbox.handler, credentials, wait });
    onTestFinished(() => aws.close());
    return aws;
  }
  let time = Date.parse('2027-01-01T00:00:00Z');
  const wait = (ms: number): Promise<void> => {
    time += ms;
    return Promise.resolve();
  };
  async function account(): Promise<Sandbox> {
    const sandbox = await startSandbox({ account: accountId, enforce: true, clock: () => new Date(time) });
    onTestFinished(() => sandbox.close());
    return sandbox;
  }

  test('the policy for planning is enough to plan, and for no write', async () => {
    const sandbox = await account();
    const aws = await as(sandbox, planning);
    expect((await planAccount(first, aws)).plan.changes.length).toBeGreaterThan(5);
    const { results } = await reconcile(first, aws);
    expect(results.filter(({ status }) => status === 'done')).toEqual([]);
    expect(results[0]?.message).toContain('access denied');
  });

  test('the policy for applying is enough for all that rollcall makes, changes and removes', async () => {
    const sandbox = await account();
    const aws = await as(sandbox, applying);
    const failures = async (desired: typeof first): Promise<(string | undefined)[]> =>
      (await reconcile(desired, aws)).results
        .filter(({ status }) => status !== 'done')
        .map(({ message }) => message);
    expect(await failures(first)).toEqual([]);
    sandbox.call('CreateVirtualMFADevice', { VirtualMFADeviceName: 'lorax' });
    sandbox.call('CreateServiceSpecificCredential', {
      UserName: 'lorax',
      ServiceName: 'codecommit.amazonaws.com',
    });
    sandbox.call('CreateLoginProfile', { UserName: 'lorax', Password: 'Truffula-tree-1' });
    sandbox.call('CreateAccessKey', { UserName: 'lorax' });
    expect(await failures(second)).toEqual([]);
    expect((await planAccount(second, aws)).plan.changes).toEqual([]);
  });

  test('the policy for applying keeps its hands off what is protected', async () => {
    const sandbox = await account();
    const aws = await as(sandbox, applying);
    sandbox.call('CreateUser', { UserName: 'break-glass', Path: '/x/' });
    const { results } = await reconcile(desiredOf({ users: [aUser('buzzo')] }, { ignore }), aws);
    expect(results.filter(({ step }) => step.change === 'user:break-glass')).toContainEqual(
      expect.objectContaining({
        status: 'failed',
        message: expect.stringContaining('access denied') as string,
      }),
    );
    expect(sandbox.call('GetUser', { UserName: 'break-glass' }).User?.Path).toBe('/x/');
  });
});
