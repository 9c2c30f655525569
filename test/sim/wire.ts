import { folded } from './universe.ts';
import { Violation } from './violation.ts';

/** A call as a process sends it, or tries it again. */
export interface Sent {
  readonly op: string;
  /** The number of the call; the same for each try. */
  readonly order: number;
  /** A parameter that is a text, or ''. */
  readonly field: (name: string) => string;
}

/** What a call writes on, told without the code under test; null for what only reads, and for the account. */
export function writtenOn(op: string, field: Sent['field']): string | null {
  if (/^(Get|List|Generate)/.test(op)) return null;
  const user = field('UserName');
  if (user !== '') return `user ${folded(user)}`;
  const group = field('GroupName');
  if (group !== '') return `group ${folded(group)}`;
  // A role that is put into a profile or taken out of it is no part of the role.
  const profile = field('InstanceProfileName');
  if (profile !== '') return `instance-profile ${folded(profile)}`;
  const role = field('RoleName');
  if (role !== '') return `role ${folded(role)}`;
  const provider = field('OpenIDConnectProviderArn') || field('SAMLProviderArn');
  if (provider !== '') return `provider ${provider}`;
  const policy = field('PolicyArn').split('/').at(-1) || field('PolicyName');
  return policy === '' ? null : `policy ${folded(policy)}`;
}

/** The calls of one process that are on their way. */
export class Wire {
  readonly #most: number;
  readonly #sent = new Set<Sent>();

  /** @param most calls at one time. */
  constructor(most: number) {
    this.#most = most;
  }

  enter(sent: Sent): void {
    const object = writtenOn(sent.op, sent.field);
    for (const other of this.#sent) {
      if (object === null || writtenOn(other.op, other.field) !== object) continue;
      throw new Violation('one-writer', `${sent.op} on ${object} is sent while ${other.op} is on its way`);
    }
    this.#sent.add(sent);
    if (this.#sent.size > this.#most) {
      throw new Violation('pace', `${this.#sent.size} calls on the wire where ${this.#most} may be`);
    }
  }

  leave(sent: Sent): void {
    this.#sent.delete(sent);
  }
}
