import { STSClient, type Credentials } from '@aws-sdk/client-sts';
import { IAMClient } from '@aws-sdk/client-iam';
import type { Sandbox } from '../../src/sandbox/index.ts';

interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export const own = 'arn:aws:iam::123456789012:';

export const keysOf = (credentials: Credentials | undefined): Keys => ({
  accessKeyId: credentials!.AccessKeyId!,
  secretAccessKey: credentials!.SecretAccessKey!,
  sessionToken: credentials!.SessionToken!,
});

const config = (sandbox: Pick<Sandbox, 'handler'>, credentials: Keys) => ({
  endpoint: 'http://sandbox',
  region: 'us-east-1',
  maxAttempts: 1,
  credentials,
  requestHandler: sandbox.handler,
});

type Place = Pick<Sandbox, 'handler' | 'operator'>;

export const stsOf = (sandbox: Place, keys: Keys = sandbox.operator): STSClient =>
  new STSClient(config(sandbox, keys));
export const iamOf = (sandbox: Place, keys: Keys = sandbox.operator): IAMClient =>
  new IAMClient(config(sandbox, keys));

/** A trust: who, and under which condition. */
export const trusting = (
  Principal: object | string,
  { Condition, Action = 'sts:AssumeRole' }: { Condition?: object; Action?: string | string[] } = {},
): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal, Action, ...(Condition ? { Condition } : {}) }],
  });

/** A user with an access key. */
export function userWithKey(sandbox: Pick<Sandbox, 'call'>, UserName: string): Keys {
  sandbox.call('CreateUser', { UserName });
  const { AccessKey } = sandbox.call('CreateAccessKey', { UserName });
  return { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
}
