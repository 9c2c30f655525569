import { basename, relative, resolve } from 'node:path';
import { RollcallError } from '../../../core/errors.ts';
import type { Location } from '../../../core/errors.ts';
import { byText, isObject } from '../../../core/json.ts';
import type { Json, JsonObject } from '../../../core/json.ts';
import type { Ref } from '../../../core/references.ts';
import { labelOf, objectRef } from '../../../core/references.ts';
import { Report } from '../../../core/report.ts';
import { emptyState } from '../../../core/state.ts';
import type { AccountState, Group, ManagedPolicy, User } from '../../../core/state.ts';
import { entriesOf, field, place, textOf, toJson } from '../../../core/tree.ts';
import type { Node, Position } from '../../../core/tree.ts';
import { listManifests, portable, readSource } from '../../../manifest/files.ts';
import { readYaml } from '../../../manifest/yaml.ts';

/** Something in the other tool's files that no manifest says, and where it stands. */
export interface Left {
  readonly at: Location;
  readonly text: string;
}

/** What the files of another tool say, in the form in which an account is known. */
export interface Foreign {
  readonly state: AccountState;
  /** Last instants (ISO 8601 in UTC) of users, memberships and attachments, by reference. */
  readonly expiry: ReadonlyMap<Ref, string>;
  /** Where each object stands. */
  readonly places: ReadonlyMap<Ref, Location>;
  readonly left: readonly Left[];
}

/** A YAML file of the other tool. */
export interface ForeignFile {
  /** Relative to the directory above the one that was named, with `/`. */
  readonly name: string;
  readonly root: Node;
}

/**
 * All YAML files below a directory.
 *
 * @throws RollcallError with all errors, if any file cannot be read: it may say who has access.
 */
export async function foreignFiles(dir: string, cwd: string): Promise<ForeignFile[]> {
  const report = new Report(cwd);
  const top = resolve(cwd, dir);
  const files: ForeignFile[] = [];
  for (const path of await listManifests(dir, report)) {
    const source = await readSource(path, report);
    const root = source && readYaml(source, report);
    if (root) files.push({ name: portable(`${basename(top)}/${relative(top, source.path)}`), root });
  }
  if (!report.hasErrors) return files;
  throw new RollcallError(`the files in ${dir} cannot be read: nothing was written`, {
    diagnostics: report.list(),
  });
}

/** Which account is read, and what is known of it. */
export interface Setting {
  /** Undefined: the only one of the files. */
  readonly account: string | undefined;
  readonly partition: string;
}

/** Gathers objects, and what is left out of them. */
export class Gathering {
  readonly users = new Map<string, User>();
  readonly groups = new Map<string, Group>();
  readonly policies = new Map<string, ManagedPolicy>();
  readonly expiry = new Map<Ref, string>();
  /** Also of memberships and attachments. */
  readonly places = new Map<Ref, Location>();
  readonly left: Left[] = [];
  readonly account: string;
  readonly partition: string;

  constructor(account: string, partition: string) {
    this.account = account;
    this.partition = partition;
  }

  leave(at: Position, text: string): void {
    this.left.push({ at: place(at), text });
  }

  /** A managed policy of the account's own. */
  addPolicy(policy: Omit<ManagedPolicy, 'arn'>): void {
    this.policies.set(policy.name, { ...policy, arn: this.policyArn(policy.path, policy.name) });
  }

  /** The reference of an object; null, and told, if there is one of that name already. */
  begin(kind: string, name: string, at: Position): Ref | null {
    const ref = objectRef(kind, name);
    const first = this.places.get(ref);
    if (first) {
      this.leave(at, `${labelOf(ref)}: it is in ${first.file}:${first.line} already, and that is taken`);
      return null;
    }
    this.places.set(ref, place(at));
    return ref;
  }

  /** Tells of keys that nothing is made of. */
  leaveOthers(node: Node, ref: Ref, known: readonly string[]): void {
    for (const { key, at, value } of entriesOf(node)) {
      if (!known.includes(key) && !isNothing(value))
        this.leave(at, `${labelOf(ref)}: ${key} has no counterpart`);
    }
  }

  /** The text of a key; undefined, and told, if there is something else. */
  text(node: Node, key: string, ref: Ref): string | undefined {
    const value = field(node, key)?.value;
    const text = textOf(value);
    if (text === undefined && value && !isNothing(value))
      this.leave(value, `${labelOf(ref)}: ${key} is no text`);
    return text === '' ? undefined : text;
  }

  /** A policy document; null, and told, if it is none. */
  document(node: Node | undefined, at: Position, what: string): JsonObject | null {
    const json = node ? toJson(node) : null;
    if (isObject(json)) return json;
    this.leave(at, `${what}: its document is no mapping`);
    return null;
  }

  foreign(): Foreign {
    const state = {
      ...emptyState(this.account, this.partition),
      users: inOrder(this.users),
      groups: inOrder(this.groups),
      policies: inOrder(this.policies),
    };
    return { state, expiry: this.expiry, places: this.places, left: this.left };
  }

  policyArn(path: string, name: string): string {
    return `arn:${this.partition}:iam::${this.account}:policy${path}${name}`;
  }
}

const inOrder = <T>(objects: ReadonlyMap<string, T>): Map<string, T> =>
  new Map([...objects].sort(([a], [b]) => byText(a, b)));

const isNothing = (node: Node): boolean => {
  const json: Json = toJson(node);
  return (
    json === null ||
    json === '' ||
    json === false ||
    (typeof json === 'object' && Object.keys(json).length === 0)
  );
};

/**
 * The account that is taken, of those that the files are of.
 *
 * @throws RollcallError if that is not clear.
 */
export function theAccount(found: Iterable<string>, wanted: string | undefined): string {
  const all = [...new Set(found)].sort();
  if (wanted !== undefined) {
    if (all.length === 0 || all.includes(wanted)) return wanted;
    throw new RollcallError(`the files are of account ${all.join(', ')}, not of ${wanted}`, {
      hint: 'name the account with --account, or another directory',
    });
  }
  if (all.length === 1) return all[0]!;
  throw new RollcallError(
    all.length === 0
      ? 'the files do not say which account they are of'
      : `the files are of several accounts (${all.join(', ')}), and manifests are of one`,
    { hint: 'name the account: --account 123456789012' },
  );
}
