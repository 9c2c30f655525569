import { invalidInput } from '../../wire/errors.ts';
import type { KeyStatus } from '../records.ts';

/** `Expired` is a status that IAM may show but nobody may set. */
export function toStatus(status: string): KeyStatus {
  if (status === 'Active' || status === 'Inactive') return status;
  throw invalidInput(`Status ${status} cannot be set.`);
}
