import { describe, expect, it } from 'vitest';
import { execute } from '../../src/aws/execute.ts';
import { planAccount } from '../../src/app/session.ts';
import { savePlan } from '../../src/plan/saved.ts';
import { renderPlan } from '../../src/render/terminal.ts';
import pc from 'picocolors';
import { allRails, aUser, desiredOf, TestSink, testAccount } from '../support/account.ts';
import { count, prototypesAreClean } from './support.ts';
import { inputOf } from '../support/input.ts';

const document = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }],
});
const names = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '--yes',
  '=cmd',
  '..',
  '.',
  'a'.repeat(64),
];

describe('an account whose objects have hostile names', () => {
  it('is planned, applied and then as declared', async () => {
    const account = await testAccount();
    try {
      const { sandbox, aws } = account;
      for (const name of names) {
        sandbox.call('CreateGroup', { GroupName: name });
        sandbox.call('CreatePolicy', {
          PolicyName: name,
          PolicyDocument: document,
          Description: '\u001b[2J<script>',
        });
        sandbox.call('CreateUser', {
          UserName: name,
          Path: '/__proto__/',
          Tags: [{ Key: name, Value: name }],
        });
        sandbox.call('PutUserPolicy', { UserName: name, PolicyName: name, PolicyDocument: document });
        sandbox.call('AddUserToGroup', { UserName: name, GroupName: name });
        sandbox.call('AttachUserPolicy', {
          UserName: name,
          PolicyArn: `arn:aws:iam::123456789012:policy/${name}`,
        });
        sandbox.call('CreateAccessKey', { UserName: name });
        count('hostile live objects', 3);
      }
      const desired = desiredOf({ users: [aUser('dale')] });
      const { plan, live } = await planAccount(desired, aws, { overrides: allRails });
      expect(renderPlan(plan, pc.createColors(false))).not.toMatch(/[\u0000-\u0008\u000b-\u001f]/);
      const saved = savePlan(plan, desired, live, { rollcall: '0.1.0' });
      expect(Object.keys(saved.touches)).toContain('user:__proto__');
      const results = await execute(plan, aws, { sink: new TestSink() });
      expect(results.filter(({ status }) => status !== 'done')).toEqual([]);
      expect([...sandbox.state.users.sorted()].map(({ name }) => name)).toEqual(['dale']);
      expect([sandbox.state.groups.size, sandbox.state.policies.size, sandbox.state.accessKeys.size]).toEqual(
        [0, 0, 0],
      );
      expect((await planAccount(desired, aws, { overrides: allRails })).plan.changes).toEqual([]);
      expect(prototypesAreClean()).toBe(true);
    } finally {
      await account.close();
    }
  });

  it('loses what no file declares, whatever it is called', async () => {
    const account = await testAccount();
    try {
      const { sandbox, aws } = account;
      sandbox.call('CreateUser', {
        UserName: 'dale',
        Tags: [
          { Key: '__proto__', Value: 'x' },
          { Key: 'constructor', Value: 'y' },
        ],
      });
      sandbox.call('PutUserPolicy', { UserName: 'dale', PolicyName: '__proto__', PolicyDocument: document });
      sandbox.call('PutUserPolicy', {
        UserName: 'dale',
        PolicyName: 'constructor',
        PolicyDocument: document,
      });
      const { plan } = await planAccount(desiredOf({ users: [aUser('dale')] }), aws, { overrides: allRails });
      const removed = plan.steps
        .filter(({ op }) => op === 'DeleteUserPolicy')
        .map((step) => inputOf(step)['PolicyName']);
      expect(new Set(removed)).toEqual(new Set(['__proto__', 'constructor']));
      expect(
        plan.steps.filter(({ op }) => op === 'UntagUser').map((step) => inputOf(step)['TagKeys']),
      ).toEqual([['__proto__', 'constructor']]);
      expect(plan.steps.map(({ op }) => op).sort()).toEqual([
        'DeleteUserPolicy',
        'DeleteUserPolicy',
        'UntagUser',
      ]);
    } finally {
      await account.close();
    }
  });
});
