import names from './aws-managed-policies.json' with { type: 'json' };

/**
 * Names and paths of the policies that AWS manages, for completion and existence checks; not their documents.
 * Source: the AWS Managed Policy Reference Guide, as of early 2026 (cross-checked with the list in moto 5.2).
 * The file groups names by path, each group one space-separated text, to stay small.
 */
export function* readAwsManagedPolicies(): Generator<{ readonly name: string; readonly path: string }> {
  for (const [path, list] of Object.entries(names)) {
    for (const name of list.split(' ')) yield { name, path };
  }
}

/**
 * Those whose documents hold a Deny. Source: the 1,525 documents that the public mirror github.com/zoph-io/MAMIP
 * held on 2026-03-07.
 */
const denying = new Set(
  `
  AWSCertificateManagerPrivateCAPrivilegedUser AWSCertificateManagerPrivateCAUser
  AWSCleanRoomsFullAccessNoQuerying AWSCompromisedKeyQuarantine AWSCompromisedKeyQuarantineV2
  AWSCompromisedKeyQuarantineV3 AWSDeepRacerDefaultMultiUserAccess AWSDenyAll AWSEC2SpotServiceRolePolicy
  AWSIAMIdentityCenterAllowListForIdentityContext AWSLakeFormationDataAdmin AWSMarketplaceImageBuildFullAccess
  AWSPrivateCAPrivilegedUser AWSPrivateCAUser AWSSystemsManagerOpsDataSyncServiceRolePolicy
  AWSTransformApplicationDeploymentPolicy AmazonCloudWatchEvidentlyServiceRolePolicy
  AmazonCognitoIdpEmailServiceRolePolicy AmazonConnectReadOnlyAccess AmazonConnectSynchronizationServiceRolePolicy
  AmazonDataZoneEnvironmentRolePermissionsBoundary AmazonDataZoneProjectDeploymentPermissionsBoundary
  AmazonDataZoneProjectRolePermissionsBoundary AmazonDataZoneSageMakerEnvironmentRolePermissionsBoundary
  AmazonGuardDutyMalwareProtectionServiceRolePolicy AmazonInspector2AgentlessServiceRolePolicy
  AmazonRDSCustomPreviewServiceRolePolicy AmazonRDSCustomServiceRolePolicy AmazonRedshiftDataFullAccess
  AmazonSecurityLakePermissionsBoundary AwsGlueSessionUserRestrictedNotebookPolicy
  AwsGlueSessionUserRestrictedNotebookServiceRole AwsGlueSessionUserRestrictedPolicy
  AwsGlueSessionUserRestrictedServiceRole IAMAuditRootUserCredentials IAMCreateRootUserPassword
  IAMDeleteRootUserCredentials S3UnlockBucketPolicy SQSUnlockQueuePolicy
  SageMakerStudioAdminIAMDefaultExecutionPolicy SageMakerStudioAdminIAMPermissiveExecutionPolicy
  SageMakerStudioProjectUserRolePermissionsBoundary SageMakerStudioUserIAMDefaultExecutionPolicy
  SageMakerStudioUserIAMPermissiveExecutionPolicy
  `.match(/\w+/g),
);

let paths: ReadonlyMap<string, string> | undefined;

/** Where AWS has the policy of that name, as far as is known: `/job-function/` of `Billing`. */
export function awsPolicyPath(name: string): string | undefined {
  paths ??= new Map([...readAwsManagedPolicies()].map((policy) => [policy.name, policy.path]));
  return paths.get(name);
}

/** Whether the document of that name may hold a Deny: as far as is known, and for names that are not known. */
export const mayDeny = (name: string): boolean => denying.has(name) || awsPolicyPath(name) === undefined;
