/** Expressions of workflows, as far as ours use them. Source: docs.github.com, "Evaluate expressions in workflows". */

export type Context = { readonly [name: string]: unknown };

/** What became of the steps or jobs before. */
export interface Status {
  readonly failed: boolean;
  readonly cancelled?: boolean;
}

const token = /\s*('(?:[^']|'')*'|[A-Za-z_][\w-]*|\d+|&&|\|\||==|!=|[!().,])/y;

class Parser {
  readonly #tokens: string[] = [];
  readonly #context: Context;
  readonly #status: Status;
  usesStatus = false;

  constructor(text: string, context: Context, status: Status) {
    this.#context = context;
    this.#status = status;
    token.lastIndex = 0;
    for (let end = 0; text.slice(end).trim() !== ''; end = token.lastIndex) {
      const found = token.exec(text);
      if (!found) throw new Error(`cannot read the expression ${text}`);
      this.#tokens.push(found[1]!);
    }
  }

  whole(): unknown {
    const value = this.#or();
    if (this.#tokens.length > 0) throw new Error(`unexpected ${this.#tokens.join(' ')}`);
    return value;
  }

  #or(): unknown {
    let value = this.#and();
    while (this.#take('||')) {
      const right = this.#and();
      value = truthy(value) ? value : right;
    }
    return value;
  }

  #and(): unknown {
    let value = this.#equal();
    while (this.#take('&&')) {
      const right = this.#equal();
      value = truthy(value) ? right : value;
    }
    return value;
  }

  #equal(): unknown {
    const left = this.#unary();
    if (this.#take('==')) return same(left, this.#unary());
    if (this.#take('!=')) return !same(left, this.#unary());
    return left;
  }

  #unary(): unknown {
    if (this.#take('!')) return !truthy(this.#unary());
    if (this.#take('(')) {
      const value = this.#or();
      this.#expect(')');
      return value;
    }
    const first = this.#tokens.shift();
    if (first === undefined) throw new Error('an expression ends early');
    if (first.startsWith("'")) return first.slice(1, -1).replaceAll("''", "'");
    if (/^\d/.test(first)) return Number(first);
    if (first === 'true' || first === 'false') return first === 'true';
    if (this.#take('(')) {
      this.#expect(')');
      return this.#call(first);
    }
    if (!(first in this.#context)) throw new Error(`there is no context ${first} here`);
    let value = this.#context[first];
    while (this.#take('.')) {
      const name = this.#tokens.shift()!;
      value = (value as Context | null | undefined)?.[name];
    }
    return value;
  }

  #call(name: string): boolean {
    this.usesStatus = true;
    const { failed, cancelled = false } = this.#status;
    if (name === 'always') return true;
    if (name === 'success') return !failed && !cancelled;
    if (name === 'failure') return failed && !cancelled;
    if (name === 'cancelled') return cancelled;
    throw new Error(`unknown function ${name}()`);
  }

  #take(sign: string): boolean {
    if (this.#tokens[0] !== sign) return false;
    this.#tokens.shift();
    return true;
  }

  #expect(sign: string): void {
    if (!this.#take(sign)) throw new Error(`${sign} expected before ${this.#tokens.join(' ')}`);
  }
}

const text = (value: unknown): string => {
  if (typeof value === 'string') return value;
  return value === null || value === undefined ? '' : JSON.stringify(value);
};
const truthy = (value: unknown): boolean => !['', 'false', '0'].includes(text(value)) || value === 'false';
const same = (a: unknown, b: unknown): boolean => text(a).toLowerCase() === text(b).toLowerCase();

/** `${{ … }}` in a text. */
export const interpolate = (value: unknown, context: Context): string =>
  text(value).replaceAll(/\$\{\{(.*?)\}\}/gs, (_, expression: string) =>
    text(new Parser(expression, context, { failed: false }).whole()),
  );

/** Whether a step or job runs: without a status function only if all before went well. */
export function condition(expression: unknown, context: Context, status: Status): boolean {
  if (expression === undefined) return !status.failed;
  const parser = new Parser(text(expression), context, status);
  const value = truthy(parser.whole());
  return value && (parser.usesStatus || !status.failed);
}
