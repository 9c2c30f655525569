/** What `compareDocuments`, `sameMeaning` and `intersection` claim, against a brute-force evaluator. */
import * as fc from 'fast-check';
import { accessBy } from '../../src/access/compare.ts';
import { isAdministrator } from '../../src/access/dangers.ts';
import { describe, expect, test } from 'vitest';
import type { PolicyDocument } from '../../src/core/state.ts';
import {
  compareDocuments,
  denials,
  differenceText,
  intersection,
  mergeDocuments,
  sameMeaning,
} from '../../src/policy/index.ts';
import {
  identityDocument,
  related,
  resourceDocument,
  universe,
  universeOfPrincipals,
} from './arbitraries.ts';
import { evaluate, readings, requestAt, type Universe } from './evaluator.ts';

const kinds = [
  { name: 'identity policies', document: identityDocument, requests: universe, runs: 600 },
  { name: 'resource policies', document: resourceDocument, requests: universeOfPrincipals, runs: 300 },
];

interface RunResult {
  readonly allow: boolean;
  readonly deny: boolean;
}

/** Whether `claim` holds of what both documents say to every request, however what AWS leaves open is read. */
function always(
  a: PolicyDocument,
  b: PolicyDocument,
  requests: Universe,
  claim: (a: RunResult, b: RunResult) => boolean,
): void {
  for (const reading of readings) {
    const [left, right] = [evaluate(a, requests, reading), evaluate(b, requests, reading)];
    for (const at of left.allow.keys()) {
      const one = { allow: left.allow[at] === 1, deny: left.deny[at] === 1 };
      const other = { allow: right.allow[at] === 1, deny: right.deny[at] === 1 };
      if (!claim(one, other)) {
        const request = requestAt(at, requests);
        throw new Error(JSON.stringify({ reading, request, one, other, a, b }, null, 1));
      }
    }
  }
}

describe.each(kinds)('$name', ({ document, requests, runs }) => {
  test('compareDocuments claims only what is so', () => {
    const seen = { widens: 0, narrows: 0, none: 0, mixed: 0 };
    fc.assert(
      fc.property(related(document), ([before, after]) => {
        const found = compareDocuments(before, after);
        seen[found.effect] += 1;
        const { effect, addsAllow, addsDeny, removesAllow, removesDeny } = found;
        const narrows = effect === 'narrows' || effect === 'none';
        const widens = effect === 'widens' || effect === 'none';
        always(before, after, requests, (old, next) => {
          const more = (next.allow && !old.allow) || (old.deny && !next.deny);
          const less = (old.allow && !next.allow) || (next.deny && !old.deny);
          return (
            !(narrows && more) &&
            !(widens && less) &&
            (addsAllow || !next.allow || old.allow) &&
            (removesAllow || !old.allow || next.allow) &&
            (addsDeny || !next.deny || old.deny) &&
            (removesDeny || !old.deny || next.deny)
          );
        });
      }),
      { numRuns: runs },
    );
    // The property says nothing if everything is `mixed`.
    expect(seen.widens).toBeGreaterThan(runs / 60);
    expect(seen.narrows).toBeGreaterThan(runs / 60);
    expect(seen.none).toBeGreaterThan(runs / 60);
  });

  test('compareDocuments is its own mirror', () => {
    const mirror = { widens: 'narrows', narrows: 'widens', none: 'none', mixed: 'mixed' };
    fc.assert(
      fc.property(related(document), ([before, after]) => {
        const there = compareDocuments(before, after);
        const back = compareDocuments(after, before);
        expect(back.effect).toBe(mirror[there.effect]);
        expect([back.addsAllow, back.addsDeny]).toEqual([there.removesAllow, there.removesDeny]);
        expect(differenceText(there.difference)).not.toBe('');
      }),
      { numRuns: runs },
    );
  });

  test('documents of the same meaning decide alike', () => {
    fc.assert(
      fc.property(related(document), ([a, b]) => {
        if (!sameMeaning(a, b)) return;
        expect(compareDocuments(a, b).effect).toBe('none');
        always(a, b, requests, (left, right) => left.allow === right.allow && left.deny === right.deny);
      }),
      { numRuns: runs },
    );
  });

  test('intersection is no wider than either, and says so itself', () => {
    let something = 0;
    fc.assert(
      fc.property(related(document), ([a, b]) => {
        const between = intersection(a, b);
        for (const side of [a, b]) {
          always(
            side,
            between,
            requests,
            (one, both) => (one.allow || !both.allow) && (!one.deny || both.deny),
          );
        }
        if (JSON.stringify(between).includes('"Allow"')) something += 1;
        const changed = a.Version !== b.Version && JSON.stringify([a, b]).includes('${');
        if (changed) return;
        for (const side of [a, b]) {
          expect(['narrows', 'none']).toContain(compareDocuments(side, between).effect);
        }
      }),
      { numRuns: runs },
    );
    expect(something).toBeGreaterThan(runs / 10);
  });

  test('a document meets itself in itself', () => {
    fc.assert(
      fc.property(document, (a) => {
        expect(compareDocuments(a, intersection(a, a)).effect).toBe('none');
      }),
      { numRuns: runs },
    );
  });
});

/** Where the documents were drawn from other versions, variables and defaults among them: the same pairs each time. */
const settings = { seed: 20261127, numRuns: Number(process.env['ROLLCALL_PAIRS'] ?? 400) };

const anyOf = (lists: readonly Uint8Array[]): number[] =>
  [...lists[0]!].map((_, at) => Math.max(...lists.map((list) => list[at]!)));

describe('statements that move between documents', () => {
  test('a merged document says what its parts say', () => {
    let mixed = 0;
    fc.assert(
      fc.property(fc.array(identityDocument, { minLength: 1, maxLength: 3 }), (parts) => {
        const merged = mergeDocuments(parts);
        if (JSON.stringify(merged).includes('${$}{')) mixed += 1;
        for (const reading of readings) {
          const said = parts.map((part) => evaluate(part, universe, reading));
          const all = evaluate(merged, universe, reading);
          expect([...all.allow]).toEqual(anyOf(said.map(({ allow }) => allow)));
          expect([...all.deny]).toEqual(anyOf(said.map(({ deny }) => deny)));
        }
      }),
      { ...settings, numRuns: settings.numRuns / 4 },
    );
    expect(mixed).toBeGreaterThan(settings.numRuns / 40);
  });

  test('a guard denies all that the documents deny, and no more', () => {
    let some = 0;
    fc.assert(
      fc.property(related(identityDocument), (parts) => {
        const guard = denials(parts);
        // Two spellings of one condition key: then everything is denied.
        if (guard === null) return;
        if ((guard.Statement as readonly unknown[]).length > 0) some += 1;
        for (const reading of readings) {
          const said = parts.map((part) => evaluate(part, universe, reading));
          const { allow, deny } = evaluate(guard, universe, reading);
          expect(allow.includes(1)).toBe(false);
          expect([...deny]).toEqual(anyOf(said.map((one) => one.deny)));
        }
      }),
      settings,
    );
    expect(some).toBeGreaterThan(settings.numRuns / 4);
  });

  test('the document between two grants what both grant at most, and denies what either denies', () => {
    let some = 0;
    fc.assert(
      fc.property(related(identityDocument), ([a, b]) => {
        const between = intersection(a, b);
        if (JSON.stringify(between).includes('"Allow"')) some += 1;
        for (const side of [a, b]) {
          always(
            side,
            between,
            universe,
            (one, both) => (one.allow || !both.allow) && (!one.deny || both.deny),
          );
        }
      }),
      settings,
    );
    expect(some).toBeGreaterThan(settings.numRuns / 10);
  });
});

test('an administrator is allowed everything', () => {
  const all = { Effect: 'Allow', Action: '*', Resource: '*' };
  const some = fc
    .tuple(identityDocument, fc.boolean())
    .map(
      ([{ Statement: others }, more]) => ({ Statement: [others, more ? all : []].flat() }) as PolicyDocument,
    );
  let found = 0;
  fc.assert(
    fc.property(some, (document) => {
      if (!isAdministrator(accessBy(document))) return true;
      found += 1;
      return !evaluate(document, universe).allow.includes(0);
    }),
    { numRuns: 500 },
  );
  expect(found).toBeGreaterThan(50);
});
