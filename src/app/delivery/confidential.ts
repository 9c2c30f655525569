import { inspect } from 'node:util';

/**
 * A text that is only returned by an explicit call. Printing, logging, JSON and inspection of whatever holds it show a
 * placeholder.
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
