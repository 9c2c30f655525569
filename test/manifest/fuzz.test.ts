import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { readJson } from '../../src/manifest/json.ts';
import { Report } from '../../src/core/report.ts';
import { Source, toJson } from '../../src/core/tree.ts';
import { load, loadClean } from './support.ts';
import type { Files } from './support.ts';

const account = 'account: "123456789012"\n';

/** It gives a state or says why not, with a place in a file that exists: what of this does not hold. */
async function faults(files: Files): Promise<string[]> {
  const { desired, diagnostics } = await load(files);
  const hasError = diagnostics.some(({ severity }) => severity === 'error');
  const wrong = diagnostics.filter(({ at, message }) => {
    if (/undefined|\[object|NaN/.test(message)) return true;
    if (!at) return false;
    const line = new TextDecoder().decode(Buffer.from(files[at.file] ?? '')).split('\n')[at.line - 1];
    return line === undefined || at.column > line.length + 1;
  });
  return [
    ...((desired === null) === hasError ? [] : ['a state and an error']),
    ...wrong.map((diagnostic) => JSON.stringify(diagnostic)),
  ];
}

const yamlBits = fc.constantFrom(
  'account: "123456789012"\n',
  'users:\n',
  '  dale:\n',
  '    groups: [',
  'admins',
  ']\n',
  'groups: {',
  '}',
  '{',
  '[',
  '&a ',
  '*a',
  '<<: *a\n',
  '!x ',
  '? ',
  '- ',
  ': ',
  '"',
  "'",
  '|\n',
  '\t',
  '\n',
  '---\n',
  '%YAML 1.1\n',
  '#',
  ',',
  '~',
  'policies: ',
  'Statement: ',
  'expires: ',
  '2027-01-31',
  'attach: ',
  'aws:ReadOnlyAccess',
  'x-a: ',
  'roles: ',
  '01',
);

describe('whatever is in a file', () => {
  it('random bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        expect(await faults({ 'm.yaml': bytes })).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it('random pieces of YAML', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(yamlBits, { maxLength: 40 }), async (bits) => {
        expect(await faults({ 'm.yaml': bits.join('') })).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });

  it('random values under the keys of manifests', async () => {
    const name = fc.constantFrom(
      'dale',
      'admins',
      'p',
      'Dale',
      'x y',
      'rollcall-x',
      '',
      'constructor',
      'toString',
    );
    const leaf = fc.oneof(
      fc.constantFrom<unknown>(
        null,
        true,
        0,
        1.5,
        -1,
        '',
        'dale',
        'admins',
        'p',
        './x.json',
        '2027-01-31',
        'arn:aws:iam::aws:policy/X',
      ),
      fc.string({ maxLength: 8 }),
    );
    const keys = [
      'users groups policies rails ignore account path tags attach boundary expires suspended',
      'accessKey console renamedFrom members name policy document Statement Effect Action',
      'Resource Condition Version Sid maxRemovals protect minMembers percent count',
    ].flatMap((line) => line.split(' '));
    const key = fc.constantFrom(...keys);
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 6 },
        leaf,
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(fc.oneof(key, name), tie('tree'), { maxKeys: 5 }),
      ),
    }));
    const section = fc.dictionary(name, tree, { maxKeys: 4 });
    const manifest = fc.record(
      {
        account: fc.constant('123456789012'),
        users: section,
        groups: section,
        policies: section,
        rails: tree,
        ignore: tree,
      },
      { requiredKeys: ['account'] },
    );
    await fc.assert(
      fc.asyncProperty(manifest, async (value) => {
        expect(await faults({ 'm.yaml': stringify(value) })).toEqual([]);
      }),
      { numRuns: 600 },
    );
  });

  it('JSON is read as JSON.parse reads it', () => {
    const read = (text: string): unknown => {
      const report = new Report();
      const root = readJson(new Source('x.json', 'x.json', new Uint8Array(), text), report);
      return root ? { value: toJson(root) } : null;
    };
    const parse = (text: string): unknown => {
      try {
        return { value: JSON.parse(text) as unknown };
      } catch {
        return null;
      }
    };
    fc.assert(
      fc.property(fc.json(), (text) => {
        fc.pre(!text.includes('__proto__'));
        expect(read(text)).toEqual(parse(text));
      }),
    );
    const bits = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      '"a"',
      '"b"',
      ':',
      ',',
      ' ',
      '\n',
      '\t',
      '1',
      '-',
      '0',
      '.5',
      'e3',
      'true',
      'null',
      '"',
      '\\',
      'u00e9',
      '\u0000',
    );
    fc.assert(
      fc.property(fc.array(bits, { maxLength: 12 }), (parts) => {
        const text = parts.join('');
        const parsed = parse(text);
        // Told apart on purpose: a key that is there twice.
        fc.pre(!/"a".*"a"|"b".*"b"/s.test(text));
        expect(read(text)).toEqual(parsed);
      }),
      { numRuns: 3000 },
    );
  });
});

// A quadratic walk would run into the runner's time-out; how fast it is, bench/ tells.
describe('size', () => {
  it('5,000 users in one file', async () => {
    const users = Array.from(
      { length: 5000 },
      (_, i) => `  user${i}:
    path: /p/
    groups: [a, { name: b, expires: 2031-01-31 }]
    tags: { team: x${i} }
    policies:
      p: { Statement: [{ Effect: Allow, Action: "s3:*", Resource: "arn:aws:s3:::houdini/*" }] }
`,
    );
    const { state } = await loadClean({
      'm.yaml': `${account}groups: { a: {}, b: {} }\nusers:\n${users.join('')}`,
    });
    expect(state.users.size).toBe(5000);
  });

  it('20,000 faults', async () => {
    const users = Array.from(
      { length: 5000 },
      (_, i) => `  user${i}: { foo: 1, path: x, groups: [g${i}], attach: [p${i}] }\n`,
    );
    const { diagnostics } = await load({ 'm.yaml': `${account}users:\n${users.join('')}` });
    expect(diagnostics).toHaveLength(20_000);
  });

  it.each(['['.repeat(50_000), `[${','.repeat(1_000_001)}`])(
    'files made to be slow are refused',
    async (text) => {
      const { diagnostics } = await load({ 'm.yaml': text });
      expect(diagnostics.length).toBeGreaterThan(0);
      expect(diagnostics.length).toBeLessThan(20);
    },
  );
});
