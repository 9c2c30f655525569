import type { Iam } from '../engine.ts';

/** The text that a browser shows. */
export const helpText = (iam: Iam, url: string): string => `An IAM sandbox, account ${iam.account}.

It speaks the AWS Query protocol of IAM and STS at this address.

  export AWS_ENDPOINT_URL_IAM=${url} AWS_ENDPOINT_URL_STS=${url} AWS_DEFAULT_REGION=us-east-1
  export AWS_ACCESS_KEY_ID=${iam.operator.accessKeyId}
  export AWS_SECRET_ACCESS_KEY=${iam.operator.secretAccessKey}
  aws iam list-users

Identity tokens for AssumeRoleWithWebIdentity, as GitHub gives them to a workflow (?iss=… for another issuer, further
parameters are further claims):

  curl '${url}/token?audience=sts.amazonaws.com&sub=repo:ORG/REPO:ref:refs/heads/main'

Nothing here is an AWS account: these keys open this sandbox and nothing else.
`;
