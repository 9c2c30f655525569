/** Names that roles, their trusts and instance profiles say: checked where they stand, before anything is asked of IAM. */
import { expect, test } from 'vitest';
import { run, scratch, stage, manifests, write } from '../support/cli.ts';

const validated = async (yaml: string): Promise<string[]> => {
  const cwd = write(scratch(), { 'a.yaml': `account: '123456789012'\n${yaml}` });
  const { stdout, stderr } = await run(['validate', '-m', '.'], { env: {}, cwd });
  return `${stdout}${stderr}`
    .split('\n')
    .filter((line) => /: (?:error|warning): |hint/.test(line))
    .map((line) => line.trim());
};

const long = 'p'.repeat(129);

test.each<[string, string]>([
  ['bad name!', 'is not valid: use only letters (A-Z, a-z), digits and + = , . @ _ - [bad-value]'],
  ['a/b', 'is not valid: use only letters (A-Z, a-z), digits and + = , . @ _ - [bad-value]'],
  ['', 'is empty [bad-value]'],
  [long, 'has 129 characters; at most 128 are allowed [too-long]'],
])('instanceProfile: "%s" of a role is refused', async (name, problem) => {
  expect(await validated(`roles:\n  web: { trust: [], instanceProfile: "${name}" }\n`)).toEqual([
    `a.yaml:3:38: error: "instanceProfile" of role "web" ${problem}`,
  ]);
});

test.each(['true', 'false', long.slice(1), '"a+=,.@_-Z9"'])('instanceProfile: %s is taken', async (said) => {
  expect(await validated(`roles: { web: { trust: [], instanceProfile: ${said} } }\n`)).toEqual([]);
});

const declared = `users: { ada: {} }
roles: { r: { trust: [] }, web: { trust: [WHO] } }
identityProviders:
  oidc: { idp.example.com/path: { audiences: [x] } }
  saml: { okta: { metadata: ./okta.xml } }
`;

test.each<[string, string, string]>([
  ['{ role: R }', 'role "R" [unknown-role]', 'r'],
  ['{ role: [r, R] }', 'role "R" [unknown-role]', 'r'],
  ['{ user: ADA }', 'user "ADA" [unknown-user]', 'ada'],
  ['{ saml: OKTA }', 'SAML provider "OKTA" [unknown-provider]', 'okta'],
  [
    '{ oidc: IDP.example.com/Path, subject: x }',
    'OIDC provider "IDP.example.com/Path" [unknown-provider]',
    'idp.example.com/path',
  ],
])('the trust %s is refused: it is declared in another case', async (form, unknown, spelled) => {
  for (const rest of ['', 'manage: declared\n', 'ignore: { roles: ["x*"] }\n']) {
    const lines = await validated(declared.replace('WHO', form) + rest);
    expect(lines.filter((line) => !line.includes('okta.xml'))).toEqual([
      expect.stringMatching(/^a\.yaml:3:\d+: error: there is no /) as string,
      `hint: did you mean "${spelled}"?`,
    ]);
    expect(lines.join('\n')).toContain(`error: there is no ${unknown}`);
  }
});

test('a profile names a role as it is declared', async () => {
  const profiles = `roles: { r: { trust: [] } }
instanceProfiles:
  right: { role: r }
  none: {}
  case: { role: R }
  ghost: { role: ghost }
  empty: { role: '' }
`;
  expect(await validated(profiles)).toEqual([
    'a.yaml:6:17: error: there is no role "R" [unknown-role]',
    'hint: did you mean "r"?',
    'a.yaml:7:18: error: there is no role "ghost" [unknown-role]',
    'hint: declare it under roles',
    'a.yaml:8:18: error: "role" of instance profile "empty" is empty [bad-value]',
  ]);
  // Which roles there are, only the account tells.
  for (const rest of ['manage: { roles: declared }\n', 'ignore: { roles: [ghost] }\n'])
    expect((await validated(profiles + rest)).filter((line) => line.includes('ghost'))).toEqual([]);
  expect(await validated('instanceProfiles: { ghost: { role: ghost } }\n')).toEqual([]);
  const { rollcall } = await stage();
  const { code, stderr } = await rollcall('plan', manifests('instanceProfiles: { p: { role: ghost } }\n'));
  expect(code).toBe(1);
  expect(stderr).toContain('instance-profile p: there is no role ghost');
});

test.each([
  [
    'roles: { r: { trust: } }',
    'write a list of who may assume the role, a trust policy, or the path of a .json, .yaml or .yml file with one',
  ],
  ['roles: { r: }', 'write r: { trust: … }, or drop the key'],
  ['roles: { r: { trust: [{ github: }] } }', 'write { repo: OWNER/REPOSITORY, environment: NAME }'],
])('%s: the hint is no other error', async (yaml, hint) => {
  expect((await validated(`${yaml}\n`))[1]).toBe(`hint: ${hint}`);
});

test('a name of a profile that IAM does not take is named with its article', async () => {
  expect((await validated('instanceProfiles: { a b: {} }\n'))[0]).toContain(
    '"a b" is not an instance profile name: ',
  );
});
