import type { Account } from './account.ts';
import type { Caller } from './iam/context.ts';
import { IamError } from './wire/errors.ts';
import { readCredential, verifySignature, type SignedRequest } from './wire/sigv4.ts';

export const operatorCaller = ({ id, partition }: Account, accessKeyId: string): Caller => ({
  arn: `arn:${partition}:iam::${id}:user/sandbox-operator`,
  accessKeyId,
  user: null,
});

export function userCaller({ id, partition, state }: Account, name: string, accessKeyId: string): Caller {
  const user = state.users.taken(name);
  if (!user) throw new Error(`no user ${name}`);
  return { arn: `arn:${partition}:iam::${id}:user${user.path}${user.name}`, accessKeyId, user };
}

/**
 * Who made the request. Throws InvalidClientTokenId and SignatureDoesNotMatch; with `strict` also for keys that belong
 * to nobody.
 */
export function authenticate(account: Account, strict: boolean, request: SignedRequest): Caller {
  const { state, operator } = account;
  const credential = readCredential(request);
  const { accessKeyId } = credential;
  const invalid = (): IamError =>
    new IamError('InvalidClientTokenId', 'The security token included in the request is invalid.');
  if (accessKeyId === operator.accessKeyId) {
    verifySignature(request, credential, operator.secretAccessKey);
    return operatorCaller(account, accessKeyId);
  }
  if (state.accessKeys.has(accessKeyId)) {
    const key = state.accessKeys.get(accessKeyId);
    const user = key && state.users.get(key.userId);
    if (!user || key.status !== 'Active') throw invalid();
    const secret = account.secrets.get(accessKeyId);
    if (secret !== undefined) verifySignature(request, credential, secret);
    noteUse(account, accessKeyId, credential.service, credential.region);
    return userCaller(account, user.name, accessKeyId);
  }
  if (strict || state.retiredKeys.has(accessKeyId)) throw invalid();
  return operatorCaller(account, accessKeyId);
}

/**
 * If a key is used several times within a quarter of an hour, IAM notes the first use (docs: "Get information about
 * last use").
 */
function noteUse(account: Account, id: string, service: string, region: string): void {
  const key = account.state.accessKeys.get(id)!;
  const at = account.now();
  if (key.lastUsed && Date.parse(at) - Date.parse(key.lastUsed.at) < 15 * 60_000) return;
  account.state.accessKeys.put({ ...key, lastUsed: { at, service, region } });
  account.commit();
}
