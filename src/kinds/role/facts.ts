import type { PolicyDocument } from '../../core/state.ts';
import type { AttachmentFact, BoundaryFact, InlinePolicyFact, PathFact, TagFact } from '../facts.ts';

export interface TrustFact {
  readonly fact: 'trust';
  readonly before: PolicyDocument | null;
  readonly after: PolicyDocument | null;
}
interface DescriptionFact {
  readonly fact: 'description';
  readonly before: string | null;
  readonly after: string | null;
}
/** Seconds. */
interface SessionFact {
  readonly fact: 'max-session';
  readonly before: number | null;
  readonly after: number | null;
}
/** A policy that ends sessions begun before a time. */
interface RevocationFact {
  readonly fact: 'revocation';
  readonly before: boolean;
  readonly after: boolean;
  /** Of one that is there: ISO 8601. */
  readonly at?: string;
}
/** It is in an instance profile, which hands it to instances. */
interface ProfileFact {
  readonly fact: 'profile';
  readonly profile: string;
  readonly before: boolean;
  readonly after: boolean;
}

export interface RoleFacts {
  object:
    | PathFact
    | DescriptionFact
    | SessionFact
    | TrustFact
    | TagFact
    | InlinePolicyFact
    | AttachmentFact
    | BoundaryFact
    | ProfileFact;
  settings: DescriptionFact | SessionFact;
  trust: TrustFact;
  revocation: RevocationFact;
  tags: TagFact;
  policies: InlinePolicyFact;
  attach: AttachmentFact;
  boundary: BoundaryFact;
}
