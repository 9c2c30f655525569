import { expect, onTestFinished, test } from 'vitest';
import { requireManifests } from '../../src/app/manifests.ts';
import { preparePins } from '../../src/app/pin.ts';
import { withFiles } from '../manifest/support.ts';
import { testAccount } from '../support/account.ts';

test('keys of a delivery that was cut short are not pinned, nor those of who is suspended; others are', async () => {
  const account = await testAccount({ transport: 'direct' });
  onTestFinished(() => account.close());
  const names = ['buzzo', 'dale', 'lorax', 'melvins'];
  const ids: Record<string, string> = {};
  for (const UserName of names) {
    account.sandbox.call('CreateUser', { UserName });
    ids[UserName] = account.sandbox.call('CreateAccessKey', { UserName }).AccessKey!.AccessKeyId!;
  }
  const Value = `${account.aws.now().toISOString().slice(0, 19)}Z ${ids['lorax']}`;
  account.sandbox.call('TagUser', { UserName: 'lorax', Tags: [{ Key: 'rollcall-undelivered', Value }] });
  const text = `account: '123456789012'
users:
  buzzo: { accessKey: {}, suspended: true }
  dale: { accessKey: {} }
  lorax: { accessKey: {} }
  melvins: {}
`;
  await withFiles({ 'account.yaml': text }, async (dir) => {
    const { desired } = await requireManifests(dir);
    const { edits, pins, notes, refused } = await preparePins(desired, dir, [], account.aws);
    expect(pins).toEqual([{ user: 'dale', field: 'accessKey.ids', before: null, after: [ids['dale']] }]);
    expect(notes).toEqual([
      'user buzzo: is suspended: no key works, and there is no password',
      'user lorax: a delivery was cut short: run `rollcall apply` first',
    ]);
    expect(refused).toEqual([]);
    expect(edits.map(({ after }) => Buffer.from(after).toString())).toEqual([
      text.replace('dale: { accessKey: {} }', `dale: { accessKey: { ids: [${ids['dale']}] } }`),
    ]);
  });
});
