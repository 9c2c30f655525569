import type { Detail } from '../../core/plan.ts';
import { makeChange } from '../kind.ts';
import type { Draft, StepDraft } from '../kind.ts';
import type { AccessKey, User } from '../../core/state.ts';
import { suspendedDeny } from '../access.ts';
import { isSuspended } from './marks.ts';
import { deactivate, denyStep, pin, told } from './offboard.ts';
import type { UserWithCredentials } from './offboard.ts';

/**
 * The first steps of an offboarding, and the user stays: everything denied, every credential inactive, the
 * password gone. Nothing where that is so already.
 */
export function suspend(user: UserWithCredentials, partition: string): Draft[] {
  const steps = [
    ...(isSuspended(user) ? [] : denyStep(user, partition, suspendedDeny).put),
    ...deactivate(user),
  ];
  if (steps.length === 0) return [];
  const { credentials } = user;
  const inactive = (texts: readonly string[]): Detail[] =>
    texts.map((text) => ({ sign: '~', text: `${text}: inactive` }));
  const change = makeChange({
    kind: 'user',
    name: user.name,
    aspect: 'suspended',
    action: 'update',
    summary: 'suspend',
    effect: 'narrows',
    reason: 'everything is denied, and no credential works',
    details: [
      ...inactive(credentials.accessKeys.filter(isActive).map(told.accessKey)),
      ...(credentials.loginProfile ? [{ sign: '-' as const, text: told.loginProfile }] : []),
      ...inactive([
        ...credentials.sshKeys.filter(isActive).map(told.sshKey),
        ...credentials.signingCertificates.filter(isActive).map(told.signingCertificate),
        ...credentials.serviceCredentials.filter(isActive).map(told.serviceCredential),
      ]),
    ],
    before: { suspended: false },
    after: { suspended: true },
  });
  return [{ change, steps: [pin(user), ...steps].map((step, index) => ({ ...step, chained: index > 0 })) }];
}

const isActive = ({ status }: { readonly status: string }): boolean => status === 'Active';

/**
 * What was declared works again, and only that: inactive keys up to the declared number. The deny goes as any
 * policy that no file declares; a password is made anew.
 *
 * @param keys in the order in which they stay where there are more than declared.
 */
export function reactivate(desired: User, keys: readonly AccessKey[]): Draft[] {
  const wanted = desired.accessKey?.count ?? 0;
  const again = keys.slice(0, wanted).filter(({ status }) => status === 'Inactive');
  if (again.length === 0) return [];
  const change = makeChange({
    kind: 'user',
    name: desired.name,
    aspect: 'suspended',
    action: 'update',
    summary: `no longer suspended: access key ${again.map(({ id }) => id).join(', ')} active again`,
    effect: 'widens',
    reason: 'the key gives the access that the user has',
    before: { inactive: again.map(({ id }) => id) },
    after: { inactive: [] },
  });
  const steps = again.map(({ id }): StepDraft => ({
    op: 'UpdateAccessKey',
    input: { UserName: desired.name, AccessKeyId: id, Status: 'Active' },
    purpose: 'reactivate-credential',
    cls: 'credential',
    uses: [`user:${desired.name}`],
    reach: `user:${desired.name}`,
  }));
  return [{ change, steps }];
}
