import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { sortedKeys } from '../../src/core/json.ts';
import { handlers } from '../../src/sandbox/iam/handlers.ts';

it('docs/sandbox.md lists the operations that there are', () => {
  const text = readFileSync('docs/sandbox.md', 'utf8');
  const list = /<!-- operations -->([^]*?)<!-- \/operations -->/.exec(text)?.[1] ?? '';
  expect(list.match(/\w+/g)).toEqual(sortedKeys(handlers));
});
