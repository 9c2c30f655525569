/**
 * What is found out once: many people hold the same policies, and a policy of AWS's may name a thousand actions.
 *
 * @param key what the answer depends on beside `on`, with which it is forgotten.
 */
export function remember<On extends object, Key, T>(
  found: WeakMap<On, Map<Key, T>>,
  on: On,
  key: Key,
  find: () => T,
): T {
  const some = found.get(on) ?? new Map<Key, T>();
  found.set(on, some);
  const known = some.get(key);
  if (known !== undefined) return known;
  const value = find();
  some.set(key, value);
  return value;
}

const numbers = new WeakMap<object, number>();
let last = 0;
/** A number for an object, as long as there is one, so that it can be part of a key. */
export function numberOf(object: object): number {
  const number = numbers.get(object) ?? (last += 1);
  numbers.set(object, number);
  return number;
}
