import { GetAccountPasswordPolicyCommand } from '@aws-sdk/client-iam';
import { isDeepStrictEqual } from 'node:util';
import { RollcallError } from '../core/errors.ts';
import { byText } from '../core/json.ts';
import type { Delivery, Step } from '../core/plan.ts';
import { deliveryMinutes, foundValue, marksOf, undeliveredTag } from '../kinds/index.ts';
import type { Aws } from './client.ts';
import { send, sendWhole } from './commands.ts';
import type { Answer } from './commands.ts';
import { codeOf, describe, isLostConnection, isRefusedCaller, wasRefused } from './errors.ts';
import { untilKnown } from './once.ts';

/** The account's password policy, as far as it says what a password is made of. */
export interface PasswordRules {
  readonly minimumLength?: number;
  readonly requireSymbols?: boolean;
  readonly requireNumbers?: boolean;
  readonly requireUppercase?: boolean;
  readonly requireLowercase?: boolean;
}

/**
 * Where secrets go. Each promise resolves when the secret is durable for its person; a throw takes the credential
 * away again. What `deliver…` resolves to is what `undo` gets back.
 */
export interface SecretSink {
  deliverAccessKey(secret: {
    readonly user: string;
    readonly to: string | null;
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
  }): Promise<unknown>;
  deliverPassword(secret: {
    readonly user: string;
    readonly to: string | null;
    readonly password: string;
  }): Promise<unknown>;
  undo(delivered: unknown): Promise<void>;
  generatePassword(rules: PasswordRules | null): string;
}

/** IAM is eventually consistent: how long to wait before each look at what was just made, in ms. */
const patience = [0, 2000, 4000, 8000];

/** Makes what cannot be made twice. One per run: it remembers which access keys the run itself made. */
export class SecretMaker {
  readonly #aws: Aws;
  readonly #sink: SecretSink;
  readonly #made = new Map<string, string[]>();
  /** Marks of users as this run wrote them. */
  readonly #marks = new Map<string, string>();
  #rules: Promise<PasswordRules | null> | undefined;

  constructor(aws: Aws, sink: SecretSink) {
    this.#aws = aws;
    this.#sink = sink;
  }

  /** The mark of a delivery that begins (kinds/user/marks.ts), with the time by the clock that dates the key. */
  async mark({ input }: Step): Promise<Answer> {
    const { UserName, Tags } = input as { UserName: string; Tags: readonly { Key: string; Value: string }[] };
    const at = `${this.#aws.serverNow().toISOString().slice(0, 19)}Z`;
    const stamped = Tags.map(({ Key, Value }) => ({ Key, Value: `${at} ${Value}` }));
    const answer = await send(this.#aws.iam, 'TagUser', { UserName, Tags: stamped });
    this.#marks.set(UserName, stamped[0]?.Value ?? '');
    return answer;
  }

  /** @throws the SDK's error, or a RollcallError; then no credential is left that nobody has. */
  async make(step: Step, delivery: Delivery): Promise<Answer> {
    if (delivery.credential === 'password') return await this.#password(step, delivery);
    const doubt = { keyLeft: false };
    try {
      return await this.#accessKey(step, delivery, doubt);
    } catch (error) {
      if (doubt.keyLeft || codeOf(error) === 'NoSuchEntity') throw error;
      if (isLostConnection(error) || isRefusedCaller(error)) throw error;
      throw await this.#unmark(delivery.user, error);
    }
  }

  /**
   * No key was made: by the mark, one that somebody else makes now would be taken for it.
   *
   * @returns the error why none was made.
   */
  async #unmark(user: string, error: unknown): Promise<unknown> {
    const found = foundValue(marksOf({ [undeliveredTag]: this.#marks.get(user) ?? '' }) ?? []);
    try {
      await (found === ''
        ? send(this.#aws.iam, 'UntagUser', { UserName: user, TagKeys: [undeliveredTag] })
        : send(this.#aws.iam, 'TagUser', { UserName: user, Tags: [{ Key: undeliveredTag, Value: found }] }));
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
   * CreateAccessKey is never repeated blindly. The keys are listed before; after an answer that did not come,
   * what was not there before is an orphan whose secret nobody has, and goes.
   */
  async #accessKey(step: Step, delivery: Delivery, doubt: { keyLeft: boolean }): Promise<Answer> {
    const { user, to } = delivery;
    const own = this.#made.get(user) ?? [];
    const before = await this.#keys(user);
    const expected = [...delivery.known, ...own].sort(byText);
    if (!isDeepStrictEqual(before, expected)) throw foreignKeys(user, before, expected);
    const [mark] = marksOf({ [undeliveredTag]: this.#marks.get(user) ?? '' }) ?? [];
    const age = mark ? this.#aws.serverNow().getTime() - Date.parse(mark.at) : 0;
    // What is made later would not be recognised: this machine slept.
    if (age > (deliveryMinutes / 2) * 60_000) throw tooLate(user);
    const answer = await untilKnown(
      this.#aws,
      async () => {
        try {
          return await send(this.#aws.once, 'CreateAccessKey', step.input);
        } catch (error) {
          if (!wasRefused(error)) doubt.keyLeft = true;
          throw error;
        }
      },
      () => this.#removeOrphans(user, before),
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
    this.#made.set(user, [...own, key.AccessKeyId]);
    return answer;
  }

  /** What has just been made may not be found yet; and what stays is recognised by its mark in the next run. */
  async #deleteAgain(user: string, AccessKeyId: string): Promise<boolean> {
    for (const wait of patience) {
      if (wait > 0) await this.#aws.wait(wait);
      try {
        await send(this.#aws.iam, 'DeleteAccessKey', { UserName: user, AccessKeyId });
        return true;
      } catch (error) {
        if (codeOf(error) !== 'NoSuchEntity') return false;
      }
    }
    return false;
  }

  /** We choose the password: so it is delivered first, and there is never one that nobody has. */
  async #password(step: Step, { user, to }: Delivery): Promise<Answer> {
    const password = this.#sink.generatePassword(await (this.#rules ??= this.#readRules()));
    const delivered = await this.#sink.deliverPassword({ user, to, password }).catch((error: unknown) => {
      throw undelivered(`no login profile was made for ${user}`, error);
    });
    // While it may be that the password is in force, it stays delivered.
    let doubtful = false;
    try {
      return await untilKnown(
        this.#aws,
        () => send(this.#aws.once, 'CreateLoginProfile', { ...step.input, Password: password }),
        async () => {
          doubtful = true;
          await send(this.#aws.iam, 'DeleteLoginProfile', { UserName: user }).catch((error: unknown) => {
            if (codeOf(error) !== 'NoSuchEntity') throw error;
          });
          doubtful = false;
          return null;
        },
      );
    } catch (error) {
      if (!doubtful) await this.#sink.undo(delivered);
      throw error;
    }
  }

  /** A key that was made may not be listed for some seconds. */
  async #removeOrphans(user: string, before: readonly string[]): Promise<null> {
    for (const wait of patience) {
      if (wait > 0) await this.#aws.wait(wait);
      const orphans = (await this.#keys(user)).filter((id) => !before.includes(id));
      for (const AccessKeyId of orphans) {
        await send(this.#aws.iam, 'DeleteAccessKey', { UserName: user, AccessKeyId });
      }
      if (orphans.length > 0) break;
    }
    return null;
  }

  async #keys(user: string): Promise<string[]> {
    const answer = await sendWhole(this.#aws.iam, 'ListAccessKeys', { UserName: user });
    const keys = (answer['AccessKeyMetadata'] ?? []) as readonly { readonly AccessKeyId?: string }[];
    return keys.map(({ AccessKeyId }) => AccessKeyId ?? '').sort(byText);
  }

  /** An account without a password policy has IAM's default one. */
  async #readRules(): Promise<PasswordRules | null> {
    try {
      const { PasswordPolicy } = await this.#aws.iam.send(new GetAccountPasswordPolicyCommand({}));
      return {
        minimumLength: PasswordPolicy?.MinimumPasswordLength ?? 8,
        requireSymbols: PasswordPolicy?.RequireSymbols ?? false,
        requireNumbers: PasswordPolicy?.RequireNumbers ?? false,
        requireUppercase: PasswordPolicy?.RequireUppercaseCharacters ?? false,
        requireLowercase: PasswordPolicy?.RequireLowercaseCharacters ?? false,
      };
    } catch (error) {
      if (codeOf(error) === 'NoSuchEntity') return null;
      throw error;
    }
  }
}

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
    },
  );

const list = (ids: readonly string[]): string => ids.join(', ') || '(none)';

const undelivered = (what: string, error: unknown): RollcallError =>
  new RollcallError(
    `${what}, because the secret could not be delivered: ${(error as Error).message}`,
    error instanceof RollcallError && error.hint ? { hint: error.hint } : {},
  );
