/** What manifests and options say of all objects alike, said of roles, profiles and providers: as of users. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { accountId, manifests, run, scratch, stage, write } from '../support/cli.ts';

const github = 'token.actions.githubusercontent.com';
const arnOf = (what: string): string => `arn:aws:iam::${accountId}:${what}`;
const okta = {
  'okta.xml': `<EntityDescriptor entityID="https://okta.example.com">\n${'x'.repeat(1000)}\n</EntityDescriptor>\n`,
};
const files = (yaml: string): string => write(manifests(yaml), okta);

const kept = `users: { dale: {} }
identityProviders: { oidc: { ${github}: { audiences: [sts.amazonaws.com] } } }
instanceProfiles: { kept: { role: web } }
roles: { web: { trust: [{ service: ec2.amazonaws.com }] } }
`;
const before = `users: { dale: {} }
identityProviders:
  oidc: { ${github}: { audiences: [sts.amazonaws.com] }, b.example.com/x: { audiences: [x] } }
  saml: { okta: { metadata: ./okta.xml } }
instanceProfiles: { p1: { role: web }, kept: { role: web } }
roles:
  deploy: { trust: [{ user: dale }], attach: [aws:ReadOnlyAccess] }
  web: { trust: [{ service: ec2.amazonaws.com }] }
`;
/** Without a role, a profile and two providers. */
const after = `removed: { roles: [deploy], instanceProfiles: [p1], identityProviders: { oidc: [b.example.com/x], saml: [okta] } }
${kept}`;

async function account() {
  const there = await stage();
  const applied = await there.rollcall('apply', files(before), '--yes', '--json');
  expect(applied).toMatchObject({ code: 0, stderr: '' });
  there.sandbox.clearJournal();
  return { ...there, applied };
}

test('an apply tells what it made, with ids and ARNs', async () => {
  const { applied, rollcall, sandbox } = await account();
  const { made } = JSON.parse(applied.stdout) as { made: { kind: string; name: string; arn: string }[] };
  expect(made.map(({ kind, name, arn }) => [kind, name, arn])).toEqual([
    ['user', 'dale', arnOf('user/dale')],
    ['role', 'deploy', arnOf('role/deploy')],
    ['role', 'web', arnOf('role/web')],
    ['instance-profile', 'kept', arnOf('instance-profile/kept')],
    ['instance-profile', 'p1', arnOf('instance-profile/p1')],
    ['oidc-provider', 'b.example.com/x', arnOf('oidc-provider/b.example.com/x')],
    ['oidc-provider', github, arnOf(`oidc-provider/${github}`)],
    ['saml-provider', 'okta', arnOf('saml-provider/okta')],
  ]);
  sandbox.call('DeleteSAMLProvider', { SAMLProviderArn: arnOf('saml-provider/okta') });
  const { stdout } = await rollcall('apply', files(before), '--yes');
  expect(stdout).toContain(`Made:\n  + saml-provider okta\n      ${arnOf('saml-provider/okta')}\n`);
});

test('an export has them whole', async () => {
  const { there, env } = await account();
  const { stdout } = await run(['export', ...there], { env, cwd: scratch() });
  expect(JSON.parse(stdout)).toMatchObject({
    roles: {
      deploy: {
        arn: arnOf('role/deploy'),
        maxSession: 3600,
        attachedPolicyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess'],
        trust: { Statement: [{ Principal: { AWS: arnOf('user/dale') } }] },
      },
    },
    instanceProfiles: { p1: { arn: arnOf('instance-profile/p1'), role: 'web' } },
    identityProviders: {
      oidc: { 'b.example.com/x': { audiences: ['x'], arn: arnOf('oidc-provider/b.example.com/x') } },
      saml: { okta: { metadata: okta['okta.xml'], arn: arnOf('saml-provider/okta') } },
    },
  });
});

test('what rails protect is not touched', async () => {
  const { rollcall, writes } = await account();
  const protect =
    'rails: { maxRemovals: { roles: 9, instanceProfiles: 9, identityProviders: 9 }, protect: { roles: [deploy], instanceProfiles: [p1], identityProviders: { oidc: [b.example.com/x], saml: [okta] } } }\n';
  const dir = files(`${protect}${after}`);
  const { code, stderr } = await rollcall('apply', dir, '--yes');
  expect(code).toBe(3);
  for (const object of [
    'role deploy',
    'instance-profile p1',
    'oidc-provider b.example.com/x',
    'saml-provider okta',
  ])
    expect(stderr).toContain(`refused by the rail protected: the plan touches the protected ${object}: `);
  // Also where only a part of it changes.
  const part = `rails: { protect: { roles: [web] } }\n${before.replace('  web: { trust', '  web: { maxSession: 2h, trust')}`;
  expect((await rollcall('plan', files(part))).stderr).toContain(
    'the protected role web: role web: longest session 1h → 2h',
  );
  expect(writes()).toEqual([]);
});

test('no more of them go than rails let, each counted by itself', async () => {
  const { rollcall, writes } = await account();
  const most = 'rails: { maxRemovals: { roles: 0, instanceProfiles: 0, identityProviders: 1 } }\n';
  const { code, stderr } = await rollcall('apply', files(`${most}${after}`), '--yes');
  expect(code).toBe(3);
  expect(stderr).toContain('max-removals: 1 role of 2 would be removed; at most 0 may go');
  expect(stderr).toContain('max-removals: 1 instance profile of 2 would be removed; at most 0 may go');
  expect(stderr).toContain(
    'max-removals: 1 OIDC provider and 1 SAML provider of 3 would be removed; at most 1',
  );
  expect(writes()).toEqual([]);
});

test('what `ignore` names is left alone, and so is what `manage` does not name', async () => {
  const { rollcall } = await account();
  const ignore = `ignore: { roles: [dep*], instanceProfiles: ['P?'], identityProviders: { oidc: [b.*], saml: ['*'] } }\n`;
  const rest = kept.replace('users', 'manage: all\nusers');
  const ignored = await rollcall('plan', files(`${ignore}${rest}`));
  expect(ignored).toMatchObject({ code: 0 });
  expect(ignored.stdout).toContain(
    '1 role, 1 instance profile, 1 OIDC provider, 1 SAML provider ignored or not managed',
  );
  const some = `manage: { users: all, roles: { names: [d*] }, instanceProfiles: { names: [p*] }, identityProviders: { oidc: { names: ['b*'] }, saml: { names: [none] } } }\n`;
  const { stdout } = await rollcall('plan', files(`${some}${kept}`), '--json');
  const { changes } = JSON.parse(stdout) as { changes: { id: string; action: string }[] };
  expect(changes.map(({ id, action }) => [id, action])).toEqual([
    ['role:deploy', 'delete'],
    ['instance-profile:p1', 'delete'],
    ['oidc-provider:b.example.com%2Fx', 'delete'],
  ]);
});

test.each([
  ['role:deploy', 'role:deploy'],
  ['instance-profile:P1', 'instance-profile:p1'],
  ['oidc-provider:b.example.com/x', 'oidc-provider:b.example.com%2Fx'],
  ['oidc-provider:b.example.com%2Fx', 'oidc-provider:b.example.com%2Fx'],
  ['saml-provider:okta', 'saml-provider:okta'],
])('`--target %s` keeps a plan to it', async (target, only) => {
  const { rollcall } = await account();
  const { stdout } = await rollcall('plan', files(after), '--target', target, '--json');
  const { changes, targets } = JSON.parse(stdout) as { changes: { id: string }[]; targets: string[] };
  expect([changes.map(({ id }) => id), targets]).toEqual([[only], [only]]);
  const unknown = await rollcall('plan', files(after), '--target', `${target}y`);
  expect(unknown.stderr).toContain('no manifest declares this');
});

test('`--target` of a role brings the provider and the profile that it needs', async () => {
  const { rollcall } = await stage();
  const yaml = before.replace(
    '[{ user: dale }]',
    `[{ saml: okta }, { oidc: b.example.com/x, conditions: { StringEquals: { 'b.example.com/x:aud': x } } }]`,
  );
  const { stdout, stderr } = await rollcall('plan', files(yaml), '--target', 'role:deploy', '--json');
  expect(stderr).toBe('');
  const { changes } = JSON.parse(stdout) as { changes: { id: string }[] };
  expect(changes.map(({ id }) => id)).toEqual([
    'role:deploy',
    'oidc-provider:b.example.com%2Fx',
    'saml-provider:okta',
  ]);
  const profile = await rollcall('plan', files(before), '--target', 'instance-profile:p1', '--json');
  expect(
    (JSON.parse(profile.stdout) as typeof changes & { changes: { id: string }[] }).changes.map(
      ({ id }) => id,
    ),
  ).toEqual(['role:web', 'instance-profile:p1']);
});

test('`--target` of a role brings the profile that its entry declares, and no other', async () => {
  const { rollcall, writes, sandbox } = await stage();
  const yaml = (profile: string): string =>
    manifests(`users: { dale: {} }
roles:
  q: { trust: [], instanceProfile: ${profile} }
  r: { trust: [{ role: q }], instanceProfile: true }
instanceProfiles: { other: { role: q } }
`);
  const made = ['CreateRole', 'CreateInstanceProfile', 'AddRoleToInstanceProfile'];
  const target = async (profile: string, role: string) => {
    sandbox.clearJournal();
    expect(await rollcall('apply', yaml(profile), '--yes', '--target', role)).toMatchObject({ code: 0 });
    return writes();
  };
  expect(await target('true', 'role:Q')).toEqual(made);
  expect(await target('true', 'role:q')).toEqual([]);
  expect(await target('web', 'role:q')).toEqual(['CreateInstanceProfile', 'AddRoleToInstanceProfile']);
  // There already, it becomes as declared.
  sandbox.call('RemoveRoleFromInstanceProfile', { InstanceProfileName: 'web', RoleName: 'q' });
  expect(await target('web', 'role:q')).toEqual(['AddRoleToInstanceProfile']);
  expect(await target('web', 'instance-profile:r')).toEqual(made);
  const { InstanceProfiles } = sandbox.call('ListInstanceProfiles', {}) as {
    InstanceProfiles: { InstanceProfileName: string; Roles: { RoleName: string }[] }[];
  };
  expect(InstanceProfiles.map((one) => [one.InstanceProfileName, one.Roles[0]?.RoleName])).toEqual([
    ['q', 'q'],
    ['r', 'r'],
    ['web', 'q'],
  ]);
});

/** A saved plan of changes of a role, a profile and both providers. */
async function savedPlan() {
  const there = await account();
  const dir = files(
    before
      .replace('[{ user: dale }]', '[{ account: "123456789012" }]')
      .replace('audiences: [x]', 'audiences: [x, y]')
      .replace('p1: { role: web }', 'p1: { role: deploy }'),
  );
  const file = join(scratch(), 'plan.json');
  expect(await there.rollcall('plan', dir, '--out', file)).toMatchObject({ code: 2 });
  const apply = async () =>
    await run(['apply', file, '-m', dir, '--yes', ...there.there], { env: there.env, cwd: scratch() });
  return { ...there, dir, file, apply };
}

test('a saved plan is shown and applied as it was reviewed', async () => {
  const { file, apply, rollcall, dir, sandbox, writes } = await savedPlan();
  const shown = await run(['show', file], { cwd: scratch() });
  expect(shown.code).toBe(0);
  expect(shown.stdout).toBe((await rollcall('plan', dir)).stdout);
  expect(shown.stdout).toContain('~ role deploy: trust');
  const { steps } = JSON.parse(readFileSync(file, 'utf8')) as { steps: { op: string }[] };
  sandbox.clearJournal();
  expect(await apply()).toMatchObject({ code: 0 });
  expect(writes().sort()).toEqual(steps.map(({ op }) => op).sort());
  expect(await rollcall('plan', dir)).toMatchObject({ code: 0 });
});

const letsIn = (AWS: string): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Principal: { AWS }, Action: 'sts:AssumeRole' },
  });

test.each([
  [
    'the trust of a role',
    'UpdateAssumeRolePolicy',
    { RoleName: 'deploy', PolicyDocument: letsIn('*') },
    'role deploy',
  ],
  [
    'the longest session of a role',
    'UpdateRole',
    { RoleName: 'deploy', MaxSessionDuration: 43_200 },
    'role deploy',
  ],
  [
    'the role of a profile',
    'RemoveRoleFromInstanceProfile',
    { InstanceProfileName: 'p1', RoleName: 'web' },
    'instance-profile p1',
  ],
  [
    'an audience',
    'AddClientIDToOpenIDConnectProvider',
    { OpenIDConnectProviderArn: arnOf('oidc-provider/b.example.com/x'), ClientID: 'evil' },
    'oidc-provider b.example.com/x',
  ],
])('a saved plan is refused once somebody changed %s', async (_what, op, input, object) => {
  const { sandbox, apply, writes } = await savedPlan();
  sandbox.call(op as 'UpdateRole', input as never);
  sandbox.clearJournal();
  const { code, stderr } = await apply();
  expect([code, stderr]).toEqual([4, expect.stringContaining(object)]);
  expect(writes()).toEqual([]);
});

test('`--target` of a role that goes takes it out of profiles that are no targets', async () => {
  const { rollcall, writes } = await account();
  const gone = `removed: { roles: [web], instanceProfiles: [p1, kept] }
users: { dale: {} }
roles: { deploy: { trust: [{ user: dale }], attach: [aws:ReadOnlyAccess] } }
`;
  expect(await rollcall('apply', files(gone), '--yes', '--target', 'role:web')).toMatchObject({ code: 0 });
  expect(writes()).toEqual([
    'UpdateAssumeRolePolicy',
    'PutRolePolicy AWSRevokeOlderSessions',
    'RemoveRoleFromInstanceProfile',
    'RemoveRoleFromInstanceProfile',
    'DeleteRolePolicy AWSRevokeOlderSessions',
    'DeleteRole',
  ]);
});
