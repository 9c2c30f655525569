import { globMatcher } from '../../core/glob.ts';
import { byText, isObject } from '../../core/json.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import type { AccountState, Role } from '../../core/state.ts';
import type { Trust } from './receipt.ts';

interface Person {
  readonly name: string;
  readonly id: string;
  readonly arn: string;
}

const order = ['user', 'condition', 'anyone', 'account'] as const;

/**
 * Roles of the account whose trust policy admits the user, each by the most specific way. Denies are not considered,
 * so a role may be listed that does not admit the user.
 *
 * Source: IAM User Guide, "AWS JSON policy elements: Principal".
 */
export function trustsOf(state: AccountState, person: Person): Trust[] {
  return [...state.roles.values()]
    .flatMap((role) => strongest(role, state, person) ?? [])
    .sort((a, b) => order.indexOf(a.how) - order.indexOf(b.how) || byText(a.role, b.role));
}

function strongest(role: Role, state: AccountState, person: Person): Trust | undefined {
  return listOf(role.trust['Statement'])
    .filter(isObject)
    .flatMap((statement): Trust[] => {
      const how = howTrusted(statement, state, person);
      if (!how) return [];
      return [{ role: role.name, arn: role.arn, how, conditional: 'Condition' in statement }];
    })
    .sort(
      (a, b) => order.indexOf(a.how) - order.indexOf(b.how) || Number(a.conditional) - Number(b.conditional),
    )
    .at(0);
}

function howTrusted(statement: JsonObject, state: AccountState, person: Person): Trust['how'] | undefined {
  if (statement['Effect'] !== 'Allow') return undefined;
  const principals = principalsOf(statement);
  // AWS shows the id instead of the ARN of a deleted user.
  if (principals.includes(person.arn) || principals.includes(person.id)) return 'user';
  const { account, partition } = state;
  const viaAccount =
    principals.includes(account) || principals.includes(`arn:${partition}:iam::${account}:root`);
  const viaAnyone = principals.includes('*');
  if (!viaAccount && !viaAnyone) return undefined;
  if (namedInCondition(statement['Condition'], person)) return 'condition';
  return viaAnyone ? 'anyone' : 'account';
}

/** `NotPrincipal` with Allow trusts everybody but those named, which is as good as anyone. */
function principalsOf(statement: JsonObject): Json[] {
  if ('NotPrincipal' in statement) return ['*'];
  const principal = statement['Principal'];
  return principal !== undefined && isObject(principal) ? listOf(principal['AWS']) : listOf(principal);
}

/** The values by which conditions know a caller. Source: IAM User Guide, "AWS global condition context keys". */
function namedInCondition(condition: Json | undefined, { name, id, arn }: Person): boolean {
  const known: { readonly [key: string]: string } = {
    'aws:principalarn': arn,
    'aws:username': name,
    'aws:userid': id,
  };
  if (condition === undefined || !isObject(condition)) return false;
  return Object.entries(condition).some(
    ([operator, keys]) =>
      !/Not/.test(operator) &&
      isObject(keys) &&
      Object.entries(keys).some(([key, values]) => {
        const mine = known[key.toLowerCase()];
        const texts = listOf(values).map(String);
        // A pattern that matches everything names nobody.
        return mine !== undefined && globMatcher(texts.filter((text) => text !== '*'))(mine);
      }),
  );
}

const listOf = (value: Json | undefined): Json[] =>
  value === undefined ? [] : Array.isArray(value) ? [...(value as readonly Json[])] : [value];
