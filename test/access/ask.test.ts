import { describe } from 'vitest';
import { testAsk } from './ask-properties.ts';

describe('ask', () => {
  testAsk(Number(process.env['ROLLCALL_RUNS'] ?? 2000));
});
