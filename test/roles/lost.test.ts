/** Calls whose answer is lost: nothing is made twice, the run goes on, and what was made is told. */
import { expect, test } from 'vitest';
import type { FaultKind } from '../../src/sandbox/faults.ts';
import { accountId, manifests, stage, write } from '../support/cli.ts';

const arnOf = (what: string): string => `arn:aws:iam::${accountId}:${what}`;
const okta = {
  'okta.xml': `<EntityDescriptor entityID="https://okta.example.com">\n${'x'.repeat(1000)}\n</EntityDescriptor>\n`,
};
const yaml = `users: { dale: {} }
identityProviders:
  oidc: { b.example.com/x: { audiences: [x] } }
  saml: { okta: { metadata: ./okta.xml } }
instanceProfiles: { p: { role: web } }
roles:
  web: { trust: [{ service: ec2.amazonaws.com }], policies: { own: { Statement: [{ Effect: Allow, Action: 's3:*', Resource: '*' }] } } }
`;
const files = (text: string): string => write(manifests(text), okta);

const made = [
  ['role', 'web', arnOf('role/web')],
  ['instance-profile', 'p', arnOf('instance-profile/p')],
  ['oidc-provider', 'b.example.com/x', arnOf('oidc-provider/b.example.com/x')],
  ['saml-provider', 'okta', arnOf('saml-provider/okta')],
];

const kinds: readonly FaultKind[] = ['lost-reply-after', 'lost-reply-before', 'error-after', 'error-before'];

test.each(
  [
    'CreateRole',
    'CreateInstanceProfile',
    'CreateOpenIDConnectProvider',
    'CreateSAMLProvider',
    'AddRoleToInstanceProfile',
  ].flatMap((op) => kinds.map((kind) => [op, kind] as const)),
)('%s: %s', async (op, kind) => {
  const { sandbox, rollcall } = await stage();
  sandbox.faults.add({ op, kind, times: 1 });
  const dir = files(yaml);
  const ended = await rollcall('apply', dir, '--yes', '--json');
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  const all = (JSON.parse(ended.stdout) as { made: { kind: string; name: string; arn: string }[] }).made;
  expect(all.filter((one) => one.kind !== 'user').map((one) => [one.kind, one.name, one.arn])).toEqual(made);
  expect(sandbox.call('ListRolePolicies', { RoleName: 'web' }).PolicyNames).toEqual(['own']);
  const { Roles } = sandbox.call('GetInstanceProfile', { InstanceProfileName: 'p' }).InstanceProfile!;
  expect(Roles!.map(({ RoleName }) => RoleName)).toEqual(['web']);
  expect(sandbox.call('ListOpenIDConnectProviders', {}).OpenIDConnectProviderList).toHaveLength(1);
  expect(sandbox.call('ListSAMLProviders', {}).SAMLProviderList).toHaveLength(1);
  expect(await rollcall('plan', dir)).toMatchObject({ code: 0 });
});

test.each(
  [
    'UpdateAssumeRolePolicy',
    'RemoveRoleFromInstanceProfile',
    'AddClientIDToOpenIDConnectProvider',
    'UpdateSAMLProvider',
  ].flatMap((op) => kinds.map((kind) => [op, kind] as const)),
)('%s: %s', async (op, kind) => {
  const { sandbox, rollcall } = await stage();
  expect(await rollcall('apply', files(yaml), '--yes')).toMatchObject({ code: 0 });
  sandbox.faults.add({ op, kind, times: 1 });
  const dir = files(
    yaml
      .replace('ec2.amazonaws.com', 'lambda.amazonaws.com')
      .replace('[x]', '[x, y]')
      .replace('p: { role: web }', 'p: {}'),
  );
  write(dir, { 'okta.xml': okta['okta.xml'].replace('okta.', 'other.') });
  expect(await rollcall('apply', dir, '--yes')).toMatchObject({ code: 0, stderr: '' });
  expect(await rollcall('plan', dir)).toMatchObject({ code: 0 });
});

test('a role that somebody else puts into the profile meanwhile is not taken for ours', async () => {
  const { sandbox, rollcall } = await stage();
  sandbox.call('CreateRole', {
    RoleName: 'other',
    AssumeRolePolicyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' },
    }),
  });
  sandbox.faults.add({ op: 'AddRoleToInstanceProfile', kind: 'lost-reply-before', times: 1 });
  let tries = 0;
  sandbox.faults.beforeCall = ({ op }) => {
    if (op === 'AddRoleToInstanceProfile' && (tries += 1) === 2)
      sandbox.call('AddRoleToInstanceProfile', { InstanceProfileName: 'p', RoleName: 'other' });
  };
  const { code, stderr } = await rollcall('apply', files(`manage: declared\n${yaml}`), '--yes');
  expect(code).toBe(5);
  expect(stderr).toContain('AddRoleToInstanceProfile: LimitExceeded: Cannot exceed quota');
  expect(stderr).toContain('somebody else put a role into it: the next plan takes that out');
});

test.each([
  'CreateRole',
  'CreateInstanceProfile',
  'CreateOpenIDConnectProvider',
  'CreateSAMLProvider',
  'AddRoleToInstanceProfile',
])(
  'where half of the answer to %s arrives, that is said, and the next run goes on from what there is',
  async (op) => {
    const { sandbox, rollcall } = await stage();
    sandbox.faults.add({ op, kind: 'cut-reply', times: 1 });
    const dir = files(yaml);
    const { code, stderr } = await rollcall('apply', dir, '--yes');
    expect(code).toBe(5);
    expect(stderr).toContain(`${op}: the answer cannot be read`);
    expect(stderr).toContain('nobody knows whether it took effect');
    sandbox.clearJournal();
    expect(await rollcall('apply', dir, '--yes')).toMatchObject({ code: 0, stderr: '' });
    expect(sandbox.journal.map((call) => call.op)).not.toContain(op);
    expect(await rollcall('plan', dir)).toMatchObject({ code: 0 });
  },
);
