import { makePlan } from '../../src/plan/index.ts';
import { kinds } from '../../src/kinds/index.ts';
import { expect, onTestFinished, test } from 'vitest';
import { planAccount } from '../../src/app/session.ts';
import type { Desired } from '../../src/core/desired.ts';
import type { WordedPlan } from '../../src/kinds/plan.ts';
import { filesIn, importInto, planned, withDirectory } from '../import/support.ts';
import { load, loadClean } from '../manifest/support.ts';
import { accountId, reconcile, testAccount } from '../support/account.ts';
import type { TestAccount } from '../support/account.ts';

/** What an account has one of: its alias and its password policy. */

const id = `id: '${accountId}'`;
const files = (account: string) => ({
  'account.yaml': `account: ${account}\nignore: { users: ['*'], groups: ['*'], policies: ['*'] }\n`,
});
const wanting = (account: string): Promise<Desired> => loadClean(files(account));

async function started(): Promise<TestAccount> {
  const account = await testAccount({ transport: 'direct' });
  onTestFinished(() => account.close());
  return account;
}

const plan = async ({ aws }: TestAccount, account: string): Promise<WordedPlan> =>
  (await planAccount(await wanting(account), aws)).plan;
const told = ({ changes }: WordedPlan): string[] =>
  changes.map(({ kind, name, summary }) => `${kind} ${name}: ${summary}`);
const calls = ({ steps }: WordedPlan) => steps.map(({ op, input }) => [op, input]);

const aliasOf = ({ sandbox }: TestAccount) => sandbox.call('ListAccountAliases', {}).AccountAliases;
const policyOf = ({ sandbox }: TestAccount) => sandbox.call('GetAccountPasswordPolicy', {}).PasswordPolicy;

test('absent means not managed: nothing is read, and nothing changes', async () => {
  const account = await started();
  account.sandbox.call('CreateAccountAlias', { AccountAlias: 'lorax-dev' });
  account.sandbox.call('UpdateAccountPasswordPolicy', { MinimumPasswordLength: 20 });
  for (const written of [`'${accountId}'`, `{ ${id} }`]) {
    account.sandbox.clearJournal();
    expect(told(await plan(account, written))).toEqual([]);
    const read = account.sandbox.journal.map(({ op }): string => op);
    expect(read).not.toContain('ListAccountAliases');
    expect(read).not.toContain('GetAccountPasswordPolicy');
  }
});

test('what was read all the same is left alone where no file has it', async () => {
  const account = await started();
  const { live, manifests } = await planAccount(await wanting(`'${accountId}'`), account.aws);
  const alias = kinds.find(({ section }) => section === 'account.alias')!;
  const seen = alias.put(live, new Map([[alias.only!, { alias: 'lorax-dev' }]]));
  expect(makePlan(manifests, seen, new Date()).plan?.changes).toEqual([]);
});

test('an alias takes the place of another by one call, and goes where that is said', async () => {
  const account = await started();
  const wanted = `{ ${id}, alias: lorax-prod }`;
  expect(told(await plan(account, wanted))).toEqual(['account alias: none → lorax-prod']);
  await reconcile(await wanting(wanted), account.aws);
  expect(aliasOf(account)).toEqual(['lorax-prod']);
  expect(told(await plan(account, wanted))).toEqual([]);

  const renamed = await plan(account, `{ ${id}, alias: lorax-live }`);
  expect(calls(renamed)).toEqual([['CreateAccountAlias', { AccountAlias: 'lorax-live' }]]);
  expect(renamed.changes[0]!.reason).toBe(
    'users can sign in at the address of lorax-live; the sign-in address of lorax-prod stops working, ' +
      'and any other account can take that alias',
  );
  // It has no effect on access, and must be read all the same.
  expect(renamed.changes[0]!.details.map(({ text }) => text)).toEqual(renamed.changes[0]!.reason.split('; '));

  const without = `{ ${id}, alias: false }`;
  expect(calls(await plan(account, without))).toEqual([
    ['DeleteAccountAlias', { AccountAlias: 'lorax-prod' }],
  ]);
  await reconcile(await wanting(without), account.aws);
  expect(aliasOf(account)).toEqual([]);
  expect(told(await plan(account, without))).toEqual([]);
});

test('where there is no policy, no rule of one is said to be in force', async () => {
  const account = await started();
  const wanted = `{ ${id}, passwordPolicy: { minimumLength: 14, maxAge: 90d } }`;
  const rules = (change: { readonly details: readonly { sign: string; text: string }[] } | undefined) =>
    change?.details.map(({ sign, text }) => `${sign} ${text}`);
  const coming = await plan(account, wanted);
  expect(rules(coming.changes[0])).toEqual(['+ minimum length: 14', '+ maximum age in days: 90']);
  await reconcile(await wanting(wanted), account.aws);
  const going = await plan(account, `{ ${id}, passwordPolicy: none }`);
  expect(rules(going.changes[0])).toEqual([
    '- minimum length: 14',
    '- maximum age in days: 90',
    '  AWS’s default takes its place: 8 characters of three kinds',
  ]);
  const weaker = await plan(account, `{ ${id}, passwordPolicy: { minimumLength: 12, maxAge: 90d } }`);
  expect(rules(weaker.changes[0])).toEqual(['  passwords may be weaker than before: minimum length']);
});

test('a password policy is written whole, and zero is left out', async () => {
  const account = await started();
  const strict = '{ minimumLength: 14, requireSymbols: true, reusePrevention: 24 }';
  await reconcile(await wanting(`{ ${id}, passwordPolicy: ${strict} }`), account.aws);
  expect(policyOf(account)).toMatchObject({
    MinimumPasswordLength: 14,
    RequireSymbols: true,
    PasswordReusePrevention: 24,
    ExpirePasswords: false,
  });

  const changed = await plan(
    account,
    `{ ${id}, passwordPolicy: { minimumLength: 12, requireSymbols: true } }`,
  );
  expect(told(changed)).toEqual([
    'password policy: minimum length: 14 → 12, earlier passwords not to be used again: 24 → none',
  ]);
  expect(changed.changes[0]!.reason).toContain(
    'passwords may be weaker than before: minimum length, earlier passwords not to be used again',
  );
  expect(calls(changed)).toEqual([
    [
      'UpdateAccountPasswordPolicy',
      {
        MinimumPasswordLength: 12,
        RequireSymbols: true,
        RequireNumbers: false,
        RequireUppercaseCharacters: false,
        RequireLowercaseCharacters: false,
        AllowUsersToChangePassword: false,
        HardExpiry: false,
      },
    ],
  ]);
});

test.each([
  ['{ minimumLength: 8, maxAge: 90d, allowUsersToChange: true }', 'must set a new one at the next sign-in'],
  ['{ minimumLength: 8, maxAge: 90d }', 'cannot sign in until an administrator sets a new one'],
])('a maximum age expires passwords at once: %s', async (policy, consequence) => {
  const account = await started();
  const wanted = `{ ${id}, passwordPolicy: ${policy} }`;
  const { changes } = await plan(account, wanted);
  expect(changes[0]!.dangers).toMatchObject([{ code: 'passwords-expire', label: 'expires passwords' }]);
  expect(changes[0]!.dangers![0]!.text).toContain(
    `older than 90 days expire at once: who has one ${consequence}`,
  );

  await reconcile(await wanting(wanted), account.aws);
  const longer = await plan(account, wanted.replace('90d', '180d'));
  expect(longer.changes[0]!.dangers).toBeUndefined();
  const shorter = await plan(account, wanted.replace('90d', '30d'));
  expect(shorter.changes[0]!.dangers).toHaveLength(1);
});

test('a password policy is taken away where that is said', async () => {
  const account = await started();
  account.sandbox.call('UpdateAccountPasswordPolicy', { MinimumPasswordLength: 20 });
  const none = `{ ${id}, passwordPolicy: none }`;
  const removal = await plan(account, none);
  expect(told(removal)).toEqual(['password policy: removed']);
  expect(calls(removal)).toEqual([['DeleteAccountPasswordPolicy', {}]]);
  await reconcile(await wanting(none), account.aws);
  expect(told(await plan(account, none))).toEqual([]);
});

test.each([
  ['{ alias: lorax }', 'no-account'],
  [`{ ${id}, alias: Lorax }`, 'bad-value'],
  [`{ ${id}, alias: '123456789012' }`, 'bad-value'],
  [`{ ${id}, alias: a--b }`, 'bad-value'],
  [`{ ${id}, alias: true }`, 'bad-value'],
  [`{ ${id}, passwordPolicy: { requireSymbols: true } }`, 'missing-key'],
  [`{ ${id}, passwordPolicy: { minimumLength: 5 } }`, 'bad-value'],
  [`{ ${id}, passwordPolicy: { minimumLength: 8, maxAge: 1096d } }`, 'bad-value'],
  [`{ ${id}, passwordPolicy: { minimumLength: 8, reusePrevention: 0 } }`, 'bad-value'],
  [`{ ${id}, passwordPolicy: no }`, 'bad-value'],
  ['{ id: 123456789012 }', 'unquoted-account'],
  [`{ ${id}, alais: lorax }`, 'unknown-key'],
])('is refused: account: %s', async (account, code) => {
  const { desired, diagnostics } = await load(files(account));
  expect(desired).toBeNull();
  expect(diagnostics.map((one) => one.code)).toEqual([code]);
});

test('what the account has one of may be in another file than its id', async () => {
  const desired = await loadClean({
    ...files(`'${accountId}'`),
    'alias.yaml': 'account: { alias: lorax }\n',
  });
  expect(desired.state.account).toBe(accountId);
  const { diagnostics } = await load({
    ...files(`{ ${id}, alias: one }`),
    'alias.yaml': 'account: { alias: two }\n',
  });
  expect(diagnostics.map(({ code, message }) => [code, message])).toEqual([
    ['duplicate-key', '"account.alias" is set twice'],
  ]);
});

test('import writes them into a new directory, and leaves one that is there as it is', async () => {
  const account = await started();
  account.sandbox.call('CreateAccountAlias', { AccountAlias: 'yes' });
  account.sandbox.call('UpdateAccountPasswordPolicy', { MinimumPasswordLength: 14, MaxPasswordAge: 90 });
  await withDirectory(async (dir) => {
    const { added } = await importInto(dir, account);
    expect(added).toMatchObject({ 'account.alias': ['alias'], 'account.passwordPolicy': ['policy'] });
    expect(filesIn(dir)['account.yaml']).toContain(`account:
  id: '${accountId}' # quoted: a number would lose a leading zero
  alias: 'yes'
  passwordPolicy: { minimumLength: 14, maxAge: 90d }
`);
    expect((await planned(dir, account)).changes).toEqual([]);
    const before = filesIn(dir);
    account.sandbox.call('CreateAccountAlias', { AccountAlias: 'other' });
    await importInto(dir, account);
    expect(filesIn(dir)).toEqual(before);
  });
});
