/** Where the inline policies of a role leave no room for the one that ends its sessions. */
import { expect, test } from 'vitest';
import type { Json } from '../../src/core/json.ts';
import { limits } from '../../src/core/limits.ts';
import { documentSize } from '../../src/policy/index.ts';
import { manifests, stage } from '../support/cli.ts';

const trust = {
  Statement: { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' },
};

/** A policy of exactly so many characters. */
function sized(size: number, effect = 'Allow'): object {
  const policy = (Resource: string[]): { Version: string; Statement: Json } => ({
    Version: '2012-10-17',
    Statement: { Effect: effect, Action: 's3:GetObject', Resource },
  });
  const resources = ['arn:aws:s3:::a/*'];
  for (;;) {
    const left = size - documentSize(policy(resources));
    if (left < 30) return policy([...resources.slice(0, -1), resources.at(-1)! + 'x'.repeat(left)]);
    resources.push(`arn:aws:s3:::b${'y'.repeat(Math.min(left, 400) - 30)}/*`);
  }
}

const revocation = 'AWSRevokeOlderSessions';
const roles = (policies: object, more = ''): string =>
  `roles: { web: { trust: ${JSON.stringify(trust)}, policies: ${JSON.stringify(policies)}${more} } }\nusers: { ada: {} }\n`;

test('a role goes all the same: AWS’s deny-all as its boundary ends its sessions', async () => {
  const { rollcall, sandbox } = await stage();
  const dir = manifests(roles({ big: sized(limits.inlineRole) }));
  expect(await rollcall('apply', dir, '--yes')).toMatchObject({ code: 0 });
  sandbox.clearJournal();
  expect(await rollcall('apply', manifests('roles: {}\nusers: { ada: {} }\n'), '--yes')).toMatchObject({
    code: 0,
  });
  const ofRole = sandbox.journal.filter(({ readOnly, params }) => !readOnly && params['RoleName'] === 'web');
  expect(ofRole.map(({ op, status }) => [op, status])).toEqual(
    ['UpdateAssumeRolePolicy', 'PutRolePermissionsBoundary', 'DeleteRolePolicy', 'DeleteRole'].map((op) => [
      op,
      200,
    ]),
  );
  expect(ofRole[1]!.params['PermissionsBoundary']).toBe('arn:aws:iam::aws:policy/AWSDenyAll');
});

test('up to the last character there is room for a revocation', async () => {
  const { rollcall, sandbox } = await stage();
  const size = documentSize({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Deny',
        Action: ['*'],
        Resource: ['*'],
        Condition: { DateLessThan: { 'aws:TokenIssueTime': '2026-11-28T00:00:00.000Z' } },
      },
    ],
  });
  const dir = manifests(roles({ big: sized(limits.inlineRole - size) }));
  expect(await rollcall('apply', dir, '--yes')).toMatchObject({ code: 0 });
  sandbox.clearJournal();
  expect(await rollcall('apply', manifests('roles: {}\nusers: { ada: {} }\n'), '--yes')).toMatchObject({
    code: 0,
  });
  const put = sandbox.journal.filter(
    ({ op }) => op === 'PutRolePolicy' || op === 'PutRolePermissionsBoundary',
  );
  expect(put.map(({ op, status, params }) => [op, status, params['PolicyName']])).toEqual([
    ['PutRolePolicy', 200, revocation],
  ]);
});

test('`revoke: true` is refused where it stands, before anything is done', async () => {
  const { rollcall, sandbox } = await stage();
  const big = sized(limits.inlineRole - 400);
  const [small, no] = [sized(300), { Statement: { Effect: 'Deny', Action: 's3:*', Resource: '*' } }];
  expect(await rollcall('apply', manifests(roles({ big, small })), '--yes')).toMatchObject({ code: 0 });
  sandbox.clearJournal();
  const narrows = manifests(roles({ big, no }, ', revoke: true'));
  const { code, stderr } = await rollcall('apply', narrows, '--yes');
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /:2:\d+: error: role web: its access narrows, and its inline policies leave no room/,
  );
  expect(stderr).toContain('move one of its policies into a managed policy, or leave out revoke');
  expect(sandbox.journal.filter(({ readOnly, params }) => !readOnly && params['RoleName'])).toEqual([]);
});

test('another policy of the name is not written over, nor taken away in the same plan', async () => {
  const { rollcall, sandbox } = await stage();
  const small = sized(300);
  const other = { Statement: { Effect: 'Deny', Action: 's3:*', Resource: '*' } };
  expect(await rollcall('apply', manifests(roles({ small, [revocation]: other })), '--yes')).toMatchObject({
    code: 0,
  });
  sandbox.clearJournal();
  const { code, stderr } = await rollcall('apply', manifests(roles({}, ', revoke: true')), '--yes');
  expect(code).toBe(1);
  expect(stderr).toContain(`its inline policy ${revocation} has the name that a revocation gets`);
  expect(sandbox.journal.filter(({ readOnly, params }) => !readOnly && params['RoleName'])).toEqual([]);
});
