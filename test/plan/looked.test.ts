import { describe, expect, test } from 'vitest';
import { planPolicy } from '../../src/aws/permissions.ts';
import type { Json } from '../../src/core/json.ts';
import type { SavedPlan } from '../../src/kinds/plan.ts';
import { credentials, manifests, run, scratch, stage, write } from '../support/cli.ts';
import type { Stage } from '../support/cli.ts';

/** "Matches" and "no drift" say of what, and nobody takes what was not looked at for none. */

const document = (Statement: Json): string => JSON.stringify({ Version: '2012-10-17', Statement });
const read = document({ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' });
const everything = document({ Effect: 'Allow', Action: '*', Resource: '*' });
const administrator = 'arn:aws:iam::aws:policy/AdministratorAccess';
const trusts = (Principal: Json, more: { [field: string]: Json } = {}): string =>
  document({ Effect: 'Allow', Principal, Action: 'sts:AssumeRole', ...more });
const ofService = trusts({ Service: 'ec2.amazonaws.com' });
const metadata = `<EntityDescriptor entityID="https://idp.example.com">${'x'.repeat(1000)}</EntityDescriptor>`;

/** Five users, two groups, two policies, three roles, two OIDC providers and one SAML provider, a profile with a role and one without. */
function populate({ sandbox }: Stage): void {
  for (const UserName of ['anna', 'ben', 'carla', 'legacy-1', 'legacy-2'])
    sandbox.call('CreateUser', { UserName });
  for (const GroupName of ['developers', 'legacy']) sandbox.call('CreateGroup', { GroupName });
  for (const PolicyName of ['reports', 'legacy'])
    sandbox.call('CreatePolicy', { PolicyName, PolicyDocument: read });
  for (const RoleName of ['web', 'build', 'deploy'])
    sandbox.call('CreateRole', { RoleName, AssumeRolePolicyDocument: ofService });
  for (const host of ['token.actions.githubusercontent.com', 'gitlab.example.com/ci'])
    sandbox.call('CreateOpenIDConnectProvider', { Url: `https://${host}` });
  sandbox.call('CreateSAMLProvider', { Name: 'okta', SAMLMetadataDocument: metadata });
  for (const InstanceProfileName of ['web', 'unused'])
    sandbox.call('CreateInstanceProfile', { InstanceProfileName });
  sandbox.call('AddRoleToInstanceProfile', { InstanceProfileName: 'web', RoleName: 'web' });
}

const files = `
ignore: { users: ['legacy-*'], groups: [legacy], policies: [legacy] }
users: { anna: {}, ben: {}, carla: {} }
groups: { developers: {} }
policies: { reports: { document: ${read} } }
`;

const rest =
  '3 roles, 2 OIDC providers, 1 SAML provider, 2 instance profiles, the password policy not managed';
const sentence = `3 users, 1 group, 1 policy as declared; 2 users, 1 group, 1 policy ignored or not managed; ${rest}`;

describe('what was looked at', () => {
  test('is said of an account that matches, in every format, by plan, drift and apply', async () => {
    const here = await stage();
    populate(here);
    const dir = manifests(files);
    const { rollcall } = here;
    const text = await rollcall('plan', dir);
    expect(text.code).toBe(0);
    expect(text.stdout).toContain(
      `Account 123456789012 matches the manifests: nothing to change.\nRules were not compared (no --base).\nLooked at: ${sentence}.\n`,
    );
    for (const format of ['markdown', 'html'])
      expect((await rollcall('plan', dir, '--format', format)).stdout).toContain(`Looked at: ${sentence}.`);
    expect((await rollcall('apply', dir, '--yes')).stdout).toContain(`Looked at: ${sentence}.\n`);
    expect((await rollcall('drift', dir)).stdout).toContain(`no drift.\nLooked at: ${sentence}.\n`);
    const issue = await rollcall('drift', dir, '--format', 'markdown');
    expect(issue.stdout).toContain(`The account is as the files say.\n\nLooked at: ${sentence}.\n`);
  });

  test('is said once, at the end, where something changes: then as declared is what does not', async () => {
    const here = await stage();
    populate(here);
    const dir = manifests(
      files.replace('ben: {}', 'ben: { tags: { team: web } }').replace('carla: {}', 'dora: {}'),
    );
    const { stdout, code } = await here.rollcall('plan', dir);
    expect(code).toBe(2);
    expect(stdout).toContain(
      ` API calls.\nLooked at: 1 user, 1 group, 1 policy as declared; 2 users, 1 group, 1 policy ignored or not managed; ${rest}.\n`,
    );
    expect(stdout.match(/Looked at/g)).toHaveLength(1);
    const plan = JSON.parse((await here.rollcall('plan', dir, '--json')).stdout) as SavedPlan;
    expect(plan.looked.kinds[0]).toEqual({
      kind: 'user',
      inIam: 5,
      asDeclared: 1,
      changing: 2,
      ignored: 2,
      notManaged: 0,
      aside: 0,
    });
    const drift = await here.rollcall('drift', dir);
    expect(drift.stdout).toMatch(/3 differences\.\nLooked at: 1 user, 1 group, 1 policy as declared; /);
    const issue = await here.rollcall('drift', dir, '--format', 'markdown');
    expect(issue.stdout).toMatch(/\nLooked at: 1 user, .*not managed\.\n/);
  });

  test('adds up with what IAM has', async () => {
    const here = await stage();
    populate(here);
    const { stdout } = await here.rollcall('drift', manifests(files), '--json');
    const { looked } = JSON.parse(stdout) as Pick<SavedPlan, 'looked'>;
    const { state } = here.sandbox;
    expect(Object.fromEntries(looked.kinds.map(({ kind, inIam }) => [kind, inIam]))).toEqual({
      user: state.users.size,
      group: state.groups.size,
      policy: state.policies.size,
      role: state.roles.size,
      'oidc-provider': state.oidcProviders.size,
      'saml-provider': state.samlProviders.size,
      'instance-profile': state.instanceProfiles.size,
    });
    for (const { inIam, asDeclared, changing, ignored, notManaged, aside } of looked.kinds)
      expect(asDeclared + changing + ignored + notManaged + aside).toBe(inIam);
    expect(looked.settings).toEqual([
      { kind: 'account', state: 'not-managed' },
      { kind: 'password', state: 'not-managed' },
    ]);
  });

  test('names a password policy that the files have as declared', async () => {
    const here = await stage();
    here.sandbox.call('UpdateAccountPasswordPolicy', { MinimumPasswordLength: 14 });
    here.sandbox.call('CreateUser', { UserName: 'anna' });
    const plan = async (account: string): Promise<string> =>
      (await here.rollcall('plan', write(scratch(), { 'account.yaml': account }))).stdout;
    const users = "account: '123456789012'\nusers: { anna: {} }\n";
    expect(await plan(users)).toContain('Looked at: 1 user as declared; the password policy not managed.\n');
    const managed =
      "account: { id: '123456789012', passwordPolicy: { minimumLength: 14 } }\nusers: { anna: {} }\n";
    expect(await plan(managed)).toContain('Looked at: 1 user, the password policy as declared.\n');
  });

  test('says of a partial plan what it is not about', async () => {
    const here = await stage();
    populate(here);
    const dir = manifests(files.replace('ben: {}', 'ben: { tags: { team: web } }'));
    const { stdout } = await here.rollcall('plan', dir, '--target', 'user:anna');
    expect(stdout).toContain(
      `Looked at: 1 user as declared; 2 users, 1 group, 1 policy not part of this plan; 2 users, 1 group, 1 policy ignored or not managed; ${rest}.\n`,
    );
  });

  test('has the names with --verbose', async () => {
    const here = await stage();
    populate(here);
    const dir = manifests(files);
    const names = [
      '  ignored or not managed, users: legacy-1, legacy-2',
      '  ignored or not managed, group: legacy',
      '  ignored or not managed, policy: legacy',
      '  not managed, roles: build, deploy, web',
      '  not managed, OIDC providers: gitlab.example.com/ci, token.actions.githubusercontent.com',
      '  not managed, SAML provider: okta',
      '  not managed, instance profile: web',
    ].join('\n');
    for (const command of ['plan', 'drift', 'apply'])
      expect((await here.rollcall(command, dir, '--verbose')).stdout).toContain(`${names}\n`);
    expect((await here.rollcall('plan', dir)).stdout).not.toContain('legacy-1');
  });

  test('costs one call, and two where there are providers', async () => {
    const here = await stage();
    here.sandbox.call('CreateUser', { UserName: 'anna' });
    const dir = manifests('users: { anna: {} }');
    const calls = async (): Promise<string[]> => {
      here.sandbox.clearJournal();
      await here.rollcall('plan', dir);
      return here.sandbox.journal
        .map(({ op }) => op)
        .filter((op) => /Summary|Provider/.test(op))
        .sort();
    };
    expect(await calls()).toEqual(['GetAccountSummary']);
    here.sandbox.call('CreateSAMLProvider', { Name: 'okta', SAMLMetadataDocument: metadata });
    expect(await calls()).toEqual(['GetAccountSummary', 'ListOpenIDConnectProviders', 'ListSAMLProviders']);
  });
});

describe('an earlier plan role, which may not look at providers', () => {
  /** Runs as somebody with the policy for planning but for those calls. */
  async function asPlanner(without: readonly string[]) {
    const here = await stage({ enforce: true, quotas: { inlineUser: 10_240 } });
    populate(here);
    const { Statement, ...policy } = planPolicy();
    const [statement] = Statement;
    const Action = (statement!.Action as string[]).filter((action) => !without.includes(action.slice(4)));
    const { sandbox } = here;
    sandbox.call('CreateUser', { UserName: 'planner' });
    sandbox.call('PutUserPolicy', {
      UserName: 'planner',
      PolicyName: 'plan',
      PolicyDocument: JSON.stringify({ ...policy, Statement: [{ ...statement, Action }] }),
    });
    const { AccessKey } = sandbox.call('CreateAccessKey', { UserName: 'planner' });
    const env = credentials({
      accessKeyId: AccessKey!.AccessKeyId!,
      secretAccessKey: AccessKey!.SecretAccessKey!,
    });
    const dir = manifests(files.replace("users: ['legacy-*']", "users: ['legacy-*', planner]"));
    return async (...args: string[]) => await run([...args, '-m', dir, ...here.there], { env });
  }

  const lists = ['ListOpenIDConnectProviders', 'ListSAMLProviders'];

  test('is told what was not looked at and which permissions to add, and never that there is none', async () => {
    const rollcall = await asPlanner(['GetAccountSummary', ...lists]);
    const { code, stdout, stderr } = await rollcall('plan');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(
      '; 3 roles, the password policy not managed; OIDC providers, SAML providers and instance profiles not looked at, ' +
        'since the caller may not call iam:GetAccountSummary, iam:ListOpenIDConnectProviders and iam:ListSAMLProviders, ' +
        'which its policy should allow.\n',
    );
    const { looked } = JSON.parse((await rollcall('drift', '--json')).stdout) as Pick<SavedPlan, 'looked'>;
    expect(looked.kinds.at(-3)).toEqual({
      kind: 'oidc-provider',
      asDeclared: 0,
      changing: 0,
      ignored: 0,
      notManaged: 0,
      aside: 0,
      unseen: { op: 'ListOpenIDConnectProviders', denied: true },
    });
  });

  test('sees as much as it may', async () => {
    const rollcall = await asPlanner(['ListSAMLProviders']);
    const { stdout } = await rollcall('plan');
    expect(stdout).toContain(
      '3 roles, 2 OIDC providers, 2 instance profiles, the password policy not managed; SAML providers not looked at, ' +
        'since the caller may not call iam:ListSAMLProviders, which its policy should allow.\n',
    );
    const other = await (await asPlanner(['GetAccountSummary']))('plan');
    expect(other.stdout).toContain(
      '3 roles, 2 OIDC providers, 1 SAML provider, the password policy not managed',
    );
    expect(other.stdout).toContain('instance profiles not looked at');
  });
});

const containing = (text: string): unknown => expect.stringContaining(text);

describe('a role that nobody manages and anybody may assume', () => {
  const orgOnly = { Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } } };
  const denyOthers = (Condition?: Json): Json => [
    { Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole' },
    { Effect: 'Deny', Principal: '*', Action: 'sts:*', ...(Condition ? { Condition } : {}) },
  ];

  test.each<[string, { trust: string; attach?: string; inline?: string; boundary?: string }, string | null]>([
    ['*, AdministratorAccess', { trust: trusts('*'), attach: administrator }, 'can'],
    ['AWS *, all by an inline policy', { trust: trusts({ AWS: '*' }), inline: everything }, 'can'],
    ['* among others', { trust: trusts({ AWS: ['123456789012', '*'] }), attach: administrator }, 'can'],
    [
      'only where a condition holds',
      { trust: trusts('*', orgOnly), attach: administrator },
      'may be able to',
    ],
    [
      'but for a Deny',
      { trust: document(denyOthers(orgOnly.Condition)), attach: administrator },
      'may be able to',
    ],
    ['a Deny of everybody', { trust: document(denyOthers()), attach: administrator }, null],
    ['all of IAM', { trust: trusts('*'), attach: 'arn:aws:iam::aws:policy/IAMFullAccess' }, 'can'],
    ['* without policies', { trust: trusts('*') }, null],
    ['* that may read', { trust: trusts('*'), inline: read }, null],
    [
      'within a boundary',
      { trust: trusts('*'), attach: administrator, boundary: 'arn:aws:iam::aws:policy/ReadOnlyAccess' },
      null,
    ],
    ['a service', { trust: ofService, attach: administrator }, null],
    ['the account itself', { trust: trusts({ AWS: '123456789012' }), attach: administrator }, null],
    ['another account', { trust: trusts({ AWS: '210987654321' }), attach: administrator }, null],
  ])('%s', async (_name, { trust, attach, inline, boundary }, said) => {
    const here = await stage();
    here.sandbox.call('CreateRole', {
      RoleName: 'open',
      AssumeRolePolicyDocument: trust,
      ...(boundary === undefined ? {} : { PermissionsBoundary: boundary }),
    });
    if (attach) here.sandbox.call('AttachRolePolicy', { RoleName: 'open', PolicyArn: attach });
    if (inline)
      here.sandbox.call('PutRolePolicy', { RoleName: 'open', PolicyName: 'p', PolicyDocument: inline });
    here.sandbox.call('CreateUser', { UserName: 'anna' });
    const dir = manifests('users: { anna: {} }');
    const told = (text: string): string[] => text.match(/danger: anybody, .* assume role open, .*/g) ?? [];
    const plan = await here.rollcall('plan', dir);
    expect(plan.code).toBe(0);
    const drift = JSON.parse((await here.rollcall('drift', dir, '--json')).stdout) as SavedPlan;
    const shown = (await here.rollcall('drift', dir)).stderr;
    const whom = `, of any AWS account, ${said} assume role open,`;
    const expected: unknown[] = [said].flatMap((one) => (one === null ? [] : [containing(whom)]));
    expect(told(plan.stdout)).toEqual(expected);
    expect(told(shown)).toEqual(expected);
    expect(drift.notes.flatMap(told)).toEqual(expected);
    const roles = expected.map(() => ({ principal: 'role:open', certain: said === 'can' }));
    expect(drift.looked.openRoles.map(({ principal, certain }) => ({ principal, certain }))).toEqual(roles);
  });
});

describe('the credential report, which may be hours old', () => {
  /** anna has the key and the password that the files declare, and the report has them too. */
  async function reported() {
    let time = Date.parse('2027-01-01T00:00:00Z');
    const here = await stage({ clock: () => new Date((time += 1000)) });
    const { sandbox } = here;
    for (const UserName of ['anna', 'ben']) {
      sandbox.call('CreateUser', { UserName });
      sandbox.call('CreateLoginProfile', { UserName, Password: 'Correct-horse-9' });
    }
    const { AccessKey } = sandbox.call('CreateAccessKey', { UserName: 'anna' });
    time += 5 * 3600_000;
    sandbox.call('GenerateCredentialReport', {});
    time += 60_000;
    const dir = manifests('users: { anna: { accessKey: {}, console: {} }, ben: { console: {} } }');
    const json = async (command: string, ...more: string[]) =>
      JSON.parse((await here.rollcall(command, dir, '--json', ...more)).stdout) as SavedPlan & {
        drift?: unknown[];
      };
    return { ...here, dir, json, keyId: AccessKey!.AccessKeyId! };
  }

  const note =
    /^keys and passwords are as of 2027-01-01 05:00 UTC, when IAM made its credential report .*: what was made, deleted or made inactive since does not show here; --fresh reads them user by user$/;

  test.each<[string, (here: Awaited<ReturnType<typeof reported>>) => void, string]>([
    [
      'a login profile deleted',
      ({ sandbox }) => sandbox.call('DeleteLoginProfile', { UserName: 'anna' }),
      'password',
    ],
    [
      'a key deleted',
      ({ sandbox, keyId }) => sandbox.call('DeleteAccessKey', { UserName: 'anna', AccessKeyId: keyId }),
      'access key',
    ],
  ])('%s by hand is hidden by it, as a note says, and seen with --fresh', async (_name, act, said) => {
    const here = await reported();
    act(here);
    for (const command of ['plan', 'drift']) {
      const { notes, looked } = await here.json(command);
      expect(notes).toEqual([expect.stringMatching(note)]);
      expect(looked.reportedAt).toMatch(/^2027-01-01T05:00:/);
      const fresh = await here.json(command, '--fresh');
      expect([fresh.notes, fresh.looked.reportedAt]).toEqual([[], null]);
      expect(JSON.stringify(fresh.changes ?? fresh.drift)).toContain(said);
    }
    expect((await here.rollcall('plan', here.dir)).code).toBe(0);
    expect((await here.rollcall('plan', here.dir, '--fresh')).code).toBe(2);
    const applied = await here.rollcall(
      'apply',
      here.dir,
      '--fresh',
      '--yes',
      '--keys-to',
      `${here.dir}-keys`,
    );
    expect(applied.stdout).toContain('Applied 1 change');
  });

  test('a key made inactive by hand: --fresh has the note that it is', async () => {
    const { sandbox, keyId, json } = await reported();
    sandbox.call('UpdateAccessKey', { UserName: 'anna', AccessKeyId: keyId, Status: 'Inactive' });
    expect((await json('plan')).notes).toEqual([expect.stringMatching(note)]);
    expect((await json('plan', '--fresh')).notes).toEqual([
      expect.stringMatching(/anna.*inactive|inactive.*anna/i),
    ]);
  });

  test('--fresh takes two calls for each declared user, and none of the report', async () => {
    const { sandbox, rollcall, dir } = await reported();
    sandbox.clearJournal();
    expect((await rollcall('drift', dir, '--fresh')).code).toBe(0);
    const counts: Record<string, number> = {};
    for (const { op } of sandbox.journal) counts[op] = (counts[op] ?? 0) + 1;
    expect(counts).toEqual({
      GetCallerIdentity: 1,
      GetAccountAuthorizationDetails: 1,
      GetAccountSummary: 1,
      ListServiceSpecificCredentials: 1,
      ListAccessKeys: 2,
      GetLoginProfile: 2,
    });
  });

  test('nothing is noted where no plan rests on it: nobody is declared, or it was made just now', async () => {
    const { rollcall } = await reported();
    const dir = manifests("ignore: { users: ['*'] }\ngroups: { developers: {} }");
    expect((await rollcall('plan', dir)).stdout).not.toContain('credential report');
    let time = Date.parse('2027-01-01T00:00:00Z');
    const other = await stage({ clock: () => new Date((time += 60_000)) });
    other.sandbox.call('CreateUser', { UserName: 'anna' });
    // Too old to be given: a new one is made.
    time += 5 * 3600_000;
    const first = await other.rollcall('plan', manifests('users: { anna: {} }'));
    expect(first.stdout).toContain('nothing to change');
    expect(first.stdout).not.toContain('credential report');
  });
});
