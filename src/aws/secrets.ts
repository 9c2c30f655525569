import { GetAccessKeyLastUsedCommand, GetAccountPasswordPolicyCommand } from '@aws-sdk/client-iam';
import { isDeepStrictEqual } from 'node:util';
import { RollcallError } from '../core/errors.ts';
import { byText } from '../core/json.ts';
import { limits } from '../core/limits.ts';
import type { Delivery, Step } from '../core/plan.ts';
import { parseRef } from '../core/references.ts';
import {
  deliveryMinutes,
  foundValue,
  isSince,
  stateTagParts,
  toPasswordPolicy,
  undeliveredTag,
} from '../kinds/index.ts';
import type { PasswordPolicy } from '../kinds/index.ts';
import type { Aws } from './client.ts';
import { send, sendWhole } from './commands.ts';
import type { Answer } from './commands.ts';
import { codeOf, describe, isLostConnection, isRefusedCaller, wasRefused } from './errors.ts';
import { untilKnown } from './once.ts';
import { Withdrawn } from './permit.ts';
import type { Permit } from './permit.ts';

/** The rules of the account's password policy, as far as they are known. */
export type PasswordRules = Partial<PasswordPolicy>;

export interface AccessKeySecret {
  readonly user: string;
  readonly to: string | null;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface PasswordSecret {
  readonly user: string;
  readonly to: string | null;
  readonly password: string;
}

/**
 * Where secrets go. A promise resolves once its person can read the secret, even after a crash; if it rejects, the
 * credential is deleted again. `undo` gets what `deliver…` resolved to.
 */
export interface SecretSink {
  deliverAccessKey(secret: AccessKeySecret): Promise<unknown>;
  deliverPassword(secret: PasswordSecret): Promise<unknown>;
  undo(delivered: unknown): Promise<void>;
  /** Whether this key was delivered, by this run or an earlier one, as far as is known here. */
  isDelivered?(accessKeyId: string): Promise<boolean>;
  generatePassword(rules: PasswordRules | null): string;
}

/** IAM is eventually consistent: ms to wait before each look for something that was just made. */
const patience = [0, 2000, 4000, 8000];

/** Makes access keys and passwords. One per run, because it remembers which keys this run has made. */
export class SecretMaker {
  readonly #aws: Aws;
  readonly #sink: SecretSink;
  readonly #permit: Permit;
  readonly #made = new Map<string, string[]>();
  /** The state tag of each user as this run last wrote it. */
  readonly #stateTags = new Map<string, string>();
  /** Users with a key that may come from a call without an answer. */
  readonly #orphaned = new Map<string, string[]>();
  #rules: Promise<PasswordRules | null> | undefined;

  /** @param permit of calls without which nothing of a secret exists yet. */
  constructor(aws: Aws, sink: SecretSink, permit: Permit) {
    this.#aws = aws;
    this.#sink = sink;
    this.#permit = permit;
  }

  /**
   * Writes the state tag that says that a delivery begins (kinds/user), with the time by the clock that
   * dates the key.
   */
  async tagDelivery({ input }: Step): Promise<Answer> {
    const { UserName, Tags } = input as { UserName: string; Tags: readonly { Key: string; Value: string }[] };
    const at = `${this.#aws.serverNow().toISOString().slice(0, 19)}Z`;
    const stamped = Tags.map(({ Key, Value }) => ({ Key, Value: `${at} ${Value}` }));
    const answer = await send(
      this.#aws.iam,
      { op: 'TagUser', input: { UserName, Tags: stamped } },
      this.#permit,
    );
    this.#stateTags.set(UserName, stamped[0]?.Value ?? '');
    return answer;
  }

  /**
   * Removes the state tag together with the user's last key. Keys that this run could not deliver stay noted in it, so
   * that a later run deletes them.
   */
  async untagDelivery(step: Step): Promise<Answer> {
    const { name: UserName } = parseRef(step.about);
    const orphans = this.#orphaned.get(UserName);
    if (!orphans) return await send(this.#aws.iam, step, this.#permit);
    const answer = await this.#tag(UserName, foundValue(this.#stateTagParts(UserName)));
    return { ...answer, left: left(UserName, orphans) };
  }

  #stateTagParts(user: string) {
    return stateTagParts({ [undeliveredTag]: this.#stateTags.get(user) ?? '' }) ?? [];
  }

  #tag(UserName: string, Value: string): Promise<Answer> {
    const Tags = [{ Key: undeliveredTag, Value }];
    return send(this.#aws.iam, { op: 'TagUser', input: { UserName, Tags } });
  }

  async #noteOrphan(user: string, id: string): Promise<void> {
    const tag = this.#stateTags.get(user) ?? '';
    const at = this.#stateTagParts(user)[0]?.at;
    if (at === undefined) return;
    const value = `${tag} ${foundValue([{ at, ids: [id], found: true }])}`;
    await this.#tag(user, value);
    this.#stateTags.set(user, value);
    this.#orphaned.set(user, [...(this.#orphaned.get(user) ?? []), id]);
  }

  /** @throws the SDK's error or a RollcallError. No credential is left then whose secret nobody has. */
  async make(delivery: Delivery): Promise<Answer> {
    if (delivery.credential === 'password') return await this.#password(delivery);
    const doubt = { keyLeft: false };
    try {
      return await this.#accessKey(delivery, doubt);
    } catch (error) {
      if (doubt.keyLeft || codeOf(error) === 'NoSuchEntity') throw error;
      if (error instanceof Withdrawn || isLostConnection(error) || isRefusedCaller(error)) throw error;
      throw await this.#untag(delivery.user, error);
    }
  }

  /**
   * Called when no key was made: with the tag in place, a key that somebody else makes now would be taken for ours.
   *
   * @returns the error that says why none was made.
   */
  async #untag(user: string, error: unknown): Promise<unknown> {
    const found = foundValue(this.#stateTagParts(user));
    try {
      await (found === ''
        ? send(this.#aws.iam, { op: 'UntagUser', input: { UserName: user, TagKeys: [undeliveredTag] } })
        : this.#tag(user, found));
      return error;
    } catch {
      const { message, hint } = describe(error, 'CreateAccessKey');
      return new RollcallError(message, {
        hint:
          `${hint ? `${hint}; ` : ''}the tag ${undeliveredTag} could not be taken off ${user}: do that before the ` +
          `next run (aws iam untag-user --user-name ${user} --tag-keys ${undeliveredTag})`,
      });
    }
  }

  /**
   * CreateAccessKey is never repeated blindly. The keys are listed before the call. If it has no answer, a key that
   * was not there before may be one whose secret nobody has: it is made inactive, and a later run deletes it.
   */
  async #accessKey(delivery: Delivery, doubt: { keyLeft: boolean }): Promise<Answer> {
    const { user, to } = delivery;
    const own = this.#made.get(user) ?? [];
    const since = this.#aws.serverNow();
    const before = (await this.#keys(user, this.#permit)).map(({ id }) => id);
    const expected = [...delivery.known, ...own].sort(byText);
    if (!isDeepStrictEqual(before, expected)) throw foreignKeys(user, before, expected);
    const [part] = this.#stateTagParts(user);
    // A key that is made later than this would not be recognised by its tag. It happens when the machine was asleep, or
    // IAM throttled for minutes.
    const isLate = (): boolean =>
      part !== undefined &&
      this.#aws.serverNow().getTime() - Date.parse(part.at) > (deliveryMinutes / 2) * 60_000;
    if (isLate()) throw tooLate(user);
    const permit = { ...this.#permit, mayGo: () => this.#permit.mayGo() && !isLate() };
    const answer = await untilKnown(
      this.#aws,
      async () => {
        try {
          return await send(this.#aws.once, { op: 'CreateAccessKey', input: { UserName: user } }, permit);
        } catch (error) {
          if (!wasRefused(error) && !(error instanceof Withdrawn)) doubt.keyLeft = true;
          throw error;
        }
      },
      () => this.#deactivateOrphan(user, before, since),
    );
    const key = answer['AccessKey'] as { readonly AccessKeyId: string; readonly SecretAccessKey: string };
    try {
      await this.#sink.deliverAccessKey({
        user,
        to,
        accessKeyId: key.AccessKeyId,
        secretAccessKey: key.SecretAccessKey,
      });
    } catch (error) {
      const gone = await this.#deleteAgain(user, key.AccessKeyId);
      doubt.keyLeft = !gone;
      throw undelivered(
        `the key ${key.AccessKeyId} of ${user} ${gone ? 'was deleted again' : 'is to be deleted by the next run'}`,
        error,
      );
    }
    this.#made.set(user, [...(this.#made.get(user) ?? []), key.AccessKeyId]);
    return answer;
  }

  /** A new key may not be visible yet. If it cannot be deleted now, the next run recognises it by the tag. */
  async #deleteAgain(user: string, AccessKeyId: string): Promise<boolean> {
    for (const wait of patience) {
      if (wait > 0) await this.#aws.wait(wait);
      try {
        await send(this.#aws.iam, { op: 'DeleteAccessKey', input: { UserName: user, AccessKeyId } });
        return true;
      } catch (error) {
        if (codeOf(error) !== 'NoSuchEntity') return false;
      }
    }
    return false;
  }

  /**
   * rollcall generates the password itself, so it can deliver it before it exists in IAM: if the delivery fails, no
   * password is set that nobody knows.
   */
  async #password({ user, to }: Delivery): Promise<Answer> {
    const password = this.#sink.generatePassword(await (this.#rules ??= this.#readRules()));
    const delivered = await this.#sink.deliverPassword({ user, to, password }).catch((error: unknown) => {
      throw undelivered(`no login profile was made for ${user}`, error);
    });
    const since = this.#aws.serverNow();
    // As long as the password may be in force, its delivery is kept.
    let inDoubt = false;
    try {
      return await untilKnown(
        this.#aws,
        () => this.#createLoginProfile(user, password, inDoubt ? since : null),
        () => {
          inDoubt = true;
          return Promise.resolve(null);
        },
      );
    } catch (error) {
      if (!inDoubt || error instanceof OthersPassword) await this.#sink.undo(delivered);
      throw error;
    }
  }

  /**
   * @param doubtfulSince when a first try without an answer began. IAM then refuses a second password, and the
   * existing one may be ours or somebody else's.
   */
  async #createLoginProfile(UserName: string, Password: string, doubtfulSince: Date | null): Promise<Answer> {
    const input = { UserName, Password, PasswordResetRequired: true };
    const create = (permit?: Permit): Promise<Answer> =>
      send(this.#aws.once, { op: 'CreateLoginProfile', input }, permit);
    try {
      return await create(doubtfulSince === null ? this.#permit : undefined);
    } catch (error) {
      if (doubtfulSince === null || codeOf(error) !== 'EntityAlreadyExists') throw error;
    }
    const { LoginProfile } = await send(this.#aws.iam, { op: 'GetLoginProfile', input: { UserName } });
    const { CreateDate } = (LoginProfile ?? {}) as { readonly CreateDate?: Date };
    if (!isSince(CreateDate, doubtfulSince)) throw new OthersPassword(UserName);
    await send(this.#aws.iam, { op: 'DeleteLoginProfile', input: { UserName } });
    return await create();
  }

  /**
   * Deals with a key that is there now and was not there before. It may be ours, or another apply or a person may have
   * made it at the same time. So it is never deleted here, and made inactive only if it can be ours. A new key may not
   * be listed for some seconds.
   *
   * @throws RollcallError if the user can have no other key now.
   */
  async #deactivateOrphan(user: string, before: readonly string[], since: Date): Promise<null> {
    for (const wait of patience) {
      if (wait > 0) await this.#aws.wait(wait);
      const all = await this.#keys(user);
      const known = new Set([...before, ...(this.#made.get(user) ?? [])]);
      const found = all.filter(({ id }) => !known.has(id));
      if (found.length === 0) continue;
      const [key, ...more] = found;
      if (!key || more.length > 0 || !(await this.#canBeOrphan(key, since))) {
        throw doubtful(user, found);
      }
      const { id: AccessKeyId } = key;
      await send(this.#aws.iam, {
        op: 'UpdateAccessKey',
        input: { UserName: user, AccessKeyId, Status: 'Inactive' },
      });
      this.#made.set(user, [...(this.#made.get(user) ?? []), AccessKeyId]);
      await this.#noteOrphan(user, AccessKeyId);
      if (all.length >= limits.accessKeysPerUser) throw noRoom(user, AccessKeyId);
      break;
    }
    return null;
  }

  async #canBeOrphan({ id, createdAt }: Listed, since: Date): Promise<boolean> {
    if (!isSince(createdAt, since) || (await this.#sink.isDelivered?.(id))) return false;
    const { AccessKeyLastUsed } = await this.#aws.iam.send(
      new GetAccessKeyLastUsedCommand({ AccessKeyId: id }),
    );
    return AccessKeyLastUsed?.LastUsedDate === undefined;
  }

  async #keys(user: string, permit?: Permit): Promise<Listed[]> {
    const answer = await sendWhole(
      this.#aws.iam,
      { op: 'ListAccessKeys', input: { UserName: user } },
      permit,
    );
    const keys = (answer['AccessKeyMetadata'] ?? []) as readonly {
      readonly AccessKeyId?: string;
      readonly CreateDate?: Date;
    }[];
    return keys
      .map(({ AccessKeyId = '', CreateDate }) => ({ id: AccessKeyId, createdAt: CreateDate }))
      .sort((a, b) => byText(a.id, b.id));
  }

  /** An account without a password policy has IAM's default one. */
  async #readRules(): Promise<PasswordRules | null> {
    try {
      const { PasswordPolicy } = await this.#aws.iam.send(new GetAccountPasswordPolicyCommand({}));
      return PasswordPolicy ? toPasswordPolicy(PasswordPolicy) : null;
    } catch (error) {
      if (codeOf(error) === 'NoSuchEntity') return null;
      throw error;
    }
  }
}

interface Listed {
  readonly id: string;
  readonly createdAt: Date | undefined;
}

class OthersPassword extends RollcallError {
  constructor(user: string) {
    super(`CreateLoginProfile: ${user} has a password that was there before: somebody else made it`, {
      hint: 'run again: the next plan starts from what is there now',
      remedy: 'plan',
    });
  }
}

const left = (user: string, ids: readonly string[]): string =>
  `CreateAccessKey had no answer once, so nobody has the secret of ${list(ids)} of ${user}: it is inactive, and the ` +
  'next run deletes it while it is unused';

const doubtful = (user: string, found: readonly Listed[]): RollcallError =>
  new RollcallError(
    `CreateAccessKey had no answer, and meanwhile ${user} has ${list(found.map(({ id }) => id))}: whose that is cannot ` +
      'be told, so nothing was done about it',
    { hint: `ask ${user}; delete what nobody has, then run again` },
  );

const noRoom = (user: string, id: string): RollcallError =>
  new RollcallError(
    `CreateAccessKey had no answer; the key ${id} of ${user} that seems to have come of it was made inactive, and IAM ` +
      'has no room for another',
    { hint: 'run again: the next run deletes it while it is unused, and makes another', remedy: 'again' },
  );

const foreignKeys = (user: string, found: readonly string[], expected: readonly string[]): RollcallError =>
  new RollcallError(
    `CreateAccessKey: ${user} has the access keys ${list(found)} where the plan knew ${list(expected)}`,
    { hint: 'run again: the next plan starts from what is there now', remedy: 'plan' },
  );

const tooLate = (user: string): RollcallError =>
  new RollcallError(
    `CreateAccessKey: the run was held up for minutes before it could make a key for ${user}`,
    {
      hint: 'run again',
      remedy: 'again',
    },
  );

const list = (ids: readonly string[]): string => ids.join(', ') || '(none)';

const undelivered = (what: string, error: unknown): RollcallError =>
  new RollcallError(
    `${what}, because the secret could not be delivered: ${(error as Error).message}`,
    error instanceof RollcallError && error.hint ? { hint: error.hint } : {},
  );
