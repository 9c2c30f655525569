import { validator } from '../../core/validate.ts';
import { receiptSchema, receiptSchema1 } from './receipt.ts';

/** Made when rollcall is built (scripts/compiled.mjs): all errors of a receipt, by its version. */
export const receiptErrors = {
  first: validator(receiptSchema1, { allErrors: true }),
  current: validator(receiptSchema, { allErrors: true }),
};
