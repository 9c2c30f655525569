import type { Session } from './receipt.ts';

const hour = 60 * 60 * 1000;

/**
 * How long each can last at most. Sources: AWS STS API reference, GetSessionToken and GetFederationToken (36 hours for
 * IAM users), AssumeRole (the role's maximum, at most 12 hours; 1 hour when roles are chained); IAM User Guide, "Sign
 * in to the console" (12 hours) and "Disabling permissions for temporary security credentials": each request is
 * decided by the policies at that time, those of the user for a user's own sessions, those of the role for a role's.
 */
const kinds = [
  {
    kind: 'user-token',
    hours: 36,
    own: true,
    about: 'Tokens of GetSessionToken (up to 36 h) and GetFederationToken (up to 36 h).',
  },
  { kind: 'console', hours: 12, own: true, about: 'Console sessions (up to 12 h).' },
  { kind: 'role', hours: 12, own: false, about: 'Sessions of roles assumed before (up to 12 h).' },
  {
    kind: 'chained-role',
    hours: 13,
    own: false,
    about:
      'Sessions of roles assumed from such a session (up to 1 h each). Where roles trust each other they can be ' +
      'renewed without end: revoke the sessions of those roles.',
  },
] as const;

/**
 * @param deniedAt when everything was denied to the user at the latest, so that no more sessions could be made.
 * @param shut the user is deleted or still denied, so the user's own sessions give no access, whatever their tokens
 * say.
 */
export function sessionsSince(deniedAt: string | null, shut: boolean): Session[] {
  return kinds.map(({ kind, hours, own, about }) => ({
    kind,
    expiresAt: deniedAt === null ? null : new Date(Date.parse(deniedAt) + hours * hour).toISOString(),
    usable: !(own && shut),
    about,
  }));
}

const longest = 12 * 60 * 60;

/** When the last session of a role is over that was opened before the deny. @param maxSession of the role, in seconds. */
export const roleSessions = (deniedAt: string | null, maxSession = longest): string | null =>
  deniedAt === null ? null : new Date(Date.parse(deniedAt) + maxSession * 1000).toISOString();
