/** What receipts say of roles whose trusts named who left, and of the sessions that they may have opened. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { manifests, run, scratch, stage } from '../support/cli.ts';
import { only } from './play.ts';

const user = (name: string): string => `arn:aws:iam::123456789012:user/${name}`;
const letsIn = (AWS: string | string[], Effect = 'Allow'): object => ({
  Effect,
  Principal: { AWS },
  Action: 'sts:AssumeRole',
});
const document = (...Statement: object[]): string => JSON.stringify({ Version: '2012-10-17', Statement });

const roles = `roles:
  deploy: { maxSession: 2h, trust: ${document(letsIn([user('dale'), user('lorax')]))} }
  behind: { trust: ${document(letsIn('arn:aws:iam::123456789012:role/deploy'))} }
  solo: { revoke: true, trust: ${document(letsIn(user('lorax')))} }
  closed: { trust: ${document(letsIn('123456789012'), letsIn(user('lorax'), 'Deny'))} }
`;
const others = 'ignore: { roles: [other] }\n';
const before = `${others}users: { dale: {}, lorax: {} }\n${roles}`;
const after = `${others}users: { dale: {} }\n${roles}`;

/** Applies the manifests without lorax, whom a role names that they do not manage, too. */
async function leave(fault?: string) {
  const { sandbox, there, env, rollcall } = await stage();
  expect(await rollcall('apply', manifests(before), '--yes')).toMatchObject({ code: 0 });
  sandbox.call('CreateRole', {
    RoleName: 'other',
    AssumeRolePolicyDocument: document(letsIn(user('lorax'))),
  });
  if (fault !== undefined) sandbox.faults.add({ kind: 'denied', op: fault });
  const dir = scratch();
  const { code } = await run(['apply', '-m', manifests(after), ...there, '--yes', '--receipts', dir], {
    env,
    cwd: scratch(),
  });
  const { file, receipt } = only(dir);
  return { code, receipt, page: readFileSync(join(dir, file.replace('.json', '.md')), 'utf8') };
}

const instant = expect.stringMatching(/Z$/) as string;

test('whom the run took out, whom it left, and until when sessions live on', async () => {
  const { code, receipt, page } = await leave();
  expect(code).toBe(0);
  const { namedIn, trustedBy, deniedAt } = receipt.outside;
  expect(namedIn?.map(({ role, entry, unreachable }) => [role, entry, unreachable])).toEqual([
    ['closed', 'taken-out', false],
    ['deploy', 'taken-out', false],
    ['other', 'left', false],
    ['solo', 'taken-out', true],
  ]);
  const until = (hours: number): string =>
    new Date(Date.parse(deniedAt!) + hours * 60 * 60 * 1000).toISOString();
  expect(trustedBy.map(({ role, how, sessionsUntil }) => [role, how, sessionsUntil])).toEqual([
    ['deploy', 'user', until(2)],
    ['other', 'user', until(1)],
    ['solo', 'user', until(1)],
    ['closed', 'account', until(1)],
  ]);
  expect(trustedBy.map(({ sessionsRevoked }) => sessionsRevoked)).toEqual([
    undefined,
    undefined,
    instant,
    undefined,
  ]);
  expect(page).toContain(
    `- Role \`deploy\` names the user. **Sessions opened before may work until ${until(2)}.**`,
  );
  expect(page).toMatch(/- Role `solo` names the user\. Sessions from before \S+Z were ended\./);
  expect(receipt.outside.assumable?.map(({ role, through }) => [role, through])).toEqual([
    ['deploy', []],
    ['other', []],
    ['solo', []],
    ['behind', ['deploy']],
  ]);
  expect(page).toContain('- Role `behind`, through `deploy`\n');
  expect(page).toContain('- Role `deploy`: the user was taken out of it.\n');
  expect(page).toContain('- Role `other`: left as it is, as no plan writes it: AWS shows the id');
  expect(page).toContain('- Role `solo`: the user was taken out of it. **Nobody may assume the role now**');
});

test('a trust that could not be written still names them', async () => {
  const { code, receipt, page } = await leave('UpdateAssumeRolePolicy');
  expect(code).toBe(5);
  expect(receipt.complete).toBe(false);
  expect(receipt.outside.namedIn?.map(({ role, entry }) => [role, entry])).toEqual([
    ['closed', 'not-taken-out'],
    ['deploy', 'not-taken-out'],
    ['other', 'left'],
    ['solo', 'not-taken-out'],
  ]);
  expect(page).toContain(
    '- Role `deploy`: **the user was to be taken out of it, which is not known to be done.**',
  );
  expect(page).toContain('- Role `other`: left as it is, as no plan writes it: it still names the user.');
});
