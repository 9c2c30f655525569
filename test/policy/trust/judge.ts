/**
 * Who may assume a role, decided one request at a time and written apart from `src/policy/trust`: it compares nothing.
 * Source: IAM User Guide, "AWS JSON policy elements: Principal" and "Policy evaluation logic".
 */
import type { PolicyDocument } from '../../../src/core/state.ts';

export const place = { account: '111111111111', partition: 'aws' };
const other = '222222222222';

interface Caller {
  readonly type: 'AWS' | 'Service' | 'Federated';
  readonly name: string;
  /** Of AWS: the account. */
  readonly account?: string;
  /** Whether its own policies let it assume the role. */
  readonly isLet: boolean;
}

interface Ask {
  readonly caller: Caller;
  readonly action: string;
  readonly context: { readonly [key: string]: string };
}

/** How what AWS leaves open is read. */
interface Reading {
  /** A Deny of an account is one of everybody in it. */
  readonly deniesByAccount: boolean;
  /** `*` of an Allow is services and providers, too. */
  readonly anyKind: boolean;
}

export const users = [place.account, other].flatMap((account) =>
  ['user/ann', 'role/r', 'user/ben'].map((name) => `arn:aws:iam::${account}:${name}`),
);
export const session = `arn:aws:sts::${other}:assumed-role/r/s`;
export const provider = `arn:aws:iam::${place.account}:oidc-provider/token.actions.githubusercontent.com`;
export const service = 'lambda.amazonaws.com';
/** Of somebody who was deleted. */
export const gone = 'AIDAGONEGONEGONEGONE1';
export const subject = 'token.actions.githubusercontent.com:sub';

const accountOf = (arn: string): string => arn.split(':')[4]!;

const callers: readonly Caller[] = [
  ...[...users, session].flatMap((name) =>
    [true, false].map((isLet): Caller => ({ type: 'AWS', name, account: accountOf(name), isLet })),
  ),
  { type: 'Service', name: service, isLet: false },
  { type: 'Federated', name: provider, isLet: false },
];
const actions = ['sts:assumerole', 'sts:assumerolewithwebidentity', 'sts:tagsession'];
const contexts: readonly { readonly [key: string]: string }[] = [
  {},
  { 'sts:externalid': 'x' },
  { 'sts:externalid': 'y', [subject]: 'repo:acme/web:ref:a' },
  { [subject]: 'repo:acme/api:ref:a' },
];

export const asks: readonly Ask[] = callers.flatMap((caller) =>
  actions.flatMap((action) => contexts.map((context) => ({ caller, action, context }))),
);
export const readings: readonly Reading[] = [true, false].flatMap((deniesByAccount) =>
  [true, false].map((anyKind) => ({ deniesByAccount, anyKind })),
);

const many = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

const expressions = new Map<string, RegExp>();

function like(pattern: string, text: string): boolean {
  const plain = pattern.replaceAll(/[.+^${}()|[\]\\/]/g, String.raw`\$&`);
  const read =
    expressions.get(pattern) ?? new RegExp(`^${plain.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's');
  expressions.set(pattern, read);
  return read.test(text);
}

interface Statement {
  readonly Effect: string;
  readonly Principal: string | { readonly [type: string]: unknown };
  readonly Action: unknown;
  readonly Condition?: { readonly [operator: string]: { readonly [key: string]: unknown } };
}

function fits({ Action, Condition = {} }: Statement, { action, context }: Ask): boolean {
  if (!many(Action).some((pattern) => like(String(pattern).toLowerCase(), action))) return false;
  return Object.entries(Condition).every(([operator, keys]) =>
    Object.entries(keys).every(([key, values]) => {
      const actual = context[key.toLowerCase()];
      const isOne = many(values).some((value) =>
        actual === undefined
          ? false
          : operator === 'StringLike'
            ? like(String(value), actual)
            : value === actual,
      );
      return operator === 'StringNotEquals' ? !isOne : isOne;
    }),
  );
}

/** How the caller is named: itself, through its account, or not at all. */
function named(
  { Effect, Principal }: Statement,
  { type, name, account }: Caller,
): 'itself' | 'account' | 'everybody' | null {
  if (Principal === '*') return 'everybody';
  if (typeof Principal === 'string') return null;
  const list = many(Principal[type] ?? []).map(String);
  if (list.includes(name)) return 'itself';
  // {"AWS": "*"} allows whom "*" allows; of a Deny only the least is taken for granted.
  if (many(Principal['AWS'] ?? []).includes('*') && (Effect === 'Allow' || type === 'AWS'))
    return 'everybody';
  const own = new Set([account!, `arn:aws:iam::${account}:root`]);
  return type === 'AWS' && list.some((one) => own.has(one)) ? 'account' : null;
}

export function mayAssume(trust: PolicyDocument, ask: Ask, reading: Reading): boolean {
  const statements = (many(trust['Statement']) as readonly Statement[]).filter((one) => fits(one, ask));
  const { caller } = ask;
  const isDenied = statements.some((one) => {
    const how = one.Effect === 'Deny' ? named(one, caller) : null;
    return how === 'itself' || how === 'everybody' || (how === 'account' && reading.deniesByAccount);
  });
  if (isDenied) return false;
  return statements.some((one) => {
    const how = one.Effect === 'Allow' ? named(one, caller) : null;
    if (how === null) return false;
    if (caller.type !== 'AWS') return how === 'itself' || reading.anyKind;
    // Whom the trust of a role of the same account names needs no more; all others need their own policies, too.
    return caller.isLet || (caller.account === place.account && how !== 'account');
  });
}
