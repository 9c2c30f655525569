import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lchownSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
  existsSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { bech32 } from '@scure/base';
import { armor, Decrypter } from 'age-encryption';
import { beforeEach, expect, test } from 'vitest';
import { Confidential } from '../../src/app/delivery/confidential.ts';
import { createDelivery, signInUrl } from '../../src/app/delivery/index.ts';
import type { Delivered, DeliveryOptions } from '../../src/app/delivery/index.ts';
import { RollcallError } from '../../src/core/errors.ts';
import { makeAgeKey, makeEd25519 } from './keys.ts';

const account = '123456789012';
const secretAccessKey = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const password = 'k#9aXv)Wq7}pTzR2m_Hc5@dL';
const now = () => new Date('2027-01-31T08:00:00Z');
const { identity, recipient: to } = await makeAgeKey();
const key = { user: 'melvins', accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey };
const login = { user: 'dale', password, signInUrl: signInUrl(account) };

let root: string;
let dir: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'rollcall-'));
  dir = join(root, 'deliveries');
});
const create = (options: Partial<DeliveryOptions> = {}) => createDelivery({ dir, account, now, ...options });

const decrypt = (path: string): Promise<string> => {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  return decrypter.decrypt(armor.decode(readFileSync(path, 'utf8')), 'text');
};

const failure = async (promise: Promise<unknown>): Promise<RollcallError> => {
  const error: unknown = await promise.then(
    () => null,
    (caught: unknown) => caught,
  );
  if (!(error instanceof RollcallError)) throw new Error(`not refused: ${String(error)}`);
  return error;
};

/** Everything that logging could make of a value. */
const traces = (value: unknown): string =>
  [
    inspect(value, { depth: Infinity, showHidden: true, getters: true }),
    JSON.stringify(value),
    String(value),
    value instanceof Error ? `${value.message} ${value.stack}` : '',
  ].join('\n');

function expectNoTrace(...values: readonly unknown[]): void {
  for (const value of values) {
    expect(traces(value)).not.toContain(secretAccessKey.slice(0, 8));
    expect(traces(value)).not.toContain(password.slice(0, 8));
  }
}

test('an access key comes as a section of a credentials file', async () => {
  const delivered = await create().deliverAccessKey({ ...key, to });
  const path = join(dir, account, 'melvins-AKIAIOSFODNN7EXAMPLE.age');
  expect(delivered).toEqual({
    credential: 'access-key',
    user: 'melvins',
    place: { kind: 'encrypted', path, name: 'melvins-AKIAIOSFODNN7EXAMPLE.age' },
  });
  expect(await decrypt(path)).toBe(`
# Access key of melvins in AWS account 123456789012, created 2027-01-31T08:00:00.000Z
[melvins]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = ${secretAccessKey}
`);
});

const fileOf = ({ place }: Delivered): string => (place.kind === 'encrypted' ? place.path : '');

test('a password comes with what signing in needs', async () => {
  const path = fileOf(await create().deliverPassword({ ...login, to }));
  expect(path.slice(join(dir, account).length + 1)).toMatch(
    /^dale-password-20270131T080000Z-[0-9a-f]{8}\.age$/,
  );
  expect(await decrypt(path)).toBe(
    `Console password of dale in AWS account 123456789012, created 2027-01-31T08:00:00.000Z

Sign in at: https://123456789012.signin.aws.amazon.com/console
User:       dale
Password:   ${password}

The password must be changed at first sign-in.
`,
  );
});

test('a password never takes the place of another, nor does its undoing', async () => {
  const other = create();
  const theirs = fileOf(await other.deliverPassword({ ...login, password: 'theirs', to }));
  const delivery = create();
  const ours = await delivery.deliverPassword({ ...login, to });
  expect(await decrypt(theirs)).toContain('Password:   theirs');
  await delivery.undo(ours);
  expect(existsSync(fileOf(ours))).toBe(false);
  expect(await decrypt(theirs)).toContain('Password:   theirs');
});

test('each partition has its own sign-in page', () => {
  expect(signInUrl(account, 'aws-cn')).toBe('https://123456789012.signin.amazonaws.cn/console');
  expect(signInUrl(account, 'aws-us-gov')).toBe('https://123456789012.signin.amazonaws-us-gov.com/console');
});

test('without a recipient the plain file takes it, closed to others', async () => {
  const keysTo = join(root, 'keys.jsonl');
  const delivery = create({ keysTo, reveal: () => expect.unreachable() });
  await delivery.check([{ credential: 'access-key', user: 'melvins', to: null }]);
  await delivery.deliverAccessKey({ ...key, to: null });
  await delivery.deliverPassword({ ...login, to: null });
  expect(statSync(keysTo).mode & 0o777).toBe(0o600);
  const lines = readFileSync(keysTo, 'utf8').trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([key, login]);
  expect(existsSync(dir)).toBe(false);
});

test.runIf(process.geteuid?.() === 0)(
  'a plain file, or a link to it, that belongs to another user is refused before there is any secret (needs root)',
  async () => {
    const wanted = [{ credential: 'access-key', user: 'melvins', to: null }] as const;
    const [file, link, mine] = ['keys.jsonl', 'link', 'mine.jsonl'].map((name) => join(root, name)) as [
      string,
      string,
      string,
    ];
    writeFileSync(file, '', { mode: 0o600 });
    chownSync(file, 65_534, 65_534);
    writeFileSync(mine, '', { mode: 0o600 });
    symlinkSync(mine, link);
    lchownSync(link, 65_534, 65_534);
    for (const keysTo of [file, link]) {
      const refused = `--keys-to ${keysTo} belongs to another user`;
      expect((await failure(create({ keysTo }).check(wanted))).message).toBe(refused);
      const delivery = create({ keysTo }).deliverAccessKey({ ...key, to: null });
      expect((await failure(delivery)).message).toBe(refused);
    }
    expect(readFileSync(file, 'utf8') + readFileSync(mine, 'utf8')).toBe('');
  },
);

test.skipIf(process.platform === 'win32')(
  'a plain file that is a pipe or a device is refused at once, not waited for, and no secret goes into it',
  async () => {
    const pipe = join(root, 'pipe');
    execFileSync('mkfifo', ['-m', '600', pipe]);
    for (const keysTo of [pipe, '/dev/null']) {
      for (const attempt of [
        create({ keysTo }).check([{ credential: 'access-key', user: 'melvins', to: null }]),
        create({ keysTo }).deliverAccessKey({ ...key, to: null }),
      ]) {
        expect((await failure(attempt)).message).toBe(`--keys-to ${keysTo} is not a regular file`);
      }
    }
  },
);

test('with a recipient the plain file stays empty', async () => {
  const keysTo = join(root, 'keys.jsonl');
  await create({ keysTo }).deliverAccessKey({ ...key, to });
  expect(existsSync(keysTo)).toBe(false);
});

test('without a plain file the secret is shown, where that is wanted', async () => {
  const shown: string[] = [];
  const delivery = create({ reveal: (text) => shown.push(text) });
  const delivered = await delivery.deliverAccessKey({ ...key, to: null });
  expect(delivered.place).toEqual({ kind: 'revealed' });
  expect(shown).toEqual([expect.stringContaining(`aws_secret_access_key = ${secretAccessKey}\n`)]);
  await delivery.undo(delivered);
});

test('without any place it is refused, at the check already', async () => {
  const wanted = { credential: 'access-key', user: 'melvins', to: null } as const;
  for (const attempt of [create().check([wanted]), create().deliverAccessKey({ ...key, to: null })]) {
    expect(await failure(attempt)).toMatchObject({
      message: 'the new access key of melvins has nowhere to go',
      hint: 'name a recipient in accessKey.deliverTo, or add --keys-to FILE',
    });
  }
  const error = await failure(create().deliverPassword({ ...login, to: null }));
  expect(error.hint).toContain('console.deliverTo');
});

test('the check makes nothing where nothing is wanted', async () => {
  await create({ keysTo: join(root, 'keys.jsonl') }).check([]);
  expect(readdirSync(root)).toEqual([]);
});

test('the check finds what would stop a delivery', async () => {
  const check = (recipient: string | null, options: Partial<DeliveryOptions> = {}) =>
    failure(create(options).check([{ credential: 'password', user: 'dale', to: recipient }]));
  expect((await check(`${to}q`)).message).toBe(
    'console.deliverTo of dale: has 63 characters where age recipients have 62: 1 too many',
  );
  expect((await check(bech32.encodeFromBytes('age', new Uint8Array(32)))).message).toContain(
    'nothing can be encrypted to the x25519 recipient',
  );
  writeFileSync(join(root, 'file'), '');
  expect((await check(to, { dir: join(root, 'file') })).message).toContain('cannot take deliveries');
  for (const mode of [0o644, 0o640, 0o620, 0o604]) {
    chmodSync(join(root, 'file'), mode);
    expect(await check(null, { keysTo: join(root, 'file') })).toMatchObject({
      message: `--keys-to ${join(root, 'file')} may be read by others`,
      hint: `chmod 600 ${join(root, 'file')}`,
    });
  }
  expect((await check(null, { keysTo: root })).message).toContain('a directory is in the way (EISDIR)');
});

test('the check passes for recipients of all types and leaves no file', async () => {
  const wanted = [to, makeEd25519().line, to].map((text) => ({
    credential: 'access-key' as const,
    user: 'melvins',
    to: text,
  }));
  await create().check(wanted);
  expect(readdirSync(join(dir, account))).toEqual([]);
});

test('undo takes away what was delivered, and only that', async () => {
  const keysTo = join(root, 'keys.jsonl');
  const delivery = create({ keysTo });
  await delivery.undo(await delivery.deliverAccessKey({ ...key, to }));
  expect(readdirSync(join(dir, account))).toEqual([]);
  const first = await delivery.deliverAccessKey({ ...key, to: null });
  const second = await delivery.deliverPassword({ ...login, to: null });
  await delivery.undo(first);
  expect(linesOf(keysTo)).toEqual([login]);
  expect(readFileSync(keysTo, 'utf8')).not.toContain(key.accessKeyId);
  writeFileSync(keysTo, 'edited by hand\n');
  const error = await failure(delivery.undo(second));
  expect(error.message).toContain('has been changed since');
  expect(readFileSync(keysTo, 'utf8')).toBe('edited by hand\n');
  expectNoTrace(error);
});

test('writers of one plain file take away their own lines alone', async () => {
  const keysTo = join(root, 'keys.jsonl');
  const writers = Array.from({ length: 8 }, () => create({ keysTo }));
  const wrote = await Promise.all(
    writers.map(async (writer, index) => ({
      writer,
      index,
      delivered: await writer.deliverAccessKey({ ...key, user: `user-${index}`, to: null }),
    })),
  );
  await Promise.all(
    wrote.filter(({ index }) => index % 2 === 0).map(({ writer, delivered }) => writer.undo(delivered)),
  );
  expect(
    linesOf(keysTo)
      .map(({ user }) => user)
      .sort(),
  ).toEqual(['user-1', 'user-3', 'user-5', 'user-7']);
});

/** As a reader of JSON lines takes them. */
const linesOf = (path: string): Record<string, string>[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as Record<string, string>);

test('what is returned, thrown or inspected holds no secret', async () => {
  const keysTo = join(root, 'keys.jsonl');
  const delivery = create({ keysTo });
  const delivered = await delivery.deliverAccessKey({ ...key, to });
  expect(traces(delivered)).toContain('AKIAIOSFODNN7EXAMPLE');
  expectNoTrace(
    delivered,
    await delivery.deliverAccessKey({ ...key, to: null }),
    await delivery.deliverPassword({ ...login, to }),
    delivery,
  );
  writeFileSync(join(root, 'file'), '');
  expectNoTrace(
    await failure(delivery.deliverAccessKey({ ...key, to })),
    await failure(delivery.deliverAccessKey({ ...key, to: 'age1' })),
    await failure(
      delivery.deliverAccessKey({ ...key, to: bech32.encodeFromBytes('age', new Uint8Array(32)) }),
    ),
    await failure(create({ dir: join(root, 'file') }).deliverPassword({ ...login, to })),
    await failure(create({ keysTo: root }).deliverPassword({ ...login, to: null })),
    await failure(create().deliverPassword({ ...login, to: null })),
    await failure(
      create({
        reveal: (text) => {
          throw new Error(`EPIPE while writing ${text}`);
        },
      }).deliverAccessKey({ ...key, to: null }),
    ),
  );
});

test('a confidential text shows itself only when asked by name', () => {
  const confidential = new Confidential(secretAccessKey);
  expectNoTrace(confidential, { deep: [{ confidential }] });
  expect(String(confidential)).toBe('[confidential]');
  expect(JSON.stringify({ confidential })).toBe('{"confidential":"[confidential]"}');
  expect(inspect({ confidential })).toBe('{ confidential: [confidential] }');
  expect(confidential.expose()).toBe(secretAccessKey);
});
