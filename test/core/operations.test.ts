import { expect, test } from 'vitest';
import type { Call } from '../../src/core/operations.ts';
import type { StepDraft } from '../../src/kinds/index.ts';

test('an operation or a field that IAM does not have does not compile', () => {
  const rest = { about: 'user:dale', purpose: 'move', cls: 'neutral' } as const;
  const steps: StepDraft[] = [
    { op: 'UpdateUser', input: { UserName: 'dale', NewPath: '/' }, ...rest },
    // @ts-expect-error no operation
    { op: 'UpdateUsr', input: { UserName: 'dale', NewPath: '/' }, ...rest },
    // @ts-expect-error no field
    { op: 'UpdateUser', input: { UserName: 'dale', NewPth: '/' }, ...rest },
    // @ts-expect-error no purpose
    { op: 'UpdateUser', input: { UserName: 'dale' }, ...rest, purpose: 'moves' },
  ];
  // @ts-expect-error a required field is missing
  const call: Call = { op: 'AddUserToGroup', input: { UserName: 'dale' } };
  // tsc decides; this only says that it looked at all of them.
  expect([...steps, call]).toHaveLength(5);
});
