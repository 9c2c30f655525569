import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { accountId, run, scratch, write } from '../support/cli.ts';
import { answering, caller } from '../support/answers.ts';
import { key, valid } from './command-line.ts';

const levels = 100_000;
const deep = `${'['.repeat(levels)}${']'.repeat(levels)}`;
const deepObject = `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
const file = (content: string, name = 'deep.json'): string =>
  join(write(scratch(), { [name]: content }), name);

/** An IAM of one user, with this policy or this credential report. */
const iam = ({ policy = '{}', report }: { policy?: string; report?: string }) =>
  answering((op) => {
    if (op === 'GetCallerIdentity') return caller;
    if (op === 'GenerateCredentialReport') return '<State>COMPLETE</State>';
    if (op === 'GetCredentialReport')
      return `<Content>${Buffer.from(report ?? '').toString('base64')}</Content>`;
    if (op !== 'GetAccountAuthorizationDetails') return '<IsTruncated>false</IsTruncated>';
    return `<IsTruncated>false</IsTruncated><UserDetailList><member><UserName>dale</UserName><Path>/</Path><UserId>AIDA</UserId>
<Arn>arn:aws:iam::${accountId}:user/dale</Arn><CreateDate>2027-01-01T00:00:00Z</CreateDate>
<UserPolicyList><member><PolicyName>p</PolicyName><PolicyDocument>${encodeURIComponent(policy)}</PolicyDocument></member></UserPolicyList></member></UserDetailList>`;
  });

/** A gh that answers this. */
function gh(answer: string): string {
  const dir = write(scratch(), { answer, gh: '#!/bin/sh\ncat "$(dirname "$0")/answer"\n' });
  chmodSync(join(dir, 'gh'), 0o755);
  return `${dir}:${process.env['PATH']}`;
}

type Case = { args: string[]; env?: Record<string, string> };

const cases: [string, () => Case | Promise<Case>][] = [
  ['a manifest of lists', () => ({ args: ['validate', '-m', write(scratch(), { 'a.yaml': deep })] })],
  ['a manifest of objects', () => ({ args: ['validate', '-m', write(scratch(), { 'a.yaml': deepObject })] })],
  [
    'a manifest of blocks',
    () => ({ args: ['validate', '-m', write(scratch(), { 'a.yaml': `${'- '.repeat(levels)}1` })] }),
  ],
  [
    'a document of a manifest',
    () => ({
      args: [
        'validate',
        '-m',
        write(scratch(), {
          'a.yaml': `account: '${accountId}'\nusers: { dale: { policies: { p: p.json } } }\n`,
          'p.json': deepObject,
        }),
      ],
    }),
  ],
  ['a plan', () => ({ args: ['apply', file(deep), '--yes', '-m', valid(), '--sandbox'] })],
  [
    'a plan’s steps',
    () => ({
      args: ['apply', file(`{"version":1,"steps":[${deepObject}]}`), '--yes', '-m', valid(), '--sandbox'],
    }),
  ],
  ['a sandbox’s file', () => ({ args: ['plan', '-m', valid(), `--sandbox=${file(deepObject)}`] })],
  [
    'a receipt',
    () => ({ args: ['receipts', 'list', '--receipts', write(scratch(), { 'r.json': deepObject })] }),
  ],
  ['events', () => ({ args: ['drift', '-m', valid(), '--sandbox', '--events', file(deepObject)] })],
  [
    'an event',
    () => ({
      args: [
        'drift',
        '-m',
        valid(),
        '--sandbox',
        '--events',
        file(JSON.stringify({ Events: [{ CloudTrailEvent: deepObject }] })),
      ],
    }),
  ],
  [
    'a live policy',
    async () => ({
      args: ['plan', '-m', valid(), '--endpoint-url', (await iam({ policy: deepObject })).url],
      env: key,
    }),
  ],
  [
    'a credential report of as many columns',
    async () => ({
      args: [
        'plan',
        '-m',
        valid(),
        '--endpoint-url',
        (await iam({ report: `${'x,'.repeat(levels)}\n${'"'.repeat(levels)}\n` })).url,
      ],
      env: key,
    }),
  ],
  [
    'the event of a job',
    () => ({
      args: ['github', 'plan', '--comment', '-m', valid(), '--sandbox'],
      env: { GITHUB_EVENT_PATH: file(deepObject), GITHUB_REPOSITORY: 'o/r' },
    }),
  ],
  ...[deep, deepObject].map((answer): (typeof cases)[number] => [
    `an answer of gh (${answer.slice(0, 1)})`,
    () => ({
      args: ['github', 'plan', '--comment', '-m', valid(), '--sandbox'],
      env: {
        GITHUB_EVENT_PATH: file('{"pull_request":{"number":1}}'),
        GITHUB_REPOSITORY: 'o/r',
        PATH: gh(answer),
      },
    }),
  ]),
];

describe(`${levels} levels of nesting`, () => {
  test.each(cases)(
    'in %s are an error in words',
    async (_, make) => {
      const { args, env = {} } = await make();
      const { code, stdout, stderr } = await run(args, { env, cwd: scratch() });

      expect(code).toBe(1);
      expect(stderr).toMatch(/^(?:\S+: )?error: /m);
      expect(stdout + stderr).not.toMatch(/^\s+at |node:internal|in a way it should not|RangeError/m);
    },
    30_000,
  );
});
