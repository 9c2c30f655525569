/** Patterns as machines that read a text letter by letter. */
import type { Glob } from '../policy/glob.ts';
import { remember } from './remember.ts';

/** Stands for every letter that no pattern has. */
const anyOther = '\u0000';
const isOpen = (token: string): boolean => token === '*' || token.length > 1;

/** A text that a pattern matches, and others only if they must. */
export const exampleOf = ({ tokens }: Glob): string[] =>
  tokens.map((token) => (token === '?' || isOpen(token) ? anyOther : token));

export interface State {
  /** Places in the pattern: before which token. */
  readonly at: readonly number[];
  readonly isEnd: boolean;
  readonly isDead: boolean;
  readonly next: Map<string, number>;
}

const automatons = new WeakMap<Glob, Map<null, Automaton>>();
export const automatonOf = (glob: Glob): Automaton =>
  remember(automatons, glob, null, () => new Automaton(glob.tokens));

/** A pattern as a machine that is in one state after each text; states are made as they are met, the first is 0. */
class Automaton {
  readonly letters: ReadonlySet<string>;
  readonly states: State[] = [];
  readonly #tokens: Glob['tokens'];
  readonly #numbers = new Map<string, number>();

  constructor(tokens: Glob['tokens']) {
    this.#tokens = tokens;
    this.letters = new Set([anyOther, ...tokens.filter((token) => token !== '?' && !isOpen(token))]);
    this.#number([0]);
  }

  step(state: number, letter: string): number {
    const { at, next } = this.states[state]!;
    const known = this.letters.has(letter) ? letter : anyOther;
    const found = next.get(known) ?? this.#number(at.flatMap((place) => this.#after(place, known)));
    next.set(known, found);
    return found;
  }

  #after(place: number, letter: string): readonly number[] {
    const token = this.#tokens[place];
    if (token === undefined) return [];
    if (isOpen(token)) return [place];
    return token === '?' || token === letter ? [place + 1] : [];
  }

  #number(places: readonly number[]): number {
    const all = new Set(places);
    for (const place of all) {
      const token = this.#tokens[place];
      if (token !== undefined && isOpen(token)) all.add(place + 1);
    }
    const at = [...all].sort((a, b) => a - b);
    const key = at.join();
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const isEnd = all.has(this.#tokens.length);
    this.#numbers.set(key, this.states.length);
    return this.states.push({ at, isEnd, isDead: at.length === 0, next: new Map() }) - 1;
  }
}
