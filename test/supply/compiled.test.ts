import type { ErrorObject } from 'ajv';
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { build } from 'esbuild';
import type { BuildOptions } from 'esbuild';
import { expect, it } from 'vitest';
import { isObject } from '../../src/core/json.ts';
import type { Json, JsonObject } from '../../src/core/json.ts';
import type { Validator } from '../../src/core/validate.ts';

const modules = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => /(?:^|\/)compiled\.ts$/.test(file))
  .map((file) => `src/${file}`);

/** As it is in the bundle. */
async function built(path: string): Promise<object> {
  const { settings } = (await import(new URL('../../scripts/bundle.mjs', import.meta.url).href)) as {
    settings: BuildOptions;
  };
  const { outputFiles } = await build({ ...settings, banner: {}, entryPoints: [path], write: false });
  const code = Buffer.from(outputFiles[0]!.contents).toString('base64');
  return (await import(/* @vite-ignore */ `data:text/javascript;base64,${code}`)) as object;
}

/** Validators of a module by their names, and everything else as data. */
function parts(exported: object, path = ''): [string, unknown][] {
  return Object.entries(exported).flatMap(([name, value]: [string, unknown]) =>
    isObject(value as Json)
      ? parts(value as object, `${path}${name}.`)
      : [[`${path}${name}`, value] as [string, unknown]],
  );
}

/** A value with everything that the schema speaks of, although not always in the right form. */
function sample(schema: JsonObject, root: JsonObject): Json {
  const of = (part: Json | undefined): Json => (isObject(part) ? sample(part, root) : {});
  if (typeof schema['$ref'] === 'string') {
    const [, , name] = schema['$ref'].split('/');
    return of((root['$defs'] as JsonObject)[name!]);
  }
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  const choice = [schema['anyOf'], schema['oneOf']].find(Array.isArray)?.[0] as Json | undefined;
  if (choice !== undefined) return of(choice);
  if (Array.isArray(schema['enum'])) return schema['enum'][0] as Json;
  if (schema['const'] !== undefined) return schema['const'];
  const [type] = [schema['type']].flat();
  if (type === 'array') return [of(schema['items'])];
  if (type === 'object' || 'properties' in schema) {
    const named = Object.entries(properties).map(([name, part]) => [name, of(part)]);
    const others = isObject(schema['additionalProperties'])
      ? [['name', of(schema['additionalProperties'])]]
      : [];
    return Object.fromEntries([...named, ...others]) as JsonObject;
  }
  return type === 'integer' || type === 'number' ? 5 : type === 'boolean' ? true : 'text';
}

const values: readonly Json[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e9,
  '',
  'x y',
  'é',
  '\ud83d',
  'a'.repeat(3000),
  [],
  ['x'],
  {},
  { constructor: 1 },
];

/** The value with each of its parts replaced, removed, doubled or joined by one that nobody knows. */
function* mutations(value: Json): Generator<Json> {
  yield* values;
  if (Array.isArray(value)) {
    yield [...value, ...value];
    for (const [index, item] of value.entries())
      for (const other of mutations(item as Json))
        yield [...value.slice(0, index), other, ...value.slice(index + 1)];
  } else if (isObject(value)) {
    yield { ...value, unknown: 1 };
    for (const [key, field] of Object.entries(value)) {
      const { [key]: _, ...rest } = value;
      yield rest;
      yield { ...rest, [`${key}~/ `]: field };
      for (const other of mutations(field)) yield { ...value, [key]: other };
    }
  }
}

/** Errors as text, each schema in them made text once. */
const schemas = new WeakMap<object, string>();
const textOf = (errors: readonly ErrorObject[]): string =>
  JSON.stringify(
    errors.map(({ parentSchema, schema, ...error }) => [error, ...[parentSchema, schema].map(textOfSchema)]),
  );
function textOfSchema(schema: unknown): string | undefined {
  if (typeof schema !== 'object' || schema === null) return JSON.stringify(schema);
  const text = schemas.get(schema) ?? createHash('sha256').update(JSON.stringify(schema)).digest('hex');
  schemas.set(schema, text);
  return text;
}

/** Values on which two validators differ. */
function* differences(source: Validator, bundled: Validator): Generator {
  const schema = source.schema as JsonObject;
  const whole = sample(schema, schema);
  let refused = 0;
  for (const value of [whole, ...mutations(whole)]) {
    const errors = source(value);
    refused += errors.length > 0 ? 1 : 0;
    if (textOf(bundled(value)) !== textOf(errors)) yield { value, errors, bundled: bundled(value) };
  }
  if (refused < 20) yield 'hardly anything is refused';
}

it.each(modules)(
  '%s is the same in the bundle: its data, and every error of its validators',
  async (file) => {
    const source = parts((await import(resolve(file))) as object);
    const bundled = new Map(parts(await built(file)));
    expect([...bundled.keys()].sort()).toEqual(source.map(([name]) => name).sort());
    for (const [name, value] of source) {
      const there = bundled.get(name);
      const same = typeof value === 'function' ? [] : [value];
      const found =
        typeof value === 'function' ? differences(value as Validator, there as Validator) : [there];
      expect([...found]).toEqual(same);
    }
  },
);
