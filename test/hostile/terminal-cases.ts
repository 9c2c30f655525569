import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stableJson } from '../../src/core/json.ts';
import { manifests, run, scratch, write } from '../support/cli.ts';
import type { RunOptions } from '../support/cli.ts';
import { answering, caller } from '../support/answers.ts';
import { key, valid } from './command-line.ts';

/** What would be a line of ours. */
const forged = ['\n', '\r', '\u2028', '\u2029']
  .map((end) => `${end}error: forged${end}Applied 3 changes.`)
  .join('');
/** A colour that is none of ours, a link, the clipboard, what moves, hides or turns text, and lines. */
const nasty =
  'x\u001b[35my\u001b]8;;http://evil\u001b\\z\u001b]52;c;ZXZpbA==\u0007\b\r\u009b2J\u202e\u2066\u200bend' +
  forged;
/** What a file system takes in a name. */
const inName = nasty.replaceAll('/', '_');
const inYaml = JSON.stringify(nasty).replaceAll('\u009b', '\\u009b');
const document = {
  Version: '2012-10-17',
  Statement: [{ Sid: nasty, Effect: 'Allow', Action: nasty, Resource: '*' }],
};

/** An IAM whose every text is of this kind, or whose every answer to an operation is an error with it. */
const hostileIam = (refused?: string) =>
  answering((op, _params, response) => {
    if (op === refused) {
      response
        .writeHead(403, { 'Content-Type': 'text/xml' })
        .end(
          `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>${nasty}</Message></Error></ErrorResponse>`,
        );
      return undefined;
    }
    if (op === 'GetCallerIdentity') return caller;
    if (op === 'GenerateCredentialReport') return '<State>COMPLETE</State>';
    if (op === 'GetCredentialReport') {
      const header =
        'user,password_enabled,access_key_1_active,access_key_1_last_rotated,access_key_2_active,access_key_2_last_rotated';
      return `<Content>${Buffer.from(`${header}\n`).toString('base64')}</Content>`;
    }
    if (op !== 'GetAccountAuthorizationDetails') return '<IsTruncated>false</IsTruncated>';
    const text = encodeURIComponent(JSON.stringify(document));
    return `<IsTruncated>false</IsTruncated><UserDetailList><member><UserName>${nasty}</UserName><Path>/${nasty}/</Path><UserId>AIDA</UserId>
<Arn>arn:aws:iam::123456789012:user/${nasty}</Arn><CreateDate>2027-01-01T00:00:00Z</CreateDate><Tags><member><Key>${nasty}</Key><Value>${nasty}</Value></member></Tags>
<UserPolicyList><member><PolicyName>${nasty}</PolicyName><PolicyDocument>${text}</PolicyDocument></member></UserPolicyList></member></UserDetailList>`;
  });

/** An IAM without an object that refuses one operation, in such words. */
const refusing = (refused: string) =>
  answering((op, _params, response) => {
    if (op === 'GetCallerIdentity') return caller;
    if (op !== refused) return '<IsTruncated>false</IsTruncated>';
    response
      .writeHead(400, { 'Content-Type': 'text/xml' })
      .end(
        `<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>${nasty}</Message></Error></ErrorResponse>`,
      );
    return undefined;
  });

export type Case = { args: string[]; env?: Record<string, string>; cwd?: string };
const files = (name: string, content: string): string => join(write(scratch(), { [name]: content }), name);

export const cases: [string, () => Case | Promise<Case>][] = [
  ['a command', () => ({ args: [nasty] })],
  ['an option', () => ({ args: ['plan', `--${nasty}`] })],
  ['an option’s value', () => ({ args: ['plan', '--override', nasty] })],
  ['a date', () => ({ args: ['plan', '--sandbox', '-m', valid(), '--at', nasty] })],
  ['an address', () => ({ args: ['plan', '--endpoint-url', nasty] })],
  ['a directory of manifests that is not there', () => ({ args: ['validate', '-m', nasty] })],
  ['a plan that is not there', () => ({ args: ['apply', nasty, '--yes', '-m', valid()] })],
  [
    'a place for a plan',
    () => ({ args: ['plan', '--sandbox', '-m', valid(), '--out', join('/nowhere', inName)] }),
  ],
  ['a name to take out', () => ({ args: ['offboard', nasty, '--no-plan', '-m', valid()] })],
  ['a profile', () => ({ args: ['plan', '-m', valid(), '--profile', nasty] })],
  ['a profile of the environment', () => ({ args: ['plan', '-m', valid()], env: { AWS_PROFILE: nasty } })],
  [
    'the name of a configuration file',
    () => ({
      args: ['plan', '-m', valid()],
      env: { AWS_PROFILE: 'p', AWS_CONFIG_FILE: `/nowhere/${nasty}` },
    }),
  ],
  [
    'the name of a manifest',
    () => ({ args: ['validate', '-m', write(scratch(), { [`${inName}.yaml`]: 'a: [' })] }),
  ],
  [
    'the name of a directory',
    () => ({
      args: ['validate', '-m', write(scratch(), { [`${inName}/a.yaml`]: 'users: { dale: { x: 1 } }' })],
    }),
  ],
  ['a key', () => ({ args: ['validate', '-m', manifests(`${inYaml}: 1\n`)] })],
  ['a user', () => ({ args: ['plan', '--sandbox', '-m', manifests(`users: { ${inYaml}: {} }\n`)] })],
  [
    'a path',
    () => ({ args: ['plan', '--sandbox', '-m', manifests(`users: { dale: { path: ${inYaml} } }\n`)] }),
  ],
  [
    'a tag',
    () => ({ args: ['plan', '--sandbox', '-m', manifests(`users: { dale: { tags: { a: ${inYaml} } } }\n`)] }),
  ],
  [
    'a policy',
    () => ({
      args: [
        'plan',
        '--sandbox',
        '-m',
        manifests(`users: { dale: { policies: { p: ${JSON.stringify(document)} } } }\n`),
      ],
    }),
  ],
  ['raw text of a manifest', () => ({ args: ['validate', '-m', manifests(`users: { ${nasty}: {} }\n`)] })],
  ['a plan', () => ({ args: ['apply', files('plan.json', nasty), '--yes', '-m', valid(), '--sandbox'] })],
  [
    'a plan’s fields',
    () => ({
      args: [
        'apply',
        files('plan.json', JSON.stringify({ version: nasty, rollcall: nasty, steps: [], account: nasty })),
        '--yes',
        '-m',
        valid(),
        '--sandbox',
      ],
    }),
  ],
  [
    'a receipt',
    () => ({
      args: [
        'receipts',
        'list',
        '--receipts',
        write(scratch(), { [`${inName}.json`]: JSON.stringify({ a: nasty }) }),
      ],
    }),
  ],
  ['a sandbox’s file', () => ({ args: ['plan', '-m', valid(), `--sandbox=${files(inName, nasty)}`] })],
  [
    'events',
    () => ({
      args: [
        'drift',
        '-m',
        valid(),
        '--sandbox',
        '--events',
        files(
          inName,
          JSON.stringify({
            Events: [
              {
                CloudTrailEvent: JSON.stringify({
                  eventName: nasty,
                  eventTime: nasty,
                  userIdentity: { arn: nasty },
                  requestParameters: { userName: 'dale' },
                }),
              },
              nasty,
            ],
          }),
        ),
      ],
    }),
  ],
  [
    'a remote of git',
    () => {
      const cwd = scratch();
      execFileSync('git', ['init', '-q'], { cwd });
      execFileSync('git', ['config', 'remote.origin.url', nasty], { cwd });
      mkdirSync(join(cwd, 'manifests'));
      writeFileSync(join(cwd, 'manifests/a.yaml'), "account: '123456789012'\nusers: { dale: {} }\n");
      return { args: ['init', '--github'], cwd };
    },
  ],
  ...['plan', 'drift', 'import', 'apply'].map((command): (typeof cases)[number] => [
    `names of live objects (${command})`,
    async () => ({
      args: [
        command,
        '-m',
        command === 'import' ? join(scratch(), 'new') : valid(),
        '--endpoint-url',
        (await hostileIam()).url,
        ...(command === 'import' ? ['--dry-run'] : []),
        ...(command === 'apply' ? ['--yes'] : []),
      ],
      env: key,
    }),
  ]),
  ...['terminal', 'json', 'markdown', 'csv'].map((format): (typeof cases)[number] => [
    `names of live objects (who-can, ${format})`,
    async () => ({
      args: ['who-can', '*', '--format', format, '-m', valid(), '--endpoint-url', (await hostileIam()).url],
      env: key,
    }),
  ]),
  ...['GetCallerIdentity', 'GetAccountAuthorizationDetails', 'GenerateCredentialReport'].map(
    (op): (typeof cases)[number] => [
      `AWS’s error to ${op}`,
      async () => ({ args: ['plan', '-m', valid(), '--endpoint-url', (await hostileIam(op)).url], env: key }),
    ],
  ),
  ...['plan', 'validate', 'drift', 'apply'].map((command): (typeof cases)[number] => [
    `names in a job (${command})`,
    async () => ({
      args: ['github', command, '-m', valid(), '--endpoint-url', (await hostileIam()).url],
      env: key,
      cwd: scratch(),
    }),
  ]),
  ...(
    [
      ['pin', nasty, '-m', 'MANIFESTS', '--sandbox'],
      ['pin', '--dry-run', nasty, '-m', 'MANIFESTS', '--sandbox'],
      ['init', '--github', '--repo', nasty],
      ['init', '--github', '--branch', nasty],
      ['init', '-m', `/proc/${inName}`, '--account', '123456789012'],
      ['sandbox', '--host', nasty],
      ['sandbox', '--port', nasty],
      ['sandbox', '--port', '0', '--file', `/nowhere/${inName}`],
      ['import', '-m', `/proc/${inName}`, '--sandbox'],
      ['import', '--layout', nasty],
      ['apply', '--yes', '-m', 'MANIFESTS', '--sandbox', '--keys-to', `/proc/${inName}`],
      ['apply', '--yes', '-m', 'KEYS', '--sandbox', '--keys-to', `/proc/${inName}`],
      ['apply', '--yes', '-m', 'KEYS', '--sandbox', '--deliveries', `/proc/${inName}`],
      ['apply', '--yes', '-m', 'MANIFESTS', '--sandbox', '--receipts', `/proc/${inName}`],
      ['drift', '-m', 'MANIFESTS', '--sandbox', '--events', nasty],
      ['receipts', 'list', '--receipts', nasty],
      ['receipts', 'list', '--receipts', `/etc/passwd/${nasty}`],
      ['receipts', 'verify', '--receipts', nasty, '--account', nasty],
      ['who-can', nasty, '-m', 'MANIFESTS', '--sandbox'],
      ['who-can', 's3:GetObject', nasty, '-m', 'MANIFESTS', '--sandbox'],
      ['who-can', 's3:GetObject', `arn:aws:s3:::${nasty}`, '-m', 'MANIFESTS', '--files'],
      ['who-can', 's3:GetObject', '--context', nasty, '-m', 'MANIFESTS', '--files'],
      ['who-can', 's3:GetObject', '--context', `aws:x=${nasty}`, '-m', 'MANIFESTS', '--files'],
      ['explain', nasty, '-m', 'MANIFESTS', '--sandbox'],
      ['explain', 'dale', nasty, '-m', 'MANIFESTS', '--files'],
      ['explain', 'dale', 's3:GetObject', '--context', `aws:x=${nasty}`, '-m', 'MANIFESTS', '--files'],
      ['offboard', 'dale', nasty, '--dry-run', '-m', 'MANIFESTS'],
      ['github', 'plan', '-m', 'MANIFESTS', '--sandbox', '--', nasty],
      ['github', 'plan', '-m', 'MANIFESTS', '--sandbox', '--plan-file', `/proc/${inName}`],
      ['github', 'apply', '-m', 'MANIFESTS', '--sandbox', '--plan-file', nasty],
      ['github', 'drift', '-m', 'MANIFESTS', '--sandbox', '--events', nasty],
      ['plan', '-m', 'MANIFESTS', '--region', nasty],
    ] as const
  ).map((args): (typeof cases)[number] => [
    `an argument (${args.map((arg) => (arg.includes('forged') ? '…' : arg)).join(' ')})`,
    () => ({
      args: args.map((arg) =>
        arg === 'MANIFESTS'
          ? valid()
          : arg === 'KEYS'
            ? manifests('users: { dale: { accessKey: { count: 1 } } }\n')
            : arg,
      ),
      env: key,
      cwd: scratch(),
    }),
  ]),
  ...(
    [
      ['AWS_REGION', ['plan']],
      ['AWS_ENDPOINT_URL_IAM', ['plan']],
      ['AWS_ENDPOINT_URL_STS', ['plan']],
      ['AWS_ACCESS_KEY_ID', ['plan', '--endpoint-url', 'http://127.0.0.1:1']],
      ['AWS_SESSION_TOKEN', ['plan', '--endpoint-url', 'http://127.0.0.1:1']],
      ['GITHUB_EVENT_PATH', ['github', 'plan', '--sandbox']],
      ['GITHUB_REPOSITORY', ['github', 'plan', '--comment', '--sandbox']],
      ['GITHUB_OUTPUT', ['github', 'plan', '--sandbox']],
      ['GITHUB_STEP_SUMMARY', ['github', 'plan', '--sandbox']],
      ['GITHUB_WORKSPACE', ['github', 'plan', '--sandbox']],
    ] as const
  ).map(([name, args]): (typeof cases)[number] => [
    `the variable ${name}`,
    () => ({
      args: [...args, '-m', valid()],
      env: {
        ...key,
        GITHUB_EVENT_PATH: files('event.json', '{"pull_request":{"number":1}}'),
        [name]: name === 'GITHUB_EVENT_PATH' ? `/etc/passwd/${nasty}` : nasty,
      },
      cwd: scratch(),
    }),
  ]),
  [
    'the AWS configuration',
    () => ({
      args: ['plan', '-m', valid(), '--profile', 'p'],
      env: {
        AWS_CONFIG_FILE: files(
          'config',
          `[profile p]\nrole_arn = ${nasty}\nsource_profile = ${nasty}\nregion = ${nasty}\n`,
        ),
      },
    }),
  ],
  [
    'a credential_process',
    () => ({
      args: ['plan', '-m', valid(), '--profile', 'p'],
      env: {
        AWS_CONFIG_FILE: files(
          'config',
          `[profile p]\ncredential_process = cat ${files('said', nasty)} >&2; exit 1\n`,
        ),
      },
    }),
  ],
  [
    'an error of gh',
    () => {
      const dir = write(scratch(), {
        said: nasty,
        gh: '#!/bin/sh\ncat "$(dirname "$0")/said" | tee /dev/stderr; exit 1\n',
      });
      chmodSync(join(dir, 'gh'), 0o755);
      return {
        args: ['github', 'plan', '--comment', '-m', valid(), '--sandbox'],
        env: {
          GITHUB_EVENT_PATH: files('event.json', '{"pull_request":{"number":1}}'),
          GITHUB_REPOSITORY: 'o/r',
          PATH: `${dir}:${process.env['PATH']}`,
        },
        cwd: scratch(),
      };
    },
  ],
  [
    'a link among the manifests',
    () => {
      const dir = valid();
      symlinkSync(`/etc/${nasty}`, join(dir, 'a.yaml'));
      return { args: ['validate', '-m', dir] };
    },
  ],
  [
    'texts of a whole plan, and what it says it touches',
    async () => {
      const [dir, out] = [valid(), join(scratch(), 'plan.json')];
      await run(['plan', '--sandbox', '-m', dir, '--out', out]);
      const { digest: _, ...plan } = JSON.parse(readFileSync(out, 'utf8')) as {
        digest: string;
        changes: object[];
        touches: object;
      };
      const forgedPlan = {
        ...plan,
        rollcall: nasty,
        notes: [nasty],
        changes: plan.changes.map((change) => ({ ...change, summary: nasty, reason: nasty })),
        touches: { ...plan.touches, [`user:${nasty}`]: { [nasty]: nasty }, [nasty]: { a: '' } },
      };
      const digest = createHash('sha256').update(stableJson(forgedPlan)).digest('hex');
      writeFileSync(out, JSON.stringify({ ...forgedPlan, digest }));
      return { args: ['apply', out, '--yes', '--sandbox', '-m', dir] };
    },
  ],
  ...['CreateUser', 'TagUser', 'PutUserPolicy'].map((op): (typeof cases)[number] => [
    `AWS’s error to the step ${op}`,
    async () => ({
      args: [
        'apply',
        '--yes',
        '--no-lock',
        '-m',
        manifests(
          `users: { dale: { tags: { a: b } }, buzzo: { policies: { p: { Version: '2012-10-17', Statement: { Effect: Allow, Action: '*', Resource: '*' } } } } }\n`,
        ),
        '--endpoint-url',
        (await refusing(op)).url,
      ],
      env: key,
      cwd: scratch(),
    }),
  ]),
];

const unsafe = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;
const found = (text: string): string[] =>
  [...text.matchAll(unsafe)].map(([char]) => char).filter((char) => char !== '\n' && char !== '\t');

/** What stands in the output of a case and must not: what a terminal obeys, lines made to look like ours, stacks. */
export async function wrongOutput(
  { args, env = {}, cwd }: Case,
  how: { readonly env?: Record<string, string>; readonly more?: readonly string[] },
  runs: (
    args: readonly string[],
    options: RunOptions,
  ) => Promise<{ readonly stdout: string; readonly stderr: string }>,
): Promise<string[]> {
  const { env: colours = {}, more = [] } = how;
  const end = args.indexOf('--');
  const ended = await runs(end === -1 ? [...args, ...more] : args.toSpliced(end, 0, ...more), {
    env: { ...env, ...colours },
    ...(cwd ? { cwd } : {}),
  });
  const text = ended.stdout + ended.stderr;
  const escape = String.fromCharCode(27);
  const ours = text.replaceAll(new RegExp(`${escape}\\[[0-9]{1,2}m`, 'g'), (sequence) =>
    colours['FORCE_COLOR'] === undefined || args[0] === 'github' ? sequence : '',
  );
  return [
    ...(text === '' ? ['nothing is said'] : []),
    ...(text.includes(`${escape}[35m`) ? ['a colour of others'] : []),
    ...found(ours).map((char) => `U+${char.codePointAt(0)!.toString(16)}`),
    ...(text.match(/^\s*(?:error: forged|Applied 3).*/gm) ?? []),
    ...(text.match(/^\s+at .*:\d+:\d+/gm) ?? []),
  ];
}
