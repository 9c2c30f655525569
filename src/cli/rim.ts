import pc from 'picocolors';
import { builtin } from '../core/builtin.ts';
import { clean, cleanLines } from '../core/text.ts';

export type Colors = ReturnType<typeof pc.createColors>;

/**
 * Stands for the escape character of our own control sequences until they are written. It is random, so no other text
 * can contain it. Made for the first sequence: many runs write none, and Node's crypto takes a while to load.
 */
let own: string | undefined;
const mark = (): string => (own ??= `\u001b${builtin('node:crypto').randomUUID()}`);

/** The parts of a text between control sequences of our own. */
const between = (text: string): string[] => (own === undefined ? [text] : text.split(own));

/** A control sequence of our own, which `rim` lets through. */
export const control = (sequence: string): string => mark() + sequence;

/** Colours whose sequences `rim` lets through. */
export function createColors(enabled: boolean): Colors {
  const colors = pc.createColors(enabled);
  if (!enabled) return colors;
  const marked = Object.entries(colors).map(([name, paint]) => {
    if (typeof paint !== 'function') return [name, paint];
    const [open = '', close = ''] = paint('\0').replaceAll('\u001b', mark()).split('\0');
    return [name, (text: string | number | null | undefined) => `${open}${text}${close}`];
  });
  return Object.fromEntries(marked) as Colors;
}

/** Text that is safe to write: its only control characters are our own sequences, line feeds and tabs. */
export const rim = (text: string): string => between(text).map(cleanLines).join('\u001b');

/** One line, whatever it quotes: no line break of other people's text survives. */
export const line = (text: string): string => between(text).map(clean).join(own);

/** An error in rollcall itself, as users should report it: where it happened, and its message in one line. */
export function mistake(error: unknown): string {
  const [said, trace] =
    error instanceof Error ? [`${error.name}: ${error.message}`, error.stack ?? ''] : [String(error), ''];
  const places = trace.split('\n').filter((text) => text.startsWith('    at '));
  return ['error: rollcall failed in a way it should not; please report this:', line(said), ...places].join(
    '\n',
  );
}
