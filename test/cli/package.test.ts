import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageFile } from '../../src/cli/package.ts';
import { scratch, write } from '../support/cli.ts';

test('a file of the package is found from below, and what is in no package is an error', () => {
  const dir = write(scratch(), { 'package.json': '{}', 'a/b/c.js': '' });
  expect(packageFile('docs', join(dir, 'a/b'))).toBe(join(dir, 'docs'));
  const alone = scratch();
  expect(() => packageFile('docs', alone)).toThrow(`no package.json above ${alone}`);
});
