import * as iam from '@aws-sdk/client-iam';
import * as sts from '@aws-sdk/client-sts';
import { NormalizedSchema } from '@smithy/core/schema';
import { compileDecoder, type Decoder } from './decode.ts';
import { compileEncoder, type Encoder } from './encode.ts';
import { services, type Service } from './services.ts';

/** One operation of the API as the SDK's schemas describe it. */
export interface Operation {
  readonly name: string;
  readonly service: Service;
  readonly decode: Decoder;
  /** Null for operations that answer nothing but a request id. */
  readonly encode: Encoder | null;
  /** Members of the input that must never be shown, such as passwords. */
  readonly sensitive: ReadonlySet<string>;
}

type SchemaRef = Parameters<typeof NormalizedSchema.of>[0];

/** `[9, namespace, name, traits, () => input, () => output]`. */
type OperationSchema = readonly [9, string, string, unknown, SchemaRef, SchemaRef];
const isOperation = (value: unknown): value is OperationSchema => Array.isArray(value) && value[0] === 9;

const schemas = new Map<string, { schema: OperationSchema; service: Service }>();
for (const [service, module] of [
  [services.iam, iam],
  [services.sts, sts],
] as const) {
  for (const value of Object.values<unknown>(module)) {
    if (isOperation(value)) schemas.set(`${service.version} ${value[2]}`, { schema: value, service });
  }
}

const compiled = new Map<string, Operation>();

/** The operation of that name in that API version, compiled when it is first used. */
export function findOperation(action: string, version: string): Operation | undefined {
  const key = `${version} ${action}`;
  const known = compiled.get(key);
  if (known) return known;
  const entry = schemas.get(key);
  if (!entry) return undefined;
  const { schema, service } = entry;
  const input = NormalizedSchema.of(schema[4]);
  const output = NormalizedSchema.of(schema[5]);
  const operation: Operation = {
    name: action,
    service,
    decode: compileDecoder(action, input, service),
    encode: output.isUnitSchema() || !output.isStructSchema() ? null : compileEncoder(output),
    sensitive: sensitiveMembers(input),
  };
  compiled.set(key, operation);
  return operation;
}

function sensitiveMembers(input: NormalizedSchema): Set<string> {
  const names = new Set(['AuthenticationCode1', 'AuthenticationCode2', 'CertificateBody', 'TokenCode']);
  if (!input.isStructSchema()) return names;
  for (const [name, member] of input.structIterator()) {
    if (member.getMergedTraits().sensitive) names.add(name);
  }
  return names;
}
