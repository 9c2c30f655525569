import type { Account } from './account.ts';
import { operatorId, type Caller } from './iam/caller.ts';
import type { RoleRecord } from './iam/records.ts';
import { isSessionKeyId, opened, sessionSecret, type Session } from './sts/session.ts';
import { IamError } from './wire/errors.ts';
import { readCredential, verifySignature, type Credential, type SignedRequest } from './wire/sigv4.ts';

/** Who calls without a signature, as those do who have an identity token instead. */
export const nobody: Caller = { arn: '', accessKeyId: '', user: null, role: null, session: null };

/** Whether the caller of an operation shows an identity token or an assertion, and no signature. */
export const isUnsigned = (op: string): boolean =>
  op === 'AssumeRoleWithSAML' || op === 'AssumeRoleWithWebIdentity';

export const operatorCaller = ({ id, partition }: Account, accessKeyId: string): Caller => ({
  ...nobody,
  arn: `arn:${partition}:iam::${id}:user/sandbox-operator`,
  accessKeyId,
});

export function userCaller({ id, partition, state }: Account, name: string, accessKeyId: string): Caller {
  const user = state.users.taken(name);
  if (!user) throw new Error(`no user ${name}`);
  return { ...nobody, arn: `arn:${partition}:iam::${id}:user${user.path}${user.name}`, accessKeyId, user };
}

interface Place {
  readonly partition: string;
  readonly account: string;
}

export const federatedArn = ({ partition, account }: Place, name: string): string =>
  `arn:${partition}:sts::${account}:federated-user/${name}`;

/** The ARN of a session has no path of the role. */
export const sessionArn = ({ partition, account }: Place, role: RoleRecord, name: string): string =>
  `arn:${partition}:sts::${account}:assumed-role/${role.name}/${name}`;

const invalidToken = (): IamError =>
  new IamError('InvalidClientTokenId', 'The security token included in the request is invalid.');

/**
 * Who made the request. Throws InvalidClientTokenId, ExpiredToken and SignatureDoesNotMatch; with `strict` also
 * InvalidClientTokenId for keys that belong to nobody.
 */
export function authenticate(account: Account, strict: boolean, request: SignedRequest): Caller {
  const { state, operator } = account;
  const credential = readCredential(request);
  const { accessKeyId } = credential;
  if (accessKeyId === operator.accessKeyId) {
    verifySignature(request, credential, operator.secretAccessKey);
    return operatorCaller(account, accessKeyId);
  }
  if (isSessionKeyId(account.seal, accessKeyId)) return sessionCaller(account, request, credential);
  if (state.accessKeys.has(accessKeyId)) {
    const key = state.accessKeys.get(accessKeyId);
    const user = key && state.users.get(key.userId);
    if (!user || key.status !== 'Active') throw invalidToken();
    const secret = account.secrets.get(accessKeyId);
    if (secret !== undefined) verifySignature(request, credential, secret);
    noteUse(account, accessKeyId, credential);
    return userCaller(account, user.name, accessKeyId);
  }
  if (strict || state.retiredKeys.has(accessKeyId)) throw invalidToken();
  return operatorCaller(account, accessKeyId);
}

/** Whose session it is. It ends with its time, its role or its user. */
function sessionCaller(account: Account, request: SignedRequest, credential: Credential): Caller {
  const { state, seal } = account;
  const { accessKeyId } = credential;
  const session = opened(seal, request.headers['x-amz-security-token'] ?? '', accessKeyId);
  if (!session) throw invalidToken();
  verifySignature(request, credential, sessionSecret(seal, accessKeyId));
  if (account.now() >= session.expiresAt)
    throw new IamError('ExpiredToken', 'The security token included in the request is expired');
  if (session.kind === 'role') return roleSession(account, session, state.roles.get(session.of), credential);
  const caller = userSession(account, session);
  if (session.kind === 'user') return caller;
  return {
    ...nobody,
    arn: federatedArn({ partition: account.partition, account: account.id }, session.name),
    accessKeyId,
    session,
  };
}

function userSession(account: Account, session: Session): Caller {
  const { accessKeyId } = session;
  if (session.of === operatorId) return { ...operatorCaller(account, accessKeyId), session };
  const user = account.state.users.get(session.of);
  if (!user) throw invalidToken();
  return { ...userCaller(account, user.name, accessKeyId), session };
}

function roleSession(
  account: Account,
  session: Session,
  role: RoleRecord | undefined,
  credential: Credential,
): Caller {
  if (!role) throw invalidToken();
  const { id, partition, state } = account;
  const at = account.now();
  if (isNews(role.lastUsed?.at, at)) {
    state.roles.put({ ...role, lastUsed: { at, region: credential.region } });
    account.commit();
  }
  const arn = sessionArn({ partition, account: id }, role, session.name);
  return { arn, accessKeyId: session.accessKeyId, user: null, role, session };
}

/**
 * If a key is used several times within a quarter of an hour, IAM notes the first use (docs: "Get information about
 * last use").
 */
const isNews = (last: string | undefined, at: string): boolean =>
  last === undefined || Date.parse(at) - Date.parse(last) >= 15 * 60_000;

function noteUse(account: Account, id: string, { service, region }: Credential): void {
  const key = account.state.accessKeys.get(id)!;
  const at = account.now();
  if (!isNews(key.lastUsed?.at, at)) return;
  account.state.accessKeys.put({ ...key, lastUsed: { at, service, region } });
  account.commit();
}
