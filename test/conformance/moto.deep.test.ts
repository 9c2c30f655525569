import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readRecord, recordFile } from './report.ts';
import { asDocumented, run } from './run.ts';
import { hasMoto, startMoto } from './servers.ts';
import { table } from './table.ts';

/** Set by `npm run conformance`: what was measured is written instead of compared. */
const writes = process.env['CONFORMANCE_WRITE'] === '1';

describe.skipIf(!hasMoto)(`moto${hasMoto ? '' : ' (skipped: no moto_server)'}`, () => {
  it('differs from the documents exactly as recorded', { timeout: 300_000 }, async () => {
    const moto = await startMoto();
    const answers: Record<string, string> = {};
    try {
      for (const row of table) {
        await moto.reset();
        const answer = await run(row, moto);
        if (answer !== asDocumented) answers[row.name] = answer;
      }
    } finally {
      await moto.stop();
    }
    if (writes)
      writeFileSync(recordFile, `${JSON.stringify({ version: motoVersion(), answers }, null, 2)}\n`);
    expect(answers).toEqual(readRecord().answers);
  });
});

function motoVersion(): string {
  const code = 'import importlib.metadata as m; print(m.version("moto"))';
  return spawnSync('python3', ['-c', code], { encoding: 'utf8' }).stdout.trim();
}
