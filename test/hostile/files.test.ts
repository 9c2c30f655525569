import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RollcallError } from '../../src/core/errors.ts';
import { createIam } from '../../src/sandbox/index.ts';
import { count, fuzz, mutate, nastyTexts, prototypesAreClean } from './support.ts';

let dir: string;
let good: Buffer;
const document = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}';

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'rollcall-hostile-'));
  const file = join(dir, 'good.db');
  const iam = createIam({ seed: 1, file });
  for (const UserName of ['buzzo', 'dale', 'lorax', 'melvins']) {
    iam.call('CreateUser', { UserName, Tags: [{ Key: 'team', Value: 'x' }] });
    iam.call('PutUserPolicy', { UserName, PolicyName: 'p', PolicyDocument: document });
    iam.call('CreateAccessKey', { UserName });
  }
  iam.call('CreateGroup', { GroupName: 'admins' });
  iam.call('AddUserToGroup', { GroupName: 'admins', UserName: 'dale' });
  iam.call('CreatePolicy', { PolicyName: 'reports', PolicyDocument: document });
  iam.close();
  good = readFileSync(file);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Opens a file and uses what is in it; a refusal leaves the file as it was. */
function tryToUse(content: Buffer): 'opened' | 'refused' {
  const file = join(dir, 'tried.db');
  writeFileSync(file, content);
  try {
    const iam = createIam({ seed: 1, file });
    try {
      for (const op of [
        'ListUsers',
        'ListGroups',
        'GetAccountAuthorizationDetails',
        'GetAccountSummary',
      ] as const) {
        const reply = iam.answer({
          method: 'POST',
          path: '/',
          query: '',
          headers: {
            'content-type': 'application/x-www-form-urlencoded',
            authorization:
              'AWS4-HMAC-SHA256 Credential=AKIA2222222222222222/20260301/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=0',
          },
          body: `Action=${op}&Version=2010-05-08`,
        });
        if (reply.status !== 200) throw new Error(`${op} answers ${reply.body}`);
      }
    } finally {
      iam.close();
    }
    return 'opened';
  } catch (error) {
    if (!(error instanceof RollcallError)) throw error;
    if (!error.message.includes('tried.db'))
      throw new Error(`does not name the file: ${error.message}`, { cause: error });
    if (!readFileSync(file).equals(content)) throw new Error('a refused file was changed', { cause: error });
    return 'refused';
  }
}

/** Neither leaves a lock or changes a prototype. */
function use(content: Buffer): 'opened' | 'refused' {
  const outcome = tryToUse(content);
  if (existsSync(join(dir, 'tried.db.lock'))) throw new Error('a lock stays');
  if (!prototypesAreClean()) throw new Error('a prototype was changed');
  return outcome;
}

describe("a sandbox's file", () => {
  it('is opened as it is', () => {
    expect(use(good)).toBe('opened');
  });

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
    const tried = await fuzz('mutated sandbox files', (random) => void use(mutate(good, random, nasty)));
    expect(tried).toBeGreaterThan(0);
  });

  const [header] = '{}'.split('\n');
  it.each<[string, (text: string) => string]>([
    ['nothing', () => ''],
    ['a header alone', (text) => text.split('\n')[0]!],
    ['no header', (text) => text.split('\n').slice(1).join('\n')],
    ['a table that is none', (text) => `${text}{"n":1,"put":[["__proto__","x",{"id":"x"}]]}\n`],
    ['a record that is a text', (text) => `${text}{"n":1,"put":[["users","x","dale"]]}\n`],
    ['a record without fields', (text) => `${text}{"n":1,"put":[["users","x",{"id":"x"}]]}\n`],
    [
      'a record under another id',
      (text) => text.replace(/"(AIDA\w+)",\{"id":"\w+"/, '"$1",{"id":"AIDAOTHER"'),
    ],
    [
      'a record with a prototype',
      (text) => text.replace('"name":"dale"', '"__proto__":{"polluted":1},"name":"dale"'),
    ],
    ['fields of another type', (text) => text.replaceAll('"path":"/"', '"path":7')],
    ['a time that is none', (text) => text.replace(/"createdAt":"[^"]*"/g, '"createdAt":"yesterday"')],
    ['policies that are a list', (text) => text.replace(/"policies":\{[^}]*\}/, '"policies":[1]')],
    ['a line without end', (text) => `${text}{"n":1,"put":[["users","x",{"a":"${'a'.repeat(1_000_000)}`],
    ['a line nested deep', (text) => `${text}${'['.repeat(100_000)}\n${text}`],
    ['another format', () => `${header}\n`],
    ['a newer version', (text) => text.replace('"version":1', '"version":99')],
    ['zeros', () => '\0'.repeat(10_000)],
  ])('with %s is opened or refused', (_what, change) => {
    expect(['opened', 'refused']).toContain(use(Buffer.from(change(good.toString()))));
    count('crafted sandbox files');
  });

  it('is left alone while another process has it', () => {
    const file = join(dir, 'held.db');
    copyFileSync(join(dir, 'good.db'), file);
    const iam = createIam({ file });
    expect(() => createIam({ file })).toThrow(RollcallError);
    iam.close();
  });
});
