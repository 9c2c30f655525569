import {
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  GetPolicyCommand,
  ListPolicyVersionsCommand,
} from '@aws-sdk/client-iam';
import type { IAMClient, Policy } from '@aws-sdk/client-iam';
import { lockArn, lockName, lockPath } from '../core/lock.ts';
import type { Aws } from './client.ts';
import { codeOf, isDenied, toRollcallError } from './errors.ts';
import { pages } from './pages.ts';
import type { Place } from './read.ts';

/** How long a lock stays valid after its holder last renewed it, in ms of AWS's clock. */
export const lease = 5 * 60_000;
/** How often a holder renews it. */
const renewal = 60_000;
/** When a holder first checks that the lock is still its own. Each further wait is twice as long. */
const firstLook = 2000;
/**
 * How long a process that took over an expired lock waits before it relies on it. It is longer than `firstLook`: by
 * then the maker of a lock that was deleted by mistake has noticed.
 */
const settling = 5000;

/** What is known about an existing lock. The text is whatever its maker wrote, and anybody may have made it. */
export interface Held {
  readonly by: string;
  /** ISO 8601. */
  readonly since: string;
}

/** The process that wants the lock, and how it judges the processes that other locks name. */
export interface Holder {
  /** For people: who applies, and where. */
  readonly about: string;
  /**
   * 16 hexadecimal digits that no other process has. They identify our policy if the call that made it had no answer.
   */
  readonly nonce: string;
  /** The process as `isGone` reads it: letters, digits and `-` only. */
  readonly process: string;
  /** Whether the process that wrote this is known to have ended. */
  isGone(process: string): boolean;
}

/** The lock, or who else has it, or why there can be none. */
type Locking = { readonly lock: Lock } | { readonly held: Held } | { readonly impossible: string };

/** Tries once to take the lock. */
export async function takeLock(
  aws: Aws,
  place: Place,
  holder: Holder,
  findName: () => Promise<string | null>,
): Promise<Locking> {
  const own = lockArn(place.account, place.partition);
  const description = `${described(holder.about)} [${holder.nonce} ${holder.process}]`;
  try {
    let took = false;
    for (let attempt = 0; attempt < 4; attempt += 1) {
      const asked = aws.serverNow();
      const made = await create(aws, own, description);
      let there = made === null ? await find(aws, own) : null;
      const id = made ?? (there?.Description === description ? there.PolicyId : null);
      if (typeof id === 'string') {
        const lock = new Lock(aws, own, id, asked);
        if (!took) return { lock };
        await aws.wait(settling);
        return (await lock.isOurs()) ? { lock } : { held: heldBy(await find(aws, own)) };
      }
      if (there === null) {
        // The other lock was released just now or is not visible yet: try once more. Or the name is taken at another
        // path.
        const other = attempt > 0 ? await findName() : null;
        if (other !== null && other !== own) there = await find(aws, other);
      }
      if (there === null) {
        await aws.wait(2000);
        continue;
      }
      if (isFresh(there, asked) && !isGone(there, holder)) return { held: heldBy(there) };
      const kept = await remove(aws.once, there.Arn ?? own);
      if (kept !== null) return { impossible: `the old lock ${there.Arn ?? own} cannot be deleted: ${kept}` };
      took = true;
    }
    return { held: heldBy(null) };
  } catch (error) {
    const denied = refusal(error);
    if (denied !== null) return { impossible: denied };
    throw toRollcallError(error, 'CreatePolicy');
  }
}

/** A caller without the permission, or an account without room for a policy, can still apply: just without a lock. */
function refusal(error: unknown): string | null {
  const code = codeOf(error);
  if (!isDenied(error) && code !== 'LimitExceeded') return null;
  return `${code}: ${(error as Error).message}`;
}

const isFresh = ({ UpdateDate, CreateDate }: Policy, now: Date): boolean =>
  now.getTime() - (UpdateDate ?? CreateDate ?? now).getTime() < lease;

const trailer = / \[[0-9a-f]{16} ([\w-]*)\]$/;

const isGone = ({ Description = '' }: Policy, holder: Holder): boolean => {
  const process = trailer.exec(Description)?.[1];
  return process !== undefined && holder.isGone(process);
};

const heldBy = (there: Policy | null): Held => ({
  by: there?.Description?.replace(trailer, '') ?? '',
  since: there?.CreateDate?.toISOString() ?? '',
});

/** Keeps to the characters that IAM allows in a description. */
const described = (who: string): string =>
  who.replaceAll(/[^\p{L}\p{M}\p{Z}\p{S}\p{N}\p{P}]/gu, '?').slice(0, 900);

/** It changes nothing for whoever it may be attached to: it denies an action that nobody uses. */
const documentOf = (arn: string): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Sid: 'RollcallLock', Effect: 'Deny', Action: 'iam:SetDefaultPolicyVersion', Resource: arn },
    ],
  });

/** @returns the id of the new policy, or null if one of that name exists. */
async function create(aws: Aws, arn: string, Description: string): Promise<string | null> {
  try {
    const { Policy: made } = await aws.iam.send(
      new CreatePolicyCommand({
        PolicyName: lockName,
        Path: lockPath,
        PolicyDocument: documentOf(arn),
        Description,
      }),
    );
    return made?.PolicyId ?? null;
  } catch (error) {
    if (codeOf(error) === 'EntityAlreadyExists') return null;
    throw error;
  }
}

async function find(aws: Aws, arn: string): Promise<Policy | null> {
  try {
    const { Policy: found } = await aws.iam.send(new GetPolicyCommand({ PolicyArn: arn }));
    return found ?? null;
  } catch (error) {
    if (codeOf(error) === 'NoSuchEntity') return null;
    throw error;
  }
}

/** IAM deletes a policy only with its last version. */
async function deleteOldVersions(iam: IAMClient, PolicyArn: string): Promise<void> {
  const answers = pages('ListPolicyVersions', (from) =>
    iam.send(new ListPolicyVersionsCommand({ PolicyArn, ...from })),
  );
  for await (const { Versions = [] } of answers) {
    for (const { VersionId, IsDefaultVersion } of Versions) {
      if (IsDefaultVersion) continue;
      await iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId })).catch(ignoreGone);
    }
  }
}

const ignoreGone = (error: unknown): void => {
  if (codeOf(error) !== 'NoSuchEntity') throw error;
};

/**
 * @returns null if it is gone; else why it stays: it is attached somewhere, or this caller may not delete it.
 *
 * @param iam a client that does not retry, when the lock is another's: by the time of a retry, a new owner may have
 * the name.
 */
async function remove(iam: IAMClient, PolicyArn: string): Promise<string | null> {
  try {
    for (let attempt = 0; ; attempt += 1) {
      try {
        await iam.send(new DeletePolicyCommand({ PolicyArn }));
        return null;
      } catch (error) {
        if (codeOf(error) !== 'DeleteConflict' || attempt > 0) throw error;
        await deleteOldVersions(iam, PolicyArn);
      }
    }
  } catch (error) {
    const code = codeOf(error);
    if (code === 'NoSuchEntity') return null;
    if (code === 'DeleteConflict') return `${(error as Error).message} (detach it)`;
    const denied = refusal(error);
    if (denied !== null) return denied;
    throw error;
  }
}

/** Our lock. It is ours as long as the policy has this id. */
export class Lock {
  readonly #aws: Aws;
  readonly #arn: string;
  readonly #id: string;
  #renewedAt: number;
  #lookedAt: number;
  #interval = firstLook;
  #lost: string | null = null;
  #looking: Promise<string | null> | null = null;

  /** @param asked AWS's time before the call that made the lock. The lease is counted from here, never from later. */
  constructor(aws: Aws, arn: string, id: string, asked: Date) {
    this.#aws = aws;
    this.#arn = arn;
    this.#id = id;
    this.#renewedAt = this.#lookedAt = asked.getTime();
  }

  /**
   * Called before each step, while others run. @returns null, or why nothing may be written any more. Most calls need no
   * request; those that come during one wait for its answer.
   */
  async check(): Promise<string | null> {
    if (this.#lost !== null) return this.#lost;
    if (this.#looking) return await this.#looking;
    const now = this.#aws.serverNow().getTime();
    // AWS's time comes in whole seconds and from answers that overtake each other, so it may go back a little.
    if (Math.abs(now - this.#lookedAt) < this.#interval) return null;
    this.#looking = this.#look(now).finally(() => (this.#looking = null));
    return (this.#lost = await this.#looking);
  }

  /** Whether nobody can have taken it, by the clock alone. A call that waited for minutes asks before it goes out. */
  holds(): boolean {
    return this.#lost === null && !this.#isLate(this.#aws.serverNow().getTime());
  }

  /** Once the lease has run out, another process may take the lock. Somewhat earlier, nothing is relied upon any more. */
  #isLate(now: number): boolean {
    return now - this.#renewedAt >= lease - renewal;
  }

  async #look(now: number): Promise<string | null> {
    // Another process may take the lock between our check and our renewal.
    const late = this.#isLate(now);
    try {
      if (!(await this.isOurs())) return 'another apply has taken the lock of this account';
      if (Math.abs(now - this.#renewedAt) >= renewal) {
        await this.#renew();
        if (late && !(await this.isOurs())) return 'another apply has taken the lock of this account';
        this.#renewedAt = now;
      }
      this.#lookedAt = now;
      this.#interval = Math.min(2 * this.#interval, renewal);
      return null;
    } catch (error) {
      // It is tried again before the next write.
      return late ? `the lock of this account cannot be renewed: ${(error as Error).message}` : null;
    }
  }

  /** The policy may not be visible yet if it was made a moment ago. */
  async isOurs(): Promise<boolean> {
    for (let attempt = 0; ; attempt += 1) {
      const there = await find(this.#aws, this.#arn);
      if (there !== null || attempt >= 3) return there?.PolicyId === this.#id;
      await this.#aws.wait(2000);
    }
  }

  /**
   * Making a version updates the policy's UpdateDate. IAM is only sure to do so if the policy has several versions.
   */
  async #renew(): Promise<void> {
    try {
      await deleteOldVersions(this.#aws.iam, this.#arn);
      await this.#aws.iam.send(
        new CreatePolicyVersionCommand({
          PolicyArn: this.#arn,
          PolicyDocument: documentOf(this.#arn),
          SetAsDefault: true,
        }),
      );
    } catch (error) {
      // If it cannot be renewed, others may see it as expired. Whether it is still ours is checked all the same.
      if (refusal(error) === null) throw error;
    }
  }

  /** @returns null if it is released or another's by now; else why it stays until it expires. */
  async release(): Promise<string | null> {
    try {
      // It would find no lock any more, and take that for another's doing.
      await this.#looking;
      return (await this.isOurs()) ? await remove(this.#aws.iam, this.#arn) : null;
    } catch (error) {
      return toRollcallError(error, 'DeletePolicy').message;
    }
  }
}
