/**
 * `rollcall/sandbox`: an IAM for tests. It answers as AWS does, over HTTP or within the process, without an account or
 * the network (docs/sandbox.md).
 */
import { patterns } from '../core/limits.ts';
import { startSandbox as start } from '../sandbox/index.ts';
import type { Faults, JournalEntry, SandboxOptions } from '../sandbox/index.ts';

export { IamError } from '../sandbox/index.ts';
export type {
  CallInfo,
  Consistency,
  FaultKind,
  FaultRule,
  Faults,
  JournalEntry,
  SandboxOptions,
} from '../sandbox/index.ts';

/** An IAM that runs until it is closed. */
export interface Sandbox {
  /** Twelve digits. */
  readonly account: string;
  /** `http://127.0.0.1:PORT`, for programs and for clients in any language. */
  readonly url: string;
  /** A key pair that may do everything here and nothing anywhere else. */
  readonly operator: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Configuration of an SDK client that calls as the operator, without a socket: `new IAMClient(sandbox.client)`. */
  readonly client: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
    readonly requestHandler: Record<string, unknown>;
  };
  /** Faults to inject; may be set at any time. */
  readonly faults: Faults;
  /** Every call so far, as CloudTrail would record it, without secrets. */
  readonly journal: readonly JournalEntry[];
  clearJournal(): void;
  /**
   * Runs one operation, such as `call('CreateUser', { UserName: 'dale' })`, as the operator or as a stored user. The
   * input is not checked: only requests of clients are held to AWS's service model.
   *
   * @throws IamError if AWS would answer with an error.
   */
  call(
    operation: string,
    input: object,
    options?: { readonly as?: string; readonly faults?: boolean },
  ): Record<string, unknown>;
  /**
   * An identity token (a JWT) for AssumeRoleWithWebIdentity, signed as an issuer of OpenID Connect would. `sub` is needed;
   * `iss` is GitHub's issuer, `aud` is `sts.amazonaws.com` and `exp` in five minutes, unless given.
   */
  token(claims: Readonly<Record<string, unknown>>): string;
  /** Whether the policies of a user allow the action on the resource. */
  allows(userName: string, action: string, resource: string): boolean;
  /** Stops it and closes open connections; its file is complete afterwards. */
  close(): Promise<void>;
}

/** Starts an empty IAM, or one with the contents of its `file`. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { account } = options;
  if (account !== undefined && !patterns.account.test(account))
    throw new TypeError(`an account has twelve digits, and not "${account}"`);
  const sandbox = await start(options);
  const client = {
    endpoint: sandbox.url,
    region: 'us-east-1',
    credentials: sandbox.operator,
    requestHandler: sandbox.handler,
  };
  return Object.assign(sandbox, { client }) as object as Sandbox;
}
