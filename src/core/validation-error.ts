import type { ErrorObject } from 'ajv';
import { pointerKeys } from './json.ts';

/** Where an error is and what it is, in words: `plan.steps[3].input is missing or of a wrong form`. */
export function validationError(root: string, { instancePath, keyword, params }: ErrorObject): string {
  const { missingProperty, additionalProperty } = params as Readonly<Record<string, string | undefined>>;
  const named = missingProperty ?? additionalProperty;
  const path = [...pointerKeys(instancePath), ...(named === undefined ? [] : [named])]
    .map((key) => (/^\d+$/.test(key) ? `[${key}]` : `.${key}`))
    .join('');
  return `${root}${path} ${keyword === 'additionalProperties' ? 'is not known' : 'is missing or of a wrong form'}`;
}
