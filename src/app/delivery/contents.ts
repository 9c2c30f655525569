import type { AccessKeySecret, PasswordSecret } from '../../aws/secrets.ts';
import { Confidential } from './confidential.ts';

/** A password with the address where it is used. */
export type Login = PasswordSecret & { readonly signInUrl: string };

/**
 * A section of an AWS credentials file. It begins with an empty line, so that `>> ~/.aws/credentials` is right
 * even where that file's last line has no end.
 */
export const keyText = (account: string, key: AccessKeySecret, created: Date): Confidential =>
  new Confidential(
    [
      '',
      `# Access key of ${key.user} in AWS account ${account}, created ${created.toISOString()}`,
      `[${key.user}]`,
      `aws_access_key_id = ${key.accessKeyId}`,
      `aws_secret_access_key = ${key.secretAccessKey}`,
      '',
    ].join('\n'),
  );

export const passwordText = (account: string, login: Login, created: Date): Confidential =>
  new Confidential(
    [
      `Console password of ${login.user} in AWS account ${account}, created ${created.toISOString()}`,
      '',
      `Sign in at: ${login.signInUrl}`,
      `User:       ${login.user}`,
      `Password:   ${login.password}`,
      '',
      'The password must be changed at first sign-in.',
      '',
    ].join('\n'),
  );

/** Source: IAM User Guide, "How IAM users sign in to the AWS Management Console", and the partitions' own guides. */
export function signInUrl(account: string, partition = 'aws'): string {
  const domain = signInDomains[partition] ?? signInDomains['aws']!;
  return `https://${account}.${domain}/console`;
}

const signInDomains: { readonly [partition: string]: string } = {
  aws: 'signin.aws.amazon.com',
  'aws-cn': 'signin.amazonaws.cn',
  'aws-us-gov': 'signin.amazonaws-us-gov.com',
};
