import { inspect } from 'node:util';

/**
 * A text that shows itself only where it is asked for by name: printing, logging, JSON and inspection of
 * whatever holds it give a placeholder.
 */
export class Confidential {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  expose(): string {
    return this.#text;
  }

  toString(): string {
    return placeholder;
  }

  toJSON(): string {
    return placeholder;
  }

  [inspect.custom](): string {
    return placeholder;
  }
}

const placeholder = '[confidential]';
