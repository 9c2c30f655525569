/** The manifests that the measures are made with. */
import { bech32 } from '@scure/base';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const account = `account: "123456789012"\n`;

/** A directory of these files, and no others. @param {Record<string, string>} files */
function writeAll(dir, files) {
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
}

/**
 * Groups and policies grow with the users, up to IAM's quotas: 300 and 1,500 at 5,000 users. What differs from the account
 * as it was made first: so many leave, what all hold through their common group says more, or all
 * have a policy of their own that says more.
 */
export function writeAccount(dir, users, { leaving = 0, shared = false, own = false } = {}) {
  const groups = Math.max(1, Math.round(users * 0.06) - 1);
  const policies = Math.max(1, Math.round(users * 0.3));
  const user = (index) =>
    `  user${index}:\n    path: /team${index % groups}/\n    tags: { team: t${index % groups} }\n` +
    `    groups: [group${index % groups}, everybody]\n    attach: [policy${index % policies}]\n` +
    (index % 10 === 0 || own
      ? `    policies: { own: { Statement: { Effect: Allow, Action: "s3:*", Resource: "arn:aws:s3:::${own ? 'own' : 'b'}${index}/*" } } }\n`
      : '');
  const policy = (index) =>
    `  policy${index}: { document: { Statement: { Effect: Allow, Action: ["s3:GetObject", "s3:ListBucket"${shared && index === 0 ? ', "s3:PutObject"' : ''}], Resource: ["arn:aws:s3:::r${index}", "arn:aws:s3:::r${index}/*"] } } }\n`;
  const list = (count, line) => Array.from({ length: count }, (_, index) => line(index)).join('');
  writeAll(dir, {
    'account.yaml': account,
    'users.yaml': `users:\n${list(users - leaving, user)}`,
    'groups.yaml': `groups:\n  everybody: { attach: [policy0] }\n${list(groups - 1, (index) => `  group${index}: { attach: [aws:ReadOnlyAccess] }\n`)}  group${groups - 1}: {}\n`,
    'policies.yaml': `policies:\n${list(policies, policy)}`,
  });
}

/** A person's own age key: nobody can open what is encrypted to it. */
function newRecipient() {
  const { x } = generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' });
  return bech32.encode('age', bech32.toWords(Buffer.from(x, 'base64url')), false);
}

/**
 * People with a group and an access key each, by number. Who comes, from `newFrom` on, has a recipient: the others have
 * their keys.
 */
export function writeStaff(dir, from, to, newFrom) {
  const keyOf = (index) => (index < newFrom ? '{}' : `{ deliverTo: ${newRecipient()} }`);
  const person = (index) => `  ${nameOf(index)}: { groups: [staff], accessKey: ${keyOf(index)} }\n`;
  const people = Array.from({ length: to - from }, (_, index) => person(from + index));
  writeAll(dir, {
    'account.yaml': account,
    'staff.yaml': `groups: { staff: {} }\nusers:\n${people.join('')}`,
  });
}

const nameOf = (index) => `person${String(index).padStart(4, '0')}`;

/** The same people in an account, made behind rollcall's back and kept in a file. */
export async function fillStaff(file, count) {
  const { startSandbox } = await import('../dist/sandbox.js');
  const sandbox = await startSandbox({ file, seed: 1 });
  sandbox.call('CreateGroup', { GroupName: 'staff' });
  for (let index = 0; index < count; index += 1) {
    const UserName = nameOf(index);
    sandbox.call('CreateUser', { UserName });
    sandbox.call('AddUserToGroup', { UserName, GroupName: 'staff' });
    sandbox.call('CreateAccessKey', { UserName });
  }
  await sandbox.close();
}
