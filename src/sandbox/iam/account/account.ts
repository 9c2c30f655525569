import { alreadyExists, noSuchEntity, validationError } from '../../wire/errors.ts';
import { accountOf, type Handlers } from '../context.ts';
import { policiesInUse } from '../state.ts';

export const accountHandlers = {
  /** An account has one alias, which a new one replaces. An alias is unique in all of AWS. */
  CreateAccountAlias({ AccountAlias: alias }, ctx) {
    const record = accountOf(ctx);
    // Source: IAM User Guide, quotas. Such an alias would be taken for an account id at sign-in.
    if (/^\d{12}$/.test(alias)) throw validationError('The account alias must not be a 12-digit number.');
    if (record.alias === alias || ctx.takenAliases.includes(alias)) {
      throw alreadyExists(`The account alias ${alias} already exists.`);
    }
    ctx.state.account.put({ ...record, alias });
  },

  DeleteAccountAlias(input, ctx) {
    const record = accountOf(ctx);
    if (record.alias !== input.AccountAlias) {
      throw noSuchEntity(`The account alias ${input.AccountAlias} cannot be found.`);
    }
    ctx.state.account.put({ ...record, alias: null });
  },

  ListAccountAliases(_input, ctx) {
    const { alias } = accountOf(ctx);
    return { AccountAliases: alias === null ? [] : [alias], IsTruncated: false };
  },

  GetAccountSummary(_input, ctx) {
    const { state, quotas } = ctx;
    const devices = state.mfaDevices.sorted();
    return {
      SummaryMap: {
        Users: state.users.size,
        UsersQuota: quotas.usersPerAccount,
        Groups: state.groups.size,
        GroupsQuota: quotas.groupsPerAccount,
        Roles: state.roles.size,
        RolesQuota: quotas.rolesPerAccount,
        Policies: state.policies.size,
        PoliciesQuota: quotas.policiesPerAccount,
        // Of policies that are attached or boundaries, AWS's too, the version in force (seen on AWS).
        PolicyVersionsInUse: policiesInUse(state).length,
        PolicyVersionsInUseQuota: 10_000,
        VersionsPerPolicyQuota: quotas.policyVersions,
        PolicySizeQuota: quotas.managedPolicy,
        UserPolicySizeQuota: quotas.inlineUser,
        GroupPolicySizeQuota: quotas.inlineGroup,
        RolePolicySizeQuota: quotas.inlineRole,
        AssumeRolePolicySizeQuota: quotas.trustPolicy,
        AttachedPoliciesPerUserQuota: quotas.attachedPerUser,
        AttachedPoliciesPerGroupQuota: quotas.attachedPerGroup,
        AttachedPoliciesPerRoleQuota: quotas.attachedPerRole,
        GroupsPerUserQuota: quotas.groupsPerUser,
        AccessKeysPerUserQuota: quotas.accessKeysPerUser,
        SigningCertificatesPerUserQuota: quotas.certificatesPerUser,
        MFADevices: devices.length,
        MFADevicesInUse: devices.filter((device) => device.userId !== '').length,
        AccountMFAEnabled: 1,
        AccountPasswordPresent: 1,
        AccountAccessKeysPresent: 0,
        AccountSigningCertificatesPresent: 0,
        ServerCertificates: state.serverCertificates.size,
        ServerCertificatesQuota: quotas.serverCertificatesPerAccount,
        InstanceProfiles: state.instanceProfiles.size,
        InstanceProfilesQuota: quotas.profilesPerAccount,
        Providers: state.oidcProviders.size + state.samlProviders.size,
        GlobalEndpointTokenVersion: 1,
      },
    };
  },
} satisfies Handlers;
