/** What `src/policy/trust` claims of trusts, against a judge that decides every request of a small world. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { stableJson } from '../../../src/core/json.ts';
import type { PolicyDocument } from '../../../src/core/state.ts';
import {
  canonicalTrust,
  checkTrust,
  commonTrust,
  compareTrust,
  nobodyTrust,
  orphansIn,
  sameTrust,
  trustClass,
  withoutPrincipal,
} from '../../../src/policy/trust/index.ts';
import { related, trust } from './arbitraries.ts';
import { asks, mayAssume, place, readings, users } from './judge.ts';

const runs = { numRuns: Number(process.env['ROLLCALL_PAIRS'] ?? 300) };

/** Whether `claim` holds of what two trusts say to every request, however what AWS leaves open is read. */
function always(
  a: PolicyDocument,
  b: PolicyDocument,
  claim: (a: boolean, b: boolean, caller: string) => boolean,
): void {
  for (const reading of readings)
    for (const ask of asks) {
      const [one, other] = [mayAssume(a, ask, reading), mayAssume(b, ask, reading)];
      if (!claim(one, other, ask.caller.name))
        throw new Error(JSON.stringify({ reading, ask, one, other, a, b }, null, 1));
    }
}

test('what narrows lets in nobody else, what widens keeps out nobody, and what does nothing does nothing', () => {
  const seen = { widens: 0, narrows: 0, none: 0, mixed: 0 };
  fc.assert(
    fc.property(related, ([before, after]) => {
      const { effect } = compareTrust(before, after, place);
      seen[effect] += 1;
      if (effect === 'narrows' || effect === 'none') always(before, after, (was, is) => was || !is);
      if (effect === 'widens' || effect === 'none') always(before, after, (was, is) => !was || is);
    }),
    runs,
  );
  for (const count of [seen.widens, seen.narrows, seen.none])
    expect(count).toBeGreaterThan(runs.numRuns / 30);
});

test('the class of a step says what it does', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(related, ([before, after]) => {
      const { cls } = trustClass(before, after, place);
      seen.add(cls);
      if (cls === 'revoke' || cls === 'restrain' || cls === 'neutral')
        always(before, after, (was, is) => was || !is);
      if (cls === 'grant' || cls === 'release' || cls === 'neutral')
        always(before, after, (was, is) => !was || is);
    }),
    runs,
  );
  expect([...seen].sort()).toEqual(['grant', 'neutral', 'release', 'restrain', 'revoke', 'swap']);
});

test('trusts of the same meaning decide alike, whatever their order and grouping', () => {
  fc.assert(
    fc.property(related, ([a, b]) => {
      expect(sameTrust(a, canonicalShape(a))).toBe(true);
      if (sameTrust(a, b)) always(a, b, (one, other) => one === other);
    }),
    runs,
  );
});

/** The same said in another way: one principal and action a statement, in the other order. */
function canonicalShape(document: PolicyDocument): PolicyDocument {
  const many = (value: unknown): unknown[] => [value].flat();
  const pieces = many(document['Statement']).flatMap((statement) => {
    const { Principal: principal, Action: action, ...rest } = statement as PolicyDocument;
    const whose: unknown[] =
      principal === '*'
        ? ['*']
        : Object.entries(principal as PolicyDocument).flatMap(([type, value]) =>
            many(value).map((name) => ({ [type]: name })),
          );
    return many(action).flatMap((Action) => whose.map((Principal) => ({ ...rest, Principal, Action })));
  });
  return { ...document, Statement: pieces.toReversed() } as PolicyDocument;
}

test('canonical form is its own, and equal trusts have one', () => {
  fc.assert(
    fc.property(trust, (a) => {
      expect(stableJson(canonicalTrust(canonicalShape(a)))).toBe(stableJson(canonicalTrust(a)));
    }),
    runs,
  );
});

test('the trust between two lets in nobody whom one of them keeps out, and IAM takes it', () => {
  let some = 0;
  fc.assert(
    fc.property(related, ([before, after]) => {
      const between = commonTrust(before, after, place);
      if (!sameTrust(between, nobodyTrust)) some += 1;
      for (const side of [before, after]) always(side, between, (one, both) => one || !both);
      expect(orphansIn(between)).toEqual([]);
      const was = new Set([before, after].flatMap((side) => checkTrust(side, place).map(({ code }) => code)));
      const codes = checkTrust(between, place).map(({ code }) => code);
      expect(codes.filter((code) => !was.has(code))).toEqual([]);
    }),
    runs,
  );
  expect(some).toBeGreaterThan(runs.numRuns / 10);
});

test('nobody is let in by the trust that lets in nobody', () => {
  for (const reading of readings)
    for (const ask of asks) expect(mayAssume(nobodyTrust, ask, reading)).toBe(false);
  expect(checkTrust(nobodyTrust, place)).toEqual([]);
});

test('without somebody everybody else is let in as before', () => {
  let changed = 0;
  fc.assert(
    fc.property(trust, fc.constantFrom(...users), (document, arn) => {
      const found = withoutPrincipal(document, { arn, id: 'AIDAHERE' });
      if (found.changed) changed += 1;
      expect(JSON.stringify(found.document)).not.toContain(`"${arn}"`);
      const session = arn.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/');
      always(document, found.document, (was, is, caller) => {
        if (caller === arn || caller.startsWith(`${session}/`)) return true;
        return was === is;
      });
      expect(found.unreachable && found.document !== nobodyTrust).toBe(false);
    }),
    runs,
  );
  expect(changed).toBeGreaterThan(runs.numRuns / 20);
});
