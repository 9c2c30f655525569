import { build } from 'esbuild';
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createIam } from '../../src/sandbox/index.ts';

describe('a sandbox in a file', () => {
  it('keeps every answered call when the process is killed', { timeout: 120_000 }, async () => {
    const place = mkdtempSync(join(tmpdir(), 'rollcall-sandbox-'));
    onTestFinished(() => rmSync(place, { recursive: true }));
    const file = join(place, 'account.db');
    const program = join(place, 'program.mjs');
    await build({
      stdin: {
        contents: `
          import { createIam } from './src/sandbox/index.ts';
          const iam = createIam({ file: process.argv[2] });
          for (let n = 0; ; n++) {
            iam.call('CreateUser', { UserName: 'u' + n });
            process.stdout.write(n + '\\n');
          }`,
        resolveDir: process.cwd(),
        loader: 'ts',
      },
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile: program,
      logLevel: 'error',
      banner: {
        js: `import { createRequire } from 'node:module'; const require = createRequire('${process.cwd()}/x.js');`,
      },
    });
    const child = spawn(process.execPath, [program, file], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    await new Promise<void>((done) => {
      child.stdout.on('data', (data: Buffer) => {
        output += data.toString();
        if (output.split('\n').length > 500) child.kill('SIGKILL');
      });
      child.once('close', () => done());
    });
    const answered = Number(output.split('\n').at(-2));
    expect(answered).toBeGreaterThan(400);
    // Its lock is left behind; the process is gone, so the lock does not count.
    const iam = createIam({ file });
    expect(iam.state.users.size).toBeGreaterThanOrEqual(answered + 1);
    iam.close();
    expect(readdirSync(place).sort()).toEqual(['account.db', 'program.mjs']);
  });
});
