import type {
  EntityType,
  GetAccountAuthorizationDetailsCommandOutput,
  PolicyDetail,
  Tag,
} from '@aws-sdk/client-iam';
import type { Desired } from '../core/desired.ts';
import { RollcallError } from '../core/errors.ts';
import { byText, isObject, parseJson } from '../core/json.ts';
import type { Made } from '../core/made.ts';
import { NameMap } from '../core/names.ts';
import type { Call, InputOf, Operation } from '../core/operations.ts';
import type { AccountState, Documents, Identity, PolicyDocument, Tags } from '../core/state.ts';

/** IAM does not say. */
export interface Refused {
  readonly refused: RollcallError;
  /** The caller lacks the permission; else this IAM lacks the operation. */
  readonly denied: boolean;
}

/** What IAM is asked: kinds say which calls, src/aws sends them. All errors are RollcallErrors. */
export interface Iam {
  get<Op extends Operation>(op: Op, input: InputOf<Op>): Promise<OutputOf<Op>>;
  /** Null: there is no such thing. */
  find<Op extends Operation>(op: Op, input: InputOf<Op>): Promise<OutputOf<Op> | null>;
  /** The same, or why IAM refuses to tell, which is not the same as null: a caller may lack the permission. */
  tryFind<Op extends Operation>(op: Op, input: InputOf<Op>): Promise<OutputOf<Op> | Refused | null>;
  /** All pages. @throws for an answer that is no list, or not the whole. */
  list<Op extends Operation>(op: Op, input: InputOf<Op>): Promise<readonly OutputOf<Op>[]>;
  /**
   * All pages, or why IAM refuses to give the list, which is not the same as an empty one: a caller may lack the
   * permission, an emulator the operation.
   */
  tryList<Op extends Operation>(op: Op, input: InputOf<Op>): Promise<readonly OutputOf<Op>[] | Refused>;
  /** Asks IAM to make the credential report, which takes it some seconds. */
  requestReport(): Promise<void>;
  /** The report that was requested, as soon as IAM has made it. */
  report(): Promise<CredentialReport>;
  /**
   * Works on all items side by side, or one after the other where calls go so (`atOnce`).
   *
   * @param what is read of them, for people who wait: `credentials of users`.
   * @throws the error of the first item that has one, once all that run have ended.
   */
  each<T, R>(items: readonly T[], work: (item: T) => Promise<R>, what?: string): Promise<R[]>;
}

/** All reads side by side, as `Iam.each`. */
export const together = async <T extends readonly unknown[]>(
  iam: Iam,
  ...reads: { readonly [K in keyof T]: () => Promise<T[K]> }
): Promise<T> => (await iam.each<() => Promise<unknown>, unknown>(reads, (read) => read())) as unknown as T;

type Sdk = typeof import('@aws-sdk/client-iam');

/** What the SDK answers. */
export type OutputOf<Op extends Operation> =
  InstanceType<Sdk[`${Op}Command`]> extends {
    resolveMiddleware(...args: never[]): (...args: never[]) => Promise<{ output: infer Output }>;
  }
    ? Output
    : never;

/** What the credential report says of one user. It can be four hours old: a reason to look, never to act. */
export interface ReportRow {
  readonly password: boolean;
  /** `rotatedAt`: ISO 8601, when the key was made. */
  readonly accessKeys: readonly { readonly active: boolean; readonly rotatedAt: string }[];
}

export interface CredentialReport {
  /** It was there before it was asked for: what happened since does not show in it. */
  readonly isOld: boolean;
  /** When IAM made it; null where it does not say. */
  readonly madeAt: Date | null;
  /** By user name. */
  readonly rows: ReadonlyMap<string, ReportRow>;
}

/** What GetAccountAuthorizationDetails tells, while it is read. */
export interface Details {
  /** Whether there are objects of a kind: known as soon as there is one. */
  has(kind: string): Promise<boolean>;
  /** Once the last page is read. */
  readonly whole: Promise<AccountState>;
}

/** Puts what a kind has read where it belongs. */
export type Part = (account: AccountState) => AccountState;

/** The account with what each kind has read, in the order of the registry, whichever came first. */
export const withParts = (account: AccountState, parts: readonly (Part | undefined)[]): AccountState =>
  parts.reduce<AccountState>((whole, put) => put?.(whole) ?? whole, account);

/** How a kind's objects are read from IAM. Kinds read side by side, so none sees what another one has read. */
export interface LiveReader<T> {
  /** Its part of GetAccountAuthorizationDetails, which tells most of an account in few calls. */
  readonly details?: {
    readonly filter: EntityType;
    of(page: GetAccountAuthorizationDetailsCommandOutput): readonly T[];
  };
  /** All its objects, where the account's details do not have them. */
  catalogue?(iam: Iam): Promise<Part>;
  /** What a plan needs to know beyond that, read only where it can depend on it. */
  forPlan?(details: Details, reading: PlanReading): Promise<Part | undefined>;
  /** What manifests say of new objects beyond that. */
  forImport?(account: AccountState, reading: ImportReading): Promise<Part | undefined>;
  /** What an export says beyond that; by default the same as what an import does. */
  forExport?(account: AccountState, reading: ImportReading): Promise<Part | undefined>;
  /**
   * What a call of ours was to make, if it is there just as it was asked for, made since then, and with nothing
   * attached; undefined: the call makes no such object, or there is none yet.
   */
  asMade?(call: Call, account: AccountState, reading: MadeReading): Promise<Made | false | undefined>;
  /**
   * Whether a call that IAM refuses, as what it asks for is there, was carried out by a first try whose answer was lost;
   * undefined: it is no such call.
   */
  isDone?(call: Call, iam: Iam): Promise<boolean | undefined>;
  /** What a call of ours has made, by the answer to it; undefined: nothing that has an id or a date of its own. */
  made?(call: Call, answer: object): Made | undefined;
}

interface MadeReading {
  readonly iam: Iam;
  readonly since: Date;
}

/** By reference, a hash of each field; null: it did not exist. */
export type Touches = Readonly<Record<string, Readonly<Record<string, string>> | null>>;

export interface PlanReading {
  readonly iam: Iam;
  readonly manifests: Desired;
  /** The manifests as they were, where that is known. */
  readonly before: Desired | null;
  readonly now: Date;
  /** Keys and passwords are read user by user, not looked up in the credential report. */
  readonly fresh: boolean;
  /** What is rollcall's in this account. */
  scope(account: AccountState): (kind: string, name: string) => boolean;
  /** What a saved plan knows of each object: the same must be read again, to be compared. */
  readonly touches: Touches;
}

interface ImportReading {
  readonly iam: Iam;
  /** Of objects that no manifest declares yet. */
  readonly names: readonly string[];
  /** There are no manifests yet. */
  readonly isNew: boolean;
  /** Whether manifests are to say the tags of policies. */
  readonly tags: boolean;
}

/** @param facts what IAM leaves out is empty. */
export const toMade = ({
  kind,
  name,
  ...facts
}: { readonly [field in keyof Made]?: string | undefined }): Made => ({
  kind: kind ?? '',
  name: name ?? '',
  ...Object.fromEntries(Object.entries(facts).filter(([, value]) => value)),
});

/** IAM's dates have whole seconds. */
export const isSince = (date: Date | string | undefined, since: Date): boolean =>
  new Date(date ?? NaN).getTime() >= Math.floor(since.getTime() / 1000) * 1000;

/** Somebody else's where the name is there in another case. */
export const inOtherCase = (objects: ReadonlyMap<string, unknown>, name: string): false | undefined =>
  new NameMap(objects).has(name) ? false : undefined;

export const holdsNothing = ({ policies, attachedPolicyArns }: Identity): boolean =>
  Object.keys(policies).length === 0 && attachedPolicyArns.length === 0;

export const iso = (date: Date | undefined): string => date?.toISOString() ?? '';
export const byId = (a: { readonly id: string }, b: { readonly id: string }): number => byText(a.id, b.id);

export const toTags = (list: readonly Tag[] | undefined): Tags =>
  Object.fromEntries((list ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']));

/** A sentence for `AccountState.unseen`. */
export const notLookedAt = (what: string, { message, hint }: RollcallError): string =>
  `${what} not looked at: ${hint ? `${message.replace(/\.$/, '')}; ${hint}` : message}`;

/** IAM answers documents URL-encoded (RFC 3986) and as they were written, white space included. Null: no such thing. */
export function documentIn(encoded: string | undefined): PolicyDocument | null {
  try {
    const value = parseJson(decodeURIComponent(encoded ?? ''));
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

export function toDocument(encoded: string | undefined, where: string): PolicyDocument {
  const document = documentIn(encoded);
  if (document) return document;
  throw new RollcallError(`GetAccountAuthorizationDetails: the policy document of ${where} is not JSON`, {
    hint: 'run again; if it stays so, look at the policy in the console',
  });
}

export const toDocuments = (list: readonly PolicyDetail[] | undefined, where: string): Documents =>
  Object.fromEntries(
    (list ?? [])
      .map(({ PolicyName, PolicyDocument }) => [PolicyName ?? '', PolicyDocument] as const)
      .sort(([a], [b]) => byText(a, b))
      .map(([name, document]) => [name, toDocument(document, `${name} of ${where}`)]),
  );

export const toArns = (list: readonly { PolicyArn?: string | undefined }[] | undefined): string[] =>
  (list ?? []).map(({ PolicyArn }) => PolicyArn ?? '').sort(byText);
