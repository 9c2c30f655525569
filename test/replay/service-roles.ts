import { call } from '../conformance/row.ts';
import { error, type Case } from './case.ts';

/**
 * Roles that AWS makes for its services, as AWS made them in 2025: the service's principal without `.amazonaws.com`, the
 * rest of the role's name after `AWSServiceRoleFor`, and the policy under `aws-service-role/` that is attached to it.
 */
const made = `
  accountdiscovery.ssm AmazonSSM_AccountDiscovery AWSSystemsManagerAccountDiscoveryServicePolicy
  acm CertificateManager CertificateManagerServiceRolePolicy
  appmesh AppMesh AWSAppMeshServiceRolePolicy
  autoscaling AutoScaling AutoScalingServiceRolePolicy
  autoscaling-plans AutoScalingPlans_EC2AutoScaling AWSAutoScalingPlansEC2AutoScalingPolicy
  backup Backup AWSBackupServiceLinkedRolePolicyForBackup
  batch Batch BatchServiceRolePolicy
  cassandra.application-autoscaling ApplicationAutoScaling_CassandraTable AWSApplicationAutoscalingCassandraTablePolicy
  cks.kms KeyManagementServiceCustomKeyStores AWSKeyManagementServiceCustomKeyStoresServiceRolePolicy
  cloudtrail CloudTrail CloudTrailServiceRolePolicy
  codestar-notifications CodeStarNotifications AWSCodeStarNotificationsServiceRolePolicy
  config Config AWSConfigServiceRolePolicy
  connect AmazonConnect AmazonConnectServiceLinkedRolePolicy
  dms DMSServerless AWSDMSServerlessServiceRolePolicy
  dms-fleet-advisor DMSFleetAdvisor AWSDMSFleetAdvisorServiceRolePolicy
  docdb-elastic DocDB-Elastic AmazonDocDB-ElasticServiceRolePolicy
  ec2-instance-connect Ec2InstanceConnect Ec2InstanceConnectEndpoint
  ec2.application-autoscaling ApplicationAutoScaling_EC2SpotFleetRequest AWSApplicationAutoscalingEC2SpotFleetRequestPolicy
  ecr ECRTemplate ECRTemplateServiceRolePolicy
  ecs ECS AmazonECSServiceRolePolicy
  eks AmazonEKS AmazonEKSServiceRolePolicy
  eks-connector AmazonEKSConnector AmazonEKSConnectorServiceRolePolicy
  eks-fargate AmazonEKSForFargate AmazonEKSForFargateServiceRolePolicy
  eks-nodegroup AmazonEKSNodegroup AWSServiceRoleForAmazonEKSNodegroup
  elasticache ElastiCache ElastiCacheServiceRolePolicy
  elasticbeanstalk ElasticBeanstalk AWSElasticBeanstalkServiceRolePolicy
  elasticfilesystem AmazonElasticFileSystem AmazonElasticFileSystemServiceRolePolicy
  elasticloadbalancing ElasticLoadBalancing AWSElasticLoadBalancingServiceRolePolicy
  email.cognito-idp AmazonCognitoIdpEmailService AmazonCognitoIdpEmailServiceRolePolicy
  emr-containers AmazonEMRContainers AmazonEMRContainersServiceRolePolicy
  emrwal EMRWAL EMRDescribeClusterPolicyForEMRWAL
  fis FIS AmazonFISServiceRolePolicy
  grafana AmazonGrafana AmazonGrafanaServiceLinkedRolePolicy
  imagebuilder ImageBuilder AWSServiceRoleForImageBuilder
  iotmanagedintegrations IoTManagedIntegrations AWSIoTManagedIntegrationsRolePolicy
  kafka Kafka KafkaServiceRolePolicy
  kafkaconnect KafkaConnect KafkaConnectServiceRolePolicy
  lakeformation LakeFormationDataAccess LakeFormationDataAccessServiceRolePolicy
  lex LexBots AmazonLexBotPolicy
  lexv2 LexV2Bots AmazonLexV2BotPolicy
  lightsail Lightsail LightsailExportAccess
  m2 AWSM2 AWSM2ServicePolicy
  memorydb MemoryDB MemoryDBServiceRolePolicy
  mq AmazonMQ AmazonMQServiceRolePolicy
  mrk.kms KeyManagementServiceMultiRegionKeys AWSKeyManagementServiceMultiRegionKeysServiceRolePolicy
  notifications AwsUserNotifications AWSUserNotificationsServiceLinkedRolePolicy
  observability.aoss AmazonOpenSearchServerless AmazonOpenSearchServerlessServiceRolePolicy
  opensearchservice AmazonOpenSearchService AmazonOpenSearchServiceRolePolicy
  ops.apigateway APIGateway APIGatewayServiceRolePolicy
  ops.emr-serverless AmazonEMRServerless AmazonEMRServerlessServiceRolePolicy
  opsdatasync.ssm SystemsManagerOpsDataSync AWSSystemsManagerOpsDataSyncServiceRolePolicy
  opsinsights.ssm AmazonSSM_OpsInsights AWSSSMOpsInsightsServiceRolePolicy
  pullthroughcache.ecr ECRPullThroughCache AWSECRPullThroughCache_ServiceRolePolicy
  ram ResourceAccessManager AWSResourceAccessManagerServiceRolePolicy
  rds RDS AmazonRDSServiceRolePolicy
  redshift Redshift AmazonRedshiftServiceLinkedRolePolicy
  replication.cassandra KeyspacesReplication KeyspacesReplicationServiceRolePolicy
  replication.ecr ECRReplication ECRReplicationServiceRolePolicy
  repository.sync.codeconnections GitSync AWSGitSyncServiceRolePolicy
  resource-explorer-2 ResourceExplorer AWSResourceExplorerServiceRolePolicy
  rolesanywhere RolesAnywhere AWSRolesAnywhereServicePolicy
  s3-outposts S3OnOutposts AWSS3OnOutpostsServiceRolePolicy
  ses AmazonSES AmazonSESServiceRolePolicy
  shield AWSShield AWSShieldServiceRolePolicy
  ssm AmazonSSM AmazonSSMServiceRolePolicy
  ssm-incidents IncidentManager AWSIncidentManagerServiceRolePolicy
  ssm-quicksetup SSMQuickSetup SSMQuickSetupRolePolicy
  sso SSO AWSSSOServiceRolePolicy
  vpcorigin.cloudfront CloudFrontVPCOrigin AWSCloudFrontVPCOriginServiceRolePolicy
  waf WAFLogging WAFLoggingServiceRolePolicy
  wafv2 WAFV2Logging WAFV2LoggingServiceRolePolicy
`
  .trim()
  .split('\n')
  .map((line) => line.trim().split(' ') as [service: string, title: string, policy: string]);

/** A service may have several of them, told apart by a suffix; of all other services a suffix is refused. */
const suffixed: ReadonlySet<string> = new Set(['autoscaling', 'connect', 'lexv2']);

/** AWS had made these for the recording account before, and used them: they have a last use, and some a description. */
const used: Readonly<Record<string, string>> = {
  kafka: 'used by the service in the recording account; nobody uses it here',
  rds: 'made and used by the service itself in the recording account, with a description',
  'resource-explorer-2': 'used by the service in the recording account; nobody uses it here',
  ssm: 'made and used by the service itself in the recording account, with a description',
  sso: 'made and used by the service itself in the recording account, with a description',
};

const testOf = (name: string, service?: string): string =>
  `TestIAMServiceRoles::test_service_role_${name}${service === undefined ? '' : `[${service}.amazonaws.com]`}`;
const principal = (service: string): string => `${service}.amazonaws.com`;
const created = { RoleName: '$0.Role.RoleName' };

function lifecycle(test: string, [service, title, policy]: (typeof made)[number], suffix?: string): Case {
  const name = `AWSServiceRoleFor${title}${suffix === undefined ? '' : `_${suffix}`}`;
  const differs = suffix === undefined ? used[service] : undefined;
  const path = `/aws-service-role/${principal(service)}/`;
  return {
    test: testOf(test, service),
    steps: [
      call('CreateServiceLinkedRole', {
        AWSServiceName: principal(service),
        ...(suffix === undefined ? {} : { CustomSuffix: suffix }),
      }),
      {
        ...call('GetRole', created),
        entry: 'describe-response',
        expected: {
          ok: {
            Role: {
              Path: path,
              RoleName: name,
              RoleId: '~/^AROA/',
              Arn: `arn:aws:iam::123456789012:role${path}${name}`,
              CreateDate: '~any',
              AssumeRolePolicyDocument: {
                Version: '2012-10-17',
                Statement: [
                  { Effect: 'Allow', Principal: { Service: principal(service) }, Action: 'sts:AssumeRole' },
                ],
              },
              MaxSessionDuration: 3600,
              RoleLastUsed: {},
            },
          },
        },
        ...(differs === undefined ? {} : { differs }),
      },
      {
        ...call('ListRolePolicies', created),
        entry: 'inline-role-policies',
        expected: { ok: { PolicyNames: [], IsTruncated: false } },
      },
      {
        ...call('ListAttachedRolePolicies', created),
        entry: 'attached-role-policies',
        expected: {
          ok: {
            AttachedPolicies: [
              { PolicyName: policy, PolicyArn: `arn:aws:iam::aws:policy/aws-service-role/${policy}` },
            ],
            IsTruncated: false,
          },
        },
      },
    ],
  };
}

const batch = call('CreateServiceLinkedRole', { AWSServiceName: principal('batch') });

export const serviceRoles: readonly Case[] = [
  ...made.map((row) => lifecycle('lifecycle', row)),
  ...made
    .filter(([service]) => suffixed.has(service))
    .map((row) => lifecycle('lifecycle_custom_suffix', row, 'second')),
  ...made
    .filter(([service]) => !suffixed.has(service))
    .map(([service]) => ({
      test: testOf('lifecycle_custom_suffix_not_allowed', service),
      steps: [
        {
          ...call('CreateServiceLinkedRole', { AWSServiceName: principal(service), CustomSuffix: 'mine' }),
          entry: 'custom-suffix-not-allowed',
          expected: error('InvalidInput', 400, `Custom suffix is not allowed for ${principal(service)}`),
        },
      ],
    })),
  {
    test: testOf('already_exists'),
    steps: [
      batch,
      {
        ...batch,
        entry: 'role-already-exists-error',
        expected: error(
          'InvalidInput',
          400,
          'Service role name AWSServiceRoleForBatch has been taken in this account, please try a different suffix.',
        ),
      },
    ],
  },
  {
    test: testOf('deletion'),
    steps: [
      batch,
      {
        ...call('DeleteServiceLinkedRole', created),
        entry: 'service-linked-role-deletion-response',
        expected: {
          ok: {
            DeletionTaskId:
              '~/^task\\/aws-service-role\\/batch\\.amazonaws\\.com\\/AWSServiceRoleForBatch\\/[0-9a-f-]{36}$/',
          },
        },
      },
      { waitMs: 60_000 },
      {
        ...call('GetServiceLinkedRoleDeletionStatus', { DeletionTaskId: '$1.DeletionTaskId' }),
        entry: 'service-linked-role-deletion-status-response',
        expected: { ok: { Status: 'SUCCEEDED' } },
      },
    ],
  },
];
