import { exitCode, formatLocation, RollcallError } from '../core/errors.ts';
import type { Diagnostic } from '../core/errors.ts';
import type { Desired } from '../core/desired.ts';
import { nameMatcher } from '../core/glob.ts';
import { didYouMean, listWords, plural, quote } from '../core/text.ts';
import {
  documentPaths,
  mentionsOf,
  openManifests,
  remove,
  renamedFrom,
  userNames,
} from '../manifest/edit/index.ts';
import type { ManifestFile, Mention } from '../manifest/edit/index.ts';
import { readSource } from '../manifest/files.ts';
import type { LoadOptions } from '../manifest/index.ts';
import { readYaml } from '../manifest/yaml.ts';
import { Report } from '../core/report.ts';
import type { Source } from '../core/tree.ts';
import { editOf } from './edits.ts';
import type { FileEdit } from './edits.ts';
import { requireManifests } from './manifests.ts';

/** People taken out of the manifests; nothing is written yet. */
export interface Offboarding {
  readonly names: readonly string[];
  readonly edits: readonly FileEdit[];
  /** What a reviewer should also look at. */
  readonly warnings: readonly string[];
  /** A plan must be told that they were declared, or takes them for strangers. */
  readonly needsBase: boolean;
}

/**
 * Takes people out of every manifest that names them: either all of them or none.
 *
 * @throws RollcallError for manifests with errors, for unknown names, and (exit 3) for protected ones.
 */
export async function prepareOffboarding(
  dir: string,
  wanted: readonly string[],
  load: LoadOptions = {},
): Promise<Offboarding> {
  const names = [...new Set(wanted)];
  const { desired } = await requireManifests(dir, { ...load, allowEmpty: true });
  const files = await openManifests(dir, load.cwd);
  const mentions = new Map(
    names.map((name) => [name, files.flatMap((file) => mentionsOf(file, name, names))]),
  );
  refuse(desired, files, mentions);

  const edited = files.map((file): Edited => {
    const targets = [...mentions.values()]
      .flat()
      .filter(({ source, role }) => source === file.source && isTaken(role))
      .map(({ target }) => target);
    return { before: file, after: targets.length > 0 ? remove(file.source, targets) : file.source };
  });
  const documents = await otherFiles(desired, files, load.cwd);
  return {
    names,
    needsBase: !managesAll(desired),
    edits: edited
      .filter(({ before, after }) => before.source !== after)
      .map(({ before, after }) => editOf(before.source, after)),
    warnings: [
      ...nothingLeft(desired, files, names),
      ...brokenMinimums(desired, names),
      ...oldNames(files, names),
      ...unusedDocuments(edited, documents),
      ...leftOver([...edited.map(({ after }) => after), ...documents], names),
    ],
  };
}

interface Edited {
  readonly before: ManifestFile;
  readonly after: Source;
}

const taken: ReadonlySet<Mention['role']> = new Set(['entry', 'member', 'trusted', 'excepted']);
const isTaken = (role: Mention['role']): boolean => taken.has(role);

/** Reports everything that is wrong with the names at once. */
function refuse(
  desired: Desired,
  files: readonly ManifestFile[],
  mentions: ReadonlyMap<string, readonly Mention[]>,
): void {
  const known = files.flatMap(userNames);
  const isIgnored = nameMatcher(desired.ignore.users ?? []);
  const diagnostics = [...mentions].flatMap(([name, found]): Diagnostic[] => {
    const guards = found.filter(({ role }) => role === 'protected');
    if (guards.length > 0) {
      return guards.map(({ at }) => ({
        severity: 'error',
        code: 'protected',
        message: `the user ${quote(name)} is protected by rails.protect.users`,
        hint: 'if they are to leave, take the name out of there first, in a change of its own',
        at,
      }));
    }
    if (found.some(({ role }) => role === 'entry')) return [];
    const renamed = found.find(({ role }) => role === 'renamed-from');
    return [
      {
        severity: 'error',
        code: 'unknown-user',
        message: `no file declares a user ${quote(name)}`,
        ...hint(name, renamed, isIgnored(name), managesAll(desired), known),
        ...(renamed ? { at: renamed.at } : {}),
      },
    ];
  });
  if (diagnostics.length === 0) return;
  const isProtected = diagnostics.some(({ code }) => code === 'protected');
  throw new RollcallError('nobody was offboarded: no file was changed', {
    exit: isProtected ? exitCode.refused : exitCode.error,
    diagnostics,
  });
}

function hint(
  name: string,
  renamed: Mention | undefined,
  ignored: boolean,
  all: boolean,
  known: readonly string[],
): { hint?: string } {
  if (renamed) return { hint: `${renamed.what} is renamed from it: offboard them by their new name` };
  if (ignored) return { hint: 'ignore.users names it: rollcall leaves it alone; narrow the pattern first' };
  const near = didYouMean(name, known);
  if (near !== undefined) return { hint: near };
  return all ? {} : { hint: 'if it was, and is to go, name it under removed.users' };
}

/** Whether whoever is in no file goes, and nothing has to tell that they were declared. */
const managesAll = ({ manage }: Desired): boolean => (manage['users'] ?? 'all') === 'all';

/** Users who have expired are declared, too. */
function nothingLeft(desired: Desired, files: readonly ManifestFile[], names: readonly string[]): string[] {
  const left = files.flatMap(userNames).filter((name) => !names.includes(name));
  const { groups, policies } = desired.state;
  const isAll = groups.size + policies.size === 0;
  // Where everything is managed, the plan that is shown says it of users.
  if (left.length > 0 || (!isAll && managesAll(desired))) return [];
  return [
    `${isAll ? 'nothing' : 'no user'} is declared any more: plan and apply refuse that, unless --override empty-manifest says that it is meant`,
  ];
}

/** Groups that will have fewer members than `rails.minMembers` requires, so that the plan will be refused. */
function brokenMinimums({ state, rails }: Desired, names: readonly string[]): string[] {
  return Object.entries(rails.minMembers).flatMap(([group, least]) => {
    const members = [...state.users.values()].filter(({ groups }) => groups.includes(group));
    const left = members.filter(({ name }) => !names.includes(name));
    if (left.length === members.length || left.length >= least) return [];
    return [
      `group ${quote(group)} is left with ${plural(left.length, 'member')}; rails.minMembers wants ${least}: ` +
        'the plan will be refused until somebody joins it',
    ];
  });
}

/** A rename may not have been applied yet; IAM then has the person under the old name. */
const oldNames = (files: readonly ManifestFile[], names: readonly string[]): string[] =>
  files
    .flatMap((file) => renamedFrom(file, 'users'))
    .filter(({ name }) => names.includes(name))
    .map(
      ({ name, from }) =>
        `user ${quote(name)} was renamed from ${quote(from)}: if that is not applied yet, the plan offboards ${quote(from)}`,
    );

/** Files of policy documents that only the people used who leave. */
function unusedDocuments(edited: readonly Edited[], documents: readonly Source[]): string[] {
  const named = (side: (file: Edited) => ManifestFile): Set<string> =>
    new Set(edited.flatMap((file) => documentPaths(side(file))));
  const after = named(({ after: source, before }) => {
    const root = source === before.source ? before.root : readYaml(source, new Report());
    return root ? { source, root } : before;
  });
  const before = named((file) => file.before);
  return documents
    .filter(({ path }) => before.has(path) && !after.has(path))
    .map(({ name }) => `no manifest names ${name} any more: remove the file`);
}

/** The most places that are listed of a name that stays in a file. */
const mostPlaces = 5;

/** The texts of policy documents in files of their own. */
async function otherFiles(
  { files }: Desired,
  manifests: readonly ManifestFile[],
  cwd?: string,
): Promise<Source[]> {
  const known = new Set(manifests.map(({ source }) => source.name));
  const report = new Report(cwd);
  const sources = files.filter((file) => !known.has(file)).map((file) => readSource(file, report));
  return (await Promise.all(sources)).flatMap((source) => source ?? []);
}

/**
 * Comments, descriptions and policy documents that still name a person. Whether they should is for the editor to
 * decide.
 */
function leftOver(sources: readonly Source[], names: readonly string[]): string[] {
  return names.flatMap((name) => {
    const literal = name.replace(/[.+^${}()|[\]\\*?]/g, String.raw`\$&`);
    // A name ends at any character that IAM names cannot have. A full stop or comma ends it too, unless a letter
    // or digit follows.
    const word = new RegExp(String.raw`(?<![\w+=@-]|\w[.,])${literal}(?![\w+=@-]|[.,]\w)`, 'g');
    const places = sources.flatMap((source) =>
      [...source.text.matchAll(word)].map(({ index }) => formatLocation(source.locate(index))),
    );
    if (places.length === 0) return [];
    const more = places.length - mostPlaces;
    const shown = more > 0 ? [...places.slice(0, mostPlaces), `${more} more`] : places;
    return [`the text ${quote(name)} is still there: ${listWords(shown, 'and')}`];
  });
}
