import type { TSchema } from '@sinclair/typebox/type';
import type { ErrorObject, ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';

/** RFC 3339, of a day that there is. */
const isInstant = (text: string): boolean =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.test(text) &&
  !Number.isNaN(Date.parse(text));

/** Half a surrogate pair is no text: it could not be sent. */
const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text);

/** One for all schemas: making it takes longer than compiling one. */
const compilers = new Map<boolean, Ajv2020>();

function compile(schema: TSchema, allErrors: boolean): ValidateFunction {
  let ajv = compilers.get(allErrors);
  if (!ajv) {
    ajv = new Ajv2020({
      allErrors,
      verbose: allErrors,
      // What is inherited, such as `constructor`, is no field of a file's.
      ownProperties: true,
      formats: { 'date-time': isInstant, 'well-formed': isWellFormed },
      // Checked by a test instead, and compiled quickly rather than well: a file is read once.
      validateSchema: false,
      meta: false,
      addUsedSchema: false,
      code: { optimize: false },
    });
    compilers.set(allErrors, ajv);
  }
  return ajv.compile(schema);
}

/** Gives the first error of a value, or all of them; none: it is as the schema says. Compiled at the first use. */
export function validator(
  schema: TSchema,
  { allErrors = false } = {},
): (value: unknown) => readonly ErrorObject[] {
  let validate: ValidateFunction | undefined;
  return (value) => {
    validate ??= compile(schema, allErrors);
    return validate(value) ? [] : (validate.errors ?? []);
  };
}
