import { describe, expect, test } from 'vitest';
import { manifests, stage } from '../support/cli.ts';

const before = `
users: { ben.dubois: {}, anna: {}, carl: {} }
groups: { readers: { attach: [aws:ReadOnlyAccess] }, billing: { attach: [aws:job-function/Billing] } }
`;
const after = `
users:
  ben.dubois: { groups: [{ name: readers, expires: 2126-12-28 }] }
  anna: { groups: [{ name: readers, expires: 2126-12-28 }], attach: [{ policy: aws:SecurityAudit, expires: '2126-06-30T18:00:00+02:00' }] }
  carl: { groups: [billing], expires: 2127-01-31 }
  dora: { groups: [billing], expires: 2127-03-31 }
groups:
  readers: { attach: [aws:ReadOnlyAccess], members: [anna] }
  billing: { attach: [aws:job-function/Billing], members: [{ name: ben.dubois, expires: 2126-11-30 }] }
`;

interface Saved {
  readonly changes: readonly { id: string; until?: string; facts: readonly Record<string, unknown>[] }[];
  readonly access: readonly { principal: string; gained: readonly { by: { until?: string } }[] }[];
}

describe('what is temporary says until when on its line', () => {
  test('in every format of a plan', async () => {
    const { rollcall } = await stage();
    await rollcall('apply', manifests(before), '--yes');
    const dir = manifests(after);
    const { stdout } = await rollcall('plan', dir);
    // The group's own file has anna in it without an end.
    expect(stdout).toContain('group readers: members +anna +ben.dubois until 2126-12-28');
    expect(stdout).toContain('user anna: attached policies +aws:SecurityAudit until 2126-06-30T16:00:00Z');
    // Who leaves then is a member no longer.
    expect(stdout).toContain('group billing: members +ben.dubois until 2126-11-30 +carl until 2127-01-31');
    expect(stdout).toContain('user dora: create until 2127-03-31');
    expect(stdout).toMatch(/through group readers\s+until 2126-12-28\s+\(.*account\.yaml:9:23\)/);
    for (const format of ['markdown', 'html']) {
      const page = (await rollcall('plan', dir, '--format', format)).stdout;
      expect(page).toContain('+ben.dubois until 2126-12-28');
      expect(page).toContain('create until 2127-03-31');
    }
    const { changes, access } = JSON.parse((await rollcall('plan', dir, '--json')).stdout) as Saved;
    const members = changes.find(({ id }) => id === 'group:readers/members')!.facts;
    expect(members).toContainEqual({
      fact: 'membership',
      user: 'ben.dubois',
      group: 'readers',
      before: false,
      after: true,
      until: '2126-12-28T23:59:59.999Z',
    });
    expect(members.find(({ user }) => user === 'anna')).not.toHaveProperty('until');
    expect(changes.find(({ id }) => id === 'user:dora')).toMatchObject({ until: '2127-03-31T23:59:59.999Z' });
    const ben = access.find(({ principal }) => principal === 'user:ben.dubois')!;
    expect(ben.gained.map(({ by }) => by.until)).toContain('2126-12-28T23:59:59.999Z');
  });

  test('in drift, of what the account lacks', async () => {
    const { rollcall, sandbox } = await stage();
    const dir = manifests(after);
    await rollcall('apply', dir, '--yes');
    sandbox.call('RemoveUserFromGroup', { GroupName: 'readers', UserName: 'ben.dubois' });
    const { stdout } = await rollcall('drift', dir);
    expect(stdout).toContain('group readers lacks ben.dubois until 2126-12-28');
    const page = (await rollcall('drift', dir, '--format', 'markdown')).stdout;
    expect(page).toContain('lacks ben.dubois until 2126-12-28');
    const { drift } = JSON.parse((await rollcall('drift', dir, '--json')).stdout) as { drift: unknown };
    expect(JSON.stringify(drift)).toContain('"until":"2126-12-28T23:59:59.999Z"');
  });
});
