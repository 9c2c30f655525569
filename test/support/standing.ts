import type { Iam } from '../../src/sandbox/index.ts';

/**
 * Gives a role a trust as it stands, without the checks of its being written: AWS keeps what it would refuse today, such
 * as a GitHub trust without a subject. Principals are not turned into ids.
 */
export function standingTrust({ state }: Pick<Iam, 'state'>, roleName: string, document: string): void {
  const role = state.roles.find(roleName);
  if (!role) throw new Error(`no role ${roleName}`);
  state.roles.put({ ...role, trust: document });
}
