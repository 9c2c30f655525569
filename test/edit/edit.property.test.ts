import { diffArrays } from 'diff';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { addEntries, remove } from '../../src/manifest/edit/index.ts';
import type { Json, JsonObject } from '../../src/core/json.ts';
import { rootOf, sourceOf, targetOf } from './support.ts';

type Path = readonly (string | number)[];

/** A value as it may be written: in which style, with which comments. */
type Written =
  | { kind: 'scalar'; text: string }
  | { kind: 'map' | 'list'; flow: boolean; members: Member[]; trailing: boolean; spread: boolean };
interface Member {
  key: string;
  value: Written;
  above: string[];
  beside: string;
  below: string;
}

const scalars = [
  'a',
  '"q # not"',
  "'it''s'",
  '12',
  'null',
  '""',
  'two words',
  'a#b',
  '"x\\ny"',
  "','",
  "'{'",
  '2027-01-31',
  '~',
];
const keys = ['dale', 'lorax', 'buzzo', 'melvins', '"on"', "'123'", '"="', '"a b"'];
const keyText = (key: string): string => key.replace(/^["']|["']$/g, '');

const comment = fc.constantFrom('', '', '', '# c', '#\ttab', '# "quoted: {" ,]');
const member = (value: fc.Arbitrary<Written>): fc.Arbitrary<Omit<Member, 'key'>> =>
  fc.record({
    value,
    above: fc.array(fc.constantFrom('', '# above', '#\tx: y'), { maxLength: 3 }),
    beside: comment,
    below: comment,
  });

const written: fc.Arbitrary<Written> = fc.letrec<{ value: Written }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(...scalars).map((text): Written => ({ kind: 'scalar', text })),
    collection(tie('value')),
  ),
})).value;

function collection(value: fc.Arbitrary<Written>): fc.Arbitrary<Written> {
  return fc
    .record({
      kind: fc.constantFrom('map' as const, 'list' as const),
      flow: fc.boolean(),
      trailing: fc.boolean(),
      spread: fc.boolean(),
      names: fc.shuffledSubarray(keys, { minLength: 3, maxLength: 3 }),
      members: fc.array(member(value), { minLength: 1, maxLength: 3 }),
    })
    .map(({ names, members, ...rest }) => ({
      ...rest,
      members: members.map((one, index) => ({ key: names[index]!, ...one })),
    }));
}

/** Within flow style everything is flow style. */
const flowOnly = (value: Written): Written =>
  value.kind === 'scalar'
    ? value
    : {
        ...value,
        flow: true,
        members: value.members.map((one) => ({ ...one, value: flowOnly(one.value) })),
      };

function writeFlow(value: Written, indent: string): string {
  if (value.kind === 'scalar') return value.text;
  const [open, close] = value.kind === 'map' ? '{}' : '[]';
  const inner = `${indent}  `;
  const items = value.members.map(({ key, value: item }) => {
    const text = writeFlow(item, inner);
    return value.kind === 'map' ? `${key}: ${text}` : text;
  });
  if (!value.spread) return `${open} ${items.join(', ')}${value.trailing ? ',' : ''} ${close}`;
  const lines = value.members.flatMap(({ above, beside }, index) => {
    const isLast = index === items.length - 1;
    const comma = isLast && !value.trailing ? '' : ',';
    return [
      ...above.map((text) => (text === '' ? '' : `${inner}${text}`)),
      `${inner}${items[index]!}${comma}${beside === '' ? '' : ` ${beside}`}`,
    ];
  });
  return [open, ...lines, `${indent}${close}`].join('\n');
}

/** What follows `key:` or `-`. */
function writeValue(value: Written, indent: string, beside: string): string {
  const after = beside === '' ? '' : ` ${beside}`;
  if (value.kind === 'scalar') return ` ${value.text}${after}\n`;
  if (value.flow) return ` ${writeFlow(flowOnly(value), indent)}${after}\n`;
  return `${after}\n${writeBlock(value, `${indent}  `)}`;
}

function writeBlock(value: Extract<Written, { members: Member[] }>, indent: string): string {
  return value.members
    .map(({ key, value: item, above, beside, below }) =>
      [
        ...above.map((text) => (text === '' ? '\n' : `${indent}${text}\n`)),
        `${indent}${value.kind === 'map' ? `${key}:` : '-'}`,
        writeValue(item, indent, beside),
        below === '' ? '' : `${indent}    ${below}\n`,
      ].join(''),
    )
    .join('');
}

function pathsOf(value: Json, path: Path = []): Path[] {
  const entries: (readonly [string | number, Json])[] = Array.isArray(value)
    ? [...(value as readonly Json[]).entries()]
    : typeof value === 'object' && value !== null
      ? Object.entries(value)
      : [];
  return entries.flatMap(([key, item]) => {
    const here = [...path, key];
    return [here].concat(pathsOf(item, here) as (string | number)[][]);
  });
}

const parse = (text: string): Json => {
  const document = parseDocument(text, { version: '1.2', schema: 'core' });
  expect({ text, errors: document.errors }).toEqual({ text, errors: [] });
  return (document.toJS() ?? {}) as Json;
};

function without(value: Json, [step, ...rest]: Path): Json {
  if (Array.isArray(value)) {
    const items = [...(value as readonly Json[])];
    if (rest.length === 0) items.splice(Number(step), 1);
    else items[Number(step)] = without(items[Number(step)]!, rest);
    return items;
  }
  const { [String(step)]: inner, ...others } = value as JsonObject;
  return rest.length === 0 ? others : { ...(value as JsonObject), [String(step)]: without(inner!, rest) };
}

const file = fc
  .record({
    header: fc.constantFrom('', '\n', '# header\n', '# header\n\n', '---\n'),
    body: collection(written),
    crlf: fc.boolean(),
    newline: fc.boolean(),
  })
  .map(({ header, body, crlf, newline }) => {
    const block = body as Extract<Written, { members: Member[] }>;
    const text = header + (block.flow ? `${writeFlow(flowOnly(block), '')}\n` : writeBlock(block, ''));
    const ended = newline ? text : text.replace(/\n$/, '');
    return crlf ? ended.replaceAll('\n', '\r\n') : ended;
  });

/** The lines of one text that the other does not have, in order. */
const linesNotIn = (text: string, other: string): string[] =>
  diffArrays(other.split('\n'), text.split('\n')).flatMap(({ added, value }) => (added ? value : []));

test('a removal takes exactly what it names, and leaves all other lines as they were', () => {
  fc.assert(
    fc.property(file, fc.nat(), (text, pick) => {
      const data = parse(text);
      const paths = pathsOf(data);
      const path = paths[pick % paths.length]!;
      const source = sourceOf(text);
      const { text: after } = remove(source, [targetOf(source, path)]);
      expect(parse(after)).toEqual(without(data, path));
      // Every line is an old one, in the old order, but for a comma that goes and brackets that come.
      const changed = linesNotIn(after, text);
      expect(changed.length, `${text}\n→\n${after}`).toBeLessThanOrEqual(2);
      for (const line of changed) {
        const rest = line.replace(/ ?(?:\{\}|\[\])/, '').trim();
        let at = 0;
        for (const char of rest) {
          at = text.indexOf(char, at) + 1;
          expect(at, `${text}\n→\n${after}`).toBeGreaterThan(0);
        }
      }
    }),
    { numRuns: 400 },
  );
});

const entry = (key: string) => ({
  key: keyText(key),
  value: { groups: ['a'] },
  block: [`${key}:`, '  groups: [a]'],
  flow: `${key}: { groups: [a] }`,
});

test('an addition gives the old data and the new, and leaves all old lines as they were', () => {
  fc.assert(
    fc.property(
      file,
      fc.nat(),
      fc.subarray(['aaa', '"123a"', 'lorry', 'zzz', "'='"], { minLength: 1 }),
      (text, pick, names) => {
        const data = parse(text);
        if (Array.isArray(data)) return;
        const source = sourceOf(text);
        const sections = [...Object.keys(data as JsonObject), 'users'].filter((key) => {
          const value = (data as JsonObject)[key];
          return (
            /^\w+$/.test(key) && (value === undefined || (typeof value === 'object' && !Array.isArray(value)))
          );
        });
        const section = sections[pick % sections.length]!;
        const old = ((data as JsonObject)[section] ?? {}) as JsonObject;
        const added = names.filter((name) => !(keyText(name) in old)).map(entry);
        const edited = addEntries(source, [section], added);
        // A written null is no mapping to add to.
        fc.pre(edited !== null || Object.keys(old).length > 0);
        expect(parse(edited!.text)).toEqual({
          ...(data as JsonObject),
          [section]: { ...old, ...Object.fromEntries(added.map(({ key, value }) => [key, value])) },
        });
        // Every old line is there in order; one may have got a comma, or lost an empty pair of brackets.
        expect(linesNotIn(text, edited!.text).length, `${text}\n→\n${edited!.text}`).toBeLessThanOrEqual(2);
        rootOf(edited!);
      },
    ),
    { numRuns: 200 },
  );
});
