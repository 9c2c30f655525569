import { describe, expect, test } from 'vitest';
import { mark, piecesOf, plain } from '../../src/core/marked.ts';
import { htmlProse, markdownProse, wrapped } from '../../src/render/prose.ts';

const sentence = `${mark('ben_dubois')} and ${mark('a`b')} may also ${mark('s3:*')} on ${mark('*')}`;

describe('names in a sentence are told from our own words', () => {
  test('as code in Markdown and HTML, as text in a terminal', () => {
    expect(markdownProse(sentence)).toBe('`ben_dubois` and ``a`b`` may also `s3:*` on `*`');
    expect(htmlProse(sentence, (text) => text.toUpperCase())).toBe(
      '<code>BEN_DUBOIS</code> AND <code>A`B</code> MAY ALSO <code>S3:*</code> ON <code>*</code>',
    );
    expect(plain(sentence)).toBe('ben_dubois and a`b may also s3:* on *');
  });

  test('our own words are no markup, and no name forges a mark', () => {
    expect(markdownProse('a *b* <c> [d](e) @f')).toBe(String.raw`a \*b\* \<c\> \[d\](e) \@f`);
    expect(piecesOf(mark('a\uFDD1 @b \uFDD0c'))).toEqual([{ text: 'a @b c', isName: true }]);
  });

  test('what is too long says how much is missing, and breaks no name’s code and no character', () => {
    expect(markdownProse(sentence, 5)).toBe('`ben_d` … (32 characters more)');
    expect(markdownProse(mark('a😀b'), 2)).toBe('`a` … (2 characters more)');
  });
});

describe('a long sentence in a terminal', () => {
  const long = `${mark('dale')} and ${mark('lorax')} may also ${mark('cloudformation:CreateStack')} and ${mark('iam:PassRole')} on ${mark('arn:aws:iam::123456789012:role/deploy')} if ${mark('StringEquals')} ${mark('aws:RequestedRegion')} ${mark('eu-central-1')}`;

  test('breaks at 80 columns, by meaning', () => {
    expect(wrapped(long, 15, 15)).toEqual([
      'dale and lorax may also cloudformation:CreateStack',
      'and iam:PassRole on arn:aws:iam::123456789012:role/deploy',
      'if StringEquals aws:RequestedRegion eu-central-1',
    ]);
  });

  test('loses nothing, and breaks no name', () => {
    const name = 'x'.repeat(120);
    expect(wrapped(`a ${mark(name)}, b`, 6, 6)).toEqual(['a', `${name},`, 'b']);
    expect(wrapped(`it has ${mark('two words')} `.repeat(12), 6, 6).join(' ')).toBe(
      'it has two words '.repeat(12).trim(),
    );
  });
});
