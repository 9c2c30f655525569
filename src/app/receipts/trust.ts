import type { StepResult } from '../../aws/execute.ts';
import { globMatcher } from '../../core/glob.ts';
import { byText, isObject } from '../../core/json.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import type { Step } from '../../core/plan.ts';
import { objectRef, parseRef, partRef } from '../../core/references.ts';
import type { AccountState, PolicyDocument, Role } from '../../core/state.ts';
import { Assumptions, isCertain } from '../../access/assume.ts';
import { namedInTrusts } from '../../kinds/left-in-trusts.ts';
import { isNobody, withoutPrincipal } from '../../policy/trust/index.ts';
import type { Assumable, NamedIn, Trust } from './receipt.ts';
import { roleSessions } from './sessions.ts';

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

/** Roles that a user may assume, by trusts and policies, directly or through others. */
export const assumableBy = (state: AccountState, user: string): Assumable[] =>
  new Assumptions(state).waysOf(objectRef('user', user)).flatMap((way) => {
    const names = way.map(({ role }) => parseRef(role).name);
    const role = state.roles.get(names.at(-1) ?? '');
    if (!role) return [];
    return [{ role: role.name, arn: role.arn, through: names.slice(0, -1), certain: isCertain(way) }];
  });

/** What a run does to roles. */
export interface RoleSteps {
  readonly steps: readonly Step[];
  /** Of those that have ended, by id. */
  readonly results: ReadonlyMap<string, StepResult>;
}

/** Whether a step decides what receipts say of a role. */
export const isAboutRole = ({ op, purpose }: Step): boolean =>
  op === 'UpdateAssumeRolePolicy' || op === 'DeleteRole' || purpose === 'revoke-sessions';

const doneOf = ({ results }: RoleSteps, step: Step | undefined): StepResult | undefined => {
  const result = step && results.get(step.id);
  return result?.status === 'done' && !result.unsettled ? result : undefined;
};

/** Roles that named the user as a principal, in text order, and what became of that. */
export function namedInOf(state: AccountState, person: Person, roles: RoleSteps): NamedIn[] {
  return namedInTrusts(state, objectRef('user', person.name)).named.map(({ name, arn }) => {
    const ref = objectRef('role', name);
    // A new trust may still name them: whom a plan does not remove.
    const written = roles.steps.filter(
      (step) => step.op === 'UpdateAssumeRolePolicy' && step.about === partRef(ref, 'trust'),
    );
    const last = written.at(-1);
    const trust = last?.op === 'UpdateAssumeRolePolicy' ? documentOf(last.input.PolicyDocument) : undefined;
    const takes = trust && !withoutPrincipal(trust, person).changed ? last : undefined;
    const removed = roles.steps.find((step) => step.op === 'DeleteRole' && step.about === ref);
    const isOut = doneOf(roles, takes) ?? doneOf(roles, removed);
    return {
      role: name,
      arn,
      entry: isOut ? 'taken-out' : (takes ?? removed) ? 'not-taken-out' : 'left',
      unreachable: trust !== undefined && takes !== undefined && !removed && isNobody(trust),
    };
  });
}

const documentOf = (text: string | undefined): PolicyDocument => JSON.parse(text ?? '{}') as PolicyDocument;

/**
 * The roles with the sessions that the user may have opened.
 *
 * @param since when everything was denied to the user at the latest; null: not yet.
 */
export function withSessions(
  trusts: readonly Trust[],
  state: AccountState,
  roles: RoleSteps,
  since: string | null,
): Trust[] {
  return trusts.map((trust) => {
    const revoked = roles.steps
      .filter(
        (step) =>
          step.purpose === 'revoke-sessions' &&
          step.op === 'PutRolePolicy' &&
          step.input.RoleName === trust.role,
      )
      .map((step) => doneOf(roles, step)?.at)
      .find((at) => at !== undefined && since !== null && at >= since);
    return {
      ...trust,
      sessionsUntil: roleSessions(since, state.roles.get(trust.role)?.maxSession),
      ...(revoked === undefined ? {} : { sessionsRevoked: revoked }),
    };
  });
}
