import { IamError } from './errors.ts';

/** `Tags.member.1.Key=x` as a tree: one node per dotted part. */
export interface Node {
  value: string | undefined;
  children: Map<string, Node> | undefined;
}

/** More parts than any input of IAM has: deeper keys are an attack. */
const maxDepth = 12;
const maxParameters = 10_000;

/** Parses `application/x-www-form-urlencoded`. Throws MalformedQueryString. */
export function parseQuery(text: string): Map<string, string> {
  const parameters = new Map<string, string>();
  if (text === '') return parameters;
  const copy = text.length > 10_000 ? detached : (part: string): string => part;
  const pairs = text.split('&');
  if (pairs.length > maxParameters) {
    throw new IamError('MalformedQueryString', `The query string has more than ${maxParameters} parameters.`);
  }
  for (const pair of pairs) {
    if (pair === '') continue;
    const at = pair.indexOf('=');
    const key = copy(decode(at === -1 ? pair : pair.slice(0, at)));
    parameters.set(key, at === -1 ? '' : copy(decode(pair.slice(at + 1))));
  }
  return parameters;
}

/**
 * A copy of the text. V8 keeps a part of a text as a view of the whole, so a name in the state would keep its whole
 * request in memory.
 */
export const detached = (text: string): string => (text.length > 12 ? Buffer.from(text).toString() : text);

function decode(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  if (!spaced.includes('%')) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    throw new IamError('MalformedQueryString', 'The query string contains a syntax error.');
  }
}

/** Groups parameters by the dots in their names. */
export function toTree(parameters: ReadonlyMap<string, string>): Node {
  const root: Node = { value: undefined, children: undefined };
  for (const [key, value] of parameters) {
    const parts = key.split('.');
    if (parts.length > maxDepth) {
      throw new IamError('MalformedQueryString', 'The query string contains a parameter nested too deeply.');
    }
    let node = root;
    for (const part of parts) {
      node.children ??= new Map();
      let child = node.children.get(part);
      if (!child) {
        child = { value: undefined, children: undefined };
        node.children.set(part, child);
      }
      node = child;
    }
    node.value = value;
  }
  return root;
}
