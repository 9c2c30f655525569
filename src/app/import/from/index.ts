import { resolve } from 'node:path';
import { awsPolicyArn, policyArnParts } from '../../../core/arn.ts';
import { exitCode, RollcallError } from '../../../core/errors.ts';
import { byText, isObject } from '../../../core/json.ts';
import type { Json } from '../../../core/json.ts';
import { attachmentRef, labelOf, membershipRef, objectRef, parseRef } from '../../../core/references.ts';
import type { Ref } from '../../../core/references.ts';
import type { AccountState, Identity, User } from '../../../core/state.ts';
import { kinds } from '../../../kinds/index.ts';
import type { References } from '../../../kinds/index.ts';
import { policyReference } from '../../../kinds/to-manifest.ts';
import type { LoadOptions } from '../../../manifest/index.ts';
import type { Layout } from '../../../manifest/write/index.ts';
import type { FileEdit } from '../../edits.ts';
import { editsFor, outside, tryOut } from '../edits.ts';
import { fileNamer } from '../files.ts';
import type { Known } from '../known.ts';
import { select } from '../selection.ts';
import type { Selection, Wanted } from '../selection.ts';
import { additionsToManifest } from '../to-manifest.ts';
import type { Additions } from '../to-manifest.ts';
import { readIambic } from './iambic.ts';
import { readIamy } from './iamy.ts';
import { foreignFiles } from './reading.ts';
import type { Foreign, Left } from './reading.ts';

/** Tools whose files are read. */
const readers = { iamy: readIamy, iambic: readIambic } as const;
export type Tool = keyof typeof readers;

interface ConversionOptions {
  readonly tool: Tool;
  /** Of the other tool's files. */
  readonly source: string;
  readonly dir: string;
  readonly layout: Layout;
  readonly account?: string;
  readonly wanted?: Wanted;
  readonly load?: LoadOptions;
}

/** Manifests made from the files of another tool. Nothing is written yet. */
export interface Converted {
  readonly account: string;
  readonly edits: readonly FileEdit[];
  readonly added: Additions['added'];
  /** What the files say and the manifests do not. */
  readonly left: readonly Left[];
  /** Declared before, and so kept. */
  readonly declared: readonly Ref[];
  readonly selection: Selection | null;
}

/**
 * Makes manifests of the files of another tool, as far as they can say the same. No call is made.
 *
 * @throws RollcallError for files that cannot be read, or that are of another account than the manifests (exit 3).
 */
export async function prepareConversion(all: Known, options: ConversionOptions): Promise<Converted> {
  const { tool, source, dir, layout, wanted, load = {} } = options;
  const files = await foreignFiles(source, load.cwd ?? '');
  const { account: declared, partition = 'aws' } = all.desired?.state ?? {};
  const read = readers[tool](files, { account: options.account ?? declared, partition });
  if (declared !== undefined && read.state.account !== declared) {
    throw new RollcallError(
      `the files in ${source} are read for account ${read.state.account}, but the manifests are for ${declared}`,
      { exit: exitCode.refused, hint: 'name another --manifests directory, or --account' },
    );
  }
  const firm = withoutLoose(read, all);
  const selection = wanted ? select(firm.state, all, wanted) : null;
  const known = selection ? { ...all, isIgnored: outside(all, selection) } : all;
  const { additions, foreign } = settle(firm, known, {
    layout,
    nameFile: fileNamer(resolve(load.cwd ?? '', dir)),
  });
  const { unsaid, ...rest } = additions;
  const edits = await editsFor({ ...rest, unsaid: {} }, foreign.state, known, { dir, load, isPart: true });
  await tryOut(known, resolve(load.cwd ?? '', dir), edits, load, () => Promise.resolve([]));
  const placed = (kind: string, name: string, text: string): Left => ({
    at: foreign.places.get(objectRef(kind, name))!,
    text: `${labelOf(objectRef(kind, name))}: ${text}`,
  });
  return {
    account: read.state.account,
    edits,
    added: additions.added,
    left: [
      ...foreign.left,
      ...Object.values(unsaid).flatMap((findings) =>
        findings.map(({ kind, name, text }) => placed(kind, name, `left out: ${text}`)),
      ),
      ...additions.notes.map(({ kind, name, text }) => placed(kind, name, text)),
    ].sort((a, b) => byText(a.at.file, b.at.file) || a.at.line - b.at.line),
    declared: [...foreign.places.keys()].filter((ref) => {
      const { kind, name, part } = parseRef(ref);
      return part.length === 0 && all.declared(kind, name) !== undefined;
    }),
    selection,
  };
}

/** Without memberships and attachments of what is neither in the files nor in the manifests. */
function withoutLoose(foreign: Foreign, known: Known): Foreign {
  const { state } = foreign;
  const left = [...foreign.left];
  const drop = (ref: Ref, of: Ref, text: string): false => {
    left.push({ at: foreign.places.get(ref) ?? foreign.places.get(of)!, text: `${labelOf(of)}: ${text}` });
    return false;
  };
  const isKnown = (arn: string): boolean => {
    const parts = policyArnParts(arn);
    if (!parts) return false;
    if (parts.account === 'aws') return arn === awsPolicyArn(state.partition, parts.name, parts.path);
    if (parts.account !== state.account) return false;
    return state.policies.get(parts.name)?.arn === arn || known.declared('policy', parts.name) !== undefined;
  };
  const attached = <T extends Identity>(kind: string, identity: T): T => {
    const of = objectRef(kind, identity.name);
    return {
      ...identity,
      attachedPolicyArns: identity.attachedPolicyArns.filter(
        (arn) =>
          isKnown(arn) ||
          drop(attachmentRef(of, arn), of, `attached policy ${arn} left out: it is in no file that was read`),
      ),
    };
  };
  const user = (one: User): User => ({
    ...attached('user', one),
    groups: one.groups.filter(
      (group) =>
        state.groups.has(group) ||
        known.declared('group', group) !== undefined ||
        drop(
          membershipRef(one.name, group),
          objectRef('user', one.name),
          `membership of ${group} left out: the group is in no file that was read`,
        ),
    ),
  });
  return {
    ...foreign,
    state: {
      ...state,
      users: mapped(state.users, user),
      groups: mapped(state.groups, (one) => attached('group', one)),
    },
    left,
  };
}

const mapped = <T>(objects: ReadonlyMap<string, T>, change: (one: T) => T): Map<string, T> =>
  new Map([...objects].map(([name, one]) => [name, change(one)]));

/** What no manifest can say goes, and then what refers to it, until the rest can be said. */
function settle(
  foreign: Foreign,
  known: Known,
  options: Pick<Parameters<typeof additionsToManifest>[2], 'layout' | 'nameFile'>,
): { additions: Additions; foreign: Foreign } {
  const additions = additionsToManifest(foreign.state, known, { ...options, complete: completing(foreign) });
  const { groups = [], policies = [] } = additions.unsaid;
  if (groups.length + policies.length === 0) return { additions, foreign };
  const without = <T>(objects: ReadonlyMap<string, T>, names: readonly { readonly name: string }[]) =>
    new Map([...objects].filter(([one]) => !names.some(({ name }) => name === one)));
  const state: AccountState = {
    ...foreign.state,
    groups: without(foreign.state.groups, groups),
    policies: without(foreign.state.policies, policies),
  };
  const left = [...groups, ...policies].map(({ kind, name, text }): Left => {
    const ref = objectRef(kind, name);
    return { at: foreign.places.get(ref)!, text: `${labelOf(ref)}: left out: ${text}` };
  });
  return settle(withoutLoose({ ...foreign, state, left: [...foreign.left, ...left] }, known), known, options);
}

/** Puts the last instants into the entries. */
const completing =
  ({ expiry }: Foreign) =>
  (ref: Ref, value: Json, references: References): Json => {
    if (!isObject(value)) return value;
    const { kind: of, name } = parseRef(ref);
    const own = expiry.get(ref);
    const timed = (items: Json | undefined, key: string, instants: ReadonlyMap<string, string>): Json[] =>
      ((items ?? []) as readonly string[]).map((item) => {
        const expires = instants.get(item);
        return expires === undefined ? item : { [key]: item, expires };
      });
    const { live } = references;
    const object = kinds
      .find((kind) => kind.name === of)
      ?.of(live)
      .get(name) as Partial<User> | undefined;
    const groups = new Map<string, string>();
    for (const group of object?.groups ?? []) {
      const at = expiry.get(membershipRef(name, group));
      if (at !== undefined) groups.set(references.declared('group', group) ?? group, at);
    }
    const attached = new Map<string, string>();
    for (const arn of object?.attachedPolicyArns ?? []) {
      const at = expiry.get(attachmentRef(ref, arn));
      const written = policyReference(arn, references);
      if (at !== undefined && written !== null) attached.set(written, at);
    }
    const entries = Object.entries(value).map(([key, item]): [string, Json] => {
      if (key === 'groups') return [key, timed(item, 'name', groups)];
      return key === 'attach' ? [key, timed(item, 'policy', attached)] : [key, item];
    });
    return { ...Object.fromEntries(entries), ...(own === undefined ? {} : { expires: own }) };
  };
