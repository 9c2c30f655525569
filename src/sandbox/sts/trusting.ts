import type { Tag } from '@aws-sdk/client-sts';
import { isObject, parseJson, type JsonObject } from '../../core/json.ts';
import { statementsOf } from '../../core/policy-language.ts';
import { evaluate, texts } from '../authorize/evaluate.ts';
import { contextOf, requestValues, resourceValues, type Values } from '../authorize/values.ts';
import { denialOf, notAuthorized } from '../authorize/authorize.ts';
import { roleArn, type Context } from '../iam/context.ts';
import type { RoleRecord } from '../iam/records.ts';
import { IamError } from '../wire/errors.ts';

/**
 * How a trust names a caller, the most exact first. `session` and `user` need no policy of the caller's own, and a
 * boundary or session policy that is silent takes nothing away; of a `role` these still count; `account` leaves it to
 * the caller's policies.
 * Source: IAM User Guide, "Policy evaluation logic", "AWS JSON policy elements: Principal".
 */
type Level = 'session' | 'user' | 'role' | 'account';
const levels: readonly Level[] = ['session', 'user', 'role', 'account'];

/** How an `AWS` principal of a trust names the caller; null if it means somebody else. */
function levelOf({ caller, partition, account }: Context, item: string): Level | null {
  const self: Level = caller.role ? 'role' : 'user';
  if (item === '*') return self;
  if (item === account || item === `arn:${partition}:iam::${account}:root`) return 'account';
  if (item === (caller.role ?? caller.user)?.id) return self;
  return item === caller.arn ? (caller.role ? 'session' : 'user') : null;
}

/** Who a statement names, as `type` has it. `*` alone names everybody with an AWS identity. */
function namedIn(statement: JsonObject, type: 'AWS' | 'Federated'): readonly string[] {
  const principal = statement['Principal'];
  if (principal === '*') return type === 'AWS' ? ['*'] : [];
  return isObject(principal) ? texts(principal[type]) : [];
}

/** What the trust of a role says to an action, of the statements whose principal is one of those. */
function trustSays(
  role: RoleRecord,
  arn: string,
  action: string,
  context: Values,
  names: (statement: JsonObject) => boolean,
) {
  const document = parseJson(role.trust) as JsonObject;
  const Statement = (statementsOf(document) as readonly JsonObject[])
    .filter(names)
    // The evaluator looks at what is allowed, and not at whom.
    .map((statement) => ({ ...statement, Resource: '*' }));
  return evaluate([JSON.stringify({ ...document, Statement })], action, arn, contextOf(context));
}

/** Condition keys that the request itself has. */
interface Asked {
  readonly values: Values;
  /**
   * Session tags are asked for by an action of their own, and so is the source identity: those, too, that the calling
   * session passes on.
   */
  readonly tags: boolean;
  readonly sourceIdentity: boolean;
}

const actionsOf = ({ tags, sourceIdentity }: Asked): readonly string[] => [
  ...(tags ? ['sts:TagSession'] : []),
  ...(sourceIdentity ? ['sts:SetSourceIdentity'] : []),
];

/**
 * Throws AccessDenied unless the caller may open a session of the role: the trust names the caller, or it trusts the
 * account and the caller's policies allow it. A role does not trust itself unless it says so (AWS Security Blog,
 * "Announcing an update to IAM role trust policy behavior").
 *
 * @param arn as it was asked for. What role is not there is told like one that does not trust the caller.
 */
export function checkAssume(
  ctx: Context,
  role: RoleRecord | undefined,
  arn: string,
  asked: Asked,
): asserts role {
  for (const action of ['sts:AssumeRole', ...actionsOf(asked)]) {
    const because = role ? refusal(ctx, role, action, asked.values) : '';
    if (because !== null) throw notAuthorized(ctx.caller, action, arn, because);
  }
}

/** Why the caller may not: null if it may, empty where AWS gives no reason. */
function refusal(ctx: Context, role: RoleRecord, action: string, values: Values): string | null {
  const arn = roleArn(ctx, role);
  const context = { ...ctx.values(), ...resourceValues(ctx, arn), ...values };
  const says = (wanted: readonly Level[]) =>
    trustSays(role, arn, action, context, (statement) =>
      namedIn(statement, 'AWS').some((item) => {
        const level = levelOf(ctx, item);
        return level !== null && wanted.includes(level);
      }),
    );
  if (says(levels) === 'deny') return '';
  const level = levels.find((one) => says([one]) === 'allow');
  if (level === undefined) return '';
  const decision = ctx.judge(action, arn, values);
  if (decision === null) return null;
  const silent = denialOf(decision, action);
  if (silent === null) return null;
  if (Object.values(decision).includes('deny')) return silent;
  if (level === 'session' || level === 'user') return null;
  const narrowed = decision.boundary === 'none' || decision.session === 'none';
  return level === 'role' && !narrowed ? null : '';
}

/** Throws AccessDenied unless the role trusts a provider with such claims. */
export function checkFederated(
  ctx: Context,
  role: RoleRecord | undefined,
  provider: string,
  asked: Asked,
): asserts role {
  for (const action of ['sts:AssumeRoleWithWebIdentity', ...actionsOf(asked)]) {
    const arn = role && roleArn(ctx, role);
    const context = {
      ...ctx.values(),
      ...(arn === undefined ? {} : resourceValues(ctx, arn)),
      ...asked.values,
    };
    const names = (statement: JsonObject): boolean => namedIn(statement, 'Federated').includes(provider);
    if (role && arn !== undefined && trustSays(role, arn, action, context, names) === 'allow') continue;
    throw new IamError('AccessDenied', `Not authorized to perform ${action}`);
  }
}

/** Condition keys of the tags that a session is opened with. */
export const tagValuesOf = (tags: readonly Tag[]): Values => requestValues({ Tags: tags });
