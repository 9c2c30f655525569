import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** AWS's own description of the IAM API, as botocore ships it: errors, constraints and the reference's texts. */
export interface ServiceModel {
  readonly operations: Readonly<
    Record<
      string,
      {
        readonly documentation?: string;
        readonly input?: { readonly shape: string };
        readonly output?: { readonly shape: string };
        readonly errors?: readonly { readonly shape: string }[];
      }
    >
  >;
  readonly shapes: Readonly<Record<string, ModelShape>>;
}

interface Reference {
  readonly shape: string;
  readonly documentation?: string;
}

export interface ModelShape {
  readonly type: string;
  readonly documentation?: string;
  readonly required?: readonly string[];
  readonly members?: Readonly<Record<string, Reference>>;
  readonly member?: Reference;
  readonly value?: Reference;
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
  readonly enum?: readonly string[];
  readonly error?: { readonly code: string; readonly httpStatusCode: number };
}

/** Null where botocore is not installed. */
export function readModel(): ServiceModel | null {
  const found = spawnSync(
    'python3',
    ['-c', 'import botocore, os; print(os.path.dirname(botocore.__file__))'],
    {
      encoding: 'utf8',
    },
  );
  if (found.status !== 0) return null;
  const read = (service: string): string => {
    const file = join(found.stdout.trim(), `data/${service}/service-2.json`);
    return (existsSync(file) ? readFileSync(file) : gunzipSync(readFileSync(`${file}.gz`))).toString();
  };
  const iam = JSON.parse(read('iam/2010-05-08')) as ServiceModel;
  // Names of shapes may be the same in both: those of STS get a prefix.
  const sts = JSON.parse(read('sts/2011-06-15'), (key, value: unknown) =>
    key === 'shape' ? `sts:${String(value)}` : value,
  ) as ServiceModel;
  const shapes = Object.entries(sts.shapes).map(([name, shape]) => [`sts:${name}`, shape] as const);
  return {
    operations: { ...iam.operations, ...sts.operations },
    shapes: { ...iam.shapes, ...Object.fromEntries(shapes) },
  };
}

/** Documented errors of an operation: code → HTTP status. */
export function errorsOf(model: ServiceModel, op: string): Map<string, number> {
  const errors = (model.operations[op]?.errors ?? []).map(({ shape }) => model.shapes[shape]?.error);
  return new Map(
    errors.filter((error) => error !== undefined).map(({ code, httpStatusCode }) => [code, httpStatusCode]),
  );
}

/** All shapes that an operation's input or output is made of. */
export function shapesOf(model: ServiceModel, op: string): Map<string, ModelShape> {
  const found = new Map<string, ModelShape>();
  const visit = (name: string | undefined): void => {
    const shape = name === undefined ? undefined : model.shapes[name];
    if (name === undefined || shape === undefined || found.has(name)) return;
    found.set(name, shape);
    for (const member of [...Object.values(shape.members ?? {}), shape.member, shape.value])
      visit(member?.shape);
  };
  visit(model.operations[op]?.input?.shape);
  visit(model.operations[op]?.output?.shape);
  return found;
}

/** The text of an operation's page: description, parameters, answer. Without markup. */
export function pageOf(model: ServiceModel, op: string): string {
  const texts = [model.operations[op]?.documentation];
  for (const shape of shapesOf(model, op).values()) {
    texts.push(
      shape.documentation,
      ...Object.values(shape.members ?? {}).map((member) => member.documentation),
    );
  }
  return texts
    .join(' ')
    .replace(/<[^>]+>/g, '')
    .replaceAll('&quot;', '"')
    .replace(/\s+/g, ' ');
}
