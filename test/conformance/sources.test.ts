import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { handlers } from '../../src/sandbox/iam/handlers.ts';
import { patternOf } from '../../src/sandbox/wire/decode.ts';
import { constraintOf } from '../../src/sandbox/wire/constraints.ts';
import { findOperation } from '../../src/sandbox/wire/operations.ts';
import { coverage } from './coverage.ts';
import { errorsOf, pageOf, readModel, shapesOf } from './model.ts';
import { table } from './table.ts';

const model = readModel();
const operations = Object.keys(handlers);

it('every operation of the sandbox has a row of its success, and names are unique', () => {
  const succeeded = new Set(table.flatMap(({ call, expected }) => ('ok' in expected ? [call.op] : [])));
  expect(operations.filter((op) => !succeeded.has(op))).toEqual([]);
  expect(new Set(table.map(({ name }) => name)).size).toBe(table.length);
});

/** A text that one pattern takes and the other does not. */
function patternDiffers(own: RegExp | undefined, documented: string | undefined): string | null {
  if (own === undefined || documented === undefined)
    return own === documented ? null : 'only one has a pattern';
  // The model's patterns are Java's, for the whole text.
  const pattern = documented.replace('\\u10000-\\u10FFFF', '\\uD800-\\uDFFF');
  const whole = new RegExp(`^(?:${pattern})$`, documented.includes('\\p{') ? 'u' : '');
  for (let code = 0; code < 0x250; code++) {
    const char = String.fromCharCode(code);
    for (const text of [char, `abc${char}xyz`, `/abc${char}xyz/`, `v1${char}`, `12345${char}`]) {
      if (own.test(text) !== whole.test(text)) return JSON.stringify(text);
    }
  }
  return null;
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

/** What an empty request lacks. */
function requiredBySandbox(op: string): string[] {
  try {
    const operation = findOperation(op, '2010-05-08') ?? findOperation(op, '2011-06-15')!;
    operation.decode({ value: undefined, children: undefined });
    return [];
  } catch (error) {
    return [
      ...(error as Error).message.matchAll(
        /at '(\w+)' failed to satisfy constraint: Member must not be null/g,
      ),
    ].map(([, member]) => member!);
  }
}

describe.skipIf(model === null)(`sources${model ? '' : ' (skipped: no botocore)'}`, () => {
  it('words quoted from the API Reference are there', () => {
    const wrong = table
      .filter(
        ({ source }) => source.quote !== undefined && !pageOf(model!, source.page).includes(source.quote),
      )
      .map(({ name, source }) => `${name}: ${source.quote}`);
    expect(wrong).toEqual([]);
  });

  it('errors are documented for their operation, with that status', () => {
    const shared = new Set(['ValidationError', 'AccessDenied', 'SignatureDoesNotMatch']);
    const undocumented = new Set(['common', 'identityCenter', 'localstack', 'stackd']);
    const wrong = table.flatMap(({ name, call, expected, source }) => {
      if (!('error' in expected) || shared.has(expected.error) || undocumented.has(source.kind)) return [];
      const status = errorsOf(model!, call.op).get(expected.error);
      return status === expected.status ? [] : [`${name}: ${expected.error} ${status}`];
    });
    expect(wrong).toEqual([]);
  });

  it('shapes belong to the operation', () => {
    const wrong = table
      .filter(
        ({ call, source }) => source.shape !== undefined && !shapesOf(model!, call.op).has(source.shape),
      )
      .map(({ name, source }) => `${name}: ${source.shape}`);
    expect(wrong).toEqual([]);
  });

  it('every documented error is provoked, or said to be out of reach', () => {
    const documented = new Map(operations.map((op) => [op, [...errorsOf(model!, op).keys()]]));
    const found = coverage(table, documented);
    if (process.env['CONFORMANCE_WRITE'] === '1') {
      const { missing: _, ...figures } = found;
      writeFileSync('docs/reliability/errors.json', `${JSON.stringify(figures, null, 2)}\n`);
    }
    expect(found.missing).toEqual([]);
  });

  it('lengths, values and required members of all inputs are those of the service model', () => {
    const wrong: string[] = [];
    let members = 0;
    for (const op of operations.filter((name) => name in model!.operations)) {
      const input = model!.shapes[model!.operations[op]!.input?.shape ?? ''];
      const missing = requiredBySandbox(op);
      for (const [member, { shape: name }] of Object.entries(input?.members ?? {})) {
        members += 1;
        if (missing.includes(lowerFirst(member)) !== (input!.required?.includes(member) ?? false)) {
          wrong.push(`${op}.${member} required: documented ${input!.required?.includes(member)}`);
        }
        const shape = model!.shapes[name]!;
        const own = constraintOf(op, member);
        for (const key of ['min', 'max'] as const) {
          if ((own?.[key] ?? 0) !== (shape[key] ?? 0)) {
            wrong.push(`${op}.${member} ${key}: ${own?.[key]}, documented ${shape[key]}`);
          }
        }
        if (String(own?.values?.toSorted()) !== String(shape.enum?.toSorted())) {
          wrong.push(`${op}.${member}: ${String(own?.values)}, documented ${String(shape.enum)}`);
        }
        const told = own?.says || !own?.pattern ? shape.pattern : patternOf(own.pattern);
        // What the pattern of RoleArn says beyond 16 bits is no pattern of ours.
        if (told !== shape.pattern && member !== 'RoleArn')
          wrong.push(`${op}.${member} tells ${told}, documented ${shape.pattern}`);
        const differs = patternDiffers(own?.pattern, shape.pattern);
        if (differs !== null) {
          wrong.push(`${op}.${member}: ${own?.pattern}, documented ${shape.pattern}: ${differs}`);
        }
      }
    }
    // Derived from the length of serial numbers (src/sandbox/wire/constraints.ts).
    expect(wrong).toEqual(['CreateVirtualMFADevice.VirtualMFADeviceName max: 226, documented undefined']);
    expect(members).toBeGreaterThan(270);
  });
});
