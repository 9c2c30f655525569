import { base64, bech32 } from '@scure/base';
import { readSshPublicKey } from './ssh-public-key.ts';
import { plural } from './text.ts';
import type { SshPublicKey } from './ssh-public-key.ts';

/** A public key that secrets can be encrypted to. */
export interface Recipient {
  readonly type: 'x25519' | SshPublicKey['type'];
  /** Without comment and surrounding white space: what age's `-r` takes. */
  readonly text: string;
  /** Of an ssh key: what stands after it, often `user@machine`. */
  readonly comment?: string;
}

interface RecipientProblem {
  readonly ok: false;
  /** A sentence without its subject's value; never holds any of what may be a private key. */
  readonly message: string;
  readonly hint: string;
  /** Index of the offending character in the text as given, from 0; the message counts from 1. */
  readonly position?: number;
}

type ParsedRecipient = { readonly ok: true; readonly recipient: Recipient } | RecipientProblem;

/**
 * Reads a recipient as the age command takes it: `age1…` or a line of an ssh public key file.
 * Sources: age's format (c2sp.org/age, "The X25519 recipient type"), Bech32 (BIP 173), age's README, "SSH keys".
 */
export function parseRecipient(text: string): ParsedRecipient {
  const trimmed = text.trim();
  const secret = findPrivateKey(trimmed);
  if (secret) return secret;
  const given: Given = { text: trimmed, offset: text.length - text.trimStart().length };
  if (trimmed === '') return problem('the recipient is empty', writePublicKey);
  const lineEnd = /[\r\n]/.exec(trimmed);
  if (lineEnd) {
    return problemAt(given, lineEnd.index, 'holds more than one line', 'write one public key, on one line');
  }
  if (/^age/i.test(trimmed)) return parseAge(given);
  if (/^(ssh|sk|ecdsa)-/i.test(trimmed)) return parseSsh(given);
  return problem('is neither an age recipient nor an ssh public key', writePublicKey);
}

/** The binary key of a recipient that `parseRecipient` made of an ssh key. */
export function sshPublicKey({ type, text }: Recipient): SshPublicKey | null {
  if (type === 'x25519') return null;
  const key = readSshPublicKey(type, base64.decode(text.slice(type.length + 1)));
  return typeof key === 'string' ? null : key;
}

interface Given {
  readonly text: string;
  /** White space that was cut off before it. */
  readonly offset: number;
}

const writePublicKey =
  "write a public key: age1… (age-keygen -y key.txt shows it) or the line of a file such as ~/.ssh/id_ed25519.pub, which begins with 'ssh-ed25519' or 'ssh-rsa'";
const copyAgain = 'copy it again as a whole: age-keygen -y key.txt shows it';
const copySshAgain = 'copy the whole line of the .pub file again, on one line';
const makeOther =
  'give an age1… recipient (made by age-keygen) or an ssh-ed25519 key (made by ssh-keygen -t ed25519)';

const problem = (message: string, hint: string): RecipientProblem => ({ ok: false, message, hint });

const problemAt = (given: Given, index: number, message: string, hint: string): RecipientProblem => ({
  ok: false,
  message,
  hint,
  position: given.offset + index,
});

/** Anything that looks like a private key is refused before any of it could get into a message. */
function findPrivateKey(text: string): RecipientProblem | null {
  if (/AGE-(SECRET-KEY|PLUGIN)-/i.test(text)) {
    return problem(
      'is a private age key, which nobody but its owner may have',
      'take it out of the file; give the public key that age-keygen -y shows. If the file has been shared, make a new key',
    );
  }
  // The second is how the body of an OpenSSH private key begins: "openssh-key-v1" in base64.
  if (/PRIVATE KEY|b3BlbnNzaC1rZXktdjE|PuTTY-User-Key-File/.test(text)) {
    return problem(
      'is a private ssh key, which nobody but its owner may have',
      'take it out of the file; give the line of the .pub file next to it. If the file has been shared, make a new key',
    );
  }
  return null;
}

/** Bech32's data characters: no `1`, `b`, `i` and `o`, which are taken for others. */
const dataCharacters = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
/** `age1`, 52 characters for 32 bytes, 6 of checksum. */
const ageLength = 62;
const prefix = 'age1';

function parseAge(given: Given): ParsedRecipient {
  const { text } = given;
  const upper = text.search(/[A-Z]/);
  if (upper >= 0) {
    const mixed = /[a-z]/.test(text);
    return problemAt(
      given,
      upper,
      mixed ? `mixes upper and lower case: ${sayCharacter(text, upper)}` : 'is in upper case',
      'age recipients are all in lower case',
    );
  }
  if (text.length > 3 && text[3] !== '1') {
    return problemAt(given, 3, `${sayCharacter(text, 3)} where age recipients have '1'`, writePublicKey);
  }
  const other = otherAgeType(text);
  if (other) return problem(other, makeOther);
  return findBadLetter(given) ?? findWrongLength(text) ?? checkAge(given);
}

/** Other types than X25519 have their name between `age1` and the last `1`, which is no data character. */
function otherAgeType(text: string): string | null {
  const name = /^age1(.+)1[^1]*$/.exec(text)?.[1];
  if (name === 'pq' || name === 'tag' || name === 'tagpq') {
    return `is an age recipient of the type '${name}', which is not supported`;
  }
  if (name === undefined) return null;
  const known = /^(yubikey|se|tpm|fido2-hmac|sss)$/.test(name);
  if (!known && !bech32.decodeUnsafe(text, false)) return null;
  return `is a recipient of the age plugin '${name}': plugins are not supported`;
}

function findBadLetter(given: Given): RecipientProblem | null {
  const { text } = given;
  const at = text
    .split('')
    .findIndex((letter, index) => index >= prefix.length && !dataCharacters.includes(letter));
  if (at < 0) return null;
  const hint = /\s/.test(text[at]!)
    ? 'write one recipient, without spaces and without a comment'
    : `${copyAgain}; it never holds '1', 'b', 'i' or 'o' after 'age1'`;
  return problemAt(given, at, `${sayCharacter(text, at)}, which age recipients never hold`, hint);
}

function findWrongLength({ length }: string): RecipientProblem | null {
  if (length === ageLength) return null;
  const difference =
    length < ageLength
      ? `${ageLength - length} missing at the end or in between`
      : `${length - ageLength} too many`;
  return problem(
    `has ${plural(length, 'character')} where age recipients have ${ageLength}: ${difference}`,
    copyAgain,
  );
}

function checkAge(given: Given): ParsedRecipient {
  const { text } = given;
  const decoded = bech32.decodeUnsafe(text);
  if (!decoded) {
    const at = findMistyped(text);
    return at === null
      ? problem('its checksum is wrong: some characters are mistyped, missing or swapped', copyAgain)
      : problemAt(
          given,
          at,
          `its checksum is wrong: a character is mistyped, most likely character ${at + 1}`,
          copyAgain,
        );
  }
  if (bech32.fromWordsUnsafe(decoded.words)?.length !== 32) {
    return problem('does not hold the 32 bytes of an age recipient', copyAgain);
  }
  return { ok: true, recipient: { type: 'x25519', text } };
}

/**
 * Where one other character would make the checksum right: at most one place, because any two valid texts
 * differ in five. BIP 173 asks to show the place but not the correction, which could be somebody else's key.
 */
function findMistyped(text: string): number | null {
  for (let at = prefix.length; at < text.length; at += 1) {
    for (const letter of dataCharacters) {
      if (bech32.decodeUnsafe(text.slice(0, at) + letter + text.slice(at + 1))) return at;
    }
  }
  return null;
}

function parseSsh(given: Given): ParsedRecipient {
  const { text } = given;
  const [, type = '', gap = '', body = '', rest = ''] = /^(\S+)(\s*)(\S*)([^]*)$/.exec(text) ?? [];
  if (type !== 'ssh-ed25519' && type !== 'ssh-rsa') return problem(sayOtherSsh(type), makeOther);
  if (body === '') return problem(`has no key after '${type}'`, copySshAgain);
  const wrong = body.search(/[^A-Za-z0-9+/=]|=(?!=*$)/);
  if (wrong >= 0) {
    const at = type.length + gap.length + wrong;
    return problemAt(given, at, `${sayCharacter(text, at)}, which ssh keys never hold there`, copySshAgain);
  }
  const wire = decodeBase64(body);
  if (wire === null) return problem('the key is cut short or a character of it is mistyped', copySshAgain);
  const key = readSshPublicKey(type, wire);
  if (typeof key === 'string') {
    return problem(`the key ${key}`, /bits|exponent/.test(key) ? makeOther : copySshAgain);
  }
  const comment = rest.trim();
  return { ok: true, recipient: { type, text: `${type} ${body}`, ...(comment ? { comment } : {}) } };
}

function sayOtherSsh(type: string): string {
  const shown = /^[\w@.-]{1,60}$/.test(type) ? `'${type}'` : 'of this type';
  if (type.startsWith('sk-'))
    return `is an ssh key ${shown} of a security key, which cannot decrypt: not supported`;
  if (type.includes('-cert-')) return `is an ssh certificate ${shown}, not a key: not supported`;
  return `is an ssh key ${shown}, which age cannot encrypt to: not supported`;
}

/** Strict: padded, and without stray bits, so that one key has one text. */
function decodeBase64(text: string): Uint8Array | null {
  try {
    return base64.decode(text);
  } catch {
    return null;
  }
}

/** `character 17 is 'b'`; by name or number where the eye would not see it. */
function sayCharacter(text: string, index: number): string {
  const point = text.codePointAt(index)!;
  const letter = String.fromCodePoint(point);
  const seen = /[\p{L}\p{N}\p{P}\p{S}]/u.test(letter);
  const code = `U+${point.toString(16).toUpperCase().padStart(4, '0')}`;
  const shown =
    letter === ' ' ? 'a space' : !seen ? code : point < 0x80 ? `'${letter}'` : `'${letter}' (${code})`;
  return `character ${index + 1} is ${shown}`;
}
