/** What becomes of trusts and revocations over several plans: who left comes back, days pass, sessions end. */
import { expect, test } from 'vitest';
import { accountId, manifests, run, stage, write } from '../support/cli.ts';

const okta = {
  'okta.xml': `<EntityDescriptor entityID="https://okta.example.com">\n${'x'.repeat(1000)}\n</EntityDescriptor>\n`,
};
const user = (name: string): string => `arn:aws:iam::${accountId}:user/${name}`;
const letsIn = (...names: string[]): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: names.map(user) }, Action: 'sts:AssumeRole' }],
  });

/** An account on a day. */
async function world() {
  let time = Date.parse('2027-01-01T08:00:00Z');
  const there = await stage({ clock: () => new Date((time += 1000)) });
  const { sandbox } = there;
  const rollcall = async (command: string, yaml: string, ...more: string[]) =>
    await run([command, '-m', write(manifests(yaml), okta), ...there.there, ...more], {
      env: there.env,
      now: new Date(time),
    });
  return {
    sandbox,
    rollcall,
    apply: async (yaml: string, ...more: string[]): Promise<string> => {
      const ended = await rollcall('apply', yaml, '--yes', ...more);
      if (ended.code !== 0) throw new Error(`${ended.stdout}${ended.stderr}`);
      expect(await rollcall('plan', yaml)).toMatchObject({ code: 0 });
      return ended.stdout;
    },
    trustOf: (RoleName: string): string =>
      decodeURIComponent(sandbox.call('GetRole', { RoleName }).Role!.AssumeRolePolicyDocument!),
    policiesOf: (RoleName: string) => sandbox.call('ListRolePolicies', { RoleName }).PolicyNames,
    at: (iso: string): void => void (time = Date.parse(iso)),
  };
}

test('whoever comes back under the name of somebody who left is let in by no trust that does not say so anew', async () => {
  const { sandbox, apply, rollcall, trustOf } = await world();
  const roles = (names: string): string => `ignore: { roles: [other] }
roles:
  short: { trust: [{ user: [${names}] }] }
  whole: { trust: ${letsIn('dale', 'lorax')} }
`;
  await apply(`users: { dale: {}, lorax: {} }\n${roles('dale, lorax')}`);
  sandbox.call('CreateRole', { RoleName: 'other', AssumeRolePolicyDocument: letsIn('lorax') });
  await apply(`users: { dale: {} }\n${roles('dale')}`);
  for (const role of ['short', 'whole']) expect(trustOf(role)).not.toMatch(/lorax|AIDA/);
  expect(trustOf('other')).toMatch(/AIDA/);

  const again = `users: { dale: {}, lorax: {} }\n${roles('dale')}`;
  const { stdout } = await rollcall('plan', again);
  // What a file still says of them is said to every reviewer.
  expect(stdout).toContain('~ role whole: trust\n      widens: ');
  expect(stdout).not.toContain('role short');
  await apply(again);
  expect(trustOf('short')).not.toMatch(/lorax/);
  expect(trustOf('whole')).toContain(user('lorax'));
  // An id is nobody, whatever is made under the name.
  expect(trustOf('other')).toMatch(/AIDA/);
  expect(trustOf('other')).not.toContain(user('lorax'));
});

test('what ended on its day goes, out of trusts and profiles as well, and no plan waits for the file', async () => {
  const { apply, rollcall, trustOf, sandbox, at } = await world();
  const ends = 'expires: 2027-01-31';
  const yaml = `rails: { maxRemovals: { percent: 100 } }
users: { dale: {}, lorax: { ${ends} } }
identityProviders:
  oidc: { b.example.com: { audiences: [x], ${ends} } }
  saml: { okta: { metadata: ./okta.xml, ${ends} } }
instanceProfiles: { p: { role: temp }, q: { ${ends} } }
roles:
  temp: { trust: [{ service: ec2.amazonaws.com }], ${ends} }
  both: { trust: [{ user: [dale, lorax] }, { role: temp }] }
  solo: { trust: [{ user: lorax }] }
  people: { trust: [{ saml: okta }] }
  jobs: { trust: [{ oidc: b.example.com, audience: x }] }
`;
  await apply(yaml);
  at('2027-02-02T08:00:00Z');
  const { stdout } = await rollcall('plan', yaml);
  for (const gone of [
    'role temp: delete',
    'instance-profile q: delete',
    'oidc-provider b.example.com: delete',
    'saml-provider okta: delete',
  ])
    expect(stdout).toContain(`- ${gone} (expired 2027-01-31T23:59:59.999Z)`);
  expect(stdout).toContain('note: instance-profile p: its role temp expired, so it has none any more');
  expect(stdout).toContain('note: saml-provider okta expired: nobody comes into role people by it any more');
  expect(stdout).toContain('the role is now unreachable: only user lorax could assume it');
  await apply(yaml);
  expect(trustOf('both')).not.toMatch(/lorax|temp|AIDA|AROA/);
  const { Roles } = sandbox.call('GetInstanceProfile', { InstanceProfileName: 'p' }).InstanceProfile!;
  expect(Roles).toEqual([]);
  expect(sandbox.call('ListSAMLProviders', {}).SAMLProviderList).toEqual([]);
});

test('a revocation stands as long as a session may, is no drift, and goes by the first plan after that', async () => {
  const { apply, rollcall, policiesOf, at } = await world();
  const yaml = (names: string): string => `users: { dale: {}, lorax: {} }
roles: { deploy: { revoke: true, maxSession: 2h, trust: [{ user: [${names}] }] } }
`;
  await apply(yaml('dale, lorax'));
  expect(policiesOf('deploy')).toEqual([]);
  at('2027-01-10T08:00:00Z');
  await apply(yaml('dale'));
  expect(policiesOf('deploy')).toEqual(['AWSRevokeOlderSessions']);
  at('2027-01-10T09:50:00Z');
  expect(await rollcall('drift', yaml('dale'))).toMatchObject({ code: 0 });
  expect(await rollcall('plan', yaml('dale'))).toMatchObject({ code: 0 });
  at('2027-01-10T10:30:00Z');
  const drift = await rollcall('drift', yaml('dale'));
  expect(drift).toMatchObject({ code: 2 });
  expect(drift.stdout).toContain('role deploy: due is end the revocation of older sessions');
  expect(await apply(yaml('dale'))).toContain('~ role deploy: end the revocation of older sessions');
  expect(policiesOf('deploy')).toEqual([]);
  expect(await rollcall('drift', yaml('dale'))).toMatchObject({ code: 0 });
});

test('a revocation that somebody put by hand stays, over or not, and nobody gains by what it kept out', async () => {
  const { rollcall, sandbox } = await stage();
  const yaml = (...who: string[]): string =>
    manifests(`users: { ada: {}, grace: {} }
roles:
  deploy:
    trust: [{ user: [${who.join(', ')}] }]
    policies: { all: { Statement: { Effect: Allow, Action: 's3:*', Resource: '*' } } }
`);
  expect(await rollcall('apply', yaml('ada'), '--yes')).toMatchObject({ code: 0 });
  const revoke = (before: string): unknown =>
    sandbox.call('PutRolePolicy', {
      RoleName: 'deploy',
      PolicyName: 'AWSRevokeOlderSessions',
      PolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Deny',
            Action: ['*'],
            Resource: ['*'],
            Condition: { DateLessThan: { 'aws:TokenIssueTime': before } },
          },
        ],
      }),
    });
  for (const before of ['2020-01-01T00:00:00.000Z', '2026-12-31T23:59:00.000Z']) {
    revoke(before);
    for (const command of ['plan', 'drift'])
      expect(await rollcall(command, yaml('ada'))).toMatchObject({ code: 0 });
    const { stdout } = await rollcall('plan', yaml('ada', 'grace'));
    expect(stdout).toContain('+ user grace: assume role deploy: s3:* on *');
    expect(stdout).not.toContain('+ role deploy');
    expect(stdout).not.toContain('AWSRevokeOlderSessions');
  }
});

test('`revoke: true` beside a policy of the name in the files is an error, as neither would be what it says', async () => {
  const { rollcall } = await stage();
  const { code, stderr } = await rollcall(
    'plan',
    manifests(`users: { ada: {} }
roles:
  deploy:
    trust: [{ user: ada }]
    revoke: true
    policies: { AWSRevokeOlderSessions: { Statement: { Effect: Deny, Action: 's3:*', Resource: '*' } } }
`),
  );
  expect(code).toBe(1);
  expect(stderr).toMatch(/:6:5: error: role deploy: revoke ends its sessions by the inline policy/);
});

test('a new role that trusts who goes by the same plan is told to be unreachable', async () => {
  const { rollcall } = await stage();
  const before = `users: { ada: {}, grace: {} }\nroles: { deploy: { trust: [{ user: ada }] } }\n`;
  expect(await rollcall('apply', manifests(before), '--yes')).toMatchObject({ code: 0 });
  const arn = 'arn:aws:iam::123456789012:user/grace';
  const after = `users: { ada: {} }
roles:
  deploy: { trust: [{ user: ada }] }
  fresh: { trust: { Statement: { Effect: Allow, Principal: { AWS: '${arn}' }, Action: 'sts:AssumeRole' } } }
`;
  const { stdout } = await rollcall('plan', manifests(after));
  expect(stdout).toContain(
    'note: role fresh: its trust names user grace, who goes by this plan: it is left out, and nobody may assume the role',
  );
});
