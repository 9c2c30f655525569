import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { run, scratch, stage } from '../support/cli.ts';

/** Accounts that boto3 filled (account.py): what is imported from them is what they have, so that a plan is empty. */
const missing =
  spawnSync('python3', ['-c', 'import boto3'], { stdio: 'ignore' }).status === 0
    ? ''
    : ' (skipped: no boto3)';

/** `ROLLCALL_ACCOUNT_SEED=7` plays one again. */
const asked = process.env['ROLLCALL_ACCOUNT_SEED'];
const first = asked === undefined ? Math.floor(Math.random() * 1_000_000) : Number(asked);
const seeds = Array.from({ length: asked === undefined ? 12 : 1 }, (_, index) => first + index);

describe.skipIf(missing !== '')(`an account made by boto3${missing}`, () => {
  test.each(seeds)('import, then plan: no changes (seed %d)', async (seed) => {
    const { sandbox, there, env } = await stage();
    await promisify(execFile)(
      'python3',
      [join(import.meta.dirname, 'account.py'), sandbox.url, String(seed)],
      {
        env: { PATH: process.env['PATH'], HOME: scratch(), ...env },
      },
    );
    const dir = scratch();
    const imported = await run(['import', '--manifests', dir, ...there], { env });
    expect(imported).toMatchObject({ code: 0 });
    const planned = await run(['plan', '--manifests', dir, ...there], { env });
    expect([planned.code, planned.stdout]).toEqual([0, expect.stringContaining('nothing to change')]);
    // All that is not a service's own was taken.
    const own = (list: readonly { Path?: string | undefined }[] = []): number =>
      list.filter(({ Path }) => !Path?.startsWith('/aws-service-role/')).length;
    const looked = /Looked at: .*/.exec(planned.stdout)?.[0] ?? '';
    const counts = [
      [own(sandbox.call('ListRoles', {}).Roles), 'role'],
      [own(sandbox.call('ListInstanceProfiles', {}).InstanceProfiles), 'instance profile'],
      [sandbox.call('ListOpenIDConnectProviders', {}).OpenIDConnectProviderList!.length, 'OIDC provider'],
      [sandbox.call('ListSAMLProviders', {}).SAMLProviderList!.length, 'SAML provider'],
    ] as const;
    for (const [count, what] of counts.filter(([number]) => number > 0))
      expect(looked).toContain(` ${count} ${what}${count === 1 ? '' : 's'}`);
  });
});
