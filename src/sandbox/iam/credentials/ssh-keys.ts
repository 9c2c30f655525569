import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import type { SSHPublicKeyMetadata } from '@aws-sdk/client-iam';
import { IamError, noSuchEntity, overQuota } from '../../wire/errors.ts';
import { userNamed, userOrCaller, type Context, type Handlers } from '../context.ts';
import { pageFields, paginateUnsorted } from '../paginate.ts';
import type { SshKeyRecord } from '../records.ts';
import { sshToKey, keyToSsh } from './ssh-format.ts';
import { toStatus } from './status.ts';

function sshKeyOf(ctx: Context, userName: string, id: string): SshKeyRecord {
  const user = userNamed(ctx, userName);
  const key = ctx.state.sshKeys.get(id);
  if (key?.userId !== user.id) throw noSuchEntity(`The Public Key with id ${id} cannot be found.`);
  return key;
}

/** IAM takes RSA keys of 2048 bits and more, in ssh-rsa or PEM form. */
function parseKey(body: string): KeyObject {
  const text = body.trim();
  const invalid = new IamError('InvalidPublicKey', 'The public key is invalid.');
  const isSsh = text.startsWith('ssh-');
  if (!isSsh && !text.startsWith('-----BEGIN')) {
    throw new IamError('UnrecognizedPublicKeyEncoding', 'The public key encoding is not recognized.');
  }
  let key: KeyObject | null;
  try {
    key = isSsh ? sshToKey(text) : createPublicKey(text);
  } catch {
    throw invalid;
  }
  if (key?.asymmetricKeyType !== 'rsa' || (key.asymmetricKeyDetails?.modulusLength ?? 0) < 2048)
    throw invalid;
  return key;
}

/** MD5 of the DER form, as IAM and EC2 show it. */
const fingerprintOf = (key: KeyObject): string =>
  createHash('md5')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .replace(/..(?!$)/g, '$&:');

const metadata = (userName: string, key: SshKeyRecord): SSHPublicKeyMetadata => ({
  UserName: userName,
  SSHPublicKeyId: key.id,
  Status: key.status,
  UploadDate: new Date(key.uploadedAt),
});

export const sshKeyHandlers = {
  UploadSSHPublicKey(input, ctx) {
    const user = userNamed(ctx, input.UserName);
    const fingerprint = fingerprintOf(parseKey(input.SSHPublicKeyBody));
    const own = ctx.state.sshKeys.ownedBy(user.id);
    if (own.some((key) => key.fingerprint === fingerprint)) {
      throw new IamError(
        'DuplicateSSHPublicKey',
        'The SSH public key is already associated with the specified IAM user.',
      );
    }
    if (own.length >= ctx.quotas.sshKeysPerUser)
      throw overQuota('SSHPublicKeysPerUser', ctx.quotas.sshKeysPerUser);
    const record: SshKeyRecord = {
      id: ctx.mint.id('APKA'),
      userId: user.id,
      body: input.SSHPublicKeyBody,
      fingerprint,
      status: 'Active',
      uploadedAt: ctx.now(),
    };
    ctx.state.sshKeys.put(record);
    return {
      SSHPublicKey: {
        ...metadata(user.name, record),
        Fingerprint: fingerprint,
        SSHPublicKeyBody: record.body,
      },
    };
  },

  GetSSHPublicKey(input, ctx) {
    const record = sshKeyOf(ctx, input.UserName, input.SSHPublicKeyId);
    const key = parseKey(record.body);
    return {
      SSHPublicKey: {
        ...metadata(input.UserName, record),
        Fingerprint: record.fingerprint,
        SSHPublicKeyBody:
          input.Encoding === 'PEM' ? String(key.export({ type: 'spki', format: 'pem' })) : keyToSsh(key),
      },
    };
  },

  UpdateSSHPublicKey(input, ctx) {
    const key = sshKeyOf(ctx, input.UserName, input.SSHPublicKeyId);
    ctx.state.sshKeys.put({ ...key, status: toStatus(input.Status) });
  },

  DeleteSSHPublicKey(input, ctx) {
    const key = sshKeyOf(ctx, input.UserName, input.SSHPublicKeyId);
    ctx.state.sshKeys.delete(key.id);
  },

  ListSSHPublicKeys(input, ctx) {
    const user = userOrCaller(ctx, input.UserName);
    const page = paginateUnsorted(ctx, input, ctx.state.sshKeys.ownedBy(user.id), (key) => key.id, user.id);
    return { SSHPublicKeys: page.items.map((key) => metadata(user.name, key)), ...pageFields(page) };
  },
} satisfies Handlers;
