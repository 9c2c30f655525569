import { armor, Decrypter, generateIdentity, identityToRecipient } from 'age-encryption';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { accountId, run, scratch, stage, write } from '../support/cli.ts';
import { startProcess } from '../support/process.ts';

/** Two real processes on one account, which share a directory of deliveries. */
async function shared(clock: () => Date = () => new Date()) {
  const identity = await generateIdentity();
  const to = await identityToRecipient(identity);
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  const dir = scratch();
  const mail = join(dir, 'deliveries', accountId);
  const here = await stage({ clock });
  const { sandbox } = here;
  const declare = (names: readonly string[]): string =>
    write(dir, {
      'manifests/a.yaml': `account: "${accountId}"\nusers:\n${names
        .map((name) => `  ${name}: { accessKey: { deliverTo: ${to} }, console: { deliverTo: ${to} } }\n`)
        .join('')}`,
    });
  const args = ['apply', ...here.there, '--yes'];
  // The sandbox's clock is the real one here: its credential report needs some time.
  const network = { wait: (ms: number) => sleep(ms / 20), retryDelay: () => 0 };
  const options = { cwd: dir, env: here.env, network };
  /** What must hold of a user's secrets, whoever ran when. */
  const check = async (name: string): Promise<void> => {
    const files = readdirSync(mail);
    const active = sandbox
      .call('ListAccessKeys', { UserName: name })
      .AccessKeyMetadata!.filter(({ Status }) => Status === 'Active')
      .map(({ AccessKeyId }) => AccessKeyId!);
    const delivered = files.flatMap((file) => new RegExp(`^${name}-(AKIA\\w+)\\.age$`).exec(file)?.[1] ?? []);
    // No key in force that nobody has, and no delivery of a key that is gone.
    expect(active).toHaveLength(1);
    expect(delivered).toEqual(active);
    const text = await decrypter.decrypt(
      armor.decode(readFileSync(join(mail, `${name}-${active[0]}.age`), 'utf8')),
      'text',
    );
    expect(text).toContain(`aws_access_key_id = ${active[0]}\n`);
    const passwords = files.filter((file) => file.startsWith(`${name}-password-`));
    const opened = await Promise.all(
      passwords.map((file) =>
        decrypter.decrypt(armor.decode(readFileSync(join(mail, file), 'utf8')), 'text'),
      ),
    );
    for (const login of opened) expect(login).toMatch(/^Password: +\S{24,}$/m);
    // A run that was killed may leave one that never came to be; the one that did is never lost.
    expect(opened.length).toBeGreaterThan(0);
    expect(sandbox.call('GetLoginProfile', { UserName: name }).LoginProfile?.UserName).toBe(name);
  };
  return { ...here, dir, mail, declare, args, options, check };
}

describe('two applies at once', () => {
  test('never cost a key or a delivery, twelve times', async () => {
    const { declare, args, options, check, sandbox } = await shared();
    const names: string[] = [];
    const codes: (number | null)[][] = [];
    for (let round = 0; round < 12; round += 1) {
      names.push(`user-${round}`);
      declare(names);
      const first = startProcess(args, options);
      await sleep((round * 97) % 500);
      const second = startProcess(args, options);
      const ended = await Promise.all([(await first).ended, (await second).ended]);
      codes.push(ended.map(({ code }) => code));
      // Done, refused because of the other, or stopped where the other had made the password of the plan.
      for (const { code, stderr } of ended) {
        expect({ fine: [0, 4, 5].includes(code!), code, stderr }).toMatchObject({ fine: true });
      }
      expect(codes.at(-1)).toContain(0);
      for (const name of names) await check(name);
    }
    expect(sandbox.call('ListPolicies', { Scope: 'Local' }).Policies).toEqual([]);
    expect((await run(args, options)).code).toBe(0);
  }, 300_000);

  test('of which one is killed while the other waits: the other goes on', async () => {
    const { declare, args, options, check, sandbox } = await shared();
    declare(['lorax', 'melvins']);
    const killed = await startProcess(args, options);
    let waiting: ReturnType<typeof startProcess> | undefined;
    sandbox.faults.rules.push({ op: 'CreateAccessKey', kind: 'delay', ms: 10_000, times: 1 });
    sandbox.faults.beforeCall = ({ op }) => {
      if (op === 'CreateUser') waiting ??= startProcess([...args, '--lock-timeout', '1'], options);
      if (op === 'CreatePolicy' && waiting) killed.child.kill('SIGKILL');
    };
    expect((await killed.ended).signal).toBe('SIGKILL');
    expect([0, 4]).toContain((await (await waiting!).ended).code);
    sandbox.faults.beforeCall = null;
    for (let left = 3; left > 0; left -= 1) if ((await run(args, options)).code === 0) break;
    expect((await run(args, options)).code).toBe(0);
    for (const name of ['lorax', 'melvins']) await check(name);
  }, 120_000);
});

describe('a run that is killed', () => {
  test.each([
    'after CreatePolicy',
    'after CreateUser',
    'after TagUser',
    'before CreateAccessKey',
    'after CreateAccessKey',
    'before UntagUser',
    'after UntagUser',
    'before CreateLoginProfile',
    'after CreateLoginProfile',
    'before DeletePolicy',
  ])(
    'leaves no delivery of a key that the next runs delete, and no key without one (%s)',
    async (when) => {
      const { declare, args, options, check, sandbox, mail } = await shared();
      declare(['lorax']);
      const killed = await startProcess(args, options);
      const [side, wanted] = when.split(' ');
      let hit = false;
      sandbox.faults.rules.push({ op: wanted!, kind: 'delay', ms: 10_000, times: 1 });
      sandbox.faults[side === 'after' ? 'afterCall' : 'beforeCall'] = ({ op }) => {
        if (op === wanted && !hit) hit = killed.child.kill('SIGKILL');
      };
      expect((await killed.ended).signal).toBe('SIGKILL');
      sandbox.faults.clear();
      const left = readdirSync(mail);
      for (let tries = 3; tries > 0; tries -= 1) expect((await run(args, options)).code).toBe(0);
      for (const file of left) expect(readdirSync(mail)).toContain(file);
      await check('lorax');
      expect(sandbox.call('ListUserTags', { UserName: 'lorax' }).Tags).toEqual([]);
    },
    120_000,
  );
});
