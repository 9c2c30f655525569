import { expect, test } from 'vitest';
import schema from '../../schemas/receipt.schema.json' with { type: 'json' };
import { receiptVersion } from '../../src/app/receipts/receipt.ts';
import { validate } from './support.ts';

/** Every subschema with its path. */
function* walk(node: unknown, path = ''): Generator<[path: string, node: Record<string, unknown>]> {
  if (typeof node !== 'object' || node === null) return;
  yield [path, node as Record<string, unknown>];
  for (const [key, value] of Object.entries(node)) yield* walk(value, `${path}/${key}`);
}

test('every property is described, and every object is closed', () => {
  for (const [path, node] of walk(schema)) {
    if (/\/properties\/\w+$/.test(path)) expect(node, path).toHaveProperty('description');
    if (typeof node['properties'] === 'object' && !path.endsWith('properties')) {
      expect(node, path).toMatchObject({ type: 'object', additionalProperties: false });
      const optional = ['git', 'sets', 'requestId', 'message'];
      const names = Object.keys(node['properties'] as object).filter((name) => !optional.includes(name));
      expect(node['required'], path).toEqual(names);
    }
  }
});

test('the schema and the program speak of the same version', () => {
  expect(schema.properties.version.const).toBe(receiptVersion);
  expect(validate({})).toBe(false);
});
