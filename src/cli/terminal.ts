import { createInterface } from 'node:readline/promises';
import { isatty } from 'node:tty';
import { interruptible } from '../aws/interrupt.ts';
import { exitCode, RollcallError } from '../core/errors.ts';
import type { Diagnostic, ExitCode } from '../core/errors.ts';
import type { RailName, RailViolation } from '../core/rails.ts';
import { control, createColors, line, mistake, writeRaw } from './rim.ts';
import type { Colors } from './rim.ts';
import { renderDiagnostics, renderViolations } from '../render/terminal.ts';

export type { Colors } from './rim.ts';

/** Colours are for terminals: not even a CI's log gets them, unless `FORCE_COLOR` asks. See no-color.org. */
function wantsColors(stream: { readonly fd: number }): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR) return false;
  if (FORCE_COLOR) return FORCE_COLOR !== '0';
  return isatty(stream.fd) && TERM !== 'dumb';
}

/** Where a command writes: the product to stdout, everything about how it went to stderr. */
export class Terminal {
  /** For stdout. */
  readonly colors: Colors;
  /** For stderr. */
  readonly errorColors: Colors;
  readonly #quiet: boolean;
  #progress = '';

  constructor(options: { color?: boolean; quiet?: boolean }) {
    const colors = (stream: { readonly fd: number }): Colors =>
      createColors(options.color !== false && wantsColors(stream));
    this.colors = colors(process.stdout);
    this.errorColors = colors(process.stderr);
    this.#quiet = options.quiet === true;
  }

  /** Text of several lines, which are ours: what they quote is clean. */
  product(text: string): void {
    this.#clear();
    process.stdout.write(text);
  }

  /** A line of the product. */
  line(text: string): void {
    this.product(`${line(text)}\n`);
  }

  /** What is for a tool, byte for byte: through a pipe or into a file. A terminal gets it as all else. */
  patch(text: string): void {
    this.#clear();
    if (isatty(process.stdout.fd)) process.stdout.write(text);
    else writeRaw(process.stdout, text);
  }

  /** Lines for people; `--quiet` silences them. */
  info(...lines: readonly string[]): void {
    if (!this.#quiet) this.error(...lines);
  }

  error(...lines: readonly string[]): void {
    this.#clear();
    for (const text of lines) process.stderr.write(`${line(text)}\n`);
  }

  warning(text: string): void {
    this.error(`${this.errorColors.yellow('warning')}: ${text}`);
  }

  diagnostics(diagnostics: readonly Diagnostic[]): void {
    this.error(...renderDiagnostics(diagnostics, this.errorColors));
  }

  /** Why a plan is not to be applied. */
  refusals(violations: readonly RailViolation[]): void {
    this.error(...renderViolations(violations, this.errorColors));
  }

  /** Overrides that nobody needs are soon taken for needed. */
  unneeded(rails: readonly RailName[]): void {
    for (const rail of rails)
      this.info(`note: --override ${rail} was not needed: the plan does not run into that rail`);
  }

  /** A line that the next one overwrites; only on a terminal. */
  progress(text: string): void {
    if (this.#quiet || !process.stderr.isTTY) return;
    this.#clear();
    this.#progress = line(text).slice(0, (process.stderr.columns || 80) - 1);
    process.stderr.write(this.#progress);
  }

  #clear(): void {
    if (this.#progress === '') return;
    process.stderr.write(control('[2K') + control('[G'));
    this.#progress = '';
  }

  get interactive(): boolean {
    return isatty(process.stdin.fd) && isatty(process.stderr.fd);
  }

  /** @throws Interrupted once the signal is aborted. */
  async confirm(question: string, signal: AbortSignal): Promise<boolean> {
    const reader = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
    // The end of input leaves the question open.
    const closed = new Promise<string>((done) => reader.on('close', () => done('')));
    try {
      const answered = (): Promise<string> => Promise.race([reader.question(`${question} `), closed]);
      return (await interruptible(signal, answered)).trim() === 'yes';
    } finally {
      reader.close();
    }
  }

  /** Shows an error as what is wrong and what to do; a mistake of our own with its stack, to be reported. */
  failure(error: unknown): ExitCode {
    const red = this.errorColors.red('error');
    if (error instanceof RollcallError) {
      this.diagnostics(error.diagnostics);
      this.error(...`${red}: ${error.message}`.split('\n'));
      if (error.hint) this.error(`  ${this.errorColors.cyan('hint')}: ${error.hint}`);
      return error.exit;
    }
    this.error(...mistake(error).split('\n'));
    return exitCode.error;
  }
}
