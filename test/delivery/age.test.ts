import { createDecipheriv, createHash, hkdfSync, privateDecrypt, constants } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { ed25519, x25519 } from '@noble/curves/ed25519.js';
import { base64nopad, bech32 } from '@scure/base';
import { armor, Decrypter } from 'age-encryption';
import type { Identity } from 'age-encryption';
import { expect, test } from 'vitest';
import { encrypt } from '../../src/app/delivery/age.ts';
import { sshPublicKey } from '../../src/core/recipient.ts';
import { makeAgeKey, makeEd25519, makeRsa, recipient, seedOf, sshLine, sshString } from './keys.ts';

const texts = ['', 'a secret\n', 'ä€😀 = \0', 'x'.repeat(200_000)];

const decrypt = (armoured: string, identity: string | Identity): Promise<string> => {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  return decrypter.decrypt(armor.decode(armoured), 'text');
};

/** The receiver's side of age's ssh types, from the specification. */
const sshIdentity = (line: string, key: KeyObject): Identity => ({
  unwrapFileKey([stanza]) {
    const { wire } = sshPublicKey(recipient(line))!;
    const tag = base64nopad.encode(createHash('sha256').update(wire).digest().subarray(0, 4));
    if (!stanza || stanza.args[1] !== tag) return null;
    if (stanza.args[0] === 'ssh-rsa') {
      const oaepLabel = Buffer.from('age-encryption.org/v1/ssh-rsa');
      const padding = constants.RSA_PKCS1_OAEP_PADDING;
      return privateDecrypt({ key, padding, oaepHash: 'sha256', oaepLabel }, stanza.body);
    }
    const info = 'age-encryption.org/v1/ssh-ed25519';
    const share = base64nopad.decode(stanza.args[2]!);
    const scalar = ed25519.utils.toMontgomerySecret(seedOf(key));
    const tweak = new Uint8Array(hkdfSync('sha256', new Uint8Array(), wire, info, 32));
    const shared = x25519.scalarMult(tweak, x25519.scalarMult(scalar, share));
    const salt = Buffer.concat([share, x25519.getPublicKey(scalar)]);
    const wrapKey = new Uint8Array(hkdfSync('sha256', shared, salt, info, 32));
    const cipher = createDecipheriv('chacha20-poly1305', wrapKey, new Uint8Array(12), { authTagLength: 16 });
    cipher.setAuthTag(stanza.body.subarray(16));
    return Buffer.concat([cipher.update(stanza.body.subarray(0, 16)), cipher.final()]);
  },
});

test.each(texts)('X25519: age-encryption reads it again (text %#)', async (text) => {
  const { identity, recipient: to } = await makeAgeKey();
  const armoured = await encrypt(text, recipient(to));
  expect(armoured).toMatch(/^-----BEGIN AGE ENCRYPTED FILE-----\n[^]*\n-----END AGE ENCRYPTED FILE-----\n$/);
  expect(await decrypt(armoured, identity)).toBe(text);
  await expect(decrypt(armoured, (await makeAgeKey()).identity)).rejects.toThrow('no identity matched');
});

test.each(texts)('ssh-ed25519: the specified steps read it again (text %#)', async (text) => {
  const { line, privateKey } = makeEd25519();
  expect(await decrypt(await encrypt(text, recipient(line)), sshIdentity(line, privateKey))).toBe(text);
});

test.each([2048, 3072, 2056])('ssh-rsa with %i bits: the specified steps read it again', async (bits) => {
  const { line, privateKey } = makeRsa(bits);
  for (const text of texts) {
    expect(await decrypt(await encrypt(text, recipient(line)), sshIdentity(line, privateKey))).toBe(text);
  }
});

test('the same text never gives the same file', async () => {
  const to = recipient((await makeAgeKey()).recipient);
  expect(await encrypt('a secret', to)).not.toBe(await encrypt('a secret', to));
});

test('a key that only looks right is refused without the text', async () => {
  const offCurve = Array.from({ length: 50 }, (_, y) => new Uint8Array(32).fill(y, 0, 1)).find(
    (point) => !ed25519.utils.isValidPublicKey(point),
  )!;
  const lowOrder = new Uint8Array(32).fill(1, 0, 1);
  const bad = [
    bech32.encodeFromBytes('age', new Uint8Array(32)),
    bech32.encodeFromBytes('age', lowOrder),
    sshLine('ssh-ed25519', sshString(offCurve)),
    sshLine('ssh-ed25519', sshString(lowOrder)),
  ];
  for (const text of bad) {
    const error: unknown = await encrypt('wJalrXUtnFEMI', recipient(text)).catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      name: 'RollcallError',
      hint: expect.stringContaining('age-keygen') as string,
    });
    expect((error as Error).message).toContain(`recipient ${text}`);
    expect((error as Error).message).not.toContain('wJalr');
    expect((error as Error).cause).toBeUndefined();
  }
});
