import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { handlers } from '../../src/sandbox/iam/handlers.ts';
import { createIam } from '../../src/sandbox/index.ts';
import { scratch } from '../support/cli.ts';
import { runProcess } from '../support/process.ts';
import { ask, signed } from './asking.ts';
import { check, env, nowhere } from './command-line.ts';
import { load } from './loading.ts';
import { goodFile, use } from './sandbox-file.ts';
import { fuzz, mutate, nastyTexts, type Random } from './support.ts';

/** For longer: `npm run fuzz`. What was made by hand to hurt is in the other files of this directory. */

describe("a sandbox's file", () => {
  it('is opened or refused, whatever happened to it', async () => {
    const nasty = [
      ...nastyTexts,
      '\n',
      '{"n":1,"put":[]}\n',
      '"put"',
      '["users","x",null]',
      '["__proto__","x",{}]',
      '{"n":-1}',
    ];
    const tried = await fuzz('mutated sandbox files', (random) => void use(mutate(goodFile, random, nasty)));
    expect(tried).toBeGreaterThan(0);
  });
});

const demo = readdirSync('manifests', { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.(?:ya?ml|json)$/.test(file))
  .map((file) => [file, readFileSync(join('manifests', file))] as const);
const nastyYaml = [
  ...nastyTexts,
  '&a [*a]',
  '<<: *a',
  '!!js/function ""',
  '!!binary x',
  '? ',
  ': ',
  '- ',
  '\t',
  '---\n',
  '...\n',
  '%YAML 9.9\n',
  '|\n',
  '{a: {a: {a: {',
];

describe('manifests', () => {
  it('of any bytes', async () => {
    const tried = await fuzz('manifests of random bytes', async (random) => {
      await load({ 'a.yaml': random.bytes(random.below(3000)) });
    });
    expect(tried).toBeGreaterThan(0);
  });

  it('mutated from those of the demo', async () => {
    const tried = await fuzz('mutated manifests', async (random) => {
      await load(
        Object.fromEntries(
          demo.map(([file, data]) => [file, random.below(2) === 0 ? data : mutate(data, random, nastyYaml)]),
        ),
      );
    });
    expect(tried).toBeGreaterThan(0);
  });
});

const operations = Object.keys(handlers);
const fields = [
  'UserName',
  'NewUserName',
  'GroupName',
  'RoleName',
  'PolicyName',
  'PolicyArn',
  'PolicyDocument',
  'AssumeRolePolicyDocument',
  'Path',
  'PathPrefix',
  'NewPath',
  'MaxItems',
  'Marker',
  'Tags.member.1.Key',
  'Tags.member.1.Value',
  'Tags.member.2.Key',
  'Tags.member.x.Key',
  'TagKeys.member.1',
  'TagKeys',
  'AccessKeyId',
  'Status',
  'Password',
  'OldPassword',
  'NewPassword',
  'SerialNumber',
  'AuthenticationCode1',
  'AuthenticationCode2',
  'VirtualMFADeviceName',
  'SSHPublicKeyBody',
  'SSHPublicKeyId',
  'Encoding',
  'CertificateBody',
  'CertificateId',
  'ServiceName',
  'ServiceSpecificCredentialId',
  'CredentialAgeDays',
  'VersionId',
  'SetAsDefault',
  'Scope',
  'OnlyAttached',
  'EntityFilter',
  'Filter.member.1',
  'PermissionsBoundary',
  'MaxSessionDuration',
  'Description',
  'AccountAlias',
  'MinimumPasswordLength',
  'RequireSymbols',
  'PasswordResetRequired',
  'AWSServiceName',
  'AllUsers',
  'InstanceProfileName',
  'A.member.1.B.member.1',
  '__proto__',
  'constructor.prototype.polluted',
  '__proto__.polluted',
  '',
  '.',
  '..',
];
const document = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}';
const values = [
  ...nastyTexts,
  'lorax',
  'admins',
  'p',
  '/',
  '/a/',
  '1',
  '1000',
  'true',
  'false',
  'Active',
  'Inactive',
  'v1',
  '123456',
  document,
  document.replace('"*"', '{}'),
  '{"__proto__":{"polluted":1},"Statement":[]}',
  '[[[[',
  '{"Statement":'.repeat(500),
  'arn:aws:iam::123456789012:policy/p',
  'arn:aws:iam::aws:policy/ReadOnlyAccess',
  'arn:aws:iam::123456789012:mfa/phone',
  'arn:::::',
  'codecommit.amazonaws.com',
  'Abcdef1!xyz',
  '-----BEGIN CERTIFICATE-----',
  '-----BEGIN PUBLIC KEY-----\nAAAA',
  'ssh-rsa AAAAB3NzaC1yc2EAAAAD////',
  '2027-01-01',
  'ABCD'.repeat(5),
  '-----BEGIN PRIVATE KEY-----',
];

/** Halves of characters as they would be in UTF-8 if they could. */
const escape = (text: string): string =>
  encodeURIComponent(text.replaceAll('\ud800', '\uffff')).replaceAll('%EF%BF%BF', '%ED%A0%80');

const query = (random: Random): string => {
  const parts = [
    `Action=${random.below(20) === 0 ? escape(random.pick(values.slice(0, 12))) : random.pick(operations)}`,
    'Version=2010-05-08',
  ];
  for (let left = random.below(9); left > 0; left--) {
    const value = random.pick(values);
    parts.push(`${escape(random.pick(fields))}=${random.below(8) === 0 ? value : escape(value)}`);
  }
  return parts.join('&');
};

describe('requests', () => {
  it('of any operation with any parameters', async () => {
    // A journal of a few calls, so that what grows is the sandbox itself.
    const iam = createIam({ seed: 1, journalCap: 100 });
    const tried = await fuzz('requests of random parameters', (random) => void ask(iam, query(random)));
    expect(tried).toBeGreaterThan(0);
    expect(iam.state.users.size).toBeLessThan(100);
    iam.close();
  });

  it('mutated', async () => {
    const iam = createIam({ seed: 1, journalCap: 100 });
    const nasty = [
      ...nastyTexts,
      '&',
      '=',
      '%',
      '+',
      '%f',
      '.member.',
      '.member.1',
      '.member.-1',
      '.member.99999999999999999999',
      'Action=',
      ';',
    ];
    const tried = await fuzz('mutated requests', (random) => {
      ask(iam, mutate(Buffer.from(query(random)), random, nasty).toString(), {
        ...(random.below(5) === 0
          ? { headers: { authorization: mutate(Buffer.from(signed), random, nastyTexts).toString('latin1') } }
          : {}),
        ...(random.below(20) === 0
          ? { method: random.pick(['GET', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']), query: query(random) }
          : {}),
      });
    });
    expect(tried).toBeGreaterThan(0);
    iam.close();
  });
});

const commands = ['validate', 'plan', 'apply', 'drift', 'import', 'offboard', 'receipts', 'init', 'help'];
const options = [
  '--manifests',
  '-m',
  '--sandbox',
  '--profile',
  '--region',
  '--no-color',
  '--json',
  '--quiet',
  '-q',
  '--verbose',
  '-v',
  '--format',
  '--out',
  '-o',
  '--at',
  '--override',
  '--yes',
  '-y',
  '--deliveries',
  '--keys-to',
  '--reveal',
  '--account',
  '--version',
  '--help',
  '--__proto__',
  '--constructor',
  '--no-',
  '--',
  '-',
  '---',
  '--sandbox=',
  '--at=',
  '-xyz',
];
// Processes are started with texts that end at a zero byte.
const texts = [
  ...nastyTexts.filter((text) => !text.includes('\u0000') && text !== '\ud800'),
  'lorax',
  '.',
  '/',
  '/dev/null',
  'json',
  'terminal',
  'max-removals',
  '2027-01-01',
  '0',
];

const anyArguments = (random: Random): string[] => [
  random.below(6) === 0 ? random.pick(texts) : random.pick(commands),
  ...Array.from({ length: random.below(6) }, () => random.pick(random.below(2) === 0 ? options : texts)),
];

describe('command lines', () => {
  it('of any arguments', async () => {
    const tried = await fuzz(
      'command lines',
      async (random) => {
        const args = anyArguments(random);
        check(
          await runProcess([...args, ...(random.below(2) === 0 ? nowhere : [])], { env, cwd: scratch() }),
          args,
        );
      },
      10_000,
    );
    expect(tried).toBeGreaterThan(0);
  });
});
