import { validator } from '../../core/validate.ts';
import type { Validator } from '../../core/validate.ts';
import { records } from './records.ts';
import type { Label } from './records.ts';

/** Made when rollcall is built (scripts/compiled.mjs): the first error of a record, by its table. */
export const recordErrors = Object.fromEntries(
  Object.entries(records).map(([label, schema]) => [label, validator(schema)]),
) as { readonly [L in Label]: Validator };
