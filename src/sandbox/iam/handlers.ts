import { detailHandlers } from './account/details.ts';
import { accountHandlers } from './account/account.ts';
import { passwordPolicyHandlers } from './account/password-policy.ts';
import { reportHandlers } from './account/report.ts';
import { serverCertificateHandlers } from './account/server-certificates.ts';
import type { Handlers } from './context.ts';
import { accessKeyHandlers } from './credentials/access-keys.ts';
import { certificateHandlers } from './credentials/certificates.ts';
import { loginProfileHandlers } from './credentials/login-profile.ts';
import { mfaHandlers } from './credentials/mfa.ts';
import { serviceCredentialHandlers } from './credentials/service-specific.ts';
import { sshKeyHandlers } from './credentials/ssh-keys.ts';
import { groupHandlers } from './groups/groups.ts';
import { groupPolicyHandlers } from './groups/policies.ts';
import { policyHandlers } from './policies/policies.ts';
import { rolePolicyHandlers } from './roles/policies.ts';
import { oidcProviderHandlers } from './providers/oidc.ts';
import { samlProviderHandlers } from './providers/saml.ts';
import { instanceProfileHandlers } from './roles/instance-profiles.ts';
import { roleHandlers } from './roles/roles.ts';
import { serviceRoleHandlers } from './roles/service-linked.ts';
import { simulationHandlers } from './simulation/simulate.ts';
import { userPolicyHandlers } from './users/policies.ts';
import { userHandlers } from './users/users.ts';
import { sessionHandlers } from '../sts/sessions.ts';
import { webIdentityHandlers } from '../sts/web-identity.ts';

/** Every operation that the sandbox answers. */
export const handlers: Handlers = {
  ...userHandlers,
  ...userPolicyHandlers,
  ...groupHandlers,
  ...groupPolicyHandlers,
  ...policyHandlers,
  ...roleHandlers,
  ...rolePolicyHandlers,
  ...serviceRoleHandlers,
  ...instanceProfileHandlers,
  ...serverCertificateHandlers,
  ...oidcProviderHandlers,
  ...samlProviderHandlers,
  ...accessKeyHandlers,
  ...loginProfileHandlers,
  ...mfaHandlers,
  ...certificateHandlers,
  ...sshKeyHandlers,
  ...serviceCredentialHandlers,
  ...accountHandlers,
  ...passwordPolicyHandlers,
  ...detailHandlers,
  ...reportHandlers,
  ...sessionHandlers,
  ...webIdentityHandlers,
  ...simulationHandlers,
};
