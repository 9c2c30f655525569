import { expect, onTestFinished, test } from 'vitest';
import { readCredentialReport, requestCredentialReport } from '../../src/aws/credential-report.ts';
import { testAccount } from '../support/account.ts';

test('the credential report is read by users, whatever IAM allows in their names', async () => {
  const account = await testAccount({ transport: 'direct' });
  onTestFinished(() => account.close());
  const names = ['dale', 'dale,jr', ',', 'a,,b', '+=,.@-_'];
  for (const UserName of names) account.sandbox.call('CreateUser', { UserName });
  for (const UserName of names.slice(1)) account.sandbox.call('CreateAccessKey', { UserName });
  await requestCredentialReport(account.aws);
  const { rows } = await readCredentialReport(account.aws);
  const keys = names.map((name) => [name, rows.get(name)?.accessKeys.map(({ active }) => active)]);
  expect(Object.fromEntries(keys)).toEqual(
    Object.fromEntries(names.map((name) => [name, name === 'dale' ? [] : [true]])),
  );
});
