import type { Json, JsonObject } from '../../src/core/json.ts';
import type { PolicyDocument } from '../../src/core/state.ts';

/** A document of these statements. */
export const doc = (...statements: JsonObject[]): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: statements,
});

export const allow = (action: Json, resource: Json = '*', more: JsonObject = {}): JsonObject => ({
  Effect: 'Allow',
  Action: action,
  Resource: resource,
  ...more,
});

export const deny = (action: Json, resource: Json = '*', more: JsonObject = {}): JsonObject => ({
  ...allow(action, resource, more),
  Effect: 'Deny',
});
