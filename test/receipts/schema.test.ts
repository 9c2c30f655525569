import { expect, test } from 'vitest';
import schema from '../../schemas/receipt.schema.json' with { type: 'json' };
import { receiptVersion } from '../../src/app/receipts/receipt.ts';
import { validate } from './support.ts';

type Node = Readonly<Record<string, unknown>>;

/** Every subschema with its path. */
function walk(node: unknown, path = ''): [path: string, node: Node][] {
  if (typeof node !== 'object' || node === null) return [];
  const inside = Object.entries(node).flatMap(([key, value]) => walk(value, `${path}/${key}`));
  return [[path, node as Node], ...inside];
}

const nodes = walk(schema);

test('every property is described', () => {
  const properties = nodes.filter(([path]) => /\/properties\/\w+$/.test(path));
  expect(properties.length).toBeGreaterThan(50);
  const silent = properties.filter(([, node]) => typeof node['description'] !== 'string');
  expect(silent.map(([path]) => path)).toEqual([]);
});

test('every object is closed, and whole but for what may be absent', () => {
  const optional = new Set([
    'git',
    'overridden',
    'targets',
    'sets',
    'requestId',
    'message',
    'hint',
    'deniedBefore',
    'assumable',
    'namedIn',
    'sessionsUntil',
    'sessionsRevoked',
  ]);
  const open = nodes.filter(([, { properties, required, type, additionalProperties }]) => {
    if (typeof properties !== 'object' || 'properties' in (properties as Node)) return false;
    const names = Object.keys(properties as Node).filter(
      (name) => !optional.has(name) || (required as readonly string[]).includes(name),
    );
    return (
      ![type].flat().includes('object') ||
      additionalProperties !== false ||
      String(required) !== String(names)
    );
  });
  expect(open.map(([path]) => path)).toEqual([]);
});

test('the schema and the program speak of the same version', () => {
  expect(schema.properties.version.const).toBe(receiptVersion);
  expect(validate({})).toBe(false);
});
