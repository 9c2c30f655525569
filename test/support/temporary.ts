import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

const prefix = 'rollcall-tests-';

/** Whatever a run of the tests leaves behind stands in one directory, which goes with the run. */
export default function temporary(): () => void {
  // Each project calls this. One within another would make paths too long for sockets.
  if (basename(tmpdir()).startsWith(prefix)) return () => {};
  const before = process.env['TMPDIR'];
  const dir = mkdtempSync(join(tmpdir(), prefix));
  // Processes of the tests are started after this, with this environment.
  process.env['TMPDIR'] = dir;
  return () => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    rmSync(dir, { recursive: true, force: true });
  };
}
