import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { api, list } from '../../src/app/github/gh.ts';
import { scratch, write } from '../support/cli.ts';

/** An environment with a gh of this shell script in the place of GitHub’s. */
function withGh(script: string): NodeJS.ProcessEnv {
  const dir = write(scratch(), { gh: `#!/bin/sh\n${script}\n` });
  chmodSync(join(dir, 'gh'), 0o755);
  return { PATH: `${dir}:${process.env['PATH']}` };
}

test.each([
  ['itself', 'exec sleep 600'],
  ['with what it started, which holds its streams open', 'sleep 20 & wait'],
  ['whatever signals it ignores', 'trap "" TERM INT HUP; while :; do sleep 1; done'],
])('a gh that hangs is ended after its time, %s', async (_, script) => {
  await expect(api(withGh(script), 'GET', 'repos/o/r/issues', undefined, 300)).rejects.toThrow(
    'gh api GET repos/o/r/issues: no answer within 0.3 s',
  );
});

test('a list of GitHub’s that does not end is an error', async () => {
  const env = withGh(`echo '[${Array.from({ length: 100 }, () => '{}').join(',')}]'`);
  await expect(list(env, 'repos/o/r/issues')).rejects.toThrow(
    'gh api GET repos/o/r/issues: the list does not end',
  );
}, 30_000);

test.each([
  ['nothing that is JSON', 'echo "<html>"', 'the answer is no JSON'],
  ['an object in the place of a list', 'echo "{}"', 'the answer is no list'],
  ['an error of several lines', 'printf "no\\nerror: forged\\n" >&2; exit 1', 'no error: forged'],
  ['only an exit code', 'exit 3', 'exit 3'],
])('a gh that says %s is an error in words', async (_, script, told) => {
  await expect(list(withGh(script), 'repos/o/r/issues')).rejects.toThrow(
    new RegExp(`^gh api GET repos/o/r/issues\\S*: ${told}`),
  );
});
