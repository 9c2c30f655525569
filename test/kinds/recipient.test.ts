import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { deliveryText } from '../../src/kinds/user/recipient.ts';
import { makeAgeKey, makeEd25519, makeRsa, need } from '../delivery/keys.ts';

test('an age recipient and an ed25519 key are told whole', async () => {
  const { recipient } = await makeAgeKey();
  const { line } = makeEd25519();
  expect(deliveryText({ deliverTo: recipient })).toBe(`encrypted to ${recipient}`);
  expect(deliveryText({ deliverTo: line })).toBe(`encrypted to ${line}`);
});

test('no recipient is told too', () => {
  expect(deliveryText({})).toBe('without a recipient (in clear, by --keys-to or --reveal)');
  expect(deliveryText()).toBe(deliveryText({}));
});

const { missing, note } = need('ssh-keygen');
test.skipIf(missing)(`an RSA key is told by its end and the fingerprint that ssh-keygen shows${note}`, () => {
  for (const bits of [2048, 4096]) {
    const { line } = makeRsa(bits);
    const [, fingerprint] = execFileSync('ssh-keygen', ['-lf', '-'], { input: line, encoding: 'utf8' }).split(
      ' ',
    );
    expect(deliveryText({ deliverTo: line })).toBe(
      `encrypted to ssh-rsa …${line.slice(-16)} (${fingerprint})`,
    );
  }
});
