import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { layouts } from '../../src/manifest/write/index.ts';
import { testAccount } from '../support/account.ts';
import { build, recipe } from './accounts.ts';
import { filesIn, importInto, planned, withDirectory } from './support.ts';

/** Warnings that are true of live documents and names, and change no plan. */
const harmless = new Set(['policy-condition', 'policy-id', 'policy-version', 'policy-resource', 'quota']);

test('whatever the account: valid, an empty plan, nothing left for a second import, and the same bytes each time', async () => {
  await fc.assert(
    fc.asyncProperty(recipe, fc.constantFrom(...layouts), fc.boolean(), async (account, layout, tags) => {
      const there = await testAccount({ transport: 'direct', journalCap: 10 });
      try {
        if (account.reportFirst) there.sandbox.call('GenerateCredentialReport', {});
        await build(there, account);
        const first = await withDirectory(async (dir) => {
          const imported = await importInto(dir, there, { layout, tags });
          expect(imported.pending).toEqual([]);
          expect(imported.problems).toEqual([]);
          const files = filesIn(dir);
          const { codes, changes } = await planned(dir, there);
          expect({ files, changes }).toEqual({ files, changes: [] });
          expect(codes.filter((code) => !harmless.has(code))).toEqual([]);
          const again = await importInto(dir, there, { layout, tags });
          expect(again.edits.map(({ name }) => name)).toEqual([]);
          return files;
        });
        const second = await withDirectory(async (dir) => {
          await importInto(dir, there, { layout, tags });
          return filesIn(dir);
        });
        expect(second).toEqual(first);
      } finally {
        await there.close();
      }
    }),
    { numRuns: Number(process.env['RUNS'] ?? 40) },
  );
});
