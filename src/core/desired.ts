import type { Location } from './errors.ts';
import type { JsonObject } from './json.ts';
import type { Ref } from './references.ts';
import { emptyState } from './state.ts';
import type { AccountState, Tags } from './state.ts';

/** What the manifests say, read and checked: everything that planning needs from them. */
export interface Desired {
  readonly state: AccountState;
  readonly rails: Rails;
  readonly ignore: Ignore;
  readonly manage: Manage;
  /** `removed:` of the manifests: names, by section, of what was declared and is to go. */
  readonly removed: NamesBySection;
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
  /** What files say about things for people, by reference as in `sources`; nothing compares it. */
  readonly about?: ReadonlyMap<Ref, About>;
}

/** Free facts for people: `owner`, `ticket`, `note`, `description`, `x-…`. */
export type About = JsonObject;

/**
 * The manifests as they were at a commit, with which a plan compares what it is made from. `expires` is judged as of
 * now. Nothing may be concluded from a base that could not be read.
 */
export type Base =
  | {
      /** As it was asked for. */
      readonly rev: string;
      /** Its full hash. */
      readonly commit: string;
      /** Places are `REV:path`. Without `files` where the commit had no manifests: it declared nothing. */
      readonly desired: Desired;
    }
  | {
      readonly rev: string;
      /** Why it could not be read, in words that go on after a colon. */
      readonly why: string;
    };

/** Where there are no manifests: nothing is declared, nothing is ignored, no rail is set. */
export const undeclared = ({ account, partition }: Pick<AccountState, 'account' | 'partition'>): Desired => ({
  state: emptyState(account, partition),
  rails: { maxRemovals: {}, protect: {}, minMembers: {}, deny: [] },
  ignore: {},
  manage: {},
  removed: {},
  sources: new Map(),
  hash: '',
  files: [],
  expiring: [],
});

/** Something with an `expires`. What has expired is not in the state. */
export interface Expiring {
  /** As in `sources`: `user:dale`, `user:lorax/groups/admins`, `user:lorax/attach/ARN`. */
  readonly ref: string;
  /** In words: `user "dale"`, `membership of user "lorax" in group "admins"`. */
  readonly what: string;
  /** ISO 8601 in UTC: the last instant at which it counts. */
  readonly at: string;
  readonly expired: boolean;
  /** It does not end then: the other side of the membership declares it without an end. */
  readonly lasts?: true;
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

/** `manage:` of the manifests, by section; a section that is not there is `all`. */
export interface Manage {
  readonly [section: string]: ManageRule;
}

/**
 * What of a section is managed beside what is, or was, declared: all of it, nothing, or what is selected. What is managed
 * and not declared is removed.
 */
export type ManageRule = 'all' | 'declared' | Selection;

/** Objects for which every part that is there holds (core/selection.ts). */
export interface Selection {
  /** Patterns; those that begin with `!` are exceptions. */
  readonly names?: readonly string[];
  /** Paths, each with all below it. */
  readonly paths?: readonly string[];
  readonly tags?: Tags;
}

/** `{ users: ['break-glass'], … }` */
export interface NamesBySection {
  readonly [section: string]: readonly string[];
}
