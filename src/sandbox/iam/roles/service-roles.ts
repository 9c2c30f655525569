/**
 * Roles that AWS makes for its services: the service's principal without `.amazonaws.com`, the rest of the role's name
 * after `AWSServiceRoleFor`, and the policy under `aws-service-role/` that is attached.
 */

/** As AWS made them in 2025 (recorded by LocalStack's tests; test/replay compares). */
const recorded = `
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
`;

/** In no recording: the policies are AWS's, the names of the roles as they are commonly known. */
const documented = `
  access-analyzer AccessAnalyzer AccessAnalyzerServiceRolePolicy
  apprunner AppRunner AppRunnerServiceRolePolicy
  appstream.application-autoscaling ApplicationAutoScaling_AppStreamFleet AWSApplicationAutoscalingAppStreamFleetPolicy
  cloud9 AWSCloud9 AWSCloud9ServiceRolePolicy
  cloudhsm CloudHSM CloudHSMServiceRolePolicy
  comprehend.application-autoscaling ApplicationAutoScaling_ComprehendEndpoint AWSApplicationAutoscalingComprehendEndpointPolicy
  compute-optimizer ComputeOptimizer ComputeOptimizerServiceRolePolicy
  custom-resource.application-autoscaling ApplicationAutoScaling_CustomResource AWSApplicationAutoScalingCustomResourcePolicy
  dax DAX DAXServiceRolePolicy
  dynamodb.application-autoscaling ApplicationAutoScaling_DynamoDBTable AWSApplicationAutoscalingDynamoDBTablePolicy
  ec2fleet EC2Fleet AWSEC2FleetServiceRolePolicy
  ecs.application-autoscaling ApplicationAutoScaling_ECSService AWSApplicationAutoscalingECSServicePolicy
  elasticache.application-autoscaling ApplicationAutoScaling_ElastiCacheRG AWSApplicationAutoscalingElastiCacheRGPolicy
  elasticmapreduce EMRCleanup AmazonEMRCleanupPolicy
  es AmazonElasticsearchService AmazonElasticsearchServiceRolePolicy
  fms FMS FMSServiceRolePolicy
  globalaccelerator GlobalAccelerator AWSGlobalAcceleratorSLRPolicy
  guardduty AmazonGuardDuty AmazonGuardDutyServiceRolePolicy
  inspector2 AmazonInspector2 AmazonInspector2ServiceRolePolicy
  ipam IPAM AWSIPAMServiceRolePolicy
  kafka.application-autoscaling ApplicationAutoScaling_KafkaCluster AWSApplicationAutoscalingKafkaClusterPolicy
  lambda.application-autoscaling ApplicationAutoScaling_LambdaConcurrency AWSApplicationAutoscalingLambdaConcurrencyPolicy
  logger.cloudfront CloudFrontLogger AWSCloudFrontLogger
  macie AmazonMacie AmazonMacieServiceRolePolicy
  malware-protection.guardduty AmazonGuardDutyMalwareProtection AmazonGuardDutyMalwareProtectionServiceRolePolicy
  member.org.stacksets.cloudformation CloudFormationStackSetsOrgMember CloudFormationStackSetsOrgMemberServiceRolePolicy
  neptune.application-autoscaling ApplicationAutoScaling_NeptuneCluster AWSApplicationAutoscalingNeptuneClusterPolicy
  organizations Organizations AWSOrganizationsServiceTrustPolicy
  rds.application-autoscaling ApplicationAutoScaling_RDSCluster AWSApplicationAutoscalingRDSClusterPolicy
  replication.dynamodb DynamoDBReplication DynamoDBReplicationServiceRolePolicy
  replicator.lambda LambdaReplicator AWSLambdaReplicator
  sagemaker.application-autoscaling ApplicationAutoScaling_SageMakerEndpoint AWSApplicationAutoscalingSageMakerEndpointPolicy
  securityhub SecurityHub AWSSecurityHubServiceRolePolicy
  servicequotas ServiceQuotas ServiceQuotasServiceRolePolicy
  spot EC2Spot AWSEC2SpotServiceRolePolicy
  spotfleet EC2SpotFleet AWSEC2SpotFleetServiceRolePolicy
  stacksets.cloudformation CloudFormationStackSetsOrgAdmin CloudFormationStackSetsOrgAdminServiceRolePolicy
  support Support AWSSupportServiceRolePolicy
  transitgateway VPCTransitGateway AWSVPCTransitGatewayServiceRolePolicy
  trustedadvisor TrustedAdvisor AWSTrustedAdvisorServiceRolePolicy
`;

const known: ReadonlyMap<string, readonly [title: string, policy: string]> = new Map(
  `${recorded}${documented}`
    .trim()
    .split(/\s*\n\s*/)
    .map((line) => {
      const [service, title, policy] = line.split(' ') as [string, string, string];
      return [service, [title, policy]];
    }),
);

/** Services that may have several roles, told apart by a suffix (recorded); all others refuse one. */
const suffixed: ReadonlySet<string> = new Set(['autoscaling', 'connect', 'lexv2']);

/** What a service's role is like. */
interface ServiceRole {
  /** Without a suffix. */
  readonly name: string;
  /** The attached policy; null for services that are not in the tables, whose names follow from their principals. */
  readonly policy: string | null;
  readonly takesSuffix: boolean;
}

export function serviceRoleOf(principal: string): ServiceRole {
  const service = principal.replace(/\.amazonaws\.com(?:\.cn)?$/, '');
  const [title, policy] = known.get(service) ?? [
    service.replace(/(?:^|[-.])(\w)/g, (_, letter: string) => letter.toUpperCase()),
    null,
  ];
  return { name: `AWSServiceRoleFor${title}`, policy, takesSuffix: suffixed.has(service) };
}
