/** What `gains` claims of effective access, against a brute-force evaluator. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Reader, gains, type Holdings } from '../../src/access/compare.ts';
import type { PolicyDocument } from '../../src/core/state.ts';
import { identityDocument, related, universe } from '../policy/arbitraries.ts';
import { evaluate, readings, requestAt, type Reading } from '../policy/evaluator.ts';

type Holding = Holdings<string>;

const source = (document: PolicyDocument, origin: string) => ({ document, origin });

/** Whom an edit reaches: policies that stay, change, come or go, and a boundary likewise. */
const edit = fc
  .record({
    stays: fc.array(identityDocument, { maxLength: 2 }),
    changes: fc.array(related(identityDocument), { minLength: 1, maxLength: 2 }),
    what: fc.array(fc.constantFrom('changes', 'changes', 'comes', 'goes'), { minLength: 2, maxLength: 2 }),
    boundary: fc.option(related(identityDocument), { nil: null }),
    bounded: fc.constantFrom('stays', 'stays', 'changes', 'comes', 'goes'),
  })
  .map(({ stays, changes, what, boundary, bounded }): readonly [Holding, Holding] => {
    const kept = stays.map((document, at) => source(document, `stays ${at}`));
    const side = (which: 0 | 1): Holding => {
      const left = which === 0 ? 'comes' : 'goes';
      const changed = changes.flatMap((pair, at) =>
        what[at] === left ? [] : [source(pair[what[at] === 'changes' ? which : 0], `changes ${at}`)],
      );
      const limit = boundary && bounded !== left ? boundary[bounded === 'changes' ? which : 0] : null;
      return { grants: [...kept, ...changed], boundary: limit && source(limit, 'boundary') };
    };
    return [side(0), side(1)];
  });

function allowed({ grants, boundary }: Holding, reading: Reading): readonly boolean[] {
  const all = grants.map(({ document }) => evaluate(document, universe, reading));
  const limit = boundary && evaluate(boundary.document, universe, reading);
  const size = universe.actions.length * universe.resources.length * universe.contexts.length;
  return Array.from({ length: size }, (_, at) => {
    const within = limit === null || limit.allow[at] === 1;
    const denied = all.some(({ deny }) => deny[at] === 1) || limit?.deny[at] === 1;
    return within && !denied && all.some(({ allow }) => allow[at] === 1);
  });
}

const runs = Number(process.env['ROLLCALL_RUNS'] ?? 1000);

test('no gain is claimed only where nobody gains', () => {
  const seen = { none: 0, certain: 0, uncertain: 0 };
  fc.assert(
    fc.property(edit, ([before, after]) => {
      const reader = new Reader<string>(new Set());
      const found = gains(reader.read(before), reader.read(after));
      const gained = readings.flatMap((reading) => {
        const [old, next] = [allowed(before, reading), allowed(after, reading)];
        return next.flatMap((is, at) => (is && !old[at] ? [requestAt(at, universe)] : []));
      });
      if (found.length === 0) {
        seen.none += 1;
        if (gained.length > 0) throw new Error(JSON.stringify({ before, after, gained: gained[0] }, null, 1));
        return;
      }
      const isCertain = found.some(({ doubt }) => doubt === null);
      seen[isCertain ? 'certain' : 'uncertain'] += 1;
    }),
    { numRuns: runs },
  );
  // The property says nothing if everything is a gain.
  expect(seen.none).toBeGreaterThan(runs / 20);
  expect(seen.certain).toBeGreaterThan(runs / 20);
});
