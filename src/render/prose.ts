/** Sentences with marked names (core/marked.ts), as each format shows them. */
import { codeSpan } from '../core/markdown.ts';
import { piecesOf, plain } from '../core/marked.ts';
import { plural } from '../core/text.ts';

/** What GitHub Flavored Markdown reads as markup in the middle of a line. */
const markup = /[\\`*_~<>&[\]|$#@]/g;

/** Names as code, our own words as prose in which nothing is markup; after so many characters, how many more there are. */
export function markdownProse(marked: string, most = Number.POSITIVE_INFINITY): string {
  const { length } = plain(marked);
  let left = most;
  const told = piecesOf(marked).flatMap(({ text, isName }) => {
    const start = startOf(text, left);
    left -= start.length;
    if (start === '' && text !== '') return [];
    return [isName ? codeSpan(start) : start.replaceAll(markup, String.raw`\$&`)];
  });
  return `${told.join('')}${length > most ? ` … (${plural(length - most, 'character')} more)` : ''}`;
}

/** No half of a character that takes two. */
function startOf(text: string, most: number): string {
  if (text.length <= most) return text;
  return text.slice(0, /[\ud800-\udbff]/.test(text[most - 1] ?? '') ? most - 1 : Math.max(0, most));
}

/** @param escape other people's text as the text of an element. */
export const htmlProse = (marked: string, escape: (text: string) => string): string =>
  piecesOf(marked)
    .map(({ text, isName }) => (isName ? `<code>${escape(text)}</code>` : escape(text)))
    .join('');

/** Width of a terminal's line that all can read. */
export const columns = 80;

/**
 * Lines of at most `columns`, where no name is longer: broken where the sense has a joint (a list's comma, `on`, `if`,
 * `and`), else at a space. Names are never broken.
 */
export function wrapped(marked: string, first: number, rest: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of wordsOf(marked)) {
    const room = columns - (lines.length === 0 ? first : rest);
    if (line !== '' && line.length + word.length > room) {
      const at = jointOf(line);
      lines.push(line.slice(0, at).trimEnd());
      line = line.slice(at).trimStart();
    }
    line += word;
  }
  return [...lines, line.trimEnd()];
}

/** Each with the white space behind it. A name is one word, whatever it holds. */
function wordsOf(marked: string): string[] {
  const words: string[] = [];
  for (const { text, isName } of piecesOf(marked)) {
    const [head = '', ...tail] = isName ? [text] : (text.match(/\s+|\S+\s*/g) ?? []);
    // What stands close behind a name, such as a comma, stays with it.
    const isClose = words.length > 0 && !/\s$/.test(words.at(-1)!);
    words.push(isClose ? `${words.pop()!}${head}` : head, ...tail);
  }
  return words;
}

/** Where the last part of a line that makes sense alone begins; its end where there is none in its second half. */
function jointOf(line: string): number {
  const joints = [...line.matchAll(/(?<=[,;:] )|(?= (?:on|if|for|and|by|through|except) )/g)].map(
    ({ index }) => index,
  );
  return joints.findLast((at) => at > line.length / 2 && at < line.trimEnd().length) ?? line.length;
}
