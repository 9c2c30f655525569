import { validator } from '../core/validate.ts';
import { manifestSchema } from './schema-parts.ts';

/** Made when rollcall is built (scripts/compiled.mjs). */

/** All errors of a manifest. */
export const manifestErrors = validator(manifestSchema, { allErrors: true });

/** Keys that distinguish a manifest from a policy document. */
export const manifestKeys: readonly string[] = Object.keys(manifestSchema.properties);
