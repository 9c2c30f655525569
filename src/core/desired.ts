import type { Location } from './errors.ts';
import type { Ref } from './references.ts';
import type { AccountState } from './state.ts';

/** What the manifests say, read and checked: everything that planning needs from them. */
export interface Desired {
  readonly state: AccountState;
  readonly rails: Rails;
  readonly ignore: Ignore;
  /**
   * Where things are declared, by reference: `user:melvins`, `group:admins`, `policy:read-reports`, and parts of them
   * such as `user:melvins/policies/allow_access_houdini`, `user:lorax/groups/admins`, `group:admins/attach/ARN`.
   */
  readonly sources: ReadonlyMap<string, Location>;
  /** SHA-256 (hex) over names and bytes of all files read, referenced documents included. */
  readonly hash: string;
  /** All files read, as the user would name them, in text order. */
  readonly files: readonly string[];
  /** Everything with an `expires`, in text order of `ref`. */
  readonly expiring: readonly Expiring[];
}

/** Something with an `expires`. What has expired is not in the state. */
export interface Expiring {
  /** As in `sources`: `user:dale`, `user:lorax/groups/admins`, `user:lorax/attach/ARN`. */
  readonly ref: string;
  /** In words: `user "dale"`, `membership of user "lorax" in group "admins"`. */
  readonly what: string;
  /** ISO 8601 in UTC: the last instant at which it counts. */
  readonly at: string;
  readonly expired: boolean;
}

/** `rails:` of the manifests. Exact names, not patterns. */
export interface Rails {
  /** By section: `users`, …; also `memberships`, of users who stay, and `percent`. */
  readonly maxRemovals: { readonly [section: string]: number };
  readonly protect: NamesBySection;
  /** Least number of members by group. */
  readonly minMembers: Readonly<Record<string, number>>;
  readonly deny: readonly Denied[];
}

/** A danger that no plan may bring to anybody. */
export interface Denied {
  /** As in `deniedBy` (access/denied.ts). */
  readonly danger: string;
  /** Who may have it all the same: users as they are declared, roles in any case. */
  readonly except: readonly Ref[];
}

/** `ignore:` of the manifests: glob patterns (`*`, `?`) of names that rollcall leaves alone. */
export type Ignore = NamesBySection;

/** `{ users: ['break-glass'], … }` */
export interface NamesBySection {
  readonly [section: string]: readonly string[];
}
