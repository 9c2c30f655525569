import { expect, test } from 'vitest';
import { deliveryText } from '../../src/kinds/user/recipient.ts';
import { makeAgeKey, makeEd25519 } from '../delivery/keys.ts';

test('an age recipient and an ed25519 key are told whole', async () => {
  const { recipient } = await makeAgeKey();
  const { line } = makeEd25519();
  expect(deliveryText({ deliverTo: recipient })).toBe(`encrypted to ${recipient}`);
  expect(deliveryText({ deliverTo: line })).toBe(`encrypted to ${line}`);
});

test('no recipient is told too', () => {
  expect(deliveryText({})).toBe('without a recipient (in clear, by --keys-to or --reveal)');
  expect(deliveryText({ deliverTo: null })).toBe(deliveryText({}));
});
