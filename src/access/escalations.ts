/**
 * Public ways from some permissions to more of them, and the resources that each action takes.
 *
 * Each way with who describes it: pathfinding (Datadog, pathfinding.cloud), pathfinding-labs (its laboratory), rhino (Rhino
 * Security Labs, "AWS IAM Privilege Escalation – Methods and Mitigation"), cloudsplaining (Salesforce), pmapper (NCC Group),
 * bishopfox (iam-vulnerable), prowler, aurelian (Praetorian), hacktricks. Where a source asks for more actions than are needed,
 * for looking or for a second way to start what is made, the least that all ask for stands here.
 */

/** What a way leads to; the words are where it is shown. */
export type Lead =
  | 'rewrites-policy'
  | 'restores-version'
  | 'acts-as-user'
  | 'signs-in-as-user'
  | 'attaches-to'
  | 'writes-to'
  | 'joins-group'
  | 'opens-role'
  | 'lifts-boundary'
  | 'replaces-boundary'
  | 'runs-as'
  | 'passes-to';

export interface Escalation {
  /** All of them are needed. */
  readonly actions: readonly string[];
  readonly leads: Lead;
  /** Whose access it gives, or the service that a role is passed to. */
  readonly of?: string;
  /** Harmless where it is confined to the user's own name. */
  readonly selfService?: true;
  readonly sources: readonly string[];
}

const rowsOf = (text: string): string[][] =>
  text
    .trim()
    .split('\n')
    .map((line) => line.split(' | '));

/** Actions; what they lead to, and of what; who describes it. */
const table = `
iam:CreatePolicyVersion | rewrites-policy | pathfinding iam-001, cloudsplaining CreateNewPolicyVersion
iam:SetDefaultPolicyVersion | restores-version | rhino SetExistingDefaultPolicyVersion, cloudsplaining SetExistingDefaultPolicyVersion
iam:CreateAccessKey | acts-as-user self-service | pathfinding iam-002, rhino CreateAccessKey
iam:CreateLoginProfile | signs-in-as-user self-service | pathfinding iam-004, cloudsplaining CreateLoginProfile
iam:UpdateLoginProfile | signs-in-as-user self-service | pathfinding iam-006, cloudsplaining UpdateLoginProfile
iam:AttachUserPolicy | attaches-to user | pathfinding iam-008, cloudsplaining AttachUserPolicy
iam:AttachGroupPolicy | attaches-to group | pathfinding iam-010, cloudsplaining AttachGroupPolicy
iam:AttachRolePolicy | attaches-to role | pathfinding iam-009, cloudsplaining AttachRolePolicy
iam:PutUserPolicy | writes-to user | pathfinding iam-007, cloudsplaining PutUserPolicy
iam:PutGroupPolicy | writes-to group | pathfinding iam-011, rhino PutGroupPolicy
iam:PutRolePolicy | writes-to role | pathfinding iam-005
iam:AddUserToGroup | joins-group | pathfinding iam-013, cloudsplaining AddUserToGroup
iam:UpdateAssumeRolePolicy | opens-role | pathfinding iam-012, cloudsplaining UpdateRolePolicyToAssumeIt
iam:DeleteUserPermissionsBoundary | lifts-boundary | IAM User Guide, Permissions boundaries
iam:DeleteRolePermissionsBoundary | lifts-boundary | IAM User Guide, Permissions boundaries
iam:PutUserPermissionsBoundary | replaces-boundary | IAM User Guide, Permissions boundaries
iam:PutRolePermissionsBoundary | replaces-boundary | IAM User Guide, Permissions boundaries
lambda:UpdateFunctionCode | runs-as function | pathfinding lambda-003, cloudsplaining EditExistingLambdaFunctionWithRole
lambda:UpdateFunctionConfiguration | runs-as function | prowler lambda:UpdateFunctionConfiguration, rhino part 2
glue:UpdateDevEndpoint | runs-as development endpoint | pathfinding glue-002, cloudsplaining UpdateExistingGlueDevEndpoint
sagemaker:CreatePresignedNotebookInstanceUrl | runs-as notebook | pathfinding sagemaker-004, cloudsplaining CreatePresignedSageMakerNotebookUrl
sagemaker:CreateNotebookInstanceLifecycleConfig sagemaker:UpdateNotebookInstance sagemaker:StopNotebookInstance sagemaker:StartNotebookInstance | runs-as notebook | pathfinding sagemaker-005, cloudsplaining UpdateSageMakerNotebookLifecycleConfig
ssm:SendCommand | runs-as instance | pathfinding ssm-002, pmapper ssm SendCommand
ssm:StartSession | runs-as instance | pathfinding ssm-001, pmapper ssm StartSession
ec2-instance-connect:SendSSHPublicKey | runs-as instance | pathfinding ec2instanceconnect-003
ec2-instance-connect:SendSerialConsoleSSHPublicKey | runs-as instance | bishopfox ec2InstanceConnect
ec2:ModifyInstanceAttribute ec2:StopInstances ec2:StartInstances | runs-as instance | pathfinding ec2-002, cloudsplaining ModifyEC2InstanceUserDataThenRestart
ec2:CreateLaunchTemplateVersion ec2:ModifyLaunchTemplate | runs-as instance | pathfinding ec2-004, cloudsplaining ModifyExistingEC2LaunchTemplate
ecs:ExecuteCommand ecs:DescribeTasks | runs-as task | cloudsplaining ECSExecuteCommandOnRunningTask
apprunner:UpdateService | runs-as service | pathfinding apprunner-002
batch:SubmitJob | runs-as job | pathfinding batch-002
bedrock-agentcore:StartCodeInterpreterSession bedrock-agentcore:InvokeCodeInterpreter | runs-as code interpreter | pathfinding bedrock-002, cloudsplaining AccessExistingBedrockCodeInterpreterSession
bedrock-agentcore:StartBrowserSession bedrock-agentcore:ConnectBrowserAutomationStream | runs-as browser | pathfinding bedrock-007
bedrock-agentcore:InvokeAgentRuntimeCommand | runs-as agent | pathfinding bedrock-004
cloudformation:UpdateStack | runs-as stack | pathfinding cloudformation-002, pmapper cfn UpdateStack (existing role)
cloudformation:CreateChangeSet cloudformation:ExecuteChangeSet | runs-as stack | pathfinding cloudformation-005, cloudsplaining ExecuteCloudFormationChangeSet
codebuild:StartBuild | runs-as project | pathfinding codebuild-002, prowler CodeBuildStartBuild
codebuild:StartBuildBatch | runs-as project | pathfinding codebuild-003, prowler CodeBuildStartBuildBatch
codedeploy:CreateDeployment | runs-as instance | pathfinding codedeploy-001
codestar:CreateProject codestar:AssociateTeamMember | runs-as project | rhino/pacu CodeStarCreateProjectThenAssociateTeamMember
iam:PassRole ec2:RunInstances | passes-to ec2 | pathfinding ec2-001, cloudsplaining CreateEC2WithExistingIP
iam:PassRole ec2:RequestSpotInstances | passes-to ec2 | pathfinding ec2-003, cloudsplaining PassExistingRoleToNewEC2SpotInstance
iam:PassRole ec2:AssociateIamInstanceProfile | passes-to ec2 | hacktricks aws-ec2-privesc
iam:PassRole ec2:ReplaceIamInstanceProfileAssociation | passes-to ec2 | aurelian method_53
iam:PassRole autoscaling:CreateLaunchConfiguration autoscaling:CreateAutoScalingGroup | passes-to ec2 | prowler PassRole+CreateAutoScaling, pmapper autoscaling launch config
iam:PassRole autoscaling:CreateLaunchConfiguration autoscaling:UpdateAutoScalingGroup | passes-to ec2 | prowler PassRole+UpdateAutoScaling
iam:PassRole ec2:CreateLaunchTemplate autoscaling:CreateAutoScalingGroup | passes-to ec2 | aurelian method_38
iam:PassRole lambda:CreateFunction | passes-to lambda | pmapper lambda CreateFunction
iam:PassRole glue:CreateDevEndpoint | passes-to glue | pathfinding glue-001, cloudsplaining PassExistingRoleToNewGlueDevEndpoint
iam:PassRole glue:CreateJob glue:StartJobRun | passes-to glue | pathfinding glue-003, cloudsplaining PassExistingRoleToNewGlueJobThenRun
iam:PassRole glue:CreateJob glue:CreateTrigger | passes-to glue | pathfinding glue-004, cloudsplaining PassExistingRoleToNewGlueJobViaTrigger
iam:PassRole glue:UpdateJob glue:StartJobRun | passes-to glue | pathfinding glue-005, cloudsplaining PassExistingRoleToUpdatedGlueJobThenRun
iam:PassRole glue:UpdateJob glue:CreateTrigger | passes-to glue | pathfinding glue-006, cloudsplaining PassExistingRoleToUpdatedGlueJobViaTrigger
iam:PassRole glue:CreateSession glue:RunStatement | passes-to glue | pathfinding glue-007
iam:PassRole cloudformation:CreateStack | passes-to cloudformation | pathfinding cloudformation-001, cloudsplaining PassExistingRoleToCloudFormation
iam:PassRole cloudformation:CreateStackSet cloudformation:CreateStackInstances | passes-to cloudformation | pathfinding cloudformation-003, cloudsplaining PassExistingRoleToNewCloudFormationStackSet
iam:PassRole cloudformation:UpdateStackSet | passes-to cloudformation | pathfinding cloudformation-004, cloudsplaining PassRoleToUpdateCloudFormationStackSet
iam:PassRole datapipeline:CreatePipeline | passes-to datapipeline | cloudsplaining PassExistingRoleToNewDataPipeline
iam:PassRole sagemaker:CreateNotebookInstance | passes-to sagemaker | pathfinding sagemaker-001, cloudsplaining PassExistingRoleToNewSageMakerNotebookInstance
iam:PassRole sagemaker:CreateTrainingJob | passes-to sagemaker | pathfinding sagemaker-002, cloudsplaining PassExistingRoleToNewSageMakerTrainingJob
iam:PassRole sagemaker:CreateProcessingJob | passes-to sagemaker | pathfinding sagemaker-003, cloudsplaining PassExistingRoleToNewSageMakerProcessingJob
iam:PassRole codebuild:CreateProject codebuild:StartBuild | passes-to codebuild | pathfinding codebuild-001, cloudsplaining PassExistingRoleToNewCodeBuildProjectThenBuild
iam:PassRole codebuild:CreateProject codebuild:StartBuildBatch | passes-to codebuild | pathfinding codebuild-004, cloudsplaining PassExistingRoleToNewCodeBuildProjectThenBuildBatch
iam:PassRole codebuild:UpdateProject codebuild:StartBuild | passes-to codebuild | pmapper codebuild UpdateProject+StartBuild
iam:PassRole codestar:CreateProject | passes-to codestar | rhino/pacu PassExistingRoleToNewCodeStarProject
iam:PassRole ecs:RunTask | passes-to ecs | pathfinding ecs-008, prowler PassRole+ECS+RunTask
iam:PassRole ecs:StartTask | passes-to ecs | pathfinding ecs-009
iam:PassRole ecs:RegisterTaskDefinition ecs:CreateService | passes-to ecs | pathfinding ecs-003, cloudsplaining PassExistingRoleToNewECSService
iam:PassRole apprunner:CreateService | passes-to apprunner | pathfinding apprunner-001, cloudsplaining PassExistingRoleToNewAppRunnerService
iam:PassRole amplify:CreateApp amplify:CreateBranch amplify:StartJob | passes-to amplify | pathfinding-labs amplify-001
iam:PassRole batch:RegisterJobDefinition batch:SubmitJob | passes-to batch | pathfinding batch-001
iam:PassRole bedrock-agentcore:CreateCodeInterpreter bedrock-agentcore:InvokeCodeInterpreter | passes-to bedrock-agentcore | prowler PassRole+AgentCoreCreateInterpreter+InvokeInterpreter, pathfinding bedrock-001
iam:PassRole bedrock-agentcore:CreateAgentRuntime bedrock-agentcore:InvokeAgentRuntimeCommand | passes-to bedrock-agentcore | pathfinding bedrock-003
iam:PassRole bedrock-agentcore:CreateHarness bedrock-agentcore:InvokeAgentRuntimeCommand | passes-to bedrock-agentcore | pathfinding bedrock-005
iam:PassRole bedrock-agentcore:CreateBrowser bedrock-agentcore:StartBrowserSession bedrock-agentcore:ConnectBrowserAutomationStream | passes-to bedrock-agentcore | pathfinding bedrock-006
iam:PassRole braket:CreateJob | passes-to braket | pathfinding braket-001
iam:PassRole cognito-identity:SetIdentityPoolRoles | passes-to cognito-identity | pathfinding cognitoidentity-001
iam:PassRole elasticmapreduce:RunJobFlow | passes-to elasticmapreduce | pathfinding emr-001
iam:PassRole emr-serverless:CreateApplication emr-serverless:StartJobRun | passes-to emr-serverless | pathfinding emrserverless-001
iam:PassRole gamelift:CreateBuild gamelift:CreateFleet | passes-to gamelift | pathfinding gamelift-001
iam:PassRole imagebuilder:CreateImageRecipe imagebuilder:CreateInfrastructureConfiguration imagebuilder:CreateImage | passes-to imagebuilder | pathfinding imagebuilder-001
iam:PassRole kinesisanalytics:CreateApplication kinesisanalytics:StartApplication | passes-to kinesisanalytics | pathfinding kinesisanalytics-001
iam:PassRole omics:CreateWorkflow omics:StartRun | passes-to omics | pathfinding omics-001
iam:PassRole scheduler:CreateSchedule | passes-to scheduler | aurelian method_68
iam:PassRole ssm:StartAutomationExecution | passes-to ssm | pathfinding ssm-003, aurelian method_69
iam:PassRole states:CreateStateMachine states:StartExecution | passes-to states | pathfinding-labs stepfunctions-001
iam:PassRole states:UpdateStateMachine | passes-to states | aurelian method_71
iam:PassRole synthetics:CreateCanary synthetics:StartCanary | passes-to synthetics | pathfinding-labs synthetics-001
`;

export const escalations: readonly Escalation[] = rowsOf(table).map(([actions, leads, sources]) => {
  const [lead, ...rest] = leads!.split(' ');
  const isSelfService = rest.at(-1) === 'self-service';
  const of = (isSelfService ? rest.slice(0, -1) : rest).join(' ');
  return {
    actions: actions!.split(' '),
    leads: lead as Lead,
    ...(of === '' ? {} : { of }),
    ...(isSelfService ? { selfService: true } : {}),
    sources: sources!.split(', '),
  };
});

/** Passed roles are passed to these services, by the names that `iam:PassedToService` has. */
export const passedTo: { readonly [service: string]: readonly string[] } = {
  apprunner: ['build.apprunner', 'tasks.apprunner'],
  batch: ['batch', 'ecs-tasks', 'ec2'],
  datapipeline: ['datapipeline', 'ec2', 'elasticmapreduce'],
  ecs: ['ecs', 'ecs-tasks'],
  elasticmapreduce: ['elasticmapreduce', 'ec2'],
  imagebuilder: ['imagebuilder', 'ec2'],
  synthetics: ['lambda', 'synthetics'],
};

/**
 * The resources that actions take, without `arn:PARTITION:`; those without any are asked for as `*`. Of resources that an action
 * must have and others that it may have, the former. Source: Service Authorization Reference, of which a test takes them again.
 */
const takes = `
amplify:CreateApp bedrock-agentcore:ConnectBrowserAutomationStream bedrock-agentcore:CreateAgentRuntime bedrock-agentcore:CreateBrowser bedrock-agentcore:CreateCodeInterpreter bedrock-agentcore:CreateHarness cloudformation:CreateStackSet codestar:CreateProject cognito-identity:SetIdentityPoolRoles datapipeline:CreatePipeline elasticmapreduce:RunJobFlow emr-serverless:CreateApplication gamelift:CreateBuild gamelift:CreateFleet glue:CreateDevEndpoint kinesisanalytics:CreateApplication omics:CreateWorkflow synthetics:CreateCanary | *
amplify:CreateBranch | amplify:*:*:apps/*/branches/*
amplify:StartJob | amplify:*:*:apps/*/branches/*/jobs/*
apprunner:CreateService apprunner:UpdateService | apprunner:*:*:service/*/*
autoscaling:CreateAutoScalingGroup autoscaling:UpdateAutoScalingGroup | autoscaling:*:*:autoScalingGroup:*:autoScalingGroupName/*
autoscaling:CreateLaunchConfiguration | autoscaling:*:*:launchConfiguration:*:launchConfigurationName/*
batch:RegisterJobDefinition | batch:*:*:job-definition/*
batch:SubmitJob | batch:*:*:job-queue/* batch:*:*:job/*
bedrock-agentcore:InvokeAgentRuntimeCommand | bedrock-agentcore:*:*:runtime/* bedrock-agentcore:*:*:runtime/*/runtime-endpoint/*
bedrock-agentcore:InvokeCodeInterpreter bedrock-agentcore:StartCodeInterpreterSession | bedrock-agentcore:*:*:code-interpreter-custom/* bedrock-agentcore:*:aws:code-interpreter/*
bedrock-agentcore:StartBrowserSession | bedrock-agentcore:*:*:browser-custom/* bedrock-agentcore:*:aws:browser/*
braket:CreateJob | braket:*:*:device/*/*/* braket:*:*:job/*
cloudformation:CreateChangeSet cloudformation:CreateStack cloudformation:ExecuteChangeSet cloudformation:UpdateStack | cloudformation:*:*:stack/*/*
cloudformation:CreateStackInstances cloudformation:UpdateStackSet | cloudformation:*:*:stackset/*:*
codebuild:CreateProject codebuild:StartBuild codebuild:StartBuildBatch codebuild:UpdateProject | codebuild:*:*:project/*
codedeploy:CreateDeployment | codedeploy:*:*:deploymentgroup:*/*
codestar:AssociateTeamMember | codestar:*:*:project/*
ec2-instance-connect:SendSSHPublicKey ec2-instance-connect:SendSerialConsoleSSHPublicKey ec2:AssociateIamInstanceProfile ec2:ModifyInstanceAttribute ec2:ReplaceIamInstanceProfileAssociation ec2:StartInstances ec2:StopInstances | ec2:*:*:instance/*
ec2:CreateLaunchTemplate ec2:CreateLaunchTemplateVersion ec2:ModifyLaunchTemplate | ec2:*:*:launch-template/*
ec2:RequestSpotInstances | ec2:*:*:spot-instances-request/*
ec2:RunInstances | ec2:*:*:instance/* ec2:*:*:network-interface/* ec2:*:*:security-group/* ec2:*:*:subnet/* ec2:*::image/*
ecs:CreateService | ecs:*:*:service/*/*
ecs:DescribeTasks | ecs:*:*:task/*/*
ecs:ExecuteCommand | ecs:*:*:cluster/* ecs:*:*:task/*/*
ecs:RegisterTaskDefinition ecs:RunTask ecs:StartTask | ecs:*:*:task-definition/*:*
emr-serverless:StartJobRun | emr-serverless:*:*:/applications/*
glue:CreateJob glue:StartJobRun glue:UpdateJob | glue:*:*:job/*
glue:CreateSession glue:RunStatement | glue:*:*:session/*
glue:CreateTrigger | glue:*:*:trigger/*
glue:UpdateDevEndpoint | glue:*:*:devEndpoint/*
iam:AddUserToGroup iam:AttachGroupPolicy iam:PutGroupPolicy | iam::*:group/*
iam:AttachRolePolicy iam:DeleteRolePermissionsBoundary iam:PassRole iam:PutRolePermissionsBoundary iam:PutRolePolicy iam:UpdateAssumeRolePolicy sts:AssumeRole | iam::*:role/*
iam:AttachUserPolicy iam:CreateAccessKey iam:CreateLoginProfile iam:DeleteUserPermissionsBoundary iam:PutUserPermissionsBoundary iam:PutUserPolicy iam:UpdateLoginProfile | iam::*:user/*
iam:CreatePolicyVersion iam:SetDefaultPolicyVersion | iam::*:policy/*
imagebuilder:CreateImage | imagebuilder:*:*:image/*/*/*
imagebuilder:CreateImageRecipe | imagebuilder:*:*:image-recipe/*/*
imagebuilder:CreateInfrastructureConfiguration | imagebuilder:*:*:infrastructure-configuration/*
kinesisanalytics:StartApplication | kinesisanalytics:*:*:application/*
lambda:CreateFunction lambda:UpdateFunctionCode lambda:UpdateFunctionConfiguration | lambda:*:*:function:*
omics:StartRun | omics:*:*:run/*
sagemaker:CreateNotebookInstance sagemaker:CreatePresignedNotebookInstanceUrl sagemaker:StartNotebookInstance sagemaker:StopNotebookInstance sagemaker:UpdateNotebookInstance | sagemaker:*:*:notebook-instance/*
sagemaker:CreateNotebookInstanceLifecycleConfig | sagemaker:*:*:notebook-instance-lifecycle-config/*
sagemaker:CreateProcessingJob | sagemaker:*:*:processing-job/*
sagemaker:CreateTrainingJob | sagemaker:*:*:training-job/*
scheduler:CreateSchedule | scheduler:*:*:schedule/*/*
ssm:SendCommand | ssm:*:*:document/*
ssm:StartAutomationExecution | ssm:*:*:automation-execution/* ssm:*:*:document/*
ssm:StartSession | ec2:*:*:instance/* ecs:*:*:task/* ssm:*:*:managed-instance/*
states:CreateStateMachine states:StartExecution states:UpdateStateMachine | states:*:*:stateMachine:*
synthetics:StartCanary | synthetics:*:*:canary:*
`;

/** By action. */
export const resourcesOf: ReadonlyMap<string, readonly string[]> = new Map(
  rowsOf(takes).flatMap(([actions, resources]) =>
    actions!.split(' ').map((action) => [action, resources!.split(' ')] as const),
  ),
);
