import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { run, scratch, stage, write } from '../support/cli.ts';

const validated = async (
  yaml: string,
  others: { readonly [file: string]: string } = {},
): Promise<string[]> => {
  const cwd = write(scratch(), { 'a.yaml': `account: '123456789012'\n${yaml}`, ...others });
  const { stdout, stderr } = await run(['validate', '-m', '.'], { env: {}, cwd });
  return `${stdout}${stderr}`.split('\n').filter((line) => /: (?:error|warning): |hint/.test(line));
};

const trust = (entry: string): string =>
  `users: { dale: {} }
roles:
  ops: { trust: [{ service: ec2.amazonaws.com }] }
  deploy:
    trust:
      - ${entry}
`;

test.each<[string, RegExp]>([
  ['{ service: lambda }', /^a\.yaml:7:20: error: "lambda" is no service \[trust-principal\]$/],
  [
    `{ service: ec2.amazonaws.com, account: '999999999999' }`,
    /"service" and "account" stand in one entry \[trust-form\]/,
  ],
  ['{ account: 999999999999 }', /must be a string or a list, but is a number \[wrong-type\]/],
  [`{ account: '99' }`, /is not valid: write the twelve digits of an account in quotes \[bad-value\]/],
  [`{ account: '*' }`, /every account of AWS would be trusted \[trust-form\]/],
  ['{ role: opps }', /there is no role "opps" \[unknown-role\]/],
  ['{ user: lorax }', /there is no user "lorax" \[unknown-user\]/],
  ['{ user: "arn:aws:iam::999999999999:role/x" }', /is no ARN of a user \[trust-form\]/],
  [
    '{ github: { repo: acme/web, environment: prod, branch: main } }',
    /"environment" and "branch" never hold together \[trust-form\]/,
  ],
  ['{ github: { environment: prod } }', /this is every repository of GitHub \[trust-form\]/],
  [
    '{ github: { repo: acme/web, subject: "repo:acme/web:*" } }',
    /"subject" says all that "repo" says \[trust-form\]/,
  ],
  ['{ github: { repo: acme } }', /is not valid: write OWNER\/REPOSITORY, such as acme\/web \[bad-value\]/],
  ['{ github: { repo: "*/web" } }', /write OWNER\/REPOSITORY/],
  ['{ github: { repo: acme/web, enviroment: prod } }', /unknown key "enviroment"/],
  [
    '{ github: { subject: "*" } }',
    /warning: token\.actions\.githubusercontent\.com issues tokens to everybody.*\[trust-issuer\]/,
  ],
  ['{ oidc: https://gitlab.com }', /"https:\/\/gitlab\.com" has a scheme \[trust-form\]/],
  ['{ oidc: token.actions.githubusercontent.com }', /has a form of its own \[trust-form\]/],
  ['{ saml: okta, mfa: true }', /"mfa" means nothing beside "saml" \[trust-form\]/],
  ['{ externalId: acme }', /this names nobody who may assume the role \[trust-form\]/],
  ['lambda.amazonaws.com', /must be a mapping, but is a string \[wrong-type\]/],
  ['{}', /is empty \[bad-value\]/],
])('%s is refused', async (entry, message) => {
  const lines = await validated(trust(entry));
  expect(lines.filter((line) => message.test(line))).toHaveLength(1);
  // One fault is one message.
  expect(lines.filter((line) => /^a\.yaml.*(?:error|warning): /.test(line))).toHaveLength(1);
});

test('forms of every kind are taken', async () => {
  const forms = `
      - github: { repo: acme/web, environment: prod }
      - github: { repo: [acme@12/web@34], branch: main, audience: x }
      - service: [lambda.amazonaws.com, edgelambda.amazonaws.com]
      - { account: '999999999999', externalId: acme-1, mfa: true, org: o-a1b2c3d4e5 }
      - { account: '*', org: o-a1b2c3d4e5 }
      - { role: ops, mfa: true }
      - user: [dale]
      - role: arn:aws:iam::999999999999:role/x
`;
  expect(await validated(trust(forms.trim().slice(2)))).toEqual([]);
});

test('a whole trust policy is checked at its places, here and in a file', async () => {
  const wrong = '{ Statement: { Effect: Allow, Principal: { AWS: dale }, Action: "s3:*", Resource: "*" } }';
  const here = await validated(`roles: { deploy: { trust: ${wrong} } }\n`);
  expect(here.filter((line) => !/hint/.test(line))).toEqual([
    'a.yaml:2:75: error: "dale" is no principal of AWS [trust-principal]',
    'a.yaml:2:91: error: the action "s3:*" is not allowed in a trust policy [trust-action]',
    'a.yaml:2:99: error: Resource is not allowed in a trust policy: it is about the role that it belongs to [trust-resource]',
  ]);
  const file = JSON.stringify({ Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole' }] });
  const there = await validated('roles: { deploy: { trust: ./t.json } }\n', { 't.json': file });
  expect(there[0]).toMatch(/^t\.json:1:\d+: error: statement 1 has no "Principal".*\[trust-principal\]$/);
});

test('what the forms say is written, is no drift, and comes back by import', async () => {
  const { sandbox, rollcall } = await stage();
  const yaml = `account: '123456789012'
users: { dale: { path: /staff/ } }
roles:
  ops:
    path: /ci/
    trust: [{ user: dale, mfa: true }]
  deploy:
    trust:
      - github: { repo: acme/web, environment: prod }
      - { role: ops }
      - { account: '999999999999', externalId: acme-1 }
`;
  const cwd = write(scratch(), { 'm/a.yaml': yaml });
  expect(await rollcall('apply', `${cwd}/m`, '--yes')).toMatchObject({ code: 0 });
  const { Role } = sandbox.call('GetRole', { RoleName: 'deploy' }) as {
    Role: { AssumeRolePolicyDocument: string };
  };
  expect(decodeURIComponent(Role.AssumeRolePolicyDocument)).toContain(
    'arn:aws:iam::123456789012:role/ci/ops',
  );
  expect((await rollcall('plan', `${cwd}/m`)).stdout).toContain('matches the manifests');
  const imported = await rollcall('import', `${cwd}/n`, '--only', 'user:*', '--only', 'role:*');
  expect(imported).toMatchObject({ code: 0 });
  expect(readFileSync(`${cwd}/n/roles.yaml`, 'utf8')).toContain(`    trust:
      - github: { repo: acme/web, environment: prod }
      - role: ops
      - account: '999999999999'
        externalId: acme-1
`);
  expect((await rollcall('plan', `${cwd}/n`)).stdout).toContain('matches the manifests');
});
