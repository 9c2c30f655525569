import type { User } from '../../core/state.ts';

/**
 * What a saved plan compares. What people enrol meanwhile moves nothing: what is forbidden is planned again and compared
 * (plan/fresh.ts). Neither does that a key was used.
 */
export const fingerprint = ({
  serviceCredentials: _enrolled,
  signIn,
  credentials,
  ...user
}: User): object => ({
  ...user,
  ...(signIn ? { signIn: withoutUse(signIn) } : {}),
  ...(credentials ? { credentials: withoutUse(credentials) } : {}),
});

const withoutUse = <T extends Pick<NonNullable<User['signIn']>, 'accessKeys'>>(held: T): T => ({
  ...held,
  accessKeys: held.accessKeys.map(({ lastUsedAt: _used, ...key }) => key),
});
