/**
 * Workflow commands: lines of output that the runner executes. Source: docs.github.com, "Workflow commands for GitHub
 * Actions"; escapes as in actions/toolkit, `command.ts`.
 */
import { randomUUID } from 'node:crypto';
import { objectRef, parseRef, partRef } from '../../core/references.ts';
import { relative, resolve } from 'node:path';
import type { Diagnostic, Location } from '../../core/errors.ts';
import { NameMap } from '../../core/names.ts';
import { comes, declaredAs } from '../../kinds/facts.ts';
import type { Change, Fact, Plan, WordedChange } from '../../kinds/plan.ts';
import type { WordedRule } from '../../kinds/rule.ts';
import { clean, cleanLines } from '../../core/text.ts';

type Level = 'error' | 'warning' | 'notice';

const escapeData = (text: string): string =>
  cleanLines(text.replaceAll('%', '%25').replaceAll('\r', '%0D')).replaceAll('\n', '%0A');

const escapeProperty = (text: string): string =>
  escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');

/** The directories that annotated files are in. */
export interface Checkout {
  /** Annotations name files relative to this directory: the checked-out repository. */
  readonly root?: string | undefined;
  /** Directory that file names are relative to; by default the process's own. */
  readonly cwd?: string;
}

export function annotation(
  level: Level,
  message: string,
  about: Checkout & { readonly title?: string; readonly at?: Location | undefined } = {},
): string {
  const { title, at, root, cwd = '' } = about;
  const properties: [string, string][] = [
    ...(at
      ? ([
          ['file', root === undefined ? at.file : relative(root, resolve(cwd, at.file))],
          ['line', String(at.line)],
          ['col', String(at.column)],
        ] as [string, string][])
      : []),
    ...(title === undefined ? [] : [['title', title] as [string, string]]),
  ];
  const list = properties.map(([name, value]) => `${name}=${escapeProperty(value)}`).join(',');
  return `::${level}${list === '' ? '' : ` ${list}`}::${escapeData(message)}`;
}

export const annotateDiagnostic = (diagnostic: Diagnostic, checkout: Checkout = {}): string =>
  annotation(
    diagnostic.severity,
    [
      diagnostic.message,
      ...(diagnostic.hint ? [`hint: ${diagnostic.hint}`] : []),
      ...(diagnostic.related ?? []).map(
        ({ message, at }) => `${message} (${at.file}:${at.line}:${at.column})`,
      ),
    ]
      .map(clean)
      .join('\n'),
    {
      title: `rollcall: ${diagnostic.code}`,
      at: diagnostic.at,
      ...checkout,
    },
  );

/** GitHub shows ten annotations of a level per step. */
const shown = 10;

/**
 * Notices at the lines of the manifests that cause changes. Changes that give access come first, since GitHub shows
 * only ten.
 */
export function annotateChanges(
  changes: readonly WordedChange[],
  sources: ReadonlyMap<string, Location>,
  checkout: Checkout = {},
): string[] {
  const places = new NameMap(sources);
  const weight = ({ byHand, effect }: WordedChange): number =>
    byHand ? -1 : { widens: 0, unclear: 1, narrows: 2, none: 3 }[effect];
  return [...changes]
    .sort((a, b) => weight(a) - weight(b))
    .flatMap((change) => {
      const effect = change.effect === 'none' ? '' : ` (${change.effect})`;
      const text = clean(`${change.kind} ${change.name}: ${change.summary}${effect}`);
      return placesOf(change, places).map((at) =>
        annotation('notice', text, { title: 'rollcall: plan', at, ...checkout }),
      );
    })
    .slice(0, shown);
}

/** The same for rules that are looser, where the manifests still say something of them. */
export const annotateRules = (rules: readonly WordedRule[], checkout: Checkout = {}): string[] =>
  rules
    .flatMap(({ effect, at, text, reason }) => {
      const [, file, line, column] = /^(.+):(\d+):(\d+)$/.exec(at ?? '') ?? [];
      // A place of the base is in no file that is checked out.
      if (file === undefined || file.includes(':') || effect === 'narrows' || effect === 'none') return [];
      const place = { file, line: Number(line), column: Number(column) };
      const title = 'rollcall: a looser rule';
      return [annotation('notice', clean(`${text} (${reason})`), { title, at: place, ...checkout })];
    })
    .slice(0, shown);

/** A job has no terminal and keeps no file: a secret without a recipient stops its apply before the first write. */
export const annotateUndeliverable = (
  { steps }: Plan,
  sources: ReadonlyMap<string, Location>,
  checkout: Checkout = {},
): string[] =>
  steps.flatMap(({ delivers }) => {
    if (!delivers || delivers.to !== null) return [];
    const at = sources.get(objectRef('user', delivers.user));
    const what = delivers.credential === 'password' ? 'password' : 'access key';
    return [
      annotation(
        'warning',
        `the new ${what} of ${delivers.user} has nowhere to go: apply will refuse\nhint: name a recipient in deliverTo`,
        { title: 'rollcall: plan', at, ...checkout },
      ),
    ];
  });

/** Of a set, where each element that comes is declared, which may be another file than the object's. */
function placesOf(change: WordedChange, sources: NameMap<Location>): Location[] {
  const of = objectRef(change.kind, change.name);
  const facts: readonly Fact[] = change.action === 'update' ? change.facts : [];
  const found = facts.filter(comes).flatMap((fact) => sources.get(declaredAs(fact, of) ?? '') ?? []);
  return found.length > 0 ? found : [placeOf(change, sources) ?? []].flat();
}

/**
 * The most precise place in the manifests: that of the aspect, else of the object. What was removed from the files has
 * none. The plan may spell an inline policy's name as IAM does, so names are compared as IAM compares them.
 */
function placeOf({ id }: Pick<Change, 'id'>, sources: NameMap<Location>): Location | undefined {
  const { kind, name, part } = parseRef(id);
  for (let length = part.length; length >= 0; length -= 1) {
    const at = sources.get(partRef(objectRef(kind, name), ...part.slice(0, length)));
    if (at) return at;
  }
  return undefined;
}

/**
 * While it runs, the runner takes all output for text and never for a workflow command: the names and tags of an
 * account are other people's text.
 */
export async function asText<T>(write: (line: string) => void, work: () => T | Promise<T>): Promise<T> {
  const token = randomUUID();
  write(`::stop-commands::${token}\n`);
  try {
    return await work();
  } finally {
    write(`\n::${token}::\n`);
  }
}
