import { bech32 } from '@scure/base';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseRecipient } from '../../src/core/recipient.ts';
import { makeAgeKey, makeEd25519, makeRsa, sshLine, sshNumber, sshString } from './keys.ts';

const age = 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p';
const ed25519 = makeEd25519().line;
const rsa = makeRsa(2048).line;
const replace = (text: string, index: number, by: string): string =>
  text.slice(0, index) + by + text.slice(index + 1);

function refusal(text: string): string {
  const parsed = parseRecipient(text);
  return parsed.ok ? 'accepted' : parsed.message;
}

function placeOf(text: string): number | undefined {
  const parsed = parseRecipient(text);
  return parsed.ok ? undefined : parsed.position;
}

test('an age recipient is taken as it is, without white space around it', () => {
  expect(parseRecipient(` ${age}\n`)).toEqual({ ok: true, recipient: { type: 'x25519', text: age } });
});

test('an ssh line loses its comment', () => {
  expect(parseRecipient(`${ed25519}  melvins@houdini laptop\n`)).toEqual({
    ok: true,
    recipient: { type: 'ssh-ed25519', text: ed25519, comment: 'melvins@houdini laptop' },
  });
  expect(parseRecipient(rsa.replace(' ', '\t '))).toEqual({
    ok: true,
    recipient: { type: 'ssh-rsa', text: rsa },
  });
});

test('a character that age recipients never hold is named with its place', () => {
  const text = replace(age, 16, 'b');
  expect(refusal(text)).toBe("character 17 is 'b', which age recipients never hold");
  expect(placeOf(text)).toBe(16);
  expect(placeOf(`  ${text}`)).toBe(18);
  expect(refusal(replace(age, 20, '1'))).toBe("character 21 is '1', which age recipients never hold");
  expect(refusal(replace(age, 20, 'ä'))).toBe(
    "character 21 is 'ä' (U+00E4), which age recipients never hold",
  );
  expect(refusal(replace(age, 20, '\u200B'))).toBe('character 21 is U+200B, which age recipients never hold');
  expect(refusal(replace(age, 20, '😀'))).toBe(
    "character 21 is '😀' (U+1F600), which age recipients never hold",
  );
});

test('a comment after an age recipient is one too many', () => {
  expect(parseRecipient(`${age} melvins`)).toMatchObject({
    message: 'character 63 is a space, which age recipients never hold',
    hint: 'write one recipient, without spaces and without a comment',
    position: 62,
  });
});

test('upper case is refused, mixed or not', () => {
  expect(refusal(replace(age, 8, 'J'))).toBe("mixes upper and lower case: character 9 is 'J'");
  expect(placeOf(replace(age, 8, 'J'))).toBe(8);
  expect(refusal(age.toUpperCase())).toBe('is in upper case');
});

test('a look-alike of the 1 in "age1" is named', () => {
  expect(refusal(replace(age, 3, 'l'))).toBe("character 4 is 'l' where age recipients have '1'");
});

test('a length that is not 62 is counted', () => {
  expect(refusal(age.slice(0, -2))).toBe(
    'has 60 characters where age recipients have 62: 2 missing at the end or in between',
  );
  expect(refusal(`${age}qqq`)).toBe('has 65 characters where age recipients have 62: 3 too many');
  expect(refusal('age1')).toContain('has 4 characters');
});

test('one mistyped character is found by the checksum', async () => {
  const { recipient } = await makeAgeKey();
  const letters = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
  fc.assert(
    fc.property(fc.integer({ min: 4, max: 61 }), fc.constantFrom(...letters.split('')), (at, letter) => {
      fc.pre(recipient[at] !== letter);
      const text = replace(recipient, at, letter);
      expect(refusal(text)).toBe(
        `its checksum is wrong: a character is mistyped, most likely character ${at + 1}`,
      );
      expect(placeOf(text)).toBe(at);
    }),
    { numRuns: 20 },
  );
});

test('swapped characters fail the checksum, without a guess', () => {
  const swapped = `${age.slice(0, 10)}${age[11]}${age[10]}${age.slice(12)}`;
  expect(parseRecipient(swapped)).toEqual({
    ok: false,
    message: 'its checksum is wrong: some characters are mistyped, missing or swapped',
    hint: 'copy it again as a whole: age-keygen -y key.txt shows it',
  });
});

test('a right checksum over other bits than 32 bytes is refused', () => {
  const words = bech32.decode(age as `age1${string}`).words.with(51, 1);
  expect(refusal(bech32.encode('age', words))).toBe('does not hold the 32 bytes of an age recipient');
});

test('every generated age recipient is taken', async () => {
  for (let run = 0; run < 50; run += 1) {
    const { recipient } = await makeAgeKey();
    expect(parseRecipient(recipient)).toEqual({ ok: true, recipient: { type: 'x25519', text: recipient } });
  }
});

test('recipients of plugins and of other age types are named', () => {
  const plugin = bech32.encodeFromBytes('age1yubikey', new Uint8Array(33).fill(2));
  expect(refusal(plugin)).toBe("is a recipient of the age plugin 'yubikey': plugins are not supported");
  expect(refusal(`${plugin}q`)).toContain("the age plugin 'yubikey'");
  expect(refusal(bech32.encodeFromBytes('age1houdini', new Uint8Array(20)))).toContain(
    "the age plugin 'houdini'",
  );
  const pq = bech32.encode('age1pq', bech32.toWords(new Uint8Array(1216)), false);
  expect(refusal(pq)).toBe("is an age recipient of the type 'pq', which is not supported");
});

test('a private key is refused and nothing of it is repeated', async () => {
  const { identity } = await makeAgeKey();
  const { privateKey } = makeEd25519();
  const body = `b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW`;
  const texts = [
    identity,
    identity.toLowerCase(),
    ` # created\n${identity}`,
    `ssh-ed25519 ${body}`,
    `-----BEGIN OPENSSH PRIVATE KEY-----\n${body}\n-----END OPENSSH PRIVATE KEY-----\n`,
    String(privateKey.export({ format: 'pem', type: 'pkcs8' })),
    'PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none',
  ];
  for (const text of texts) {
    const parsed = parseRecipient(text);
    if (parsed.ok) throw new Error('accepted');
    expect(parsed.message).toMatch(/^is a private (age|ssh) key, which nobody but its owner may have$/);
    expect(parsed.position).toBeUndefined();
    const said = parsed.message + parsed.hint;
    for (const word of text.match(/\S{12,}/g) ?? []) expect(said).not.toContain(word.slice(-12));
  }
  const forAge = parseRecipient(identity);
  expect(forAge).toMatchObject({ hint: expect.stringContaining('age-keygen -y') as string });
});

test('what is not recognised is not repeated, for it may be a secret', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 12 }), (text) => {
      const parsed = parseRecipient(text);
      fc.pre(!parsed.ok && text.trim().length >= 12);
      expect(Object.values(parsed).join('\n')).not.toContain(text.trim());
    }),
  );
  expect(refusal('')).toBe('the recipient is empty');
  expect(refusal('github:melvins')).toBe('is neither an age recipient nor an ssh public key');
});

test('two keys, or a key over two lines, are refused with the place', () => {
  expect(refusal(`${age}\n${age}`)).toBe('holds more than one line');
  expect(placeOf(`${age}\n${age}`)).toBe(62);
});

test('a character that base64 does not have is named with its place', () => {
  const text = replace(ed25519, 30, '_');
  expect(refusal(text)).toBe("character 31 is '_', which ssh keys never hold there");
  expect(placeOf(text)).toBe(30);
  expect(refusal(replace(ed25519, 30, '='))).toBe("character 31 is '=', which ssh keys never hold there");
});

test('an ssh key that is cut short, or has too much, is refused', () => {
  for (let length = 'ssh-ed25519 '.length; length < ed25519.length; length += 1) {
    expect(parseRecipient(ed25519.slice(0, length)).ok).toBe(false);
  }
  for (let length = 0; length < rsa.length; length += 1) {
    expect(parseRecipient(rsa.slice(0, length)).ok).toBe(false);
  }
  expect(refusal('ssh-ed25519')).toBe("has no key after 'ssh-ed25519'");
  expect(refusal(ed25519.slice(0, -1))).toBe('the key is cut short or a character of it is mistyped');
  expect(refusal(ed25519.slice(0, -4))).toBe('the key is cut short');
  expect(refusal(sshLine('ssh-ed25519', sshString(new Uint8Array(31))))).toBe(
    'the key holds 31 bytes where ssh-ed25519 has 32',
  );
  expect(refusal(sshLine('ssh-ed25519', sshString(new Uint8Array(32)), sshString('')))).toBe(
    'the key does not have the one part of an ssh-ed25519 key',
  );
  expect(refusal(sshLine('ssh-rsa', sshString('')))).toBe(
    'the key does not have the two parts of an ssh-rsa key',
  );
});

test('the type inside must be the one outside', () => {
  expect(refusal(`ssh-rsa ${ed25519.split(' ')[1]}`)).toBe(
    "the key is 'ssh-ed25519' inside, although its line begins with ssh-rsa",
  );
  expect(refusal(`ssh-rsa ${sshString('\n').toString('base64')}`)).toBe(
    'the key has another type inside, although its line begins with ssh-rsa',
  );
});

test('RSA keys that are too short, too long or not canonical are refused', () => {
  const exponent = sshNumber(Buffer.of(1, 0, 1));
  const modulus = (bits: number): Buffer => {
    const bytes = Buffer.alloc(Math.ceil(bits / 8), 0xff);
    bytes[0] = 0xff >> (bytes.length * 8 - bits);
    return bytes;
  };
  const line = (bits: number): string => sshLine('ssh-rsa', exponent, sshNumber(modulus(bits)));
  expect(refusal(makeRsa(1024).line)).toBe('the key has 1024 bits: fewer than 2048 are not safe');
  expect(refusal(line(2047))).toBe('the key has 2047 bits: fewer than 2048 are not safe');
  expect(refusal(line(2048))).toBe('accepted');
  expect(refusal(line(2049))).toBe('accepted');
  expect(refusal(line(16_385))).toContain('more than the 16384');
  for (const bad of [[1], [2], [1, 0, 0], [1, 0, 0, 1]]) {
    expect(refusal(sshLine('ssh-rsa', sshNumber(Buffer.from(bad)), sshNumber(modulus(2048))))).toBe(
      'the key has a public exponent that age does not take',
    );
  }
  for (const bad of [Buffer.of(), Buffer.of(0, 3), Buffer.of(0x83)]) {
    expect(refusal(sshLine('ssh-rsa', sshString(bad), sshNumber(modulus(2048))))).toContain('RFC 4251');
  }
});

test('other ssh types are named', () => {
  expect(refusal('ecdsa-sha2-nistp256 AAAA')).toBe(
    "is an ssh key 'ecdsa-sha2-nistp256', which age cannot encrypt to: not supported",
  );
  expect(refusal('ssh-dss AAAA')).toContain("'ssh-dss'");
  expect(refusal('sk-ssh-ed25519@openssh.com AAAA')).toBe(
    "is an ssh key 'sk-ssh-ed25519@openssh.com' of a security key, which cannot decrypt: not supported",
  );
  expect(refusal('ssh-ed25519-cert-v01@openssh.com AAAA')).toContain('certificate');
});
