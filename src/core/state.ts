import type { JsonObject } from './json.ts';

/** A policy document as parsed JSON, in the author's spelling (not canonicalised). */
export type PolicyDocument = JsonObject;
export type Documents = { readonly [policyName: string]: PolicyDocument };
export type Tags = { readonly [key: string]: string };

/**
 * One shape for both sides: what the manifests declare (desired) and what IAM has (live). Maps are keyed by name and
 * filled in text order. Lists are sorted sets.
 */
export interface AccountState {
  /** Twelve digits. */
  readonly account: string;
  /** `aws`, `aws-cn` or `aws-us-gov`. */
  readonly partition: string;
  readonly users: ReadonlyMap<string, User>;
  readonly groups: ReadonlyMap<string, Group>;
  /** Customer managed policies. */
  readonly policies: ReadonlyMap<string, ManagedPolicy>;
  /**
   * What policies that AWS manages say, by ARN, as far as it was looked at; a plan knows the same of both sides.
   * Without it they are known by their names alone.
   */
  readonly awsPolicies?: ReadonlyMap<string, PolicyDocument>;
  /** Live only: ARNs of those that IAM refused to tell of. */
  readonly unseenPolicies?: readonly string[];
  readonly roles: ReadonlyMap<string, Role>;
  readonly instanceProfiles: ReadonlyMap<string, InstanceProfile>;
  /** By URL without `https://`, which is all that IAM knows of it. */
  readonly oidcProviders: ReadonlyMap<string, OidcProvider>;
  readonly samlProviders: ReadonlyMap<string, SamlProvider>;
  /** Objects of kinds that no other kind knows of, by kind and name. */
  readonly others?: ReadonlyMap<string, ReadonlyMap<string, unknown>>;
  /**
   * Live only: when IAM made the credential report that keys and passwords of declared users are known from, which
   * was there before this run asked for it; null: they were read one by one, or the report is new.
   */
  readonly reportedAt?: Date | null;
  /** Live only: what else the account has, of kinds that no manifest declares; absent: nobody looked. */
  readonly besides?: readonly Beside[];
  /** Live only: sentences about what could not be read. */
  readonly unseen?: readonly string[];
}

/** What users, groups and roles have in common: policies. */
export interface Identity {
  readonly name: string;
  readonly path: string;
  /** Inline policies. */
  readonly policies: Documents;
  /** ARNs of attached managed policies. */
  readonly attachedPolicyArns: readonly string[];
}

export interface User extends Identity {
  readonly tags: Tags;
  /** Names of groups. A group's `members` in the manifests are merged into this. */
  readonly groups: readonly string[];
  /** ARN of the permissions boundary. */
  readonly boundary: string | null;
  /** Desired only. */
  readonly renamedFrom?: string;
  readonly accessKey?: AccessKeySpec;
  readonly console?: ConsoleSpec;
  readonly suspended?: boolean;
  /** Whether existing service credentials are deleted. */
  readonly forbidsServiceCredentials?: boolean;
  /** Live only: `AIDA…`, never re-used, unlike the name. */
  readonly id?: string;
  readonly arn?: string;
  /** Live only, ISO 8601. */
  readonly createdAt?: string;
  /** Live only, and only if the planner needs it; absent means not read. */
  readonly credentials?: Credentials;
  /** Live only: just keys and password, for users whose manifest pins them. */
  readonly signIn?: Pick<Credentials, 'accessKeys' | 'loginProfile'>;
  /** Live only; absent means not read. */
  readonly serviceCredentials?: readonly ServiceCredential[];
}

export interface Group extends Identity {
  /** Desired only. */
  readonly renamedFrom?: string;
  /** Live only. */
  readonly id?: string;
  readonly arn?: string;
  /** Live only, ISO 8601. */
  readonly createdAt?: string;
}

export interface ManagedPolicy {
  readonly name: string;
  readonly path: string;
  readonly arn: string;
  readonly description?: string;
  /** Undefined if not declared (desired) or not read (live); then they are not compared. */
  readonly tags?: Tags;
  readonly document: PolicyDocument;
  /** Live only: `ANPA…`, never re-used, unlike the name. */
  readonly id?: string;
  /** Live only, ISO 8601. */
  readonly createdAt?: string;
  /** Live only. Oldest first. */
  readonly versions?: readonly PolicyVersion[];
}

/** An account without anything. */
export const emptyState = (account: string, partition: string): AccountState => ({
  account,
  partition,
  users: new Map(),
  groups: new Map(),
  policies: new Map(),
  roles: new Map(),
  instanceProfiles: new Map(),
  oidcProviders: new Map(),
  samlProviders: new Map(),
});

interface PolicyVersion {
  /** `v1`, `v2`, … */
  readonly id: string;
  readonly isDefault: boolean;
  readonly createdAt: string;
  /** The document as IAM gives it (URL-encoded), of one that is not in force; absent where it does not. */
  readonly encoded?: string;
}

/** Kinds of objects that are only counted until a file asks for them. */
export type BesideKind = 'oidc-provider' | 'saml-provider' | 'instance-profile';

/** What there is of such a kind, or why nobody knows. */
export type Beside =
  | {
      readonly kind: BesideKind;
      readonly count: number;
      /** As far as they were listed: an instance profile without a role is only counted. */
      readonly names: readonly string[];
    }
  | { readonly kind: BesideKind; readonly unseen: Unanswered };

/** A call that IAM does not answer. */
interface Unanswered {
  /** Such as `ListOpenIDConnectProviders`. */
  readonly op: string;
  /** The caller lacks the permission; else this IAM lacks the operation. */
  readonly denied: boolean;
}

export interface Role extends Identity {
  readonly boundary: string | null;
  /** Who may assume it: a policy with principals (src/policy/trust.ts compares two). */
  readonly trust: PolicyDocument;
  readonly tags: Tags;
  readonly arn: string;
  /** Empty: none. Live: absent means not read, as IAM's account details do not have it. */
  readonly description?: string;
  /** Seconds. Live: absent means not read, for the same reason. */
  readonly maxSession?: number;
  /** Desired only. */
  readonly renamedFrom?: string;
  /** Live only: `AROA…`, never re-used, unlike the name. */
  readonly id?: string;
  /** Live only, ISO 8601. */
  readonly createdAt?: string;
  /** Desired only: sessions end where access narrows. */
  readonly revoke?: true;
  /** Live only: names of instance profiles that hand it to instances. */
  readonly instanceProfiles?: readonly string[];
}

/** Hands a role to EC2 instances. */
export interface InstanceProfile {
  readonly name: string;
  readonly path: string;
  /** Name of its role, of which IAM allows one; null: it is empty. */
  readonly role: string | null;
  /** Undefined if not declared (desired) or not read (live); then they are not compared. */
  readonly tags?: Tags;
  /** Desired only: its role declares it, and says nothing of its path. */
  readonly isShort?: true;
  /** Live only. */
  readonly arn?: string;
  /** Live only: `AIPA…`, never re-used, unlike the name. */
  readonly id?: string;
  /** Live only, ISO 8601. */
  readonly createdAt?: string;
}

/** An OpenID Connect provider, such as GitHub Actions. */
export interface OidcProvider {
  /** Its URL without `https://`. */
  readonly name: string;
  /** Client ids, in text order. */
  readonly audiences: readonly string[];
  /** Of TLS certificates, in text order; undefined if not declared (desired): AWS then keeps them by itself. */
  readonly thumbprints?: readonly string[];
  readonly tags: Tags;
  readonly arn: string;
  /** Live only, ISO 8601. */
  readonly createdAt?: string;
}

export interface SamlProvider {
  readonly name: string;
  /** The XML document of the identity provider. */
  readonly metadata: string;
  readonly tags: Tags;
  readonly arn: string;
  /** Live only: never re-used, unlike the name. */
  readonly id?: string;
  /** Live only, ISO 8601. */
  readonly createdAt?: string;
  /** Live only: when its metadata ends, ISO 8601. */
  readonly validUntil?: string;
}

/** `accessKey:` of a manifest. */
export interface AccessKeySpec {
  /** age or ssh recipient; without it the secret goes where `apply --keys-to` says. */
  readonly deliverTo?: string;
  readonly count: 1 | 2;
  /** The ids of the reviewed keys, in text order; undefined if any key will do. */
  readonly ids?: readonly string[];
  /** Days. */
  readonly rotateAfter?: number;
  /** Days. */
  readonly grace?: number;
}

/** `console:` of a manifest. */
export interface ConsoleSpec {
  readonly deliverTo?: string;
  /** When the reviewed password was made (ISO 8601 in UTC, whole seconds); undefined if any will do. */
  readonly createdAt?: string;
}

export interface AccessKey {
  readonly id: string;
  readonly status: 'Active' | 'Inactive' | 'Expired';
  readonly createdAt: string;
  /** ISO 8601; null: never used; undefined: not read. */
  readonly lastUsedAt?: string | null;
}

/** Every credential type that an IAM user can hold. Dates are ISO 8601. */
export interface Credentials {
  readonly accessKeys: readonly AccessKey[];
  readonly loginProfile: { readonly createdAt: string } | null;
  /** Serial numbers: an ARN for a virtual device or passkey, a bare serial for a hardware token. */
  readonly mfaDevices: readonly string[];
  readonly signingCertificates: readonly { readonly id: string; readonly status: string }[];
  readonly sshKeys: readonly { readonly id: string; readonly status: string }[];
  readonly serviceCredentials: readonly ServiceCredential[];
}

/** For one service only: CodeCommit, Bedrock, …. */
export interface ServiceCredential {
  readonly id: string;
  readonly service: string;
  readonly status: string;
}
