import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { encrypt } from '../../src/app/delivery/age.ts';
import { parseRecipient } from '../../src/core/recipient.ts';
import { deliveryText } from '../../src/kinds/user/recipient.ts';
import { decryptWithAge, makeAgeKey, makeRsa, need, recipient, sshKeygen } from './keys.ts';

const directory = mkdtempSync(join(tmpdir(), 'rollcall-'));
const texts = ['', 'a secret\n', 'ä€😀 = \0', 'x'.repeat(200_000)];

const tools = need('age', 'ssh-keygen');

test.skipIf(tools.missing)(`X25519: the age command reads it${tools.note}`, async () => {
  const { identity, recipient: to } = await makeAgeKey();
  const path = join(directory, 'key.txt');
  writeFileSync(path, `${identity}\n`);
  for (const text of texts) {
    expect(decryptWithAge(directory, path, await encrypt(text, recipient(to)))).toBe(text);
  }
});

test.skipIf(tools.missing).each([['-ted25519'], ['-trsa', '-b2048'], ['-trsa', '-b3072']])(
  `ssh-keygen %s %s: the age command reads it${tools.note}`,
  async (...options) => {
    const { path, line } = sshKeygen(directory, ...options);
    for (const text of texts) {
      expect(decryptWithAge(directory, path, await encrypt(text, recipient(line)))).toBe(text);
    }
  },
);

test.skipIf(tools.missing)(`many ssh-ed25519 keys: the age command reads all${tools.note}`, async () => {
  for (let run = 0; run < 20; run += 1) {
    const { path, line } = sshKeygen(mkdtempSync(join(directory, 'k')), '-ted25519');
    expect(decryptWithAge(directory, path, await encrypt('a secret', recipient(line)))).toBe('a secret');
  }
});

const keygen = need('ssh-keygen');
test.skipIf(keygen.missing)(`lines that ssh-keygen writes are taken${keygen.note}`, () => {
  const dir = mkdtempSync(join(directory, 'k'));
  for (const options of [['-ted25519'], ['-trsa', '-b2048'], ['-trsa', '-b3072']]) {
    const parsed = parseRecipient(sshKeygen(dir, ...options).line);
    expect(parsed).toMatchObject({ ok: true, recipient: { comment: 'melvins@houdini' } });
  }
  expect(parseRecipient(sshKeygen(dir, '-tecdsa').line)).toMatchObject({
    ok: false,
    message: expect.stringContaining("'ecdsa-sha2-nistp256'") as string,
  });
});

test.skipIf(keygen.missing)(
  `an RSA key is told by its end and the fingerprint that ssh-keygen shows${keygen.note}`,
  () => {
    for (const bits of [2048, 4096]) {
      const { line } = makeRsa(bits);
      const [, fingerprint] = execFileSync('ssh-keygen', ['-lf', '-'], {
        input: line,
        encoding: 'utf8',
      }).split(' ');
      expect(deliveryText({ deliverTo: line })).toBe(
        `encrypted to ssh-rsa …${line.slice(-16)} (${fingerprint})`,
      );
    }
  },
);
