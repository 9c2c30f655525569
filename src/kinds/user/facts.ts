import type {
  AttachmentFact,
  BoundaryFact,
  InlinePolicyFact,
  MembershipFact,
  NameFact,
  PathFact,
  TagFact,
} from '../facts.ts';

interface Delivered {
  /** Of a new secret: who can read it; null: whoever runs the apply. */
  readonly deliverTo?: string | null;
}

/** Statuses; no id: the key is not made yet. */
export interface AccessKeyFact extends Delivered {
  readonly fact: 'access-key';
  readonly id: string | null;
  readonly before: string | null;
  readonly after: string | null;
  /** Nobody reviewed it; where it holds up a rotation, too. */
  readonly unpinned?: { readonly holdsUp: boolean };
  readonly rotation?: Rotation;
  /** What the console calls a key that is deleted. */
  readonly description?: string;
}

interface Rotation {
  /** The old key. */
  readonly id: string;
  readonly days: number;
  readonly lastUsedAt: string | null;
  /** The key that takes its place, where there is one. */
  readonly successor?: string;
  /** From when on the old key is deleted: ISO 8601; `due`: that is past. */
  readonly deletion?: { readonly from: string; readonly due: boolean };
}

interface OtherCredentialFact {
  readonly fact: 'ssh-key' | 'signing-certificate' | 'service-credential';
  readonly id: string;
  readonly service?: string;
  readonly before: string | null;
  readonly after: string | null;
}
export type CredentialFact = AccessKeyFact | OtherCredentialFact;

export interface PasswordFact extends Delivered {
  readonly fact: 'password';
  readonly before: boolean;
  readonly after: boolean;
  /** When it was made, and when the one that was reviewed: ISO 8601. */
  readonly unpinned?: { readonly made: string; readonly pinned: string };
}

interface MfaDeviceFact {
  readonly fact: 'mfa-device';
  readonly serial: string;
  readonly before: boolean;
  readonly after: boolean;
}

interface SuspensionFact {
  readonly fact: 'suspension';
  readonly before: boolean;
  readonly after: boolean;
}

/** A tag that rollcall keeps for itself. */
interface StateTagFact {
  readonly fact: 'state-tag';
  readonly key: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** By the aspects of a user. */
export interface UserFacts {
  object:
    | PathFact
    | TagFact
    | MembershipFact
    | InlinePolicyFact
    | AttachmentFact
    | BoundaryFact
    | CredentialFact
    | PasswordFact
    | MfaDeviceFact
    | SuspensionFact;
  name: NameFact;
  path: PathFact;
  tags: TagFact;
  boundary: BoundaryFact;
  policies: InlinePolicyFact;
  attach: AttachmentFact;
  accessKey: AccessKeyFact;
  /** Keys that nobody reviewed. */
  keyPins: AccessKeyFact;
  rotation: AccessKeyFact;
  /** Keys whose secret nobody seems to have. */
  undelivered: AccessKeyFact | StateTagFact;
  console: PasswordFact;
  passwordPin: PasswordFact;
  serviceCredentials: OtherCredentialFact;
  suspended: SuspensionFact | CredentialFact | PasswordFact;
  /** What a suspension made inactive works again. */
  reactivated: CredentialFact;
  /** Of what a suspension made inactive. */
  record: StateTagFact;
}
