import type { ErrorObject, Options, ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { formats } from './formats.ts';

/** Returns the errors of a value: the first, or all. None if the value is as the schema says. */
export interface Validator {
  (value: unknown): readonly ErrorObject[];
  readonly schema: object;
  /** How it is compiled: here, or when the bundle is made (scripts/compiled.mjs). */
  readonly options: Options;
}

const optionsOf = (allErrors: boolean): Options => ({
  allErrors,
  verbose: allErrors,
  // Inherited properties such as `constructor` are no fields.
  ownProperties: true,
  // Of the manifests' schema: what editors and error messages use.
  keywords: ['markdownDescription', 'patternErrorMessage', 'doNotSuggest'],
  allowUnionTypes: true,
  inlineRefs: false,
  formats,
  // A test checks the schemas.
  validateSchema: false,
  meta: false,
  addUsedSchema: false,
});

/** Shared by all schemas, because making one takes longer than compiling a schema. */
const compilers = new Map<boolean, Ajv2020>();

function compile(schema: object, allErrors: boolean): ValidateFunction {
  let ajv = compilers.get(allErrors);
  if (!ajv) {
    // Quickly rather than well.
    ajv = new Ajv2020({ ...optionsOf(allErrors), code: { optimize: false } });
    compilers.set(allErrors, ajv);
  }
  return ajv.compile(schema);
}

/**
 * Compiled at the first use. Only a `compiled.ts` calls it: in the bundle its validators are compiled already, and ajv
 * is not there.
 */
export function validator(schema: object, { allErrors = false } = {}): Validator {
  let validate: ValidateFunction | undefined;
  const errorsOf = (value: unknown): readonly ErrorObject[] => {
    validate ??= compile(schema, allErrors);
    return validate(value) ? [] : (validate.errors ?? []);
  };
  return Object.assign(errorsOf, { schema, options: optionsOf(allErrors) });
}
