import type { JsonObject } from '../../../core/json.ts';

/**
 * Documents of the most used AWS managed policies, written to grant what AWS describes; long lists of actions are
 * shortened to patterns. All other policies get a plausible document from `awsDocument`.
 */
const words = (text: string): readonly string[] => text.match(/\S+/g) ?? [];
const allow = (actions: string, resource: string | readonly string[] = '*'): JsonObject => ({
  Effect: 'Allow',
  Action: words(actions),
  Resource: resource,
});
const document = (...statements: JsonObject[]): JsonObject => ({
  Version: '2012-10-17',
  Statement: statements,
});

const readAll = '*:Describe* *:Get* *:List*';

const quarantined = words(`
  iam:AddUserToGroup iam:AttachGroupPolicy iam:AttachRolePolicy iam:AttachUserPolicy iam:ChangePassword
  iam:CreateAccessKey iam:CreateInstanceProfile iam:CreateLoginProfile iam:CreateRole iam:CreateUser
  iam:DetachUserPolicy iam:PutUserPermissionsBoundary iam:PutUserPolicy iam:UpdateAccessKey
  iam:UpdateAccountPasswordPolicy iam:UpdateUser ec2:RequestSpotInstances ec2:RunInstances
  ec2:StartInstances organizations:CreateAccount organizations:CreateOrganization
  organizations:InviteAccountToOrganization lambda:CreateFunction lightsail:Create* lightsail:Start*
  lightsail:Delete* lightsail:Update* lightsail:GetInstanceAccessDetails lightsail:DownloadDefaultKeyPair
`);
const quarantinedLater = [
  ...quarantined,
  ...words(`
    iam:CreatePolicyVersion iam:PassRole iam:PutGroupPolicy iam:PutRolePolicy iam:SetDefaultPolicyVersion
    iam:UpdateAssumeRolePolicy iam:UpdateLoginProfile lambda:AddPermission lambda:UpdateFunctionCode
    s3:DeleteBucket s3:DeleteObject s3:PutBucketPolicy
  `),
];
const quarantine = (actions: readonly string[]): JsonObject =>
  document({ Effect: 'Deny', Action: actions, Resource: '*' });

const known: Readonly<Record<string, JsonObject>> = {
  AdministratorAccess: document(allow('*')),
  PowerUserAccess: document(
    { Effect: 'Allow', NotAction: ['iam:*', 'organizations:*', 'account:*'], Resource: '*' },
    allow(`
      account:GetAccountInformation account:GetPrimaryEmail account:ListRegions
      iam:CreateServiceLinkedRole iam:DeleteServiceLinkedRole iam:ListRoles
      organizations:DescribeEffectivePolicy organizations:DescribeOrganization
    `),
  ),
  AWSDenyAll: document({ Sid: 'DenyAll', Effect: 'Deny', Action: ['*'], Resource: '*' }),
  AWSCompromisedKeyQuarantine: quarantine(quarantined),
  AWSCompromisedKeyQuarantineV2: quarantine(quarantinedLater),
  AWSCompromisedKeyQuarantineV3: quarantine([...quarantinedLater, 'sts:GetFederationToken']),
  IAMFullAccess: document(
    allow(`
      iam:* organizations:DescribeAccount organizations:DescribeOrganization
      organizations:DescribeOrganizationalUnit organizations:DescribePolicy organizations:ListChildren
      organizations:ListParents organizations:ListPolicies organizations:ListPoliciesForTarget
      organizations:ListRoots organizations:ListTargetsForPolicy
    `),
  ),
  IAMReadOnlyAccess: document(
    allow(`
      iam:GenerateCredentialReport iam:GenerateServiceLastAccessedDetails iam:Get* iam:List*
      iam:SimulateCustomPolicy iam:SimulatePrincipalPolicy
    `),
  ),
  IAMUserChangePassword: document(
    allow('iam:ChangePassword', [
      'arn:aws:iam::*:user/${aws:username}',
      'arn:aws:iam::*:user/*/${aws:username}',
    ]),
    allow('iam:GetAccountPasswordPolicy'),
  ),
  IAMSelfManageServiceSpecificCredentials: document(
    allow(
      `
      iam:CreateServiceSpecificCredential iam:ListServiceSpecificCredentials iam:UpdateServiceSpecificCredential
      iam:DeleteServiceSpecificCredential iam:ResetServiceSpecificCredential
      `,
      'arn:aws:iam::*:user/${aws:username}',
    ),
  ),
  AmazonS3FullAccess: document(allow('s3:* s3-object-lambda:*')),
  AmazonS3ReadOnlyAccess: document(
    allow('s3:Get* s3:List* s3:Describe* s3-object-lambda:Get* s3-object-lambda:List*'),
  ),
  AmazonEC2FullAccess: document(allow('ec2:* elasticloadbalancing:* cloudwatch:* autoscaling:*')),
  AmazonEC2ReadOnlyAccess: document(
    allow(`
      ec2:Describe* ec2:Get* elasticloadbalancing:Describe* cloudwatch:Describe* cloudwatch:Get*
      cloudwatch:List* autoscaling:Describe*
    `),
  ),
  AmazonDynamoDBFullAccess: document(allow('dynamodb:* dax:*')),
  CloudWatchFullAccess: document(allow('cloudwatch:* logs:* sns:* autoscaling:Describe*')),
  ReadOnlyAccess: document(allow(readAll)),
  ViewOnlyAccess: document(allow('*:Describe* *:List*')),
  SecurityAudit: document(allow(readAll)),
  Billing: document(allow('aws-portal:* billing:* budgets:* ce:* cur:* payments:* tax:*')),
};

/** Names in which the guess below would take more or less than the service for it. */
const services =
  /^(?:Amazon|AWS)?(CodeCommit|DynamoDB|EC2|ECS|EKS|Lambda|RDS|Route53|SES|SNS|SQS|S3|VPC)|^(CloudWatch|IAM)/;

/**
 * The document of an AWS managed policy. If it is not written out above, it is guessed from the name: reads, or all
 * actions, of one service. That is good enough to look at and to compare, but is not what AWS grants.
 */
export function awsDocument(name: string): JsonObject {
  const written = known[name];
  if (written) return written;
  const [, either, alone] = services.exec(name) ?? [];
  // A VPC is one of EC2's.
  const spelled = (either ?? alone)?.toLowerCase().replace('vpc', 'ec2');
  const guessed = /^(?:Amazon|AWS)?([A-Z][a-z0-9]+|[A-Z0-9]+(?![a-z]))/.exec(name)?.[1]?.toLowerCase();
  const service = spelled ?? guessed ?? 'sts';
  const reads = /Read|View|Describe|List|Audit/.test(name);
  return document(allow(reads ? `${service}:Describe* ${service}:Get* ${service}:List*` : `${service}:*`));
}
