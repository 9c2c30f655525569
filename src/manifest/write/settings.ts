import { clean } from '../../core/text.ts';
import { schemaLine } from './layout.ts';
import { flow, scalar } from './yaml.ts';

/** A name to be ignored, and why. */
export interface Ignored {
  readonly name: string;
  readonly reason?: string;
}

interface Settings {
  readonly account: string;
  readonly partition: string;
  /** True if nothing is declared. Everything is ignored then, so that nothing is removed. */
  readonly empty: boolean;
  readonly ignore: Readonly<Record<'users' | 'groups' | 'policies' | 'roles', readonly Ignored[]>>;
  /** A group of administrators and the number of its members, for the example. */
  readonly administrators?: { readonly group: string; readonly members: number };
}

/** The file with everything that is not an object: the account, rails and `ignore`. */
export function renderSettings(file: string, settings: Settings): string {
  const { account, partition, empty, ignore, administrators } = settings;
  const minimum = administrators ?? { group: 'admins', members: 2 };
  const all: Ignored[] = [{ name: '*' }];
  return `${[
    schemaLine(file),
    `# The account that these files describe, as it was imported. What is in scope and in no file is removed.`,
    `account: '${account}' # quoted: a number would lose a leading zero`,
    ...(partition === 'aws' ? [] : [`partition: ${partition}`]),
    '',
    '# What stops a plan that goes too far.',
    'rails:',
    '  maxRemovals: { percent: 25 }',
    '  # Who is never to be touched, and who must not run out:',
    '  # protect: { users: [break-glass] }',
    `  # minMembers: ${flow({ [minimum.group]: Math.max(1, Math.min(2, minimum.members)) })}`,
    '',
    '# What rollcall leaves alone: names, or patterns with * and ?.',
    'ignore:',
    ...(empty ? ['  # There is nothing to declare yet. Narrow these as files take over.'] : []),
    ...ignoreLines('users', empty ? all : ignore.users),
    ...ignoreLines('groups', empty ? all : ignore.groups),
    ...ignoreLines('policies', empty ? all : ignore.policies),
    ...(ignore.roles.length === 0 ? [] : ['  # Roles are not managed yet.']),
    ...ignoreLines('roles', ignore.roles),
  ].join('\n')}\n`;
}

function ignoreLines(kind: string, ignored: readonly Ignored[]): string[] {
  const reasons = ignored.some(({ reason }) => reason !== undefined);
  const line = `  ${kind}: [${ignored.map(({ name }) => scalar(name)).join(', ')}]`;
  if (!reasons && line.length < 100) return [line];
  return [`  ${kind}:`, ...ignored.flatMap(ignoredLines).map((item) => `    ${item}`)];
}

/** An item of a block list, below the reason for it. */
export const ignoredLines = ({ name, reason }: Ignored): string[] => [
  ...(reason === undefined ? [] : [`# ${clean(reason)}`]),
  `- ${scalar(name)}`,
];
