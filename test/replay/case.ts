import type { Call, Shape, Wait } from '../conformance/row.ts';

/** What AWS answered, as it was learnt from its recording: every field, or the error with its text. */
export type Expected =
  { readonly ok: Shape } | { readonly error: string; readonly status: number; readonly message: string };

export const error = (code: string, status: number, message: string): Expected => ({
  error: code,
  status,
  message,
});

export interface Step extends Call {
  /** The name under which AWS's answer to such a call was recorded; a call without it only prepares. */
  readonly entry?: string;
  readonly expected?: Expected;
  /** Why the sandbox's answer is not the recorded one. */
  readonly differs?: string;
}

/** Calls of our own that lead to the answers of one recorded test. */
export interface Case {
  /** The recorded test, by class and name. */
  readonly test: string;
  readonly steps: readonly (Step | Wait)[];
}
