import { execFileSync, spawnSync } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { parseRecipient } from '../../src/core/recipient.ts';
import type { Recipient } from '../../src/core/recipient.ts';

/** For the name of a test that needs a command which this machine lacks. */
export function need(...commands: readonly string[]): { missing: boolean; note: string } {
  const missing = commands.filter((command) => spawnSync('sh', ['-c', `command -v ${command}`]).status !== 0);
  return {
    missing: missing.length > 0,
    note: missing.length > 0 ? ` (SKIPPED: ${missing.join(', ')} not installed)` : '',
  };
}

/** The recipient of a text that must be one. */
export function recipient(text: string): Recipient {
  const parsed = parseRecipient(text);
  if (!parsed.ok) throw new Error(`${parsed.message} (${text})`);
  return parsed.recipient;
}

export async function makeAgeKey(): Promise<{ identity: string; recipient: string }> {
  const identity = await generateX25519Identity();
  return { identity, recipient: await identityToRecipient(identity) };
}

/** A length-prefixed string of the ssh wire format. */
export function sshString(bytes: Uint8Array | string): Buffer {
  const body = Buffer.from(bytes as Uint8Array);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}

/** A positive number in the ssh wire format: a leading zero keeps the sign off. */
export const sshNumber = (bytes: Uint8Array): Buffer =>
  sshString((bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes);

export const sshLine = (type: string, ...parts: readonly Buffer[]): string =>
  `${type} ${Buffer.concat([sshString(type), ...parts]).toString('base64')}`;

export function makeEd25519(): { line: string; privateKey: KeyObject } {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const point = Buffer.from(publicKey.export({ format: 'jwk' }).x!, 'base64url');
  return { line: sshLine('ssh-ed25519', sshString(point)), privateKey };
}

export function makeRsa(
  modulusLength: number,
  publicExponent = 0x10001,
): { line: string; privateKey: KeyObject } {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength, publicExponent });
  const { n, e } = publicKey.export({ format: 'jwk' });
  const [modulus, exponent] = [Buffer.from(n!, 'base64url'), Buffer.from(e!, 'base64url')];
  return { line: sshLine('ssh-rsa', sshNumber(exponent), sshNumber(modulus)), privateKey };
}

/** A key pair as ssh users have them: the private key's path and the line of the .pub file. */
export function sshKeygen(directory: string, ...options: readonly string[]): { path: string; line: string } {
  const path = join(directory, `id-${options.join('')}`);
  execFileSync('ssh-keygen', ['-q', '-N', '', '-C', 'melvins@houdini', '-f', path, ...options]);
  return { path, line: readFileSync(`${path}.pub`, 'utf8') };
}

/** What the age command makes of an armoured text. */
export function decryptWithAge(directory: string, identityPath: string, armoured: string): string {
  const path = join(directory, 'encrypted.age');
  writeFileSync(path, armoured);
  return execFileSync('age', ['-d', '-i', identityPath, path], { encoding: 'utf8' });
}

/** The 32 bytes from which an Ed25519 key is made. */
export const seedOf = (key: KeyObject): Buffer =>
  Buffer.from(
    createPrivateKey(key.export({ format: 'pem', type: 'pkcs8' })).export({ format: 'jwk' }).d!,
    'base64url',
  );
