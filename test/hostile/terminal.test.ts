import { describe, expect, test } from 'vitest';
import { run } from '../support/cli.ts';
import { cases, wrongOutput } from './terminal-cases.ts';

describe.each(cases)('%s', (_, make) => {
  test.each([
    ['without colours', {}],
    ['as JSON', { more: ['--json'] }],
    ['as events', { more: ['--json-events'] }],
    ['with colours', { env: { FORCE_COLOR: '1' } }],
  ])('writes no control character and no line of others, %s', async (_how, how) => {
    expect(await wrongOutput(await make(), how, run)).toEqual([]);
  });
});
