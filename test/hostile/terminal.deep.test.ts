import { describe, expect, test } from 'vitest';
import { runProcess } from '../support/process.ts';
import { cases, wrongOutput } from './terminal-cases.ts';

/** Node writes to the same streams: warnings, and errors that nobody has caught. */
describe('a process', () => {
  test.each(cases)('%s: writes no control character and no line of others', async (_, make) => {
    expect(await wrongOutput(await make(), {}, runProcess)).toEqual([]);
  });
});
