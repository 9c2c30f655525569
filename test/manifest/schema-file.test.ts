import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Json } from '../../src/core/json.ts';
import { isOfServiceRoles, policyArnParts } from '../../src/core/arn.ts';
import { parseExpiry } from '../../src/core/expiry.ts';
import { parseRecipient } from '../../src/core/recipient.ts';
import { loadManifests } from '../../src/manifest/index.ts';
import { publishedSchema } from '../../src/manifest/schema-parts.ts';
import { checkDocument } from '../../src/policy/grammar/index.ts';
import schema from '../../schemas/manifest.schema.json' with { type: 'json' };
import { makeEd25519, makeRsa } from '../delivery/keys.ts';
import { ajv, load, markedByEditors, now } from './support.ts';

const validate = ajv.compile({ ...schema, $id: 'here' });

/** The examples, each a directory of manifests. */
const folders = (name: string): string[] =>
  existsSync(join('examples', name, 'account.yaml')) ? [join('examples', name)] : [];

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
    const text = await format(JSON.stringify(publishedSchema), { ...options, parser: 'json' });
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

  it.each(['manifests', ...readdirSync('examples').flatMap(folders)])('marks nothing in %s', async (dir) => {
    const { desired } = await loadManifests(dir, { now });
    expect(await markedByEditors(desired!.files)).toEqual([]);
  });

  // Where `validate` has an error too, and no other than its own.
  it.each([
    ['users: { dale: { expires: 31.12.2026 } }', 'bad-expiry'],
    ['users: { dale: { expires: 2026-13-01 } }', 'bad-expiry'],
    ['users: { dale: { expires: 2026-12-31T18:00 } }', 'bad-expiry'],
    ['users: { dale: { expires: "2026-12-31 18:00:00Z" } }', 'bad-expiry'],
    ['users: { dale: { groups: [{ name: a, expires: tomorrow }] } }\ngroups: { a: {} }', 'bad-expiry'],
    ['users: { dale: { accessKey: { deliverTo: dale@example.com } } }', 'bad-recipient'],
    ['users: { dale: { accessKey: { deliverTo: age1abc } } }', 'bad-recipient'],
    ['users: { dale: { console: { deliverTo: AGE-SECRET-KEY-1ABC } } }', 'bad-recipient'],
    ['users: { dale: { console: { deliverTo: ecdsa-sha2-nistp256 AAAA } } }', 'bad-recipient'],
    ['users: { dale: { console: { createdAt: 2026-01-31 } } }', 'bad-value'],
    ['users: { dale: { attach: [read reports] } }', 'unknown-policy'],
    ['users: { dale: { attach: [{ policy: "aws:" }] } }', 'bad-reference'],
    ['users: { dale: { attach: ["aws:Read Only"] } }', 'bad-reference'],
    ['users: { dale: { attach: ["arn:aws:iam::123:policy/x"] } }', 'bad-arn'],
    ['users: { dale: { attach: ["arn:aws:s3:::x"] } }', 'bad-arn'],
    ['users: { dale: { boundary: "arn:aws:iam::123456789012:role/x" } }', 'bad-arn'],
    ['users: { dale: { attach: ["aws:aws-service-role/AWSSupportServiceRolePolicy"] } }', 'not-attachable'],
    ['users: { dale: { groups: [all people] } }', 'unknown-group'],
    ['groups: { a: { members: [dale/x] } }', 'unknown-user'],
  ])('marks the mistake in %s, of which validate tells once', async (yaml, code) => {
    const { diagnostics } = await load({ 'm.yaml': `account: "123456789012"\n${yaml}\n` });
    expect(diagnostics.filter(({ severity }) => severity === 'error').map((found) => found.code)).toEqual([
      code,
    ]);
    expect(validate(parse(yaml))).toBe(false);
    expect(validate.errors?.map(({ keyword }) => keyword)).toEqual(['pattern']);
  });

  it('marks no date, instant, recipient or ARN that validate takes', () => {
    const ageKeys = schema.$defs.recipient.examples;
    const { expires, recipient, policyReference, console } = schema.$defs;
    const [dateTime, key, policy, pinned] = [
      expires,
      recipient,
      policyReference,
      console.properties.createdAt,
    ].map(({ pattern }) => new RegExp(pattern, 'u'));
    const two = fc.integer({ min: 0, max: 99 }).map((number) => String(number).padStart(2, '0'));
    const fraction = fc.constantFrom('', '.0', '.123456789');
    const zone = fc.oneof(
      fc.constantFrom('Z', 'z', ''),
      fc.tuple(two, two).map(([h, m]) => `+${h}:${m}`),
    );
    const clock = fc
      .tuple(fc.constantFrom('T', 't', ' '), two, two, two, fraction, zone)
      .map(
        ([letter, hour, minute, second, part, offset]) =>
          `${letter}${hour}:${minute}:${second}${part}${offset}`,
      );
    const date = fc
      .tuple(fc.constantFrom('0000', '2026', '9999', '26'), two, two, fc.oneof(fc.constant(''), clock))
      .map(([year, month, day, rest]) => `${year}-${month}-${day}${rest}`);
    const leaps = fc.constantFrom('2028-02-29', '2026-12-31T23:59:59.000+23:59', '0099-01-01t00:00:00z');
    fc.assert(
      fc.property(fc.oneof(date, leaps), (text) => {
        const valid = 'at' in parseExpiry(text);
        const fits = dateTime!.test(text) && (!/t/i.test(text) || pinned!.test(text));
        expect(fits || !valid).toBe(true);
      }),
      { numRuns: 2000 },
    );
    const space = fc.constantFrom('', ' ', '\t', '\n', '\u00a0', ' me@here ', ' \u2028');
    const publicKey = fc.constantFrom(...ageKeys, makeEd25519().line, makeRsa(2048).line, makeRsa(2056).line);
    fc.assert(
      fc.property(space, publicKey, space, (before, text, after) => {
        const line = before + text + after;
        expect(key!.test(line) || !parseRecipient(line).ok).toBe(true);
      }),
    );
    const piece = fc.constantFrom(
      'arn:',
      'aws',
      ':',
      'aws-cn',
      'iam',
      '::',
      '123456789012',
      'policy',
      '/',
      ' ',
      'x',
      '*',
    );
    const start = fc.constantFrom('', 'arn:aws:iam::aws:policy', 'arn:aws:iam::123456789012:policy/');
    fc.assert(
      fc.property(start, fc.array(piece, { maxLength: 8 }), (lead, pieces) => {
        const arn = [lead, ...pieces].join('');
        const known = policyArnParts(arn) && !isOfServiceRoles(arn) && /^arn:aws(-cn|-us-gov)?:/.test(arn);
        expect(policy!.test(arn) || !known).toBe(true);
      }),
      { numRuns: 2000 },
    );
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
