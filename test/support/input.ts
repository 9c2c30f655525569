import type { Step } from '../../src/core/plan.ts';

/** A field of a step's input, whatever its operation. */
export const inputOf = ({ input }: Pick<Step, 'input'>): Readonly<Record<string, unknown>> =>
  input as Readonly<Record<string, unknown>>;
