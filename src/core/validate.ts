import type { ErrorObject, ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { pointerKeys } from './json.ts';

/** A date and time of RFC 3339 whose day exists. */
const isInstant = (text: string): boolean =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.test(text) &&
  !Number.isNaN(Date.parse(text));

/** Half a surrogate pair is not valid text and could not be sent. */
const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text);

/** Shared by all schemas, because making one takes longer than compiling a schema. */
const compilers = new Map<boolean, Ajv2020>();

function compile(schema: object, allErrors: boolean): ValidateFunction {
  let ajv = compilers.get(allErrors);
  if (!ajv) {
    ajv = new Ajv2020({
      allErrors,
      verbose: allErrors,
      // Inherited properties such as `constructor` are no fields.
      ownProperties: true,
      // Of the manifests' schema: what editors and error messages use.
      keywords: ['markdownDescription', 'patternErrorMessage', 'doNotSuggest'],
      allowUnionTypes: true,
      inlineRefs: false,
      formats: { 'date-time': isInstant, 'well-formed': isWellFormed },
      // A test checks the schemas. They are compiled quickly rather than well, since a file is read once.
      validateSchema: false,
      meta: false,
      addUsedSchema: false,
      code: { optimize: false },
    });
    compilers.set(allErrors, ajv);
  }
  return ajv.compile(schema);
}

/**
 * Returns the errors of a value: the first, or all. None if the value is as the schema says. Compiled at the first
 * use.
 */
export function validator(
  schema: object,
  { allErrors = false } = {},
): (value: unknown) => readonly ErrorObject[] {
  let validate: ValidateFunction | undefined;
  return (value) => {
    validate ??= compile(schema, allErrors);
    return validate(value) ? [] : (validate.errors ?? []);
  };
}

/** Where an error is and what it is, in words: `plan.steps[3].input is missing or of a wrong form`. */
export function validationError(root: string, { instancePath, keyword, params }: ErrorObject): string {
  const { missingProperty, additionalProperty } = params as Readonly<Record<string, string | undefined>>;
  const named = missingProperty ?? additionalProperty;
  const path = [...pointerKeys(instancePath), ...(named === undefined ? [] : [named])]
    .map((key) => (/^\d+$/.test(key) ? `[${key}]` : `.${key}`))
    .join('');
  return `${root}${path} ${keyword === 'additionalProperties' ? 'is not known' : 'is missing or of a wrong form'}`;
}
