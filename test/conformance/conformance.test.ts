import { describe, expect, it } from 'vitest';
import { asDocumented, run } from './run.ts';
import { sandboxServer } from './servers.ts';
import { table } from './table.ts';

describe('the sandbox answers as AWS documents', () => {
  it.each(table.map((row) => [row.name, row] as const))('%s', async (_name, row) => {
    const server = await sandboxServer(row.options);
    try {
      expect(await run(row, server)).toBe(asDocumented);
    } finally {
      await server.close();
    }
  });
});
