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

/** What TypeBox has no word for, or gives a type whose values can be changed. */

/** Has these fields and no others. */
export const object = <P extends TProperties>(fields: P, options: ObjectOptions = {}) =>
  t.Object(fields, { additionalProperties: false, ...options }) as unknown as TObject<{
    [K in keyof P]: TReadonly<P[K]>;
  }>;

export const list = <S extends TSchema>(item: S, options: SchemaOptions = {}) =>
  t.Unsafe<readonly Static<S>[]>({ ...options, type: 'array', items: item });

/** By names that somebody chose. */
export const map = <S extends TSchema>(value: S, options: SchemaOptions = {}) =>
  t.Unsafe<{ readonly [name: string]: Static<S> }>({
    ...options,
    type: 'object',
    additionalProperties: value,
  });

export const oneOf = <V extends string>(values: readonly V[], options: SchemaOptions = {}) =>
  t.Unsafe<V>({ ...options, enum: values });

/** Exactly this value. */
export const constant = <V extends string | number | boolean>(value: V, options: SchemaOptions = {}) =>
  t.Unsafe<V>({ ...options, const: value });

export const orNull = <S extends TSchema>(schema: S, options: SchemaOptions = {}) =>
  t.Unsafe<Static<S> | null>({ ...options, anyOf: [schema, { type: 'null' }] });
