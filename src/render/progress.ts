/** How far a run is, in words: one line while it runs, and a table of what became of its changes. */
import { deniesAccess } from '../core/plan.ts';
import type { Step } from '../core/plan.ts';
import type { Progress, Slowed } from '../core/progress.ts';
import { clean, listWords } from '../core/text.ts';
import { kinds } from '../kinds/index.ts';
import type { Change } from '../kinds/plan.ts';
import { counted, grouped } from './sections.ts';

/**
 * `12 of 260 steps, 1 failed, about 4 min left, IAM slows PutUserPolicy to 3/s, 9.5 calls/s, 10 in flight`. The most
 * important comes first, and what does not fit is left out or said shorter.
 */
export function progressLine(progress: Progress, columns = Infinity): string {
  const [head, ...parts] = [...partsOf(progress)];
  const line = parts.reduce((line, wordings) => {
    const fits = wordings.find((text) => line.length + text.length + 2 <= columns);
    return fits === undefined ? line : `${line}, ${fits}`;
  }, head![0]);
  return clean(line);
}

/** Each in words, and in fewer words. */
function* partsOf(progress: Progress): Generator<[string, ...string[]], undefined> {
  const { steps, reading, calls, inFlight, slowed, perSecond, secondsLeft } = progress;
  if (steps) {
    yield [`${grouped(steps.done)} of ${counted(steps.total, 'step')}`];
    if (steps.failed > 0) yield [`${grouped(steps.failed)} failed`];
  } else {
    const open = reading.filter(({ done, total }) => done < total);
    const texts = open.map(({ what, done, total }) => `${what}: ${grouped(done)} of ${grouped(total)}`);
    yield [texts.length > 0 ? `reading ${texts.join(', ')}` : 'reading the account …'];
  }
  if (secondsLeft !== null && secondsLeft > 0) yield [`about ${aboutSeconds(secondsLeft)} left`];
  if (slowed.length > 0) yield [slowedText(slowed), 'IAM is throttling'];
  if (!steps && calls > 0) yield [counted(calls, 'call')];
  if (perSecond !== null) yield [`${rate(perSecond)} ${rate(perSecond) === '1' ? 'call' : 'calls'}/s`];
  if (inFlight > 0) yield [`${inFlight} in flight`];
}

/** `IAM slows PutUserPolicy to 3/s and 2 more operations`: the one on which most calls wait. */
function slowedText(slowed: readonly Slowed[]): string {
  const [most, ...others] = [...slowed].sort((a, b) => b.waiting - a.waiting || a.rate - b.rate);
  const more = others.length > 0 ? ` and ${counted(others.length, 'more operation')}` : '';
  return `IAM slows ${most!.op} to ${rate(most!.rate)}/s${more}`;
}

/** `9.5`, `12` */
const rate = (perSecond: number): string =>
  perSecond < 9.95 ? String(Math.round(perSecond * 10) / 10) : grouped(Math.round(perSecond));

/** Rounded, since nobody knows it better: `10 s`, `4 min`, `2 h`. */
function aboutSeconds(seconds: number): string {
  if (seconds < 85) return `${Math.ceil(seconds / 10) * 10} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.ceil(minutes / 60)} h`;
}

/** `0.8 s`, `42 s`, `1 min 4 s` */
function duration(seconds: number): string {
  if (seconds < 9.95) return `${Math.round(seconds * 10) / 10} s`;
  const whole = Math.round(seconds);
  const rest = whole % 60 > 0 ? ` ${whole % 60} s` : '';
  return whole < 60 ? `${whole} s` : `${grouped(Math.floor(whole / 60))} min${rest}`;
}

/** What became of the steps of a plan. */
interface Course {
  readonly changes: readonly Change[];
  readonly results: readonly {
    readonly step: Step;
    readonly status: 'done' | 'failed' | 'refused' | 'skipped';
    readonly at: string;
  }[];
  /** When the first step began. */
  readonly began: Date;
  readonly seconds: number;
  /** Made for it, retries included. */
  readonly calls: number;
  /** How long IAM throttled, and what. */
  readonly throttled: { readonly seconds: number; readonly ops: readonly string[] };
}

/** A row for each kind of change, then what all came to. */
export function courseLines({ changes, results, began, seconds, calls, throttled }: Course): string[] {
  const after = (at: string): number => Math.max(0, (Date.parse(at) - began.getTime()) / 1000);
  const lastOf = (all: Course['results']): number =>
    all.reduce((last, { at }) => Math.max(last, after(at)), 0);
  const denied = results.filter(({ step, status }) => deniesAccess(step) && status === 'done');
  const byChange = groups(results, ({ step }) => step.change);
  const rows = [...groups(changes, labelOf)].flatMap(([label, ofLabel]) => {
    const all = ofLabel.map(({ id }) => byChange.get(id) ?? []).filter(({ length }) => length > 0);
    const having = (...statuses: string[]): number =>
      all.filter((steps) => statuses.some((one) => steps.some(({ status }) => status === one))).length;
    if (all.length === 0) return [];
    const failed = having('failed');
    const skipped = having('failed', 'skipped') - failed;
    const done = all.length - failed - skipped;
    return [[label, ...[done, failed, skipped].map(grouped), duration(lastOf(all.flat()))]];
  });
  const ops = throttled.ops.length > 3 ? [counted(throttled.ops.length, 'operation')] : throttled.ops;
  const slow =
    throttled.ops.length > 0
      ? `; IAM slowed ${listWords(ops, 'and')} down for ${duration(throttled.seconds)}`
      : '';
  return [
    ...table([['', 'done', 'failed', 'not run', 'ended after'], ...rows]),
    ...(denied.length > 0
      ? [`Everything denied to ${counted(denied.length, 'user')} after ${duration(lastOf(denied))}.`]
      : []),
    `${counted(calls, 'call')} in ${duration(seconds)}${slow}.`,
  ];
}

const labelOf = ({ kind: name, action }: Change): string => {
  const kind = kinds.find((one) => one.name === name)!;
  return `${action} ${kind.only === undefined ? kind.plural : kind.name}`;
};

function groups<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const found = new Map<string, T[]>();
  for (const item of items) {
    const group = found.get(keyOf(item));
    if (group) group.push(item);
    else found.set(keyOf(item), [item]);
  }
  return found;
}

/** Numbers stand to the right. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((text, column) => (column === 0 ? text.padEnd(widths[0]!) : text.padStart(widths[column]!)))
      .join('  ')
      .trimEnd(),
  );
}
