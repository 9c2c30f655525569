import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { diffArrays } from 'diff';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { layouts } from '../../src/manifest/write/index.ts';
import { testAccount } from '../support/account.ts';
import { build, recipe } from './accounts.ts';
import type { Recipe } from './accounts.ts';
import { declarable, filesIn, importInto, planned, withDirectory } from './support.ts';

/** Warnings that are true of live documents and names, and change no plan. */
const harmless = new Set([
  'policy-condition',
  'policy-id',
  'policy-version',
  'policy-resource',
  'policy-unknown-service',
  'policy-unknown-action',
  'policy-resource-type',
  'policy-condition-key',
  'policy-condition-value',
  'quota',
]);

test('whatever the account: valid, an empty plan, nothing left for a second import, and the same bytes each time', async () => {
  await fc.assert(
    fc.asyncProperty(recipe, fc.constantFrom(...layouts), fc.boolean(), async (account, layout, tags) => {
      const there = await testAccount({ transport: 'direct', journalCap: 10 });
      try {
        if (account.reportFirst) there.sandbox.call('GenerateCredentialReport', {});
        await build(there, account);
        const first = await withDirectory(async (dir) => {
          const imported = await importInto(dir, there, { layout, tags });
          expect(declarable(imported.pending)).toEqual([]);
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

/** Comments and blank lines as people add them: above entries, at their indentation. */
const annotate = (text: string): string =>
  text.replace(/^( *)(?=[^\s#-][^\n]*:)/gm, (indent) =>
    indent === '  ' ? `\n${indent}# a note: "{\n${indent}` : indent,
  );

test('what comes later is added, and no byte that was there moves', async () => {
  await fc.assert(
    fc.asyncProperty(recipe, recipe, fc.constantFrom(...layouts), async (before, later, layout) => {
      const there = await testAccount({ transport: 'direct', journalCap: 10 });
      try {
        await build(there, before);
        await withDirectory(async (dir) => {
          await importInto(dir, there, { layout });
          for (const [name, text] of Object.entries(filesIn(dir)))
            if (name.endsWith('.yaml') && name !== 'account.yaml')
              writeFileSync(join(dir, name), annotate(text));
          const files = filesIn(dir);
          expect((await planned(dir, there)).changes).toEqual([]);
          await build(there, apart(later, before));
          const { pending, problems } = await importInto(dir, there, { layout });
          const now = filesIn(dir);
          expect({ pending: declarable(pending), problems, now }).toEqual({ pending: [], problems: [], now });
          expect((await planned(dir, there)).changes).toEqual([]);
          for (const [name, text] of Object.entries(files)) {
            const lost = diffArrays(text.split('\n'), now[name]!.split('\n')).flatMap((part) =>
              part.removed ? part.value : [],
            );
            // The lists of `ignore` get longer on their lines.
            expect(name === 'account.yaml' ? [] : lost).toEqual([]);
          }
        });
      } finally {
        await there.close();
      }
    }),
    { numRuns: Number(process.env['RUNS'] ?? 20) },
  );
});

/** Only objects of other names: an account that has changed elsewhere is drift. */
function apart(later: Recipe, before: Recipe): Recipe {
  const isNew = (section: 'users' | 'groups' | 'policies') => {
    const names = new Set(before[section].map(({ name }) => name.toLowerCase()));
    return ({ name }: { readonly name: string }): boolean => !names.has(name.toLowerCase());
  };
  return {
    ...later,
    users: later.users.filter(isNew('users')),
    groups: later.groups.filter(isNew('groups')),
    policies: later.policies.filter(isNew('policies')),
  };
}
