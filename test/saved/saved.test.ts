import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import planSchema from '../../schemas/plan.schema.json' with { type: 'json' };
import { planAccount, resumePlan } from '../../src/app/session.ts';
import { exitCode, RollcallError } from '../../src/core/errors.ts';
import { parsePlan, savePlan } from '../../src/plan/saved.ts';
import { renderJson } from '../../src/render/json.ts';
import { allRails } from '../support/account.ts';
import { after, allow, reports, reviewed } from './reviewed.ts';

const refusal = async (work: Promise<unknown>): Promise<RollcallError> => {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(RollcallError);
  return error as RollcallError;
};

describe('a saved plan', () => {
  test('has the published form, and the same bytes whenever it is made', async () => {
    const { account, saved } = await reviewed();
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(planSchema);
    validate(saved);
    expect(validate.errors).toBeNull();
    // The first one had the credential report made.
    const json = async (): Promise<string> => {
      const { plan, live } = await planAccount(after, account.aws);
      return renderJson(savePlan(plan, after, live, { rollcall: '0.1.0' }));
    };
    expect(await json()).toBe(await json());
    expect(parsePlan(renderJson(saved), 'plan.json')).toEqual(saved);
  });

  test('holds while nothing that it touches moves', async () => {
    const { account, saved } = await reviewed();
    await account.call('CreateGroup', { GroupName: 'others' });
    const { plan } = await resumePlan(saved, after, account.aws, { overrides: allRails });
    expect(plan.steps).toEqual(saved.steps);
  });

  // A second writer between plan and apply.
  test.each([
    ['a key for who leaves', 'CreateAccessKey', { UserName: 'lorax' }, 'user lorax: credentials changed'],
    ['a tag', 'TagUser', { UserName: 'dale', Tags: [{ Key: 'a', Value: 'b' }] }, 'user dale: tags changed'],
    [
      'a new version of the policy that is to be attached',
      'CreatePolicyVersion',
      { PolicyArn: reports.arn, PolicyDocument: JSON.stringify(allow('*')), SetAsDefault: true },
      'policy read-reports: document, versions changed',
    ],
    [
      'a member',
      'RemoveUserFromGroup',
      { UserName: 'buzzo', GroupName: 'admins' },
      'group admins: members changed',
    ],
    [
      'a group policy',
      'PutGroupPolicy',
      { GroupName: 'admins', PolicyName: 'x', PolicyDocument: JSON.stringify(allow('s3:*')) },
      'group admins: policies changed',
    ],
  ])('is refused with exit 4 after %s', async (_what, op, input, message) => {
    const { account, saved } = await reviewed();
    await account.call(op, input);
    account.sandbox.clearJournal();
    const error = await refusal(resumePlan(saved, after, account.aws));
    expect(error.exit).toBe(exitCode.stale);
    expect(error.message).toContain(message);
    expect(
      account.sandbox.journal.filter(({ readOnly, op }) => !readOnly && !op.startsWith('Generate')),
    ).toEqual([]);
  });

  test('is refused with exit 4 where the name was given to somebody else', async () => {
    const { account, saved } = await reviewed();
    await account.call('RemoveUserFromGroup', { UserName: 'lorax', GroupName: 'admins' });
    await account.call('DeleteUser', { UserName: 'lorax' });
    await account.call('CreateUser', { UserName: 'lorax' });
    const error = await refusal(resumePlan(saved, after, account.aws));
    expect(error.exit).toBe(exitCode.stale);
    expect(error.message).toContain('user lorax: ');
    expect(error.message).toContain('id');
  });

  test('is refused with exit 4 where the manifests changed', async () => {
    const { account, saved } = await reviewed();
    const error = await refusal(resumePlan(saved, { ...after, hash: 'c' }, account.aws));
    expect(error).toMatchObject({ exit: exitCode.stale });
    expect(error.message).toContain('the manifests changed');
  });

  test('of another account is refused with exit 3', async () => {
    const { account, saved } = await reviewed();
    const other = { ...after, state: { ...after.state, account: '210987654321' } };
    expect(await refusal(resumePlan(saved, other, account.aws))).toMatchObject({ exit: exitCode.refused });
  });

  test('of another day is not applied', async () => {
    const { account } = await reviewed();
    const { plan, live } = await planAccount(after, account.aws);
    const future = savePlan(plan, after, live, { rollcall: '0.1.0', at: new Date('2027-01-31') });
    expect((await refusal(resumePlan(future, after, account.aws))).message).toContain('--at');
  });

  test.each([
    ['cut short', (text: string) => text.slice(0, text.length / 2), 'is not a whole plan'],
    ['edited', (text: string) => text.replace('"DeleteUser"', '"CreateUser"'), 'was edited or damaged'],
    ['of a newer form', (text: string) => text.replace('"version": 4', '"version": 5'), 'has version 5'],
    ['of an older form', (text: string) => text.replace('"version": 4', '"version": 3'), 'has version 3'],
    ['something else', () => '{"hello": 1}', 'is not a plan'],
    ['a list', () => '[]', 'is not a plan'],
  ])('that is %s is refused', async (_what, change, message) => {
    const { saved } = await reviewed();
    const text = change(renderJson(saved));
    expect(() => parsePlan(text, 'plan.json')).toThrow(message);
    expect(() => parsePlan(text, 'plan.json')).toThrow(/^plan\.json /);
  });
});
