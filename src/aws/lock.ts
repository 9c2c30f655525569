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

/** How long a lock counts after its holder's last sign of life, by AWS's clock, in ms. */
export const lease = 5 * 60_000;
/** How often a holder that goes on gives one. */
const renewal = 60_000;
/** When a holder looks for the first time whether the lock is still its own; then after twice as long each time. */
const firstLook = 2000;
/**
 * How long who takes an old lock over waits before it counts on its own: longer than `firstLook`, so that whoever made a
 * lock that was deleted for the old one has noticed.
 */
const settling = 5000;

/** What is known of a lock that is there. The text is its maker's: anybody may have made it. */
export interface Held {
  readonly by: string;
  /** ISO 8601. */
  readonly since: string;
}

/** The process that wants a lock, and how others that it names are looked at. */
export interface Holder {
  /** For people: who applies, and where. */
  readonly about: string;
  /** 16 hexadecimal digits that nobody else has: by them a policy is recognised whose making had no answer. */
  readonly nonce: string;
  /** What `isGone` understands: letters, digits and - alone. */
  readonly process: string;
  /** Whether the process that wrote this is known to have ended. */
  isGone(process: string): boolean;
}

/** A lock, who else has it, or why there can be none. */
type Locking = { readonly lock: Lock } | { readonly held: Held } | { readonly impossible: string };

/**
 * Tries once to become the only one who applies.
 *
 * @param findName the ARN of a policy that has the lock's name at another path, or null.
 * @throws RollcallError where IAM does not answer.
 */
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
        // Released just now, or not to be seen yet: once more. Or the name is taken at another path.
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

/** That this caller may not, or that there is no room, is no reason not to apply at all. */
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

/** What IAM takes as a description. */
const described = (who: string): string =>
  who.replaceAll(/[^\p{L}\p{M}\p{Z}\p{S}\p{N}\p{P}]/gu, '?').slice(0, 900);

/** It grants nothing to whoever it may be attached to, and denies what nobody does. */
const documentOf = (arn: string): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Sid: 'RollcallLock', Effect: 'Deny', Action: 'iam:SetDefaultPolicyVersion', Resource: arn },
    ],
  });

/** The id of the new policy, or null where there is one of the name. */
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
 * Null: gone. Else why it stays: it is attached somewhere, or this caller may not.
 *
 * @param iam for the lock of another one that does not repeat a call: after a while that could be somebody else's.
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

/** Ours, as long as the policy has this id. */
export class Lock {
  readonly #aws: Aws;
  readonly #arn: string;
  readonly #id: string;
  #renewedAt: number;
  #lookedAt: number;
  #interval = firstLook;
  #lost: string | null = null;

  /** @param asked AWS's time before the lock was made: its lease is counted from no later. */
  constructor(aws: Aws, arn: string, id: string, asked: Date) {
    this.#aws = aws;
    this.#arn = arn;
    this.#id = id;
    this.#renewedAt = this.#lookedAt = asked.getTime();
  }

  /** To be asked before each write. Null, or why there may be none any more. Mostly it costs no call. */
  async check(): Promise<string | null> {
    if (this.#lost !== null) return this.#lost;
    const now = this.#aws.serverNow().getTime();
    // Told to the second, and by answers on their way: it may go back a little.
    if (Math.abs(now - this.#lookedAt) < this.#interval) return null;
    return (this.#lost = await this.#look(now));
  }

  async #look(now: number): Promise<string | null> {
    // Whose lease has run out may have lost the lock between the look and the renewal.
    const late = now - this.#renewedAt >= lease - renewal;
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
      // Once more before the next write.
      return late ? `the lock of this account cannot be renewed: ${(error as Error).message}` : null;
    }
  }

  /** What was made a moment ago may not be found yet. */
  async isOurs(): Promise<boolean> {
    for (let attempt = 0; ; attempt += 1) {
      const there = await find(this.#aws, this.#arn);
      if (there !== null || attempt >= 3) return there?.PolicyId === this.#id;
      await this.#aws.wait(2000);
    }
  }

  /** A new version moves the policy's UpdateDate; IAM keeps to that only where there are several. */
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
      // Then others may take it for old; that it is still ours is looked at all the same.
      if (refusal(error) === null) throw error;
    }
  }

  /** Null: released, or another's meanwhile. Else why it stays until it is too old to count. */
  async release(): Promise<string | null> {
    try {
      return (await this.isOurs()) ? await remove(this.#aws.iam, this.#arn) : null;
    } catch (error) {
      return toRollcallError(error, 'DeletePolicy').message;
    }
  }
}
