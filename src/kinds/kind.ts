import type { Rails } from '../core/desired.ts';
import type { Json, JsonObject } from '../core/json.ts';
import type { Call, Operation } from '../core/operations.ts';
import type { StepFacts } from '../core/plan.ts';
import type { Ref } from '../core/references.ts';
import type { AccountState, Identity, PolicyDocument } from '../core/state.ts';
import type { Entry } from '../core/tree.ts';
import type { AnyChange, Impact, Words } from './change.ts';
import type { LiveReader } from './live.ts';
import type { ObjectRule } from './rule.ts';
import type { ManifestContext, Merged } from './reading/context.ts';
import type { ManifestEntry, References } from './to-manifest.ts';

/** How a step takes its place in the order: order comes from what it declares here, never from who wrote it first. */
export interface Wiring {
  /** Refs that come into being. */
  readonly creates?: readonly Ref[];
  /** Refs that must exist while it runs: it waits for their makers, and their removers wait for it. */
  readonly uses?: readonly Ref[];
  readonly removes?: readonly Ref[];
  /** Refs that must be gone first, if any step removes them. */
  readonly after?: readonly Ref[];
  /**
   * Whose access it changes: a principal's, every member's of a group, every holder's of a managed policy
   * (`policyArnRef`). Needed for every class that changes access.
   */
  readonly affects?: Ref;
  /**
   * The policy document that it writes over another: may become two steps (plan/transition.ts).
   * `common`: of a trust, what lets in no more than either.
   */
  readonly swap?: {
    readonly before: PolicyDocument;
    readonly after: PolicyDocument;
    readonly common?: PolicyDocument;
  };
  /** Only needed where `swap` becomes two steps: dropped where it does not. */
  readonly ifSplit?: true;
  /** A document that its identity has in that place once it is done, and until then. Only where no other step changes it. */
  readonly brings?: PolicyDocument;
  readonly takes?: PolicyDocument;
  /** What it adds or removes holds a Deny and an Allow: no single class is right without a temporary deny. */
  readonly guarded?: PolicyDocument;
  /** Runs after the step before it in its draft, whatever else they declare. */
  readonly chained?: boolean;
}

/**
 * A step before it has its place. `deny-everything` of the class `deny`: what gives that user access waits for it,
 * whatever its class.
 */
export type StepDraft = Call & StepFacts & Wiring;

/** A change and what carries it out. */
export interface Draft<C extends AnyChange = AnyChange> {
  readonly change: C;
  readonly steps: readonly StepDraft[];
}

/** What a kind may look at beside its own object. Only in-scope objects are diffed; `live` holds all. */
export interface Context {
  readonly desired: AccountState;
  readonly live: AccountState;
  /** Decides the age of access keys. */
  readonly now: Date;
  /** The role that the run has, if it has one: no plan writes it. */
  readonly runsAs?: string | undefined;
  /** Ids of access keys whose delivery is known here. */
  readonly delivered: ReadonlySet<string>;
  /** When what a ref of `Desired.expiring` names expired (ISO 8601), if it did. */
  expiry(ref: Ref): string | undefined;
  /** Where the manifests say what a ref of `Desired.sources` names, as `file:line:column`. */
  place(ref: Ref): string | undefined;
  /** Whether it is rollcall's (plan/scope.ts): false for what `ignore` names, for strangers and for what AWS owns. */
  readonly inScope: (kind: string, name: string) => boolean;
  /** What `ignore` names: nothing is said of it. */
  isIgnored(kind: string, name: string): boolean;
  /** Reports what cannot be planned: the plan is not made, and all such are shown at once. */
  problem(message: string, hint: string, at: Ref): void;
  /**
   * Whether a document of the same meaning whose `Sid` or `Id` differ is written all the same. If not, a reviewer is told
   * (`what`: such as `inline policy p of user ben`) that the next change of it does.
   */
  writesLabels(what: string): boolean;
  /** Tells a reviewer something that is not a change. */
  readonly note: (text: string) => void;
}

export type IdentityName = 'user' | 'group' | 'role';

/** What kinds of identities differ in: they hold inline and attached policies through operations that are alike. */
export interface IdentityKind<Name extends IdentityName = IdentityName> {
  readonly kind: Name;
  of(state: AccountState): ReadonlyMap<string, Identity>;
  /** Characters without white space, all inline policies added up. */
  readonly inlineSize: number;
  /** Managed policies. */
  readonly attachments: number;
  putPolicy(name: string, policy: string, document: string): Call;
  deletePolicy(name: string, policy: string): Call;
  attach(name: string, arn: string): Call;
  detach(name: string, arn: string): Call;
  /** Where IAM renames and moves such identities: roles it does not. */
  readonly naming?: Naming;
}

/** Of such identities. */
export type Renamable<Name extends IdentityName = IdentityName> = IdentityKind<Name> & {
  readonly naming: Naming;
};

interface Naming {
  moving(name: string, path: string): Call;
  renaming(from: string, to: string): Call;
  /** With the names that it, and what it is in, have once all are renamed. */
  renamed(identity: Identity, nameOf: (kind: string, name: string) => string): Identity;
}

/** A kind of object: one folder says everything about it, and one line of the registry (./index.ts) takes it in. */
export interface Kind<T, C extends AnyChange = AnyChange> {
  readonly name: string;
  /** What people call one of it, where that is not the name. */
  readonly title?: string;
  /** As in `2 policies`. */
  readonly plural: string;
  /**
   * Where manifests have its objects. `users` maps names to them, and an object of the account that is not there is
   * removed. `account.alias` is the one that there is, and is left alone where it is not there. What a dot parts stands
   * nested in files, wherever they name sections: `identityProviders: { oidc: … }`.
   */
  readonly section: string;
  /** The name of the only object, where an account has one at most. */
  readonly only?: string;
  /**
   * Only what is declared is managed until some file has the section or `manage` names it: other tools may have made
   * what the account has, and nobody was asked.
   */
  readonly optIn?: true;
  /** There is one in every account: that it is left alone needs no look at IAM. */
  readonly isEverywhere?: true;
  readonly limits?: KindLimits;
  /** Its pieces of the manifests' JSON Schema, each where it belongs in the whole. */
  readonly schema: JsonObject;
  readonly of: (state: AccountState) => ReadonlyMap<string, T>;
  put(state: AccountState, objects: ReadonlyMap<string, T>): AccountState;
  /** What entries of other sections declare of it, as if it stood in its own. */
  implied?(merged: Pick<Merged, 'sections'>): readonly Entry[];
  /** From manifests; what is wrong with them is reported. */
  read(context: ManifestContext): ReadonlyMap<string, T>;
  /** How it has policies, where it has some. */
  readonly identity?: IdentityKind;
  /** How IAM is read. */
  readonly live: LiveReader<T>;
  /** Objects of the account that this one of it refers to, and that a manifest of it names. */
  needs?(object: T, live: AccountState): readonly Ref[];
  /** As a manifest says it, for import. */
  toManifest(object: T, references: References): ManifestEntry;
  /** Where an object has policy documents: a key, or `policies.*` for all that a mapping holds. */
  readonly documents?: string;
  /** Keys that may hold the path of a document, or something else. */
  readonly paths?: readonly string[];
  /** Where an object has a longer text: a key, whose value is the path of a file or the text itself. */
  readonly texts?: string;
  /** Keys at the top of manifests that set something for all its objects. */
  readonly settings?: readonly string[];
  /** Rails of its own that manifests set. */
  readRails?(context: ManifestContext): Partial<Rails>;
  /** Calls of its steps and reads, each with what IAM authorises it on. */
  readonly calls: Calls;
  readonly reads: Calls;
  /** Actions that IAM authorises beside the calls of steps. */
  readonly alsoAuthorised?: { readonly [action: string]: Calls[Operation] };
  /** What a saved plan compares, where that is not the object as it is. */
  fingerprint?(object: T, live: AccountState): object;
  /** Of rollcall itself, whatever the manifests say. */
  isOurs?(name: string): boolean;
  /** AWS's own, which nobody else can change: left alone, whatever the manifests say. */
  isAws?(object: T): boolean;
  /**
   * Whether it is in no manifest and nobody but strangers (what is not managed, roles) has it: then it is not managed
   * either, as somebody else's tool made it.
   */
  isStrangers?(name: string, sides: Pick<Context, 'desired' | 'live' | 'inScope'>): boolean;
  /** Roles that somebody comes to by way of it: a change of it may change who can assume them. */
  rolesBy?(name: string, state: AccountState): readonly Ref[];
  /** Notes about all objects together. */
  survey?(context: Context): void;
  /** Exactly one side may be undefined. Gives no draft where both sides mean the same. */
  diff(desired: T | undefined, live: T | undefined, context: Context): Draft<C>[];
  drifted?(...of: Parameters<Drifted<C>>): ReturnType<Drifted<C>>;
  /** What differs between two manifests of one object and is carried out by no call, where there is such. */
  rules?(before: T, after: T): ObjectRule[];
  readonly words: Words<C>;
  /** Aspects that are sets: each element of them that is too many or missing is drift by itself. */
  readonly sets?: readonly string[];
  /** The object that a call of somebody else is about, by the parameters that CloudTrail records. */
  ofCall?(parameters: JsonObject): string | undefined;
  /** The name that such a call gives to it. */
  newNameIn?(parameters: JsonObject): string | undefined;
  /** What tells it from others beside its name, for people who look for one that was renamed; undefined: nothing does. */
  likeness?(object: T, side: 'desired' | 'live', context: Context): Likeness | undefined;
  /** Labels of the dangers that are its own, the worst first. */
  readonly dangerLabels?: readonly string[];
}

/**
 * What it does to access that the account is not as the files say, where more can be said of it than that it is the
 * change the other way round.
 *
 * @param fact one element of a set, the first of others: `before` is the account's side.
 */
export type Drifted<C extends AnyChange> = (
  change: C,
  fact: C['facts'][number],
  sides: Pick<Context, 'desired' | 'live'>,
) => Impact<C['reasons'][number], NonNullable<C['dangers']>[number]> | undefined;

/** By what it is called in words: the same for two objects that may be one. Only what is there. */
export interface Likeness {
  readonly facts: { readonly [what: string]: Json };
  /** Keys and passwords: the same for both, where they are known of both. */
  readonly signIn?: string;
}

interface KindLimits {
  /** Characters. */
  readonly name: number;
  /** IAM's quota, and what AWS raises it to at most, on request. Source: IAM User Guide, "IAM and AWS STS quotas". */
  readonly perAccount: number;
  readonly mostPerAccount: number;
}

/** What IAM authorises calls on. Source: Service Authorization Reference, AWS IAM. */
export type Calls = {
  readonly [op in Operation]?:
    | 'account'
    | 'user'
    | 'group'
    | 'policy'
    | 'mfa'
    | 'role'
    | 'instance-profile'
    | 'oidc-provider'
    | 'saml-provider';
};
