import type { DiagnosticCode } from './diagnostics.ts';
import { formatLocation } from './errors.ts';
import type { Diagnostic, Location } from './errors.ts';
import { byText } from './json.ts';
import { didYouMean } from './text.ts';

type Extra = { hint?: string | undefined; related?: Diagnostic['related'] };

/** How many suggestions are searched for in a run, so that a file full of errors does not take minutes. */
const mostSuggestions = 200;

/** Collects all errors and warnings, so that they are shown together. */
export class Report {
  readonly #all = new Map<string, Diagnostic>();
  readonly #suggestions = new Map<string, string | undefined>();
  #errors = 0;
  /** Directory that relative paths are resolved against; the process's own if it is empty. */
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

  /** `kind` names the set of candidates, in which each word is searched for only once. */
  suggest(kind: string, word: string, candidates: Iterable<string>): string | undefined {
    const key = `${kind} ${word}`;
    if (!this.#suggestions.has(key) && this.#suggestions.size < mostSuggestions) {
      this.#suggestions.set(key, didYouMean(word, candidates));
    }
    return this.#suggestions.get(key);
  }

  /**
   * Sorted by file, line and column; those without a place come first. A warning that is the same in many places has
   * one cause, and is one: a list of hundreds would hide the others.
   */
  list(): Diagnostic[] {
    const inOrder = [...this.#all.values()].sort(
      (a, b) =>
        byText(a.at?.file ?? '', b.at?.file ?? '') ||
        (a.at?.line ?? 0) - (b.at?.line ?? 0) ||
        (a.at?.column ?? 0) - (b.at?.column ?? 0) ||
        byText(a.code, b.code) ||
        byText(a.message, b.message),
    );
    const same = new Map<string, Diagnostic[]>();
    for (const one of inOrder) {
      const cause = `${one.code} ${one.severity} ${one.message}`;
      const seen = same.get(cause);
      if (seen) seen.push(one);
      else same.set(cause, [one]);
    }
    return inOrder.flatMap((one) => {
      if (one.severity === 'error') return one;
      const [first, ...others] = same.get(`${one.code} ${one.severity} ${one.message}`)!;
      return one === first ? together(first, others) : [];
    });
  }

  /** Through aliases the same text may be checked many times; it is reported once. */
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

/** The places of a warning that are shown beside its own. */
const mostPlaces = 2;

function together(first: Diagnostic, others: readonly Diagnostic[]): Diagnostic {
  if (others.length === 0) return first;
  const places = others.slice(0, mostPlaces).flatMap(({ at }) => at ?? []);
  return {
    ...first,
    message: `${first.message} (in ${others.length + 1} places)`,
    related: [...(first.related ?? []), ...places.map((at) => ({ message: 'also here', at }))],
  };
}
