import type { StepResult } from '../../aws/execute.ts';
import { byText, isObject } from '../../core/json.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Step } from '../../core/plan.ts';
import { statementsOf } from '../../core/policy-language.ts';
import { objectRef, parseRef, partRef } from '../../core/references.ts';
import type { AccountState, PolicyDocument, Role } from '../../core/state.ts';
import { Assumptions, isCertain } from '../../access/assume.ts';
import { namedInTrusts } from '../../kinds/left-in-trusts.ts';
import { conditionsNaming, isNobody, principalsIn, withoutPrincipal } from '../../policy/trust/index.ts';
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
  return statementsOf(role.trust)
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

function howTrusted(
  statement: JsonObject,
  { account }: AccountState,
  person: Person,
): Trust['how'] | undefined {
  const alone = { Statement: [statement] };
  const named = principalsIn(alone).filter(({ effect }) => effect === 'Allow');
  // AWS shows the id instead of the ARN of a deleted user.
  const isPerson = named.some(
    (one) => ('arn' in one && one.arn === person.arn) || ('id' in one && one.id === person.id),
  );
  if (isPerson) return 'user';
  const viaAnyone = named.some(({ type }) => type === 'anybody');
  if (!viaAnyone && !named.some((one) => one.type === 'account' && one.account === account)) return undefined;
  if (conditionsNaming(alone, person).some(({ operator }) => !operator.includes('Not'))) return 'condition';
  return viaAnyone ? 'anyone' : 'account';
}

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
      .filter((step) => step.purpose === 'revoke-sessions' && parseRef(step.about).name === trust.role)
      .map((step) => doneOf(roles, step)?.at)
      .find((at) => at !== undefined && since !== null && at >= since);
    return {
      ...trust,
      sessionsUntil: roleSessions(since, state.roles.get(trust.role)?.maxSession),
      ...(revoked === undefined ? {} : { sessionsRevoked: revoked }),
    };
  });
}
