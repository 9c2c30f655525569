import type { Io } from '../app/io.ts';
import { shownJson } from '../core/text.ts';
import type { Event } from './event-schema.ts';

type WithoutTime<E> = E extends unknown ? Omit<E, 'time'> : never;

/** What happened, for programs. */
export type Told = WithoutTime<Event>;

/** Known before the command line is parsed, since errors in it are told, too. */
export const wantsEvents = (argv: readonly string[]): boolean => argv.includes('--json-events');

/** A line of `--json-events`. */
export const eventLine = ({ type, ...fields }: Told, now: Date): string =>
  `${shownJson({ type, time: now.toISOString(), ...fields }, 0)}\n`;

export const tellEvent = ({ stderr, now }: Pick<Io, 'stderr' | 'now'>, event: Told): void =>
  stderr.write(eventLine(event, now()));
