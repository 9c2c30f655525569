import { Confidential } from './confidential.ts';

/** The contents of the file that is made for a person. */
interface KeyContents {
  readonly account: string;
  readonly user: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly created: Date;
}

interface PasswordContents {
  readonly account: string;
  readonly user: string;
  readonly password: string;
  readonly signInUrl: string;
  readonly created: Date;
}

/**
 * A section of an AWS credentials file. It begins with an empty line, so that `>> ~/.aws/credentials` is right
 * even where that file's last line has no end.
 */
export const keyText = (key: KeyContents): Confidential =>
  new Confidential(
    [
      '',
      `# Access key of ${key.user} in AWS account ${key.account}, created ${key.created.toISOString()}`,
      `[${key.user}]`,
      `aws_access_key_id = ${key.accessKeyId}`,
      `aws_secret_access_key = ${key.secretAccessKey}`,
      '',
    ].join('\n'),
  );

export const passwordText = (login: PasswordContents): Confidential =>
  new Confidential(
    [
      `Console password of ${login.user} in AWS account ${login.account}, created ${login.created.toISOString()}`,
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
