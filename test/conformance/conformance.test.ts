import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { describe, expect, it } from 'vitest';
import { markdown, readRecord, report, type Recorded } from './report.ts';
import { asDocumented, run } from './run.ts';
import { sandboxServer } from './servers.ts';
import { table } from './table.ts';

/** Set by `npm run conformance`: what was measured is written instead of compared. */
const writes = process.env['CONFORMANCE_WRITE'] === '1';

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

describe('the report', () => {
  const made = async (record: Recorded): Promise<readonly (readonly [string, string])[]> => {
    const pretty = async (file: string, text: string): Promise<readonly [string, string]> => [
      file,
      await format(text, { ...(await resolveConfig(file)), filepath: file }),
    ];
    return [
      await pretty('docs/reliability/conformance.json', JSON.stringify(report(table, record))),
      await pretty('docs/conformance.md', markdown(table, record)),
    ];
  };

  it('shows the table as it is (npm run conformance writes it)', async () => {
    const files = await made(readRecord());
    for (const [file, text] of files) {
      if (writes) {
        mkdirSync('docs/reliability', { recursive: true });
        writeFileSync(file, text);
      }
      expect([file, existsSync(file) && readFileSync(file, 'utf8') === text]).toEqual([file, true]);
    }
  });
});
