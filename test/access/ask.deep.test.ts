import { describe } from 'vitest';
import { testAsk } from './ask-properties.ts';

describe('ask, of many more', () => {
  testAsk(Number(process.env['ROLLCALL_RUNS'] ?? 20_000));
});
