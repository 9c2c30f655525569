import type { Io, Output } from '../app/io.ts';
import { interruptible } from '../aws/interrupt.ts';
import { builtin } from '../core/builtin.ts';
import { exitCode, RollcallError } from '../core/errors.ts';
import type { Diagnostic, ExitCode } from '../core/errors.ts';
import type { RailName, RailViolation } from '../core/rails.ts';
import { eventLine } from './events.ts';
import type { Told } from './events.ts';
import { control, createColors, line, mistake, rim } from './rim.ts';
import type { Colors } from './rim.ts';
import { renderDiagnostics, renderViolations } from '../render/diagnostics.ts';

export type { Colors } from './rim.ts';

/**
 * Colours are for terminals. Not even the log of a CI gets them, unless `FORCE_COLOR` asks for them. See no-color.org.
 */
function wantsColors({ isTTY }: Output, { NO_COLOR, FORCE_COLOR, TERM }: NodeJS.ProcessEnv): boolean {
  if (NO_COLOR) return false;
  if (FORCE_COLOR) return FORCE_COLOR !== '0';
  return isTTY && TERM !== 'dumb';
}

/** What goes to people beside the product. */
export interface Message {
  readonly level: 'info' | 'warning' | 'error';
  readonly lines: readonly string[];
}

/** How far a run is: a line that is rewritten, lines now and then, events, or nothing. */
type Shows = 'live' | 'lines' | 'events' | 'nothing';

/** Where a command writes: the product to stdout, everything about how it went to stderr. */
export class Terminal {
  /** For stdout. */
  readonly colors: Colors;
  /** For stderr. */
  readonly errorColors: Colors;
  readonly #io: Io;
  readonly #stderr: Output;
  readonly #quiet: boolean;
  readonly #events: boolean;
  #progress = '';

  /** @param options.stderr takes what would go to the run's own stderr, but for events. */
  constructor(io: Io, options: { color?: boolean; quiet?: boolean; jsonEvents?: boolean; stderr?: Output }) {
    const colors = (stream: Output): Colors =>
      createColors(options.color !== false && wantsColors(stream, io.env));
    this.#io = io;
    this.#events = options.jsonEvents === true;
    this.#stderr = (this.#events ? undefined : options.stderr) ?? io.stderr;
    this.colors = colors(io.stdout);
    this.errorColors = this.#events ? createColors(false) : colors(this.#stderr);
    this.#quiet = options.quiet === true;
  }

  get shows(): Shows {
    if (this.#events) return 'events';
    if (this.#quiet) return 'nothing';
    return this.#stderr.isTTY && this.#io.env['TERM'] !== 'dumb' ? 'live' : 'lines';
  }

  /** For programs; nothing where nobody asked for events. */
  event(event: Told): void {
    if (this.#events) this.#stderr.write(eventLine(event, this.#io.now()));
  }

  /** Text of several lines of our own. Whatever they quote has been cleaned. */
  product(text: string): void {
    this.#clear();
    this.#io.stdout.write(rim(text));
  }

  /** A line of the product. */
  line(text: string): void {
    this.product(`${line(text)}\n`);
  }

  /** Output for a tool, byte for byte, into a pipe or file. On a terminal it is cleaned like all other text. */
  patch(text: string): void {
    this.#clear();
    const { stdout } = this.#io;
    stdout.write(stdout.isTTY ? rim(text) : text);
  }

  /** Lines for people, left out with `--quiet`. */
  info(...lines: readonly string[]): void {
    if (!this.#quiet) this.#write('info', lines);
  }

  error(...lines: readonly string[]): void {
    this.#write('error', lines);
  }

  warning(text: string): void {
    this.#write('warning', [this.#events ? text : `${this.errorColors.yellow('warning')}: ${text}`]);
  }

  tell({ level, lines }: Message): void {
    if (level === 'warning') for (const text of lines) this.warning(text);
    else if (level === 'info') this.info(...lines);
    else this.error(...lines);
  }

  #write(level: Message['level'], lines: readonly string[]): void {
    this.#clear();
    if (lines.length === 0) return;
    this.event({ type: 'message', level, text: lines.join('\n') });
    if (!this.#events) for (const text of lines) this.#stderr.write(rim(`${line(text)}\n`));
  }

  diagnostics(diagnostics: readonly Diagnostic[]): void {
    for (const { severity: level, message: text, ...more } of this.#events ? diagnostics : [])
      this.event({ type: 'message', level, text, ...more });
    if (!this.#events) this.error(...renderDiagnostics(diagnostics, this.errorColors));
  }

  /** Why the rails refuse a plan. */
  refusals(violations: readonly RailViolation[]): void {
    for (const { message: text, ...more } of this.#events ? violations : [])
      this.event({ type: 'message', level: 'error', text, ...more });
    if (!this.#events) this.error(...renderViolations(violations, this.errorColors));
  }

  /** Overrides that were not needed. Unmentioned, they would soon be taken for needed. */
  unneeded(rails: readonly RailName[]): void {
    for (const rail of rails)
      this.info(`note: --override ${rail} was not needed: the plan does not run into that rail`);
  }

  /** Characters that a line of progress may have: in the last column a terminal would begin another line. */
  get room(): number {
    return (this.#stderr.columns || 80) - 1;
  }

  /** A line that the next line overwrites; only on a terminal. */
  progress(text: string): void {
    if (this.shows !== 'live') return;
    this.#clear();
    this.#progress = line(text).slice(0, this.room);
    this.#stderr.write(rim(this.#progress));
  }

  /** It is over. */
  endProgress(): void {
    this.#clear();
  }

  #clear(): void {
    if (this.#progress === '') return;
    this.#stderr.write(rim(control('[2K') + control('[G')));
    this.#progress = '';
  }

  get interactive(): boolean {
    return this.#io.stdin.isTTY === true && this.#stderr.isTTY && !this.#events;
  }

  /** @throws Interrupted once the signal is aborted. */
  async confirm(question: string, signal: AbortSignal): Promise<boolean> {
    this.#clear();
    this.#stderr.write(rim(`${question} `));
    // Loaded when it is needed: most commands ask nothing.
    const { createInterface } = builtin('node:readline/promises');
    const reader = createInterface({ input: this.#io.stdin, terminal: false });
    // If the input ends, the question would stay open for ever.
    const closed = new Promise<string>((done) => reader.on('close', () => done('')));
    try {
      const answered = (): Promise<string> => Promise.race([reader.question(''), closed]);
      return (await interruptible(signal, answered)).trim() === 'yes';
    } finally {
      reader.close();
    }
  }

  /**
   * Shows an error: what is wrong and what to do. An error in rollcall itself is shown with its stack, to be reported.
   */
  failure(error: unknown): ExitCode {
    if (this.#events) this.#failureEvents(error);
    else this.error(...failureLines(error, this.errorColors));
    return error instanceof RollcallError ? error.exit : exitCode.error;
  }

  #failureEvents(error: unknown): void {
    const isOurs = error instanceof RollcallError;
    this.diagnostics(isOurs ? error.diagnostics : []);
    const text = isOurs ? error.message : mistake(error);
    const hint = isOurs && error.hint !== undefined ? { hint: error.hint } : {};
    this.event({ type: 'message', level: 'error', text, ...hint });
  }
}

/** An error in lines, the diagnostics that it carries before it. */
export function failureLines(error: unknown, colors: Colors): string[] {
  if (!(error instanceof RollcallError)) return mistake(error).split('\n');
  return [
    ...renderDiagnostics(error.diagnostics, colors),
    ...`${colors.red('error')}: ${error.message}`.split('\n'),
    ...(error.hint ? [`  ${colors.cyan('hint')}: ${error.hint}`] : []),
  ];
}
