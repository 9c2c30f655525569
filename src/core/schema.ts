import * as t from '@sinclair/typebox/type';
import type {
  ObjectOptions,
  SchemaOptions,
  Static,
  TObject,
  TProperties,
  TReadonly,
  TSchema,
} from '@sinclair/typebox/type';
import type { JsonObject } from './json.ts';

/** What TypeBox has no word for, or gives a type whose values can be changed. */

export const text = (description: string, options: SchemaOptions = {}) =>
  t.String({ description, ...options });

/** Has these fields and no others. */
export const object = <P extends TProperties>(fields: P, options: ObjectOptions = {}) =>
  t.Object(fields, {
    ...options,
    additionalProperties: options.additionalProperties ?? false,
  }) as unknown as TObject<{
    [K in keyof P]: TReadonly<P[K]>;
  }>;

export const list = <S extends TSchema>(item: S, options: SchemaOptions = {}) =>
  t.Unsafe<readonly Static<S>[]>({ ...options, type: 'array', items: item });

export const texts = (description: string) => list(t.String(), { description });

/** A mapping whose keys are names that somebody chose. */
export const map = <S extends TSchema>(value: S, options: SchemaOptions = {}) =>
  t.Unsafe<{ readonly [name: string]: Static<S> }>({
    ...options,
    type: 'object',
    additionalProperties: value,
  });

/** JSON whose form is somebody else's. */
export const anyObject = (options: SchemaOptions = {}) =>
  t.Unsafe<JsonObject>({ ...options, type: 'object' });

export const oneOf = <const V extends string>(values: readonly V[], options: SchemaOptions = {}) =>
  t.Unsafe<V>({ ...options, enum: values });

/** Exactly this value. */
export const constant = <const V extends string | number | boolean>(value: V, options: SchemaOptions = {}) =>
  t.Unsafe<V>({ ...options, const: value });

export const orNull = <S extends TSchema>(schema: S, options: SchemaOptions = {}) =>
  t.Unsafe<Static<S> | null>(
    typeof schema['type'] === 'string'
      ? { ...schema, ...options, type: [schema['type'], 'null'] }
      : { ...options, anyOf: [schema, { type: 'null' }] },
  );

/** Refers to a schema in the `$defs` of the whole. */
export const reference = <S extends TSchema>(name: string, _schema: S, options: SchemaOptions = {}) =>
  t.Unsafe<Static<S>>({ ...options, $ref: `#/$defs/${name}` });

/** A whole with the schemas that it refers to. */
export const withDefs = <S extends TSchema, D extends object>(
  schema: S,
  $defs: D,
): S & { readonly $defs: D } => ({
  ...schema,
  $defs,
});
