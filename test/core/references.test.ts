import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { membershipRef, objectOf, objectRef, parseRef, partRef } from '../../src/core/references.ts';

test('what a reference names is read back, whatever the names hold', () => {
  const name = fc.string({ unit: fc.constantFrom('%', '/', ':', '2', 'F', 'a', '.') });
  fc.assert(
    fc.property(fc.constantFrom('user', 'group'), name, fc.array(name), (kind, object, part) => {
      const ref = partRef(objectRef(kind, object), ...part);
      expect(parseRef(ref)).toEqual({ kind, name: object, part });
      expect(objectOf(ref)).toBe(objectRef(kind, object));
    }),
  );
});

test('plain names stay as they are', () => {
  expect(membershipRef('dale', 'admins')).toBe('user:dale/groups/admins');
  expect(partRef(objectRef('user', 'dale'), 'tags', 'cost:center/a')).toBe(
    'user:dale/tags/cost%3Acenter%2Fa',
  );
});
