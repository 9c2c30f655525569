/** What drift says of roles, of what vouches for people and programs, and of what hands roles to instances. */
import { expect, test } from 'vitest';
import { accountId, manifests, scratch, stage, write } from '../support/cli.ts';
import type { Stage } from '../support/cli.ts';

const github = 'token.actions.githubusercontent.com';
const arnOf = (what: string): string => `arn:aws:iam::${accountId}:${what}`;
const [first, second] = ['a'.repeat(40), 'b'.repeat(40)] as const;
const letsIn = (Principal: unknown, Action = 'sts:AssumeRole', more: object = {}): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal, Action, ...more }] });
const everybody = letsIn('*');
const metadata = (entity: string): string =>
  `<EntityDescriptor entityID="${entity}">\n${'x'.repeat(1000)}\n</EntityDescriptor>\n`;

const yaml = `
users: { dale: {} }
identityProviders:
  oidc: { ${github}: { audiences: [sts.amazonaws.com], thumbprints: ['${first}'] } }
  saml: { okta: { metadata: ./okta.xml } }
instanceProfiles: { declared: { role: web } }
roles:
  deploy: { trust: [{ user: dale }], attach: [aws:ReadOnlyAccess], maxSession: 2h }
  ci: { trust: [{ github: { repo: acme/web, environment: prod } }] }
  people: { trust: [{ saml: okta }] }
  web: { trust: [{ service: ec2.amazonaws.com }] }
  powerful: { trust: [{ service: ec2.amazonaws.com }], attach: [aws:AdministratorAccess] }
`;

/** An account that was as the files say. */
async function settledAccount(): Promise<Stage & { readonly dir: string }> {
  const there = await stage();
  const dir = write(manifests(yaml), { 'okta.xml': metadata('https://okta.example.com') });
  expect(await there.rollcall('apply', dir, '--yes')).toMatchObject({ code: 0, stderr: '' });
  expect(await there.rollcall('drift', dir)).toMatchObject({ code: 0 });
  return { ...there, dir };
}

/** What is said of each object, without what was looked at. */
const told = (stdout: string): string => stdout.split(/\n\n\d+ differences?\./)[0]!.replace(/^.*\n\n/, '');

test('a role that lets everybody in is told loudly, whoever made it so', async () => {
  const { sandbox, rollcall, dir } = await settledAccount();
  sandbox.call('UpdateAssumeRolePolicy', { RoleName: 'deploy', PolicyDocument: everybody });
  sandbox.call('CreateRole', { RoleName: 'backdoor', AssumeRolePolicyDocument: everybody });
  sandbox.call('AttachRolePolicy', {
    RoleName: 'backdoor',
    PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess',
  });
  sandbox.call('CreateRole', {
    RoleName: 'empty',
    AssumeRolePolicyDocument: letsIn({ AWS: '999999999999' }),
  });
  const { code, stdout, stderr } = await rollcall('drift', dir);
  expect(code).toBe(2);
  expect(told(stdout)).toBe(`  ~ role backdoor is in no file  (widens: makes an administrator)
      ! open to everybody: trusts everybody with an identity of AWS, whatever their account
      ! administrator: allows every action on every resource
      trust: allow sts:AssumeRole for everybody
      attached policy aws:AdministratorAccess
  ~ role deploy has another trust policy
      widens: sts:AssumeRole for arn:aws:iam::123456789012:user/dale becomes
              for everybody
      ! open to everybody: trusts everybody with an identity of AWS, whatever their account
      + allow sts:AssumeRole for everybody
      - allow sts:AssumeRole for arn:aws:iam::123456789012:user/dale
  ~ role empty is in no file  (widens)
      ! open to another account: trusts account 999999999999: whoever that account lets, without an external id or organization
      trust: allow sts:AssumeRole for 999999999999`);
  expect(stderr).toContain(
    'danger: anybody, of any AWS account, can assume role backdoor, an administrator: its trust policy lets in *',
  );
  const markdown = await rollcall('drift', dir, '--format', 'markdown');
  expect(markdown.stdout).toContain(
    '- `role backdoor is in no file`\n  - widens access: makes an administrator',
  );
  expect(markdown.stdout.match(/🚨 \*\*open to everybody\*\*/g)).toHaveLength(2);
  expect(markdown.stdout).toContain('  - `+ allow sts:AssumeRole for everybody`\n');
});

test('a principal that somebody deleted is told by the id that AWS shows', async () => {
  const { sandbox, rollcall, dir } = await settledAccount();
  sandbox.call('DeleteUser', { UserName: 'dale' });
  sandbox.call('CreateUser', { UserName: 'dale' });
  const { stdout } = await rollcall('drift', dir);
  expect(told(stdout).replaceAll(/\n +/g, ' ')).toMatch(
    /~ role deploy has another trust policy unclear: .* AWS shows AIDA\w+ instead of a principal that somebody deleted/,
  );
});

test('who vouches for people and programs', async () => {
  const { sandbox, rollcall, dir } = await settledAccount();
  const OpenIDConnectProviderArn = arnOf(`oidc-provider/${github}`);
  const audience = (ClientID: string): object => ({ OpenIDConnectProviderArn, ClientID });
  sandbox.call('AddClientIDToOpenIDConnectProvider', audience('evil') as never);
  sandbox.call('RemoveClientIDFromOpenIDConnectProvider', audience('sts.amazonaws.com') as never);
  sandbox.call('UpdateOpenIDConnectProviderThumbprint', {
    OpenIDConnectProviderArn,
    ThumbprintList: [second],
  });
  sandbox.call('UpdateSAMLProvider', {
    SAMLProviderArn: arnOf('saml-provider/okta'),
    SAMLMetadataDocument: metadata('https://evil.example.com'),
  });
  sandbox.call('CreateOpenIDConnectProvider', {
    Url: 'https://evil.example.com',
    ClientIDList: ['x'],
    ThumbprintList: [second],
  });
  const { stdout } = await rollcall('drift', dir);
  expect(told(stdout)).toBe(`  ~ saml-provider okta: in the account, metadata: another entity ID
      widens: a role trusts it: people
      ! other identity provider: https://evil.example.com vouches for people from now on, and https://okta.example.com no more: it lets them into people
      entity ID https://okta.example.com → https://evil.example.com
  ~ oidc-provider token.actions.githubusercontent.com has the audience evil, which is in no file
      widens: a role trusts it: ci
  ~ oidc-provider token.actions.githubusercontent.com has the thumbprint ${second}, which is in no file
      unclear: a role trusts it: ci
  ~ oidc-provider evil.example.com is in no file
      audience x
      thumbprint ${second}
  ~ oidc-provider token.actions.githubusercontent.com lacks the audience sts.amazonaws.com
      narrows: a role trusts it: ci
  ~ oidc-provider token.actions.githubusercontent.com lacks the thumbprint ${first}
      narrows: a role trusts it: ci`);
});

test('what hands roles to instances', async () => {
  const { sandbox, rollcall, dir } = await settledAccount();
  const inProfile = (InstanceProfileName: string, RoleName: string) => ({ InstanceProfileName, RoleName });
  sandbox.call('RemoveRoleFromInstanceProfile', inProfile('declared', 'web'));
  sandbox.call('AddRoleToInstanceProfile', inProfile('declared', 'powerful'));
  sandbox.call('CreateInstanceProfile', { InstanceProfileName: 'by-hand' });
  sandbox.call('AddRoleToInstanceProfile', inProfile('by-hand', 'powerful'));
  const { stdout } = await rollcall('drift', dir);
  expect(told(stdout)).toBe(`  ~ instance-profile by-hand is in no file
      widens: instances that have it get the role powerful
              makes an administrator
      ! administrator: allows every action on every resource
      role powerful
  ~ instance-profile declared: in the account, role web → powerful
      widens: instances that have it get the role powerful
              makes an administrator
      ! administrator: allows every action on every resource`);
});

test('what CloudTrail recorded leads to the object, and says who did it', async () => {
  const { sandbox, rollcall, dir } = await settledAccount();
  const okta = arnOf('saml-provider/okta');
  const provider = arnOf(`oidc-provider/${github}`);
  sandbox.call('UpdateAssumeRolePolicy', { RoleName: 'deploy', PolicyDocument: everybody });
  sandbox.call('UpdateRole', { RoleName: 'web', MaxSessionDuration: 43_200 });
  sandbox.call('CreateRole', { RoleName: 'backdoor', AssumeRolePolicyDocument: everybody });
  sandbox.call('AddClientIDToOpenIDConnectProvider', {
    OpenIDConnectProviderArn: provider,
    ClientID: 'evil',
  });
  sandbox.call('CreateOpenIDConnectProvider', { Url: 'https://evil.example.com/x', ClientIDList: ['x'] });
  sandbox.call('UpdateSAMLProvider', {
    SAMLProviderArn: okta,
    SAMLMetadataDocument: metadata('https://evil.example.com'),
  });
  sandbox.call('CreateSAMLProvider', {
    Name: 'other',
    SAMLMetadataDocument: metadata('https://x.example.com'),
  });
  sandbox.call('CreateInstanceProfile', { InstanceProfileName: 'by-hand' });
  sandbox.call('AddRoleToInstanceProfile', { InstanceProfileName: 'by-hand', RoleName: 'powerful' });
  const record = (eventName: string, who: string, requestParameters: object) => ({
    EventName: eventName,
    CloudTrailEvent: JSON.stringify({
      eventName,
      eventTime: '2027-01-02T03:04:05Z',
      userIdentity: { type: 'IAMUser', arn: arnOf(`user/${who}`) },
      requestParameters,
    }),
  });
  const Events = [
    record('UpdateAssumeRolePolicy', 'ada', { roleName: 'deploy', policyDocument: everybody }),
    record('UpdateRole', 'grace', { roleName: 'web', maxSessionDuration: 43_200 }),
    record('CreateRole', 'buzzo', { roleName: 'backdoor', path: '/', assumeRolePolicyDocument: everybody }),
    record('AddClientIDToOpenIDConnectProvider', 'ada', {
      openIDConnectProviderArn: provider,
      clientID: 'evil',
    }),
    record('CreateOpenIDConnectProvider', 'grace', {
      url: 'https://evil.example.com/x',
      clientIDList: ['x'],
    }),
    record('UpdateSAMLProvider', 'buzzo', { sAMLProviderArn: okta, sAMLMetadataDocument: '<x/>' }),
    record('CreateSAMLProvider', 'ada', { name: 'other', sAMLMetadataDocument: '<x/>' }),
    record('AddRoleToInstanceProfile', 'grace', { instanceProfileName: 'by-hand', roleName: 'powerful' }),
  ];
  const file = `${write(scratch(), { 'events.json': JSON.stringify({ Events }) })}/events.json`;
  const { stdout } = await rollcall('drift', dir, '--events', file, '--json');
  const { drift } = JSON.parse(stdout) as { drift: { change: string; by?: { who: string; call: string } }[] };
  expect(drift.map(({ change, by }) => [change, by?.call, by?.who.split('/').at(-1)]).sort()).toEqual([
    ['instance-profile:by-hand', 'AddRoleToInstanceProfile', 'grace'],
    ['oidc-provider:evil.example.com%2Fx', 'CreateOpenIDConnectProvider', 'grace'],
    [`oidc-provider:${github}/audiences`, 'AddClientIDToOpenIDConnectProvider', 'ada'],
    ['role:backdoor', 'CreateRole', 'buzzo'],
    ['role:deploy/trust', 'UpdateAssumeRolePolicy', 'ada'],
    ['role:web/settings', 'UpdateRole', 'grace'],
    ['saml-provider:okta/metadata', 'UpdateSAMLProvider', 'buzzo'],
    ['saml-provider:other', 'CreateSAMLProvider', 'ada'],
  ]);
});
