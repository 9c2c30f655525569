import { expect, test } from 'vitest';
import { atOnce } from '../../src/core/at-once.ts';

/** Work that ends when it is told to. */
function gates(): {
  work: (item: number) => Promise<string>;
  begun: number[];
  end: (item: number, error?: Error) => void;
} {
  const begun: number[] = [];
  const open = new Map<number, (error?: Error) => void>();
  return {
    begun,
    end: (item, error) => open.get(item)!(error),
    work: (item) => {
      begun.push(item);
      return new Promise((resolve, reject) => {
        open.set(item, (error) => (error ? reject(error) : resolve(`r${item}`)));
      });
    },
  };
}

const settled = (): Promise<unknown> => new Promise((done) => setImmediate(done));

test('begins items in their order, so many at a time, and gives results in their order', async () => {
  const { work, begun, end } = gates();
  const all = atOnce(2, [0, 1, 2, 3], work);
  expect(begun).toEqual([0, 1]);
  end(1);
  await settled();
  expect(begun).toEqual([0, 1, 2]);
  for (const item of [2, 0]) end(item);
  await settled();
  expect(begun).toEqual([0, 1, 2, 3]);
  end(3);
  expect(await all).toEqual(['r0', 'r1', 'r2', 'r3']);
  expect(await atOnce(2, [], work)).toEqual([]);
});

test('after an error nothing begins, what runs comes to its end, and the first item with an error counts', async () => {
  const { work, begun, end } = gates();
  let over = false;
  const all = atOnce(3, [0, 1, 2, 3, 4], work).finally(() => (over = true));
  all.catch(() => {});
  end(2, new Error('two'));
  await settled();
  end(0);
  await settled();
  expect(begun).toEqual([0, 1, 2]);
  expect(over).toBe(false);
  end(1, new Error('one'));
  await expect(all).rejects.toThrow('one');
  expect(begun).toEqual([0, 1, 2]);
});

test('undefined may be thrown as well', async () => {
  await expect(
    // eslint-disable-next-line prefer-promise-reject-errors
    atOnce(2, [0, 1], () => Promise.reject(undefined as unknown as Error)),
  ).rejects.toBe(undefined);
});
