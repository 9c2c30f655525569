import { createInterface } from 'node:readline/promises';
import type { Io, Output } from '../app/io.ts';
import { interruptible } from '../aws/interrupt.ts';
import { exitCode, RollcallError } from '../core/errors.ts';
import type { Diagnostic, ExitCode } from '../core/errors.ts';
import type { RailName, RailViolation } from '../core/rails.ts';
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

/** Where a command writes: the product to stdout, everything about how it went to stderr. */
export class Terminal {
  /** For stdout. */
  readonly colors: Colors;
  /** For stderr. */
  readonly errorColors: Colors;
  readonly #io: Io;
  readonly #stderr: Output;
  readonly #quiet: boolean;
  #progress = '';

  /** @param options.stderr takes what would go to the run's own stderr. */
  constructor(io: Io, options: { color?: boolean; quiet?: boolean; stderr?: Output }) {
    const colors = (stream: Output): Colors =>
      createColors(options.color !== false && wantsColors(stream, io.env));
    this.#io = io;
    this.#stderr = options.stderr ?? io.stderr;
    this.colors = colors(io.stdout);
    this.errorColors = colors(this.#stderr);
    this.#quiet = options.quiet === true;
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
    if (!this.#quiet) this.error(...lines);
  }

  error(...lines: readonly string[]): void {
    this.#clear();
    for (const text of lines) this.#stderr.write(rim(`${line(text)}\n`));
  }

  warning(text: string): void {
    this.error(`${this.errorColors.yellow('warning')}: ${text}`);
  }

  tell({ level, lines }: Message): void {
    if (level === 'warning') for (const text of lines) this.warning(text);
    else if (level === 'info') this.info(...lines);
    else this.error(...lines);
  }

  diagnostics(diagnostics: readonly Diagnostic[]): void {
    this.error(...renderDiagnostics(diagnostics, this.errorColors));
  }

  /** Why the rails refuse a plan. */
  refusals(violations: readonly RailViolation[]): void {
    this.error(...renderViolations(violations, this.errorColors));
  }

  /** Overrides that were not needed. Unmentioned, they would soon be taken for needed. */
  unneeded(rails: readonly RailName[]): void {
    for (const rail of rails)
      this.info(`note: --override ${rail} was not needed: the plan does not run into that rail`);
  }

  /** A line that the next line overwrites; only on a terminal. */
  progress(text: string): void {
    const stderr = this.#stderr;
    if (this.#quiet || !stderr.isTTY) return;
    this.#clear();
    this.#progress = line(text).slice(0, (stderr.columns || 80) - 1);
    stderr.write(rim(this.#progress));
  }

  #clear(): void {
    if (this.#progress === '') return;
    this.#stderr.write(rim(control('[2K') + control('[G')));
    this.#progress = '';
  }

  get interactive(): boolean {
    return this.#io.stdin.isTTY === true && this.#stderr.isTTY;
  }

  /** @throws Interrupted once the signal is aborted. */
  async confirm(question: string, signal: AbortSignal): Promise<boolean> {
    this.#clear();
    this.#stderr.write(rim(`${question} `));
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
    this.error(...failureLines(error, this.errorColors));
    return error instanceof RollcallError ? error.exit : exitCode.error;
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
