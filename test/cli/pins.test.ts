import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { stableJson } from '../../src/core/json.ts';
import type { SavedPlan } from '../../src/kinds/plan.ts';
import { accountId, run, scratch, stage, write } from '../support/cli.ts';

/** melvins has a key and dale a password; what else the files say of them is the test's. */
async function story(options: Parameters<typeof stage>[0] = {}) {
  const dir = scratch();
  const files = (key: string, password = '', more = ''): void => {
    write(dir, {
      'manifests/a.yaml': `account: "${accountId}"
users:
  melvins:
    accessKey: { ${key} }
  dale:
    console: { ${password} }
${more}`,
    });
  };
  files('');
  const { sandbox, there, env, writes } = await stage(options);
  const rollcall = (command: string, ...more: string[]) =>
    run([command, ...there, ...more], { cwd: dir, env });
  const first = await rollcall('apply', '--yes', '--keys-to', 'keys');
  expect(first.code).toBe(0);
  const keys = (): string[] =>
    (sandbox.call('ListAccessKeys', { UserName: 'melvins' }).AccessKeyMetadata ?? []).map(
      ({ AccessKeyId }) => AccessKeyId!,
    );
  const madeAt = (): string =>
    sandbox
      .call('GetLoginProfile', { UserName: 'dale' })
      .LoginProfile!.CreateDate!.toISOString()
      .replace('.000', '');
  const makeKey = (): string =>
    sandbox.call('CreateAccessKey', { UserName: 'melvins' }).AccessKey!.AccessKeyId!;
  sandbox.clearJournal();
  return { dir, files, rollcall, sandbox, writes, keys, makeKey, madeAt };
}

const formats = ['terminal', 'markdown', 'html', 'json'] as const;

/** Without what sets names apart as code. */
const asText = (page: string): string => page.replaceAll(/`|<\/?code>/g, '');

describe('a pinned key', () => {
  test('that was deleted and re-created by hand is told by name in every format, and left to a person', async () => {
    const { dir, files, rollcall, sandbox, writes, keys, makeKey } = await story();
    const [old] = keys();
    files(`ids: [${old}]`);
    const clean = await rollcall('plan');
    expect([clean.code, clean.stdout]).toEqual([0, expect.stringContaining('nothing to change')]);
    sandbox.call('DeleteAccessKey', { UserName: 'melvins', AccessKeyId: old! });
    const now = makeKey();
    sandbox.clearJournal();

    for (const format of formats) {
      const { code, stdout: page } = await rollcall('plan', '--format', format, '--out', 'plan.json');
      expect([format, code]).toEqual([format, 2]);
      const stdout = asText(page);
      expect(stdout).toContain(`${now} (made 2027-01-01T00:`);
      expect(stdout).toMatch(/is not among accessKey\.ids.*manifests\/a\.yaml:4:18/);
      expect(stdout).toContain(`${old}, pinned by accessKey.ids`);
    }
    const drift = await rollcall('drift');
    expect(drift.code).toBe(2);
    expect(drift.stdout).toContain(`user melvins: access key ${now}: not pinned`);
    expect(drift.stdout).toContain('rollcall pin melvins');
    for (const format of ['markdown', 'json']) {
      expect(asText((await rollcall('drift', '--format', format)).stdout)).toContain(
        `${old}, pinned by accessKey.ids`,
      );
    }
    for (const plan of [[], ['plan.json']]) {
      const apply = await rollcall('apply', ...plan, '--yes');
      expect(apply.code).toBe(2);
      expect(apply.stdout).not.toContain('Applied');
      expect(apply.stdout).toContain('Not applied, 1 change that only a person can settle:');
      expect(apply.stdout.split('Not applied')[1]).toContain('rollcall pin melvins');
    }
    const json = await rollcall('apply', '--json', '--yes');
    expect(JSON.parse(json.stdout)).toMatchObject({ remaining: [], byHand: ['user:melvins/accessKey/ids'] });
    expect(writes()).toEqual([]);

    // A plan that calls it done is not what the manifests give.
    const saved = JSON.parse(readFileSync(join(dir, 'plan.json'), 'utf8')) as SavedPlan;
    const { digest: _, ...rest } = saved;
    const { byHand: _by, ...change } = saved.changes[0]!;
    const forged = { ...rest, changes: [change] };
    const digest = createHash('sha256').update(stableJson(forged)).digest('hex');
    writeFileSync(join(dir, 'plan.json'), JSON.stringify({ ...forged, digest }));
    expect((await rollcall('apply', 'plan.json', '--yes')).code).toBe(4);
  });

  test('is looked at where the credential report gives no reason to, at the cost of two calls', async () => {
    let time = Date.parse('2027-01-01T00:00:00Z');
    const { files, rollcall, sandbox, keys, madeAt, makeKey } = await story({
      clock: () => new Date((time += 1000)),
    });
    const [old] = keys();
    files(`ids: [${old}]`, `createdAt: ${madeAt()}`);
    // A new report, which shows one key and one password, as declared.
    time += day;
    sandbox.call('GenerateCredentialReport', {});
    time += 60_000;
    sandbox.clearJournal();
    expect((await rollcall('plan')).code).toBe(0);
    const looks = (): string[] =>
      sandbox.journal
        .filter(({ op }) => /^(?:ListAccessKeys|GetLoginProfile|ListMFADevices)$/.test(op))
        .map(({ op, params }) => `${op} ${params['UserName'] as string}`)
        .sort();
    expect(looks()).toEqual([
      'GetLoginProfile dale',
      'GetLoginProfile melvins',
      'ListAccessKeys dale',
      'ListAccessKeys melvins',
    ]);
    sandbox.call('DeleteAccessKey', { UserName: 'melvins', AccessKeyId: old! });
    const now = makeKey();
    const plan = await rollcall('plan', '--out', 'plan.json');
    expect([plan.code, plan.stdout]).toEqual([2, expect.stringContaining(`access key ${now}: not pinned`)]);
    // Settled meanwhile: what was seen is a part of the saved plan.
    sandbox.call('DeleteAccessKey', { UserName: 'melvins', AccessKeyId: now });
    expect((await rollcall('apply', 'plan.json', '--yes')).code).toBe(4);
  });

  test('keeps its place: a second key beside it is told as a danger and goes', async () => {
    const { files, rollcall, sandbox, writes, keys, makeKey } = await story();
    const [old] = keys();
    files(`ids: [${old}]`);
    const second = makeKey();
    sandbox.call('GenerateCredentialReport', {});
    sandbox.clearJournal();
    const plan = await rollcall('plan');
    expect(plan.stdout).toContain(`access key -${second}`);
    expect(plan.stdout).toMatch(
      new RegExp(`swapped key: access key ${second} .* is not among accessKey.ids`),
    );
    expect((await rollcall('drift')).stdout).toMatch(new RegExp(`swapped key: access key ${second} `));
    expect((await rollcall('apply', '--yes')).code).toBe(0);
    expect(keys()).toEqual([old]);
    expect(writes()).toEqual(['UpdateAccessKey melvins', 'DeleteAccessKey melvins']);
  });

  test('that somebody disabled is not deleted for a key that nobody reviewed', async () => {
    const { files, rollcall, sandbox, writes, keys, makeKey } = await story();
    const [old] = keys();
    files(`ids: [${old}]`);
    sandbox.call('UpdateAccessKey', { UserName: 'melvins', AccessKeyId: old!, Status: 'Inactive' });
    const second = makeKey();
    sandbox.clearJournal();
    const plan = await rollcall('plan');
    expect(plan.code).toBe(2);
    expect(plan.stdout).toContain(`access key ${second}: not pinned`);
    expect(plan.stdout).toContain('until then none of the keys is deactivated or deleted');
    expect((await rollcall('apply', '--yes')).code).toBe(2);
    expect(keys().sort()).toEqual([old, second].sort());
    expect(writes()).toEqual([]);
  });

  test('that is gone with none in its place is re-created, and the plan says what is gone', async () => {
    const { files, rollcall, sandbox, keys } = await story();
    const [old] = keys();
    files(`ids: [${old}]`);
    sandbox.call('DeleteAccessKey', { UserName: 'melvins', AccessKeyId: old! });
    const plan = await rollcall('plan');
    expect(plan.stdout).toContain('access key +1');
    expect(plan.stdout).toContain(
      `swapped key: access key ${old}, pinned by accessKey.ids (manifests/a.yaml:4:18), is gone`,
    );
    const apply = await rollcall('apply', '--yes', '--keys-to', 'keys');
    expect(apply.code).toBe(0);
    expect(keys()).toHaveLength(1);
  });

  test('of a user who is gone as well is told where the user is re-created', async () => {
    const { files, rollcall, sandbox, keys } = await story();
    const [old] = keys();
    files(`ids: [${old}]`);
    sandbox.call('DeleteAccessKey', { UserName: 'melvins', AccessKeyId: old! });
    sandbox.call('DeleteUser', { UserName: 'melvins' });
    const plan = await rollcall('plan');
    expect(plan.stdout).toContain('user melvins: create');
    expect(plan.stdout).toContain(`swapped key: access key ${old}, pinned by accessKey.ids`);
  });

  test('is not rotated out for a successor that nobody reviewed', async () => {
    // The key is made long ago, by the clock of whoever runs the test.
    let time = Date.now() - 200 * day;
    const { files, rollcall, sandbox, keys, writes, makeKey } = await story({
      clock: () => new Date((time += 1000)),
    });
    const [old] = keys();
    files(`ids: [${old}], rotateAfter: 90d, grace: 7d`);
    time += 100 * day;
    const successor = makeKey();
    time = Date.now();
    sandbox.clearJournal();
    const held = await rollcall('plan');
    expect(held.stdout).toContain(`access key ${successor}: not pinned`);
    expect(held.stdout).not.toContain('rotated out');
    expect((await rollcall('apply', '--yes')).code).toBe(2);
    expect(writes()).toEqual([]);
    files(`ids: [${old}, ${successor}], rotateAfter: 90d, grace: 7d`);
    expect((await rollcall('plan')).stdout).toContain(`access key ${old}: rotated out`);
  });

  test('of a protected user does not hold up what others wait for', async () => {
    const { files, rollcall, sandbox, keys, makeKey, writes } = await story();
    const [old] = keys();
    const more = '  lorax: {}\nrails: { protect: { users: [melvins] } }\n';
    files(`ids: [${old}]`, '', more);
    sandbox.call('DeleteAccessKey', { UserName: 'melvins', AccessKeyId: old! });
    makeKey();
    sandbox.clearJournal();
    const apply = await rollcall('apply', '--yes');
    expect([apply.code, apply.stderr]).toEqual([2, expect.not.stringContaining('refused')]);
    expect(apply.stdout).toContain('Applied 1 change: 1 creation');
    expect(apply.stdout).toContain('Not applied, 1 change that only a person can settle:');
    expect(writes()).toEqual(['CreateUser lorax']);
  });
});

describe('a pinned password', () => {
  test('made at another time is told, and left to a person; a changed one is the same', async () => {
    const { files, rollcall, sandbox, writes, madeAt } = await story();
    const pinned = madeAt();
    files('', `createdAt: ${pinned}`);
    expect((await rollcall('plan')).code).toBe(0);
    sandbox.call('UpdateLoginProfile', { UserName: 'dale', Password: 'An-other-1-of-dale' });
    expect((await rollcall('plan')).code).toBe(0);

    sandbox.call('DeleteLoginProfile', { UserName: 'dale' });
    sandbox.call('CreateLoginProfile', { UserName: 'dale', Password: 'Somebody-s-1-own-now' });
    sandbox.clearJournal();
    const text = `the console password was made ${madeAt()}, but console.createdAt (manifests/a.yaml:6:16) pins the one of ${pinned}`;
    for (const command of ['plan', 'drift']) {
      const { code, stdout } = await rollcall(command);
      expect([command, code]).toEqual([command, 2]);
      expect(stdout).toContain(`swapped password: ${text}`);
    }
    const apply = await rollcall('apply', '--yes');
    expect(apply.code).toBe(2);
    expect(apply.stdout).toContain('rollcall pin dale');
    expect(writes()).toEqual([]);
  });

  test('that is gone is re-created, and the plan says what is gone', async () => {
    const { files, rollcall, sandbox, madeAt } = await story();
    const pinned = madeAt();
    files('', `createdAt: "${pinned}"`);
    sandbox.call('DeleteLoginProfile', { UserName: 'dale' });
    const plan = await rollcall('plan');
    expect(plan.stdout).toContain('login profile (console password) +');
    expect(plan.stdout).toContain(`swapped password: the console password of ${pinned}, pinned by`);
  });
});

test('what is not pinned may be another one, as before', async () => {
  const { rollcall, sandbox, keys, makeKey } = await story();
  sandbox.call('DeleteAccessKey', { UserName: 'melvins', AccessKeyId: keys()[0]! });
  makeKey();
  sandbox.call('DeleteLoginProfile', { UserName: 'dale' });
  sandbox.call('CreateLoginProfile', { UserName: 'dale', Password: 'Somebody-s-1-own-now' });
  expect((await rollcall('plan')).code).toBe(0);
});

const day = 24 * 60 * 60 * 1000;

describe('rollcall pin', () => {
  test('writes what there is; then the plan is empty, and pinning again changes nothing', async () => {
    const { dir, files, rollcall, sandbox, keys, makeKey, madeAt } = await story();
    const read = (): string => readFileSync(join(dir, 'manifests/a.yaml'), 'utf8');
    files('rotateAfter: 90d', '', '  lorax: {}\n');
    await rollcall('apply', '--yes');
    sandbox.clearJournal();
    const before = read();

    const dry = await rollcall('pin', '--dry-run');
    expect([dry.code, read()]).toEqual([0, before]);
    const [old] = keys();
    expect(dry.stderr).toContain(`user melvins: accessKey.ids ${old} (not pinned before)`);
    const copy = write(scratch(), { 'manifests/a.yaml': before });
    execFileSync('git', ['apply', '-'], { cwd: copy, input: dry.stdout });

    const pin = await rollcall('pin');
    expect([pin.code, pin.stdout]).toEqual([0, '']);
    expect(read()).toBe(
      before
        .replace('{ rotateAfter: 90d }', `{ rotateAfter: 90d, ids: [${old}] }`)
        .replace('console: {  }', `console: { createdAt: '${madeAt()}'  }`),
    );
    expect(read()).toBe(readFileSync(join(copy, 'manifests/a.yaml'), 'utf8'));
    expect((await rollcall('plan')).code).toBe(0);
    const again = await rollcall('pin');
    expect([again.code, again.stderr]).toEqual([
      0,
      expect.stringContaining('Nothing to pin: the files say what IAM has.'),
    ]);

    // A swapped key is a line of the diff.
    sandbox.call('DeleteAccessKey', { UserName: 'melvins', AccessKeyId: old! });
    const now = makeKey();
    expect((await rollcall('plan')).code).toBe(2);
    const swapped = await rollcall('pin', 'melvins', '--json');
    const said = JSON.parse(swapped.stdout) as { pins: unknown; files: { patch: string }[] };
    expect(said.pins).toEqual([{ user: 'melvins', field: 'accessKey.ids', before: [old], after: [now] }]);
    expect(said.files[0]!.patch).toContain(`-    accessKey: { rotateAfter: 90d, ids: [${old}] }\n`);
    expect(said.files[0]!.patch).toContain(`+    accessKey: { rotateAfter: 90d, ids: [${now}] }\n`);
    expect((await rollcall('plan')).code).toBe(0);
    // It reads, and writes files only.
    expect(sandbox.journal.filter(({ op }) => op.startsWith('Create')).length).toBe(1);
  });

  test('after a rotation adds the new key, and takes the old one out when it is gone', async () => {
    let time = Date.now() - 200 * day;
    const { dir, files, rollcall, keys } = await story({ clock: () => new Date((time += 1000)) });
    const [old] = keys();
    files(`rotateAfter: 90d, grace: 7d, ids: [${old}]`);
    time = Date.now() - 20 * day;
    const rotated = await rollcall('apply', '--yes', '--keys-to', 'keys');
    expect(rotated.code).toBe(0);
    const successor = keys().find((id) => id !== old)!;
    time = Date.now();

    // Nobody has looked at it yet.
    const alarm = await rollcall('plan');
    expect(alarm.code).toBe(2);
    expect(alarm.stdout).toContain(`access key ${successor}: not pinned`);
    expect(alarm.stdout).not.toContain('delivered here');
    write(dir, { [`deliveries/${accountId}/melvins-${successor}.age`]: '' });
    expect((await rollcall('plan')).stdout).toMatch(
      new RegExp(`${successor} .* is not among accessKey\\.ids .*: delivered here, not pinned yet`),
    );
    expect((await rollcall('pin')).stderr).toContain(`accessKey.ids ${old} → `);
    const next = await rollcall('plan');
    expect(next.stdout).toContain(`access key ${old}: rotated out, inactive`);
    expect(next.stdout).not.toContain('not pinned');
    for (let run = 0; run < 2; run += 1) await rollcall('apply', '--yes');
    expect(keys()).toEqual([successor]);
    const stale = await rollcall('plan');
    expect([stale.code, stale.stdout]).toEqual([
      0,
      expect.stringContaining(
        `note: user melvins: accessKey.ids (manifests/a.yaml:4:47) names ${old}, gone from IAM`,
      ),
    ]);
    await rollcall('pin');
    expect(readFileSync(join(dir, 'manifests/a.yaml'), 'utf8')).toContain(`ids: [${successor}] }`);
    expect((await rollcall('plan')).stdout).not.toContain('note: user melvins');
  });

  test('says what it cannot pin, and why', async () => {
    const { dir, rollcall } = await story();
    write(dir, {
      'manifests/a.yaml': `account: "${accountId}"
users:
  melvins: { accessKey: &key {} }
  dale: { console: {} }
  lorax: { accessKey: *key }
  gone: { accessKey: {}, suspended: true }
`,
    });
    const pin = await rollcall('pin');
    expect(pin.code).toBe(1);
    expect(pin.stderr).toContain(
      'manifests/a.yaml:3:14: error: accessKey.ids of user "melvins" cannot be set',
    );
    expect(pin.stderr).toContain('note: user lorax: is not in IAM yet');
    expect(pin.stderr).toContain('note: user gone: is suspended');
    const file = readFileSync(join(dir, 'manifests/a.yaml'), 'utf8');
    expect(file).toContain('melvins: { accessKey: &key {} }');
    expect(file).toContain("dale: { console: { createdAt: '2027-");

    const unknown = await rollcall('pin', 'melvin', 'dale');
    expect([unknown.code, unknown.stderr]).toEqual([
      1,
      expect.stringContaining('no file declares a user "melvin"'),
    ]);
    expect(unknown.stderr).toContain('did you mean "melvins"?');
  });

  test('pins nobody in a wrong account, and a failed read pins nothing', async () => {
    const { dir, rollcall, sandbox } = await story();
    const file = join(dir, 'manifests/a.yaml');
    const text = readFileSync(file, 'utf8');
    sandbox.faults.add({ kind: 'denied', op: 'GetLoginProfile' });
    const denied = await rollcall('pin');
    expect([denied.code, denied.stderr]).toEqual([1, expect.stringContaining('iam:GetLoginProfile')]);
    sandbox.faults.clear();
    writeFileSync(file, text.replace(accountId, '210987654321'));
    expect((await rollcall('pin')).code).toBe(3);
    expect(readFileSync(file, 'utf8')).toBe(text.replace(accountId, '210987654321'));
  });
});
