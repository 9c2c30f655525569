import * as fc from 'fast-check';

/** What Markdown, GitHub, HTML, terminals and browsers act on. */
export const hostileTexts: readonly string[] = [
  '`',
  '``` ```` `````',
  '`'.repeat(100),
  '\n```\n# out\n',
  '~~~\n</code></pre><h1>out</h1>',
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '</details></summary><!-- x --> -->',
  '<!-- rollcall:plan:999999999999 -->',
  '@dale @org/team',
  '#1 GH-2 o/r#3 o/r@8404d39 8404d39ab1ea9bd58d8ab3d7eb9cc8dbb4bbb59e',
  'https://example.com www.example.com me@example.com',
  '[text](https://example.com) ![i](x) [^1] [ ] [x]',
  '| a | b |\n|---|---|\n| c | d |',
  '**b** _i_ ~~s~~ :tada: $x$ $`x`$ ```math',
  '$`', // beside a backtick GitHub reads mathematics
  '- item\n1. item\n# heading\n> quote\n---\n===',
  '\\',
  '\\`',
  '&lt;b&gt; &#96; &amp;',
  '\u202egnp.exe \u2066x\u2069 \u200b\u200d\ufeff\u00ad\u3164',
  '\u0000\u0007\u001b[31mred\u001b[0m\r\n\t\u0085\u2028\u2029',
  '\ud800 lone \udfff',
  ' lead and trail ',
  '   ',
  '',
  'שלום مرحبا',
  '😀👩‍👩‍👧',
  '> [!CAUTION]',
  '"\'; javascript:alert(1)//',
  '{{ x }} ${x} %s',
];

const piece = fc.oneof(
  fc.constantFrom(...hostileTexts),
  fc.constantFrom(
    '`',
    '``',
    '```',
    '~~~',
    '\n',
    '|',
    '<',
    '>',
    '&',
    '@',
    '#',
    '*',
    '_',
    '[',
    ']',
    '(',
    ')',
    '!',
    '-',
  ),
  fc.string({ unit: 'binary', maxLength: 6 }),
  // Halves of surrogate pairs too.
  fc
    .array(fc.integer({ min: 0, max: 0xff_ff }), { maxLength: 6 })
    .map((units) => String.fromCharCode(...units)),
);

/** Anything that a tag, a description, a path or a policy document could hold, and more. */
export const hostile: fc.Arbitrary<string> = fc
  .array(piece, { minLength: 1, maxLength: 6 })
  .map((pieces) => pieces.join('').slice(0, 200));
