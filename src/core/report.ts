import type { DiagnosticCode } from './diagnostics.ts';
import { formatLocation } from './errors.ts';
import type { Diagnostic, Location } from './errors.ts';
import { byText } from './json.ts';
import { didYouMean } from './text.ts';

type Extra = { hint?: string | undefined; related?: Diagnostic['related'] };

/** How many suggestions are searched for in one run: a file full of errors must not take minutes. */
const mostSuggestions = 200;

/** Collects what is wrong in all files, so that everything is told at once. */
export class Report {
  readonly #all = new Map<string, Diagnostic>();
  readonly #suggestions = new Map<string, string | undefined>();
  #errors = 0;
  /** Directory that relative paths are seen from; the process's own where it is empty. */
  readonly cwd: string;

  constructor(cwd = '') {
    this.cwd = cwd;
  }

  get hasErrors(): boolean {
    return this.#errors > 0;
  }

  error(code: DiagnosticCode, at: Location | undefined, message: string, extra: Extra = {}): void {
    this.#add('error', code, at, message, extra);
  }

  warning(code: DiagnosticCode, at: Location | undefined, message: string, extra: Extra = {}): void {
    this.#add('warning', code, at, message, extra);
  }

  /** `kind` names the candidates: each word is searched for once among them. */
  suggest(kind: string, word: string, candidates: Iterable<string>): string | undefined {
    const key = `${kind} ${word}`;
    if (!this.#suggestions.has(key) && this.#suggestions.size < mostSuggestions) {
      this.#suggestions.set(key, didYouMean(word, candidates));
    }
    return this.#suggestions.get(key);
  }

  /** By file, line and column; what names no place comes first. */
  list(): Diagnostic[] {
    return [...this.#all.values()].sort(
      (a, b) =>
        byText(a.at?.file ?? '', b.at?.file ?? '') ||
        (a.at?.line ?? 0) - (b.at?.line ?? 0) ||
        (a.at?.column ?? 0) - (b.at?.column ?? 0) ||
        byText(a.code, b.code) ||
        byText(a.message, b.message),
    );
  }

  /** An alias lets the same text be checked many times over: it is told once. */
  #add(
    severity: Diagnostic['severity'],
    code: DiagnosticCode,
    at: Location | undefined,
    message: string,
    extra: Extra,
  ): void {
    const key = `${at ? formatLocation(at) : ''} ${code} ${message}`;
    if (this.#all.has(key)) return;
    if (severity === 'error') this.#errors += 1;
    this.#all.set(key, {
      severity,
      code,
      message,
      ...(extra.hint === undefined ? {} : { hint: extra.hint }),
      ...(at === undefined ? {} : { at }),
      ...(extra.related === undefined ? {} : { related: extra.related }),
    });
  }
}
