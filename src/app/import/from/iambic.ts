import { matches } from '../../../core/glob.ts';
import { byText, isObject } from '../../../core/json.ts';
import type { Json, JsonObject } from '../../../core/json.ts';
import { attachmentRef, labelOf, membershipRef } from '../../../core/references.ts';
import type { Ref } from '../../../core/references.ts';
import type { Identity, PolicyDocument, Tags } from '../../../core/state.ts';
import { field, itemsOf, place, textOf, toJson } from '../../../core/tree.ts';
import type { Node } from '../../../core/tree.ts';
import { Gathering, theAccount } from './reading.ts';
import type { Foreign, ForeignFile, Setting } from './reading.ts';

/** Of an account, as IAMbic's configuration has it. */
interface Account {
  readonly id: string;
  readonly name: string | undefined;
  readonly org: string | undefined;
  readonly variables: ReadonlyMap<string, string>;
}

/** Reads templates of IAMbic. Source of their form: github.com/noqdev/iambic. @throws RollcallError */
export function readIambic(files: readonly ForeignFile[], { account: wanted, partition }: Setting): Foreign {
  const accounts = files.flatMap(({ root }) =>
    typeOf(root) === 'NOQ::Core::Config' ? accountsOf(root) : [],
  );
  const id = theAccount(
    accounts.map((one) => one.id),
    wanted,
  );
  const account = accounts.find((one) => one.id === id) ?? {
    id,
    name: undefined,
    org: undefined,
    variables: new Map([['account_id', id]]),
  };
  const reading = new Iambic(account, partition);
  for (const { root } of files) reading.read(root);
  return reading.all.foreign();
}

const typeOf = (root: Node): string | undefined => textOf(field(root, 'template_type')?.value);

function accountsOf(config: Node): Account[] {
  const aws = field(config, 'aws')?.value;
  return itemsOf(field(aws, 'accounts')?.value).flatMap((one): Account[] => {
    const id = scalar(field(one, 'account_id')?.value);
    if (id === undefined) return [];
    const name = scalar(field(one, 'account_name')?.value);
    const variables = new Map([['account_id', id]]);
    if (name !== undefined) variables.set('account_name', name);
    for (const item of itemsOf(field(one, 'variables')?.value)) {
      const [key, value] = [scalar(field(item, 'key')?.value), scalar(field(item, 'value')?.value)];
      if (key !== undefined && value !== undefined) variables.set(key, value);
    }
    return [{ id, name, org: scalar(field(one, 'org_id')?.value), variables }];
  });
}

/** As written: an account id without quotes is a number to YAML. */
const scalar = (node: Node | undefined): string | undefined =>
  node?.kind === 'scalar' && node.value !== null ? (textOf(node) ?? node.written) : undefined;

/** A variable that the configuration does not have. */
class UnknownVariable extends Error {}

/** What stands at every part of a template. */
const common = [
  'included_accounts',
  'excluded_accounts',
  'included_orgs',
  'excluded_orgs',
  'expires_at',
  'deleted',
];

class Iambic {
  readonly all: Gathering;
  readonly #account: Account;

  constructor(account: Account, partition: string) {
    this.#account = account;
    this.all = new Gathering(account.id, partition);
  }

  read(root: Node): void {
    const type = typeOf(root);
    const reader = readers[type ?? ''];
    if (type === undefined) this.all.leave(root, 'no template of IAMbic: it has no template_type');
    else if (type === 'NOQ::Core::Config') return;
    else if (!this.#isHere(root)) return;
    else if (reader) {
      const deleted = field(root, 'deleted');
      if (deleted && toJson(deleted.value) === true) return;
      try {
        reader(this, root, field(root, 'properties')?.value ?? root);
      } catch (error) {
        if (!(error instanceof UnknownVariable)) throw error;
        this.all.leave(root, `${this.#label(root)}: ${error.message}`);
      }
    } else this.all.leave(root, `${this.#label(root)}: not managed by rollcall (${type})`);
  }

  #label(root: Node): string {
    const written = scalar(field(root, 'identifier')?.value) ?? 'template';
    try {
      return this.fill(written);
    } catch {
      return written;
    }
  }

  /** Whether a part of a template is of the account. */
  #isHere(node: Node): boolean {
    const { id, name, org } = this.#account;
    const names = (key: string): string[] | undefined => {
      const list = field(node, key)?.value;
      return list && (list.kind === 'list' ? list.items : [list]).flatMap((item) => scalar(item) ?? []);
    };
    const any = (patterns: readonly string[], ...texts: (string | undefined)[]): boolean =>
      patterns.some((pattern) => texts.some((text) => text !== undefined && fits(pattern, text)));
    return (
      any(names('included_accounts') ?? ['*'], id, name) &&
      !any(names('excluded_accounts') ?? [], id, name) &&
      (org === undefined ||
        (any(names('included_orgs') ?? ['*'], org) && !any(names('excluded_orgs') ?? [], org)))
    );
  }

  /** The parts of a list that are of the account and not deleted. */
  parts(list: Node | undefined): Node[] {
    const items = list?.kind === 'list' ? list.items : list?.kind === 'map' ? [list] : [];
    return items.filter((item) => {
      const deleted = field(item, 'deleted');
      return this.#isHere(item) && !(deleted && toJson(deleted.value) === true);
    });
  }

  /** @throws UnknownVariable */
  fill(text: string): string {
    const filled = text.replaceAll(
      /\{\{ {0,9}(?:var\.)?([\w-]{1,100}) {0,9}\}\}/g,
      (_, name: string) => this.#account.variables.get(name) ?? _,
    );
    const rest = /\{[{%].{0,60}/.exec(filled);
    if (!rest) return filled;
    const what = /^\{\{.*?\}\}/.exec(rest[0])?.[0] ?? rest[0];
    throw new UnknownVariable(`${what} has no value for account ${this.#account.id}`);
  }

  text(node: Node | undefined, key: string): string | undefined {
    const value = field(node, key)?.value;
    const [part] = value?.kind === 'list' ? this.parts(value) : [value];
    // Where accounts differ, there is a list of mappings with the key again.
    const text = scalar(part?.kind === 'map' ? field(part, key)?.value : part);
    return text === undefined || text === '' ? undefined : this.fill(text);
  }

  /** With all variables filled in. */
  json(node: Node): Json {
    const filled = (value: Json): Json => {
      if (typeof value === 'string') return this.fill(value);
      if (Array.isArray(value)) return (value as readonly Json[]).map(filled);
      if (!isObject(value)) return value;
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [this.fill(key), filled(item)]));
    };
    return filled(toJson(node));
  }

  /** Keeps the last instant of what a reference names; false, and told, if manifests cannot say it. */
  expires(node: Node, ref: Ref | null, what: string): boolean {
    const at = field(node, 'expires_at');
    if (!at || toJson(at.value) === null) return true;
    const instant = instantOf(scalar(at.value) ?? '');
    if (ref !== null && instant !== null) {
      this.all.expiry.set(ref, instant);
      return true;
    }
    this.all.leave(
      at.at,
      instant === null
        ? `${what}: left out, as ${scalar(at.value) ?? 'its end'} is no date (IAMbic turns it into one when it is applied)`
        : `${what}: left out, as manifests cannot say that it ends`,
    );
    return false;
  }

  identity(ref: Ref, named: Pick<Identity, 'name' | 'path'>, properties: Node): Identity {
    const policies: [string, PolicyDocument][] = [];
    for (const item of this.parts(field(properties, 'inline_policies')?.value)) {
      const name = this.text(item, 'policy_name') ?? '';
      const what = `${labelOf(ref)}: inline policy ${name}`;
      if (!this.expires(item, null, what)) continue;
      const document = this.document(item, what);
      if (document) policies.push([name, document]);
    }
    const attachedPolicyArns: string[] = [];
    for (const item of this.parts(field(properties, 'managed_policies')?.value)) {
      const arn = this.text(item, 'policy_arn');
      if (arn === undefined) continue;
      const attachment = attachmentRef(ref, arn);
      if (!this.expires(item, attachment, `${labelOf(ref)}: attached policy ${arn}`)) continue;
      this.all.places.set(attachment, place(item));
      attachedPolicyArns.push(arn);
    }
    return {
      ...named,
      policies: Object.fromEntries(policies),
      attachedPolicyArns: attachedPolicyArns.sort(byText),
    };
  }

  /** A document as IAM writes it; null, and told, if a part of it cannot be said. */
  document(node: Node, what: string): PolicyDocument | null {
    const written = field(node, 'statement')?.value;
    const statements: JsonObject[] = [];
    for (const item of this.parts(written)) {
      if (!this.expires(item, null, `${what}: a statement`)) return null;
      const json = this.json(item);
      if (isObject(json)) statements.push(statementOf(json));
    }
    if (statements.length === 0) {
      this.all.leave(written ?? node, `${what}: it has no statement of this account`);
      return null;
    }
    const version = scalar(field(node, 'version')?.value);
    return { ...(version === undefined ? {} : { Version: version }), Statement: statements };
  }

  tags(ref: Ref, properties: Node): Tags {
    const found: [string, string][] = [];
    for (const item of this.parts(field(properties, 'tags')?.value)) {
      const key = this.text(item, 'key') ?? '';
      if (this.expires(item, null, `${labelOf(ref)}: the tag ${key}`))
        found.push([key, this.text(item, 'value') ?? '']);
    }
    return Object.fromEntries(found);
  }

  /** Tells of keys of a template and of its properties that nothing is made of. */
  leaveOthers(ref: Ref, root: Node, properties: Node, known: readonly string[]): void {
    const ofTemplates = [
      'template_type',
      'template_schema_url',
      'identifier',
      'properties',
      'iambic_managed',
    ];
    this.all.leaveOthers(root, ref, [...common, ...ofTemplates, 'version']);
    this.all.leaveOthers(properties, ref, [...common, ...known]);
  }
}

type Reader = (reading: Iambic, root: Node, properties: Node) => void;

/** By the type of template. */
const readers: Readonly<Record<string, Reader>> = {
  'NOQ::AWS::IAM::User'(reading, root, properties) {
    const { all } = reading;
    const name = reading.text(properties, 'user_name') ?? '';
    const ref = all.begin('user', name, root);
    if (ref === null || !reading.expires(root, ref, labelOf(ref))) return;
    const path = reading.text(properties, 'path') ?? '/';
    const [boundary] = reading.parts(field(properties, 'permissions_boundary')?.value);
    if (boundary && !reading.expires(boundary, null, `${labelOf(ref)} with its permissions boundary`)) return;
    const groups: string[] = [];
    for (const item of reading.parts(field(properties, 'groups')?.value)) {
      const group = reading.text(item, 'group_name') ?? '';
      const membership = membershipRef(name, group);
      if (!reading.expires(item, membership, `${labelOf(ref)}: membership of ${group}`)) continue;
      all.places.set(membership, place(item));
      groups.push(group);
    }
    all.users.set(name, {
      ...reading.identity(ref, { name, path }, properties),
      tags: reading.tags(ref, properties),
      groups,
      boundary: (boundary && reading.text(boundary, 'policy_arn')) ?? null,
    });
    reading.leaveOthers(ref, root, properties, [
      'user_name',
      'path',
      'permissions_boundary',
      'groups',
      'tags',
      'inline_policies',
      'managed_policies',
    ]);
  },

  'NOQ::AWS::IAM::Group'(reading, root, properties) {
    const { all } = reading;
    const name = reading.text(properties, 'group_name') ?? '';
    const ref = all.begin('group', name, root);
    if (ref === null || !reading.expires(root, null, labelOf(ref))) return;
    const path = reading.text(properties, 'path') ?? '/';
    all.groups.set(name, reading.identity(ref, { name, path }, properties));
    reading.leaveOthers(ref, root, properties, ['group_name', 'path', 'inline_policies', 'managed_policies']);
  },

  'NOQ::AWS::IAM::ManagedPolicy'(reading, root, properties) {
    const { all } = reading;
    const name = reading.text(properties, 'policy_name') ?? '';
    const ref = all.begin('policy', name, root);
    if (ref === null || !reading.expires(root, null, labelOf(ref))) return;
    const path = reading.text(properties, 'path') ?? '/';
    const [written] = reading.parts(field(properties, 'policy_document')?.value);
    const document = written && reading.document(written, labelOf(ref));
    if (!document) {
      if (!written) all.leave(properties, `${labelOf(ref)}: it has no document`);
      return;
    }
    const description = reading.text(properties, 'description');
    all.addPolicy({
      name,
      path,
      document,
      ...(description === undefined ? {} : { description }),
      ...(field(properties, 'tags') ? { tags: reading.tags(ref, properties) } : {}),
    });
    reading.leaveOthers(ref, root, properties, [
      'policy_name',
      'path',
      'policy_document',
      'description',
      'tags',
    ]);
  },
};

/** Names and ids of accounts are given as they are, with stars, or as regular expressions: these match all of a text. */
function fits(pattern: string, text: string): boolean {
  const [wanted, given] = [pattern.toLowerCase(), text.toLowerCase()];
  if (wanted === given || matches(wanted, given)) return true;
  // A regular expression of somebody else's may take years; those of letters and `.*` are all that anybody writes.
  return /^[\w.*-]+$/.test(wanted) && matches(wanted.replaceAll('.*', '*').replaceAll('.', '?'), given);
}

/** IAMbic writes elements in lower case, with underscores. */
const pascal = (key: string): string =>
  key
    .split(':')
    .map((part) => part.replaceAll(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase()))
    .join(':');

function statementOf(json: JsonObject): JsonObject {
  const kept = Object.entries(json).filter(([key, value]) => !common.includes(key) && value !== null);
  return Object.fromEntries(
    kept.map(([key, value]) => [
      pascal(key),
      key.toLowerCase() === 'condition' && isObject(value)
        ? Object.fromEntries(Object.entries(value).map(([operator, keys]) => [pascal(operator), keys]))
        : value,
    ]),
  );
}

/**
 * The instant of an `expires_at`: IAMbic takes a date for its first moment in UTC, where manifests take it for its last.
 * Null if it is relative to some day (`in 3 days`).
 */
function instantOf(text: string): string | null {
  const found =
    /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2}(?:\.\d+)?)?\s*(Z|UTC|[+-]\d{2}:\d{2})?)?$/i.exec(
      text.trim(),
    );
  if (!found) return null;
  const [, day, time = '00:00', seconds = ':00', zone = 'Z'] = found;
  const instant = new Date(`${day}T${time}${seconds}${/^(?:z|utc)$/i.test(zone) ? 'Z' : zone}`);
  const exists = new Date(`${day}T00:00:00Z`).toJSON()?.startsWith(day!);
  return Number.isNaN(instant.getTime()) || !exists ? null : instant.toISOString().replace('.000Z', 'Z');
}
