import type { DiagnosticCode } from './diagnostics.ts';
import { clean } from './text.ts';

/** Exit codes of the command (docs/exit-codes.md). Scripts depend on them. */
export const exitCode = {
  done: 0,
  error: 1,
  pending: 2,
  refused: 3,
  stale: 4,
  partial: 5,
} as const;
export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/**
 * What makes a failed step succeed: another run (`again`), a new plan because the account has moved (`plan`), or
 * somebody who mends something first (`mend`).
 */
export type Remedy = 'again' | 'plan' | 'mend';

/** A place in a manifest. `line` and `column` count from 1; `file` is its path as the user would type it. */
export interface Location {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** One thing wrong (or worth a warning) in the manifests: what, where, and what to do about it. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  /** The rule, such as `unknown-key`; core/diagnostics.ts explains each. */
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly hint?: string;
  readonly at?: Location;
  /** Other places that matter for it, such as the first definition of a duplicate. */
  readonly related?: readonly { readonly message: string; readonly at: Location }[];
}

export const formatLocation = (at: Location): string => `${at.file}:${at.line}:${at.column}`;

/**
 * An error that the user can act on: its message and hint are shown, never its stack. Both may quote other people's
 * names and texts, so line breaks in them are replaced; only a list of messages has several lines.
 */
export class RollcallError extends Error {
  override readonly name = 'RollcallError';
  readonly hint: string | undefined;
  readonly exit: ExitCode;
  readonly diagnostics: readonly Diagnostic[];
  readonly remedy: Remedy;

  constructor(
    message: string | readonly string[],
    options: {
      hint?: string;
      exit?: ExitCode;
      diagnostics?: readonly Diagnostic[];
      remedy?: Remedy;
      cause?: unknown;
    } = {},
  ) {
    super(
      [message].flat().map(clean).join('\n'),
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.hint = options.hint === undefined ? undefined : clean(options.hint);
    this.exit = options.exit ?? exitCode.error;
    this.diagnostics = options.diagnostics ?? [];
    this.remedy = options.remedy ?? 'mend';
  }
}
