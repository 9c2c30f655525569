import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { manifests, run, scratch } from '../support/cli.ts';

test.each(['validate', 'plan', 'apply', 'drift'])(
  'whatever asks for colours, a job gets none: %s',
  async (command) => {
    const cwd = scratch();
    const [GITHUB_STEP_SUMMARY, GITHUB_OUTPUT] = [join(cwd, 'summary'), join(cwd, 'output')];
    const { stdout, stderr } = await run(
      ['github', command, '-m', manifests('users: { dale: {} }\n'), '--sandbox'],
      { cwd, env: { FORCE_COLOR: '3', CLICOLOR_FORCE: '1', GITHUB_STEP_SUMMARY, GITHUB_OUTPUT } },
    );
    const pages = [GITHUB_STEP_SUMMARY, GITHUB_OUTPUT].map((file) => readFileSync(file, 'utf8')).join('');
    expect(pages).not.toBe('');
    expect(pages + stdout + stderr).not.toContain('\u001b');
  },
);
