/**
 * Sentences in which names are told from our own words: each name stands between two marks, so that a page can show it as
 * code. The marks are noncharacters, which no text of IAM's holds and no name can forge.
 */
const [open, close] = ['\uFDD0', '\uFDD1'];
const marks = /[\uFDD0\uFDD1]/g;

/** A name, an action, an ARN, a value: what is other people's in a sentence. */
export const mark = (name: string): string => `${open}${name.replaceAll(marks, '')}${close}`;

/** The sentence as text. */
export const plain = (marked: string): string => marked.replaceAll(marks, '');

interface Piece {
  readonly text: string;
  readonly isName: boolean;
}

export const piecesOf = (marked: string): Piece[] =>
  marked
    .split(open)
    .flatMap((part, index): Piece[] => {
      if (index === 0) return [{ text: part, isName: false }];
      const [name = '', ...rest] = part.split(close);
      return [
        { text: name, isName: true },
        { text: rest.join(''), isName: false },
      ];
    })
    .filter(({ text, isName }) => isName || text !== '');
