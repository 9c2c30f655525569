import type { JsonObject } from '../../core/json.ts';
import { clean } from '../../core/text.ts';
import { nestedSections, schemaLine } from './layout.ts';
import { entryLines, flow, scalar } from './yaml.ts';

/** A name to be ignored, and why. */
export interface Ignored {
  readonly name: string;
  readonly reason?: string;
}

interface Settings {
  readonly account: string;
  readonly partition: string;
  /** What an account has one of: keys of `account` beside the id. */
  readonly settings: JsonObject;
  /** True if nothing is declared. Everything is ignored then, so that nothing is removed. */
  readonly empty: boolean;
  /** Only some of the account is declared. What is not is left alone then. */
  readonly isPart: boolean;
  /** By section. */
  readonly ignore: readonly { readonly section: string; readonly ignored: readonly Ignored[] }[];
  /** A group of administrators and the number of its members, for the example. */
  readonly administrators?: { readonly group: string; readonly members: number };
}

/** The file with everything that is not an object: the account, rails and `ignore`. */
export function renderSettings(file: string, settings: Settings): string {
  const { account, partition, settings: single, isPart, administrators } = settings;
  const minimum = administrators ?? { group: 'admins', members: 2 };
  return `${[
    schemaLine(file),
    isPart
      ? '# The account that these files describe some of.'
      : '# The account that these files describe, as it was imported. What is in scope and in no file is removed.',
    ...accountLines(account, single),
    ...(partition === 'aws' ? [] : [`partition: ${partition}`]),
    ...(isPart ? ['', ...manageLines] : []),
    '',
    '# What stops a plan that goes too far.',
    'rails:',
    '  maxRemovals: { percent: 25 }',
    '  # Who is never to be touched, and who must not run out:',
    '  # protect: { users: [break-glass] }',
    `  # minMembers: ${flow({ [minimum.group]: Math.max(1, Math.min(2, minimum.members)) })}`,
    '',
    '# What rollcall leaves alone: names, or patterns with * and ?.',
    ...ignoreSection(settings),
  ].join('\n')}\n`;
}

function ignoreSection({ ignore, empty, isPart }: Settings): string[] {
  const all: Ignored[] = [{ name: '*' }];
  if (isPart) {
    const some = ignore.filter(({ ignored }) => ignored.length > 0);
    if (some.length === 0) return ['ignore: {}'];
    return ['ignore:', ...nestedLines(some)];
  }
  return [
    'ignore:',
    ...(empty ? ['  # There is nothing to declare yet. Narrow these as files take over.'] : []),
    ...nestedLines(
      ignore.map(({ section, ignored }) => ({
        section,
        ignored: empty ? all : ignored,
      })),
    ),
  ];
}

/** The mode in which an account is taken over bit by bit. */
export const manageLines: readonly string[] = [
  '# What rollcall manages: what these files declare, and what they declared once, which is removed when it is taken out.',
  '# Everything else in the account is left alone, and counted. To manage everything, drop this line: then what is in no',
  '# file is removed.',
  'manage: declared',
];

/** Short, where there is nothing but the id. */
function accountLines(account: string, settings: JsonObject): string[] {
  const id = `'${account}' # quoted: a number would lose a leading zero`;
  const lines = Object.entries(settings).flatMap(([key, value]) => entryLines(key, value));
  const key = 'account';
  return lines.length === 0
    ? [`${key}: ${id}`]
    : [`${key}:`, ...[`id: ${id}`, ...lines].map((line) => `  ${line}`)];
}

function nestedLines(ignore: Settings['ignore']): string[] {
  const sections = nestedSections(ignore.map(({ section, ignored }) => [section, ignored] as const));
  return [...sections].flatMap(([top, parts]) => {
    const lines = parts.flatMap(({ rest, content }) => ignoreLines(rest === '' ? top : rest, content));
    if (parts.some(({ rest }) => rest !== '')) {
      if (parts.some(({ content }) => content.some(({ reason }) => reason !== undefined)))
        return [`  ${top}:`, ...lines.map((line) => `  ${line}`)];
      const names = parts.map(({ rest, content }) => [rest, content.map(({ name }) => name)]);
      return entryLines(top, Object.fromEntries(names) as JsonObject).map((line) => `  ${line}`);
    }
    return lines;
  });
}

function ignoreLines(section: string, ignored: readonly Ignored[]): string[] {
  const reasons = ignored.some(({ reason }) => reason !== undefined);
  const line = `  ${section}: [${ignored.map(({ name }) => scalar(name)).join(', ')}]`;
  if (!reasons && line.length < 100) return [line];
  return [`  ${section}:`, ...ignored.flatMap(ignoredLines).map((item) => `    ${item}`)];
}

/** An item of a block list, below the reason for it. */
export const ignoredLines = ({ name, reason }: Ignored): string[] => [
  ...(reason === undefined ? [] : [`# ${clean(reason)}`]),
  `- ${scalar(name)}`,
];
