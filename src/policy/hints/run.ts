import { matches } from '../../core/glob.ts';
import { Findings } from '../grammar/findings.ts';
import type { Glob } from '../glob.ts';
import { mayHaveFormat } from './formats.ts';
import type { Services, Takes } from './services.ts';

/** Finds the candidate that a word was probably meant to be. `kind` names the set of candidates. */
export type Suggest = (kind: string, word: string, candidates: Iterable<string>) => string | undefined;

/**
 * Characters compared, about, after which a run looks at no more documents: files made for it would take minutes. All 1,523
 * policies of AWS take a tenth.
 */
const mostWork = 50_000_000;

/** What the documents of one run share: the same actions and resources are in many of them. */
export class Run {
  readonly aws: Services;
  readonly suggest: Suggest;
  readonly #takes = new Map<string, readonly Takes[]>();
  readonly #formats = new Map<string, Map<string, boolean>>();
  #work = 0;

  constructor(aws: Services, suggest: Suggest) {
    this.aws = aws;
    this.suggest = suggest;
  }

  get isSpent(): boolean {
    return this.#work > mostWork;
  }

  /** Whether a resource may be one of those that an action takes. */
  fits(takes: Takes, resource: Glob): boolean {
    const key = `${resource.hasVariable} ${resource.source}`;
    const known = this.#formats.get(key) ?? new Map<string, boolean>();
    this.#formats.set(key, known);
    return takes.some((format) => {
      let fits = known.get(format);
      if (fits === undefined) {
        this.#work += format.length * resource.tokens.length;
        fits = mayHaveFormat(resource, format);
        known.set(format, fits);
      }
      this.#work += 1;
      return fits;
    });
  }

  /** What the actions take that a pattern names, each once. None if there is no such action. */
  takesOf(pattern: string): readonly Takes[] {
    const lower = pattern.toLowerCase();
    let takes = this.#takes.get(lower);
    if (takes === undefined) {
      const [prefix = '', name = ''] = lower.split(':');
      const actions = this.aws.get(prefix)?.actions ?? new Map<string, never>();
      if (/[*?]/.test(name)) this.#work += actions.size * name.length;
      const found = /[*?]/.test(name)
        ? [...actions].flatMap(([other, action]) => (matches(name, other) ? [action] : []))
        : [actions.get(name) ?? []].flat();
      takes = [...new Set(found.map((action) => action.takes))];
      this.#takes.set(lower, takes);
    }
    return takes;
  }
}

/** Of one document. */
export class DocumentHints extends Findings {
  readonly run: Run;

  constructor(run: Run) {
    super();
    this.run = run;
  }
}
