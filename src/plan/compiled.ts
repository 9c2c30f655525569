import { validator } from '../core/validate.ts';
import { planSchema } from '../kinds/plan.ts';

/** Made when rollcall is built (scripts/compiled.mjs): the first error of a saved plan. */
export const planErrors = validator(planSchema);
