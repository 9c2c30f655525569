import { GetAccessKeyLastUsedCommand } from '@aws-sdk/client-iam';
import type { Aws } from '../../aws/client.ts';
import { codeOf, isDenied, toRollcallError } from '../../aws/errors.ts';
import { iamOver, readAccount } from '../../aws/read.ts';
import type { Caller } from '../../aws/read.ts';
import { NameMap } from '../../core/names.ts';
import type { User } from '../../core/state.ts';
import type { StoredReceipt } from './read.ts';

/** A receipt with the state of its user now. */
export interface Checked extends StoredReceipt {
  /**
   * `gone`: as the receipt says. `back`: the user, or one of the user's keys, is in the account again. `incomplete`:
   * no receipt records the end. `skipped`: another account's.
   */
  readonly verdict: 'gone' | 'back' | 'incomplete' | 'skipped';
  readonly findings: readonly string[];
  /** Access keys in the receipt that IAM still has. */
  readonly keys: readonly string[];
}

export interface Verification {
  readonly account: string;
  readonly checked: readonly Checked[];
  /** How many access keys IAM was asked about, of those in the receipts of this account. */
  readonly keysAsked: number;
  readonly keysKnown: number;
}

/**
 * The most calls for single keys. IAM deletes no user who has a key (IAM API reference, DeleteUser), so these calls
 * only confirm what reading the account already shows. A few are enough: keys of users who exist, and of the newest
 * receipts.
 */
const mostKeyCalls = 10;

/** Compares receipts with the account: one read of it, and a few calls for keys. */
export async function verifyReceipts(
  receipts: readonly StoredReceipt[],
  aws: Aws,
  caller: Caller,
): Promise<Verification> {
  const own = receipts.filter(({ receipt }) => receipt.account === caller.account);
  const people = peopleOf(own.length > 0 ? [...(await readAccount(aws, caller)).users.values()] : []);
  const keys = await askForKeys(own, people, aws);
  return {
    account: caller.account,
    checked: receipts.map((stored) =>
      stored.receipt.account === caller.account
        ? check(stored, own, people, keys)
        : {
            ...stored,
            verdict: 'skipped',
            findings: [`of account ${stored.receipt.account}, not ${caller.account}`],
            keys: [],
          },
    ),
    keysAsked: keys.asked,
    keysKnown: keys.known,
  };
}

interface People {
  readonly byId: ReadonlyMap<string, User>;
  readonly byName: NameMap<User>;
}

const peopleOf = (users: readonly User[]): People => ({
  byId: new Map(users.map((user) => [user.id ?? '', user])),
  byName: new NameMap(users.map((user) => [user.name, user] as const)),
});

interface Keys {
  readonly existing: ReadonlyMap<string, string>;
  readonly denied: ReadonlySet<string>;
  readonly asked: number;
  readonly known: number;
}

function check(stored: StoredReceipt, all: readonly StoredReceipt[], people: People, keys: Keys): Checked {
  const { receipt } = stored;
  const { id, name } = receipt.user;
  const ids = receipt.existed.accessKeys.map((key) => key.id);
  const existing = ids.filter((key) => keys.existing.has(key));
  const present = people.byId.get(id)?.name;
  const findings: string[] = [];
  const tell = (verdict: Checked['verdict']): Checked => ({ ...stored, verdict, findings, keys: existing });

  if (present !== undefined) {
    const now = present === name ? '' : ` as ${present}`;
    findings.push(receipt.complete ? `${id} is in the account again${now}` : `${id} is still there${now}`);
  }
  for (const key of existing) findings.push(`access key ${key} exists (of user ${keys.existing.get(key)})`);
  for (const key of ids.filter((one) => keys.denied.has(one))) {
    findings.push(`whether access key ${key} exists is not known: iam:GetAccessKeyLastUsed is denied`);
  }
  const namesake = people.byName.get(name);
  if (namesake !== undefined && namesake.id !== id)
    findings.push(`the name is in use again, by another user (${namesake.id})`);

  if (receipt.complete) return tell(present !== undefined || existing.length > 0 ? 'back' : 'gone');
  if (present !== undefined) return tell('incomplete');
  const end = all.find((other) => other.receipt.complete && other.receipt.user.id === id);
  findings.push(end ? `completed by ${end.file}` : 'the user is gone, but no receipt tells of the end');
  if (existing.length > 0) return tell('back');
  return tell(end ? 'gone' : 'incomplete');
}

async function askForKeys(own: readonly StoredReceipt[], people: People, aws: Aws): Promise<Keys> {
  const keysOf = ({ receipt }: StoredReceipt): string[] => receipt.existed.accessKeys.map(({ id }) => id);
  const newestFirst = [...own].reverse();
  const isPresent = ({ receipt }: StoredReceipt): boolean => people.byId.has(receipt.user.id);
  const wanted = new Set(
    [...newestFirst.filter(isPresent), ...newestFirst.filter((stored) => !isPresent(stored))].flatMap(keysOf),
  );
  const asking = [...wanted].slice(0, mostKeyCalls);
  const existing = new Map<string, string>();
  const denied = new Set<string>();
  const ask = async (id: string): Promise<void> => {
    try {
      const answer = await aws.iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId: id }));
      existing.set(id, answer.UserName ?? 'unknown');
    } catch (error) {
      if (isDenied(error)) denied.add(id);
      else if (codeOf(error) !== 'NoSuchEntity') throw toRollcallError(error, 'GetAccessKeyLastUsed');
    }
  };
  await iamOver(aws).each(asking, ask, 'access keys of receipts');
  return { existing, denied, asked: asking.length, known: wanted.size };
}
