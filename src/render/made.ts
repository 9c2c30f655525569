import type { Made } from '../core/made.ts';
import { clean } from '../core/text.ts';
import type { Colors } from './diagnostics.ts';

/** What an apply made; of a secret where it went, and never what it is. */
export interface MadeObject extends Made {
  /** `encrypted`: to the recipient `to`; `plain`: appended to the file of `--keys-to`; `revealed`: on the terminal. */
  readonly delivered?: {
    readonly how: 'encrypted' | 'plain' | 'revealed';
    readonly path?: string;
    readonly to?: string;
  };
}

/** What an apply made, with what IAM answered. */
export function renderMade(made: readonly MadeObject[], colors: Colors): string {
  if (made.length === 0) return '';
  const lines = made.flatMap((one) => [
    `  ${colors.green('+')} ${titleOf(one, (text) => colors.bold(clean(text)))}`,
    ...factsOf(one).map((text) => `      ${clean(text)}`),
  ]);
  return `\n${[colors.bold('Made:'), ...lines].join('\n')}\n\n`;
}

function titleOf(
  { kind, name, id = '', versionId = '' }: MadeObject,
  bold: (text: string) => string,
): string {
  if (kind === 'access-key') return `access key ${bold(id)} of ${bold(name)}`;
  if (kind === 'login-profile') return `login profile of ${bold(name)}`;
  if (kind === 'policy-version') return `version ${bold(versionId)} of policy ${bold(name)}`;
  return `${clean(kind)} ${bold(name)}`;
}

/** What is of an object: its title says of which, and its id. */
const parts: ReadonlySet<string> = new Set(['access-key', 'login-profile', 'policy-version']);

/** Short lines: an ARN may have hundreds of characters. */
function factsOf({ kind, path, id, arn, versionId, status, createdAt, delivered }: MadeObject): string[] {
  const isObject = !parts.has(kind);
  const facts = [
    ...(path === undefined ? [] : [`path ${path}`]),
    ...(status === undefined ? [] : [`status ${status}`]),
    ...(createdAt === undefined ? [] : [`created ${createdAt}`]),
    ...(isObject && id !== undefined ? [`id ${id}`] : []),
    ...(isObject && versionId !== undefined ? [`version ${versionId}`] : []),
  ];
  return [
    ...(facts.length > 0 ? [facts.join(', ')] : []),
    ...(isObject && arn !== undefined ? [arn] : []),
    ...(delivered ? secretLines(kind, delivered) : []),
  ];
}

function secretLines(kind: string, delivered: NonNullable<MadeObject['delivered']>): string[] {
  const [where, ...more] = deliveredTo(delivered);
  return [`${kind === 'access-key' ? 'secret' : 'password'} ${where}`, ...more];
}

/** A recipient stands by itself: it has 62 characters or more. */
function deliveredTo({ how, path = '', to = '' }: NonNullable<MadeObject['delivered']>): string[] {
  if (how === 'revealed') return ['shown once, on this terminal'];
  return how === 'plain' ? [`in ${path}, in clear`] : [`in ${path}`, `encrypted to ${to}`];
}
