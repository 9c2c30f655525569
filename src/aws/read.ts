import { GetAccountAuthorizationDetailsCommand } from '@aws-sdk/client-iam';
import type { EntityType, GetAccountAuthorizationDetailsCommandOutput, IAMClient } from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { atOnce } from '../core/at-once.ts';
import { RollcallError } from '../core/errors.ts';
import { byText } from '../core/json.ts';
import type { Call, InputOf, Operation } from '../core/operations.ts';
import { emptyState } from '../core/state.ts';
import type { AccountState, PolicyDocument } from '../core/state.ts';
import { kinds, withParts } from '../kinds/index.ts';
import type { Details, Iam, OutputOf, Refused } from '../kinds/index.ts';
import { awsPoliciesOf } from '../kinds/policy/live.ts';
import type { Aws } from './client.ts';
import { send } from './commands.ts';
import { readCredentialReport, requestCredentialReport } from './credential-report.ts';
import type { ReportRequest } from './credential-report.ts';
import {
  codeOf,
  incomplete,
  isDenied,
  isForeign,
  isRefusedCaller,
  isThrottle,
  toRollcallError,
  wasRefused,
} from './errors.ts';
import { pages } from './pages.ts';
import type { Page } from './pages.ts';
import { TooLongAnswer } from './transport.ts';

/** The account and partition that IAM belongs to. */
export interface Place {
  readonly account: string;
  readonly partition: string;
}

/** The caller, and the account that the credentials belong to. */
export interface Caller extends Place {
  readonly arn: string;
}

export async function readCaller(aws: Aws): Promise<Caller> {
  const answer = await call('GetCallerIdentity', () => aws.sts.send(new GetCallerIdentityCommand({})));
  const { Account, Arn } = answer;
  if (!Account || !Arn) throw incomplete('GetCallerIdentity');
  return { account: Account, arn: Arn, partition: Arn.split(':')[1] ?? 'aws' };
}

/**
 * The whole account in O(pages) calls. Anything less than the whole throws: a missing page must not look like an empty
 * account. What these answers do not hold, kinds read where it is needed (`LiveReader`).
 *
 * @param onSome hears of each kind that a page has objects of.
 */
export async function readAccount(
  aws: Aws,
  { account, partition }: Place,
  onSome: (kind: string) => void = () => {},
): Promise<AccountState> {
  const op = 'GetAccountAuthorizationDetails';
  const detailed = kinds.flatMap((kind) => (kind.live.details ? [{ kind, details: kind.live.details }] : []));
  const Filter: EntityType[] = [...detailed.map(({ details }) => details.filter), 'AWSManagedPolicy'];
  let MaxItems = 1000;
  const send = async (from: { Marker?: string }): Promise<GetAccountAuthorizationDetailsCommandOutput> => {
    try {
      return await aws.iam.send(new GetAccountAuthorizationDetailsCommand({ Filter, MaxItems, ...from }));
    } catch (error) {
      // A hundred of the longest policies of an account fit into a page. AWS's own have more and longer versions.
      if (!(error instanceof TooLongAnswer) || MaxItems === 1) throw error;
      MaxItems /= 10;
      return await send(from);
    }
  };
  const objects = new Map(detailed.map(({ kind }) => [kind, [] as unknown[]]));
  const awsPolicies = new Map<string, PolicyDocument>();
  for await (const page of pages(op, (from) => call(op, () => send(from)))) {
    for (const { kind, details } of detailed) {
      const found = details.of(page);
      objects.get(kind)!.push(...found);
      if (found.length > 0) onSome(kind.name);
    }
    for (const [arn, document] of awsPoliciesOf(page)) awsPolicies.set(arn, document);
  }
  const empty = { ...emptyState(account, partition), awsPolicies };
  return detailed.reduce<AccountState>(
    (state, { kind }) => kind.put(state, byName(objects.get(kind) as { name: string }[])),
    empty,
  );
}

/** Begins to read the account: others may go on as soon as they know enough of it. */
export function beginAccount(aws: Aws, place: Place): Details {
  const found = new Map<string, () => void>();
  const some = new Map(
    kinds.map(({ name }) => [name, new Promise<void>((resolve) => found.set(name, resolve))]),
  );
  const whole = readAccount(aws, place, (kind) => found.get(kind)?.());
  return {
    whole,
    has: async (kind) =>
      await Promise.race([some.get(kind)?.then(() => true), whole.then(() => false)].filter((one) => !!one)),
  };
}

/** Of an account that is read already. */
export const detailsOf = (account: AccountState): Details => ({
  whole: Promise.resolve(account),
  has: (name) => Promise.resolve(kinds.some((kind) => kind.name === name && kind.of(account).size > 0)),
});

type Send = <Op extends Operation>(op: Op, input: InputOf<Op>) => Promise<OutputOf<Op>>;

/** What kinds ask IAM, over a connection. */
export function iamOver(aws: Aws): Iam {
  const send: Send = (op, input) => sendTo(aws.iam, op, input);
  let requested: ReportRequest | undefined;
  const get: Send = async (op, input) => {
    const answer = await call(op, () => send(op, input));
    const { $metadata: _, ...content } = answer as object as { $metadata: object };
    if (Object.values(content).every((value) => value === undefined)) throw incomplete(op);
    return answer;
  };
  const find: Iam['find'] = async (op, input) => {
    try {
      return await get(op, input);
    } catch (error) {
      if (error instanceof RollcallError && codeOf(error.cause) === 'NoSuchEntity') return null;
      throw error;
    }
  };
  return {
    get,
    find,
    tryFind: (op, input) => unlessRefused(find(op, input)),
    list: (op, input) => allPages(op, input, send),
    tryList: (op, input) => unlessRefused(allPages(op, input, onceAtFirst(aws, send))),
    async requestReport() {
      requested = await requestCredentialReport(aws);
    },
    report: () => readCredentialReport(aws, requested),
    each(items, work, what) {
      let done = 0;
      return atOnce(itemsAtOnce(aws.pace), items, async (item) => {
        const result = await work(item);
        done += 1;
        if (what !== undefined) aws.reading.set(what, { what, done, total: items.length });
        return result;
      });
    },
  };
}

/**
 * More items than calls on the wire: those whose calls IAM throttles wait, and do not hold up the others. Yet not all:
 * thousands would wait for nothing.
 */
const itemsAtOnce = ({ parallelism }: Pick<Aws['pace'], 'parallelism'>): number =>
  parallelism === 1 ? 1 : 10 * parallelism;

/** The same IAM, which asks nothing twice: for a command whose parts need the same. */
export function remembering(iam: Iam): Iam {
  const answers = new Map<string, Promise<unknown>>();
  const once = <T>(question: readonly unknown[], ask: () => Promise<T>): Promise<T> => {
    const key = JSON.stringify(question);
    const answer = (answers.get(key) as Promise<T> | undefined) ?? ask();
    answers.set(key, answer);
    return answer;
  };
  return {
    ...iam,
    get: (op, input) => once(['get', op, input], () => iam.get(op, input)),
    find: (op, input) => once(['find', op, input], () => iam.find(op, input)),
    tryFind: (op, input) => once(['tryFind', op, input], () => iam.tryFind(op, input)),
    list: (op, input) => once(['list', op, input], () => iam.list(op, input)),
    tryList: (op, input) => once(['tryList', op, input], () => iam.tryList(op, input)),
    requestReport: () => once(['requestReport'], () => iam.requestReport()),
    report: () => once(['report'], () => iam.report()),
  };
}

async function allPages<Op extends Operation>(
  op: Op,
  input: InputOf<Op>,
  send: Send,
): Promise<OutputOf<Op>[]> {
  const answers: OutputOf<Op>[] = [];
  const page = (from: object): Promise<Page & OutputOf<Op>> =>
    call(op, async () => (await send(op, { ...input, ...from })) as Page & OutputOf<Op>);
  for await (const answer of pages(op, page)) answers.push(answer);
  return answers;
}

/** An emulator that lacks an operation would fail eight times before it is believed. */
function onceAtFirst(aws: Aws, send: Send): Send {
  let isFirst = true;
  return async (op, input) => {
    if (!isFirst) return await send(op, input);
    isFirst = false;
    try {
      return await sendTo(aws.once, op, input);
    } catch (error) {
      if (isNotGiven(error)) throw error;
      return await send(op, input);
    }
  };
}

/** IAM gives no answer to such a question: it refuses the caller this one, or lacks the operation. */
export const isNotGiven = (error: unknown): boolean =>
  isForeign(error) || (wasRefused(error) && !isRefusedCaller(error) && !isThrottle(error));

async function unlessRefused<T>(answer: Promise<T>): Promise<T | Refused> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof RollcallError && isNotGiven(error.cause))
      return { refused: error, denied: isDenied(error.cause) };
    throw error;
  }
}

/** @throws the SDK's own errors. */
const sendTo = async <Op extends Operation>(
  client: IAMClient,
  op: Op,
  input: InputOf<Op>,
): Promise<OutputOf<Op>> => (await send(client, { op, input } as Call)) as unknown as OutputOf<Op>;

async function call<T>(op: string, send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (error) {
    throw toRollcallError(error, op);
  }
}

const byName = <T extends { readonly name: string }>(items: readonly T[]): Map<string, T> =>
  new Map([...items].sort((a, b) => byText(a.name, b.name)).map((item) => [item.name, item]));

/**
 * The account with what its details do not have. What IAM does not tell of is counted at best, and left alone.
 *
 * @param isWanted whether the objects of a kind are needed.
 */
export async function withCatalogues(
  account: AccountState,
  iam: Iam,
  isWanted: (kind: string) => boolean,
): Promise<{ readonly account: AccountState; readonly read: ReadonlySet<string> }> {
  const asked = kinds.filter(({ name, live }) => live.catalogue && isWanted(name));
  const parts = await iam.each(asked, async ({ name, live }) => {
    try {
      return { name, part: await live.catalogue!(iam) };
    } catch (error) {
      if (error instanceof RollcallError && isNotGiven(error.cause)) return null;
      throw error;
    }
  });
  const given = parts.filter((one) => one !== null);
  return {
    account: withParts(
      account,
      given.map(({ part }) => part),
    ),
    read: new Set(given.map(({ name }) => name)),
  };
}
