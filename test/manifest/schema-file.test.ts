import { readFile } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { format, resolveConfig } from 'prettier';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Json } from '../../src/core/json.ts';
import { loadManifests } from '../../src/manifest/index.ts';
import { manifestSchema } from '../../src/manifest/schema-parts.ts';
import { checkDocument } from '../../src/policy/grammar/index.ts';
import schema from '../../schemas/manifest.schema.json' with { type: 'json' };
import { now } from './support.ts';

const ajv = new Ajv2020({ allowUnionTypes: true, strictRequired: false, strict: true });
ajv.addVocabulary(['markdownDescription', 'patternErrorMessage', 'doNotSuggest']);
const validate = ajv.compile(schema);

interface Schema {
  readonly title?: string;
  readonly description?: string;
  readonly markdownDescription?: string;
  readonly examples?: readonly unknown[];
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly [keyword: string]: unknown;
}

/** All properties anywhere in the schema, by a readable path. */
function* properties(node: Schema, path: string): Generator<[string, Schema]> {
  for (const [name, property] of Object.entries(node.properties ?? {})) yield [`${path}.${name}`, property];
  for (const [keyword, value] of Object.entries(node)) {
    if (keyword === 'examples' || typeof value !== 'object' || value === null) continue;
    yield* properties(value as Schema, `${path}/${keyword}`);
  }
}

const resolve = (node: Schema): Schema =>
  node.$ref === undefined
    ? node
    : { ...(schema.$defs as unknown as Record<string, Schema>)[node.$ref.replace('#/$defs/', '')], ...node };

describe('schemas/manifest.schema.json', () => {
  it('is what the kinds say, all in one (npx vitest run test/manifest/schema-file.test.ts -u)', async () => {
    const options = await resolveConfig('schemas/manifest.schema.json');
    const text = await format(JSON.stringify(manifestSchema), { ...options, parser: 'json' });
    await expect(text).toMatchFileSnapshot('../../schemas/manifest.schema.json');
  });

  it('is valid itself and names no server', () => {
    expect(ajv.validateSchema(schema)).toBe(true);
    expect(schema.$id).toBe('manifest.schema.json');
  });

  it('describes every property for editors', () => {
    const all = [...properties(schema as unknown as Schema, '')].map(
      ([path, node]) => [path, resolve(node)] as const,
    );
    expect(all.length).toBeGreaterThan(60);
    const bare = all.filter(
      ([, { title, description, examples, markdownDescription }]) =>
        !title || !description || !examples || !(markdownDescription ?? description),
    );
    expect(bare.map(([path]) => path)).toEqual([]);
  });

  it('has examples that it takes', () => {
    const failures = [...properties(schema as unknown as Schema, '')].flatMap(([path, node]) => {
      const whole = resolve(node);
      const check = ajv.compile({ ...whole, $defs: schema.$defs });
      return (whole.examples ?? []).filter((example) => !check(example)).map((example) => [path, example]);
    });
    expect(failures).toEqual([]);
  });

  it('takes the examples of the documentation', async () => {
    const text = await readFile('docs/manifests.md', 'utf8');
    const blocks = [...text.matchAll(/```yaml\n(.*?)```/gs)].map(([, yaml]) => yaml!);
    expect(blocks.length).toBeGreaterThanOrEqual(5);
    for (const block of blocks) {
      const valid = validate(parse(block, { merge: true }));
      expect(validate.errors ?? []).toEqual([]);
      expect(valid).toBe(true);
    }
  });

  it('is named by the demonstration manifests, which are valid', async () => {
    const { desired, diagnostics } = await loadManifests('manifests', { now });
    expect(diagnostics).toEqual([]);
    expect([...desired!.state.users.keys()]).toEqual(['buzzo', 'dale', 'lorax', 'melvins']);
    for (const name of desired!.files) {
      expect(await readFile(name, 'utf8')).toContain(
        '# yaml-language-server: $schema=../schemas/manifest.schema.json',
      );
    }
  });

  it('refuses no policy document that the grammar takes', () => {
    const text = fc.constantFrom(
      '*',
      's3:*',
      's3:Get',
      's3',
      's3:a:b',
      'arn:aws:s3:::x',
      'x',
      '',
      'Allow',
      'Deny',
    );
    const texts = fc.oneof(text, fc.array(text, { maxLength: 2 }), fc.constantFrom<Json>(1, null, {}));
    const statement = fc.record(
      {
        Sid: fc.constantFrom<Json>('A', '', 'a b', 1),
        Effect: fc.constantFrom<Json>('Allow', 'Deny', 'allow', 1),
        Action: texts,
        NotAction: texts,
        Resource: texts,
        NotResource: texts,
        Condition: fc.constantFrom<Json>(
          {},
          { Bool: { a: 'true' } },
          { Bool: { a: [true, 1] } },
          { Bool: 1 },
          [],
        ),
        Principal: text,
      },
      { requiredKeys: ['Effect', 'Action', 'Resource'] },
    );
    const document = fc.record(
      {
        Version: fc.constantFrom<Json>('2012-10-17', '2008-10-17', '2012', 1),
        Id: fc.constantFrom<Json>('x', 1),
        Statement: fc.oneof(statement, fc.array(statement, { maxLength: 2 }), text),
        Foo: text,
      },
      { requiredKeys: ['Statement'] },
    );
    const accepts = ajv.compile({ $ref: '#/$defs/document', $defs: schema.$defs });
    fc.assert(
      fc.property(document, (value) => {
        const issues = checkDocument(value as Json, 'inline').filter(({ severity }) => severity === 'error');
        // The schema, for editors, is the laxer of the two: it leaves details of ARNs to the grammar.
        expect(accepts(value) || issues.length > 0).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
