import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { succeeded, World } from './world.ts';

// A dozen processes, one after the other.
vi.setConfig({ testTimeout: 240_000 });

test('pins: the apply job hands over a patch that it cannot push, and asks nobody to approve what only a person can settle', async () => {
  const world = await World.make();
  const { sandbox } = world.account;
  const keyOf = (UserName: string): string =>
    sandbox.call('ListAccessKeys', { UserName }).AccessKeyMetadata![0]!.AccessKeyId!;

  // Nothing is pinned: no patch, no word about it.
  let runs = await world.apply('push');
  succeeded(runs['apply']);
  expect(world.artifact('rollcall-pins')).toBeNull();
  const old = keyOf('melvins');
  world.branch('pins', 'manifests/users.yaml', (text) =>
    text.replace(/(melvins:[^]*?accessKey: \{)/, `$1 ids: [${old}],`),
  );
  runs = await world.merge();
  // A changed rule, which takes no call and is approved as others are.
  expect(runs['plan']).toMatchObject({
    result: 'success',
    outputs: { changes: '1', rules: '1', steps: '0' },
  });
  succeeded(runs['apply']);

  // Somebody swaps the key.
  sandbox.call('DeleteAccessKey', { UserName: 'melvins', AccessKeyId: old });
  sandbox.call('CreateAccessKey', { UserName: 'melvins' });
  const now = keyOf('melvins');
  world.whileWaiting = () => expect.fail('nobody can approve this');
  runs = await world.apply('push');
  expect(runs['plan']).toMatchObject({
    result: 'success',
    outputs: { changes: '1', rules: '0', steps: '0' },
  });
  expect(runs['plan']!.summary).toContain(`access key ${now}: not pinned`);
  expect(runs['plan']!.summary).toContain('🚨 **swapped key**');
  expect(runs['plan']!.log).toMatch(
    /^::notice file=manifests\/users\.yaml,line=\d+,col=\d+,title=rollcall%3A plan::user melvins: access key /m,
  );
  expect(runs['apply']!.result).toBe('skipped');
  await world.drift();
  expect(world.emulators.github.issues[0]!.body).toContain(`\`${old}\`, pinned by accessKey.ids`);

  // With something to apply, the rest is applied, and the job does not say that all was.
  world.whileWaiting = () => {};
  world.branch('path', 'manifests/users.yaml', (text) => text.replace('path: /partners/', 'path: /friends/'));
  runs = await world.merge();
  succeeded(runs['apply']);
  expect(world.account.writes()).toContain('UpdateUser melvins');
  expect(runs['apply']!.summary).toContain('applied, but for what only a person can settle');
  expect(runs['apply']!.summary).toContain('rollcall: pins to be reviewed');
  expect(runs['apply']!.log).toContain(
    '::warning title=rollcall%3A changes are left that only a person can settle::',
  );

  const patch = readFileSync(join(world.artifact('rollcall-pins')!, 'rollcall-pins.patch'), 'utf8');
  expect(patch).toContain(`ids: [${now}]`);
  execFileSync('git', ['-C', world.repository, 'apply', '-'], { input: patch });
  world.git('commit', '--all', '--quiet', '--message', 'Pin what was reviewed');
  runs = await world.apply('push');
  expect(runs['plan']).toMatchObject({
    result: 'success',
    outputs: { changes: '1', rules: '1', steps: '0' },
  });
  succeeded(runs['apply']);
  runs = await world.apply('push');
  expect(runs['plan']).toMatchObject({ result: 'success', outputs: { changes: '0', steps: '0' } });
});
