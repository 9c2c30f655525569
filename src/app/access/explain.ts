import { accessOf, ask, everything } from '../../access/ask.ts';
import type { Access } from '../../access/ask.ts';
import { Assumptions, outsiderOf } from '../../access/assume.ts';
import type { Aws } from '../../aws/client.ts';
import { iamOver, isNotGiven } from '../../aws/read.ts';
import { RollcallError } from '../../core/errors.ts';
import { objectOf, objectRef, parseRef } from '../../core/references.ts';
import type { Ref } from '../../core/references.ts';
import type { User } from '../../core/state.ts';
import type {
  AccessAnswer,
  AccessRequest,
  Explanation,
  HeldCredentials,
  Unworded,
} from '../../kinds/access-answer.ts';
import { isSuspended, readCredentials } from '../../kinds/index.ts';
import { notLookedAt } from '../../kinds/live.ts';
import { explain } from '../../policy/index.ts';
import { toAnswer, toPart } from './answer.ts';
import { placesOf } from './places.ts';
import type { Find } from './places.ts';
import type { Asked } from './read.ts';
import { outsideStep, toStep, toSteps, waysTo } from './through-roles.ts';
import { questionOf } from './who-can.ts';

/**
 * What a user or role may do, or what becomes of a request of theirs; and what else there is to know of them.
 *
 * @param whole all that they may do, by service; the request is then for everything.
 * @param aws null: nothing is read.
 */
export async function explainAccess(
  principal: Ref,
  { request, whole }: { readonly request: AccessRequest; readonly whole: boolean },
  asked: Asked,
  aws: Aws | null,
): Promise<Unworded<Explanation>> {
  const { from, state, unread } = asked;
  const { name } = parseRef(principal);
  const user = principal === objectRef('user', name) ? state.users.get(name) : undefined;
  const { credentials, refused } = await credentialsOf(user, aws);
  const access = accessOf(state, principal)!;
  const find = placesOf(asked, principal);
  return {
    version: 1,
    account: state.account,
    from,
    principal,
    request,
    ...(whole ? wholeOf(access, request, find) : toAnswer(ask(access, questionOf(request)), find)),
    ...factsOf(principal, user, asked),
    ...rolesOf(principal, request, whole, asked),
    ...(credentials ? { credentials } : {}),
    unread: refused === undefined ? unread : { ...unread, sentences: [...unread.sentences, refused] },
  };
}

function wholeOf(access: Access, request: AccessRequest, find: Find) {
  const { services, ...all } = everything(access, questionOf(request).context);
  const { decision: _decision, parts: _parts, ...rest } = toAnswer(all, find);
  const toService = ({ service, parts }: (typeof services)[number]) => ({
    service,
    parts: parts.map((part) => toPart(part, find)),
  });
  return { services: services.map(toService), ...rest };
}

/** Six calls for a user, and one for each access key; none for a role, which has no credentials of its own. */
async function credentialsOf(
  user: User | undefined,
  aws: Aws | null,
): Promise<{ readonly credentials?: HeldCredentials; readonly refused?: string }> {
  if (!user || !aws) return {};
  try {
    const found = await readCredentials(iamOver(aws), user.name, () => true);
    const { accessKeys: keys, loginProfile: password, ...others } = found;
    const accessKeys = keys.map(({ lastUsedAt = null, ...key }) => ({ ...key, lastUsedAt }));
    return { credentials: { accessKeys, password, ...others } };
  } catch (error) {
    if (!(error instanceof RollcallError) || !isNotGiven(error.cause)) throw error;
    return { refused: notLookedAt(`credentials of user ${user.name} were`, error) };
  }
}

/** Roles that they may assume, and of a role who may assume it. */
function rolesOf(
  principal: Ref,
  request: AccessRequest,
  whole: boolean,
  asked: Asked,
): Pick<Explanation, 'throughRoles' | 'assumers'> {
  const { state } = asked;
  const assumptions = new Assumptions(state);
  const question = questionOf(request);
  const decisionOf = (role: Ref): AccessAnswer['decision'] => ask(accessOf(state, role)!, question).decision;
  const ways = whole
    ? assumptions.waysOf(principal).map((steps) => ({ steps: toSteps(steps, asked, principal) }))
    : waysTo(principal, assumptions, decisionOf).map(({ steps, decision }) => ({
        steps: toSteps(steps, asked, principal),
        decision,
      }));
  const role = state.roles.get(parseRef(principal).name);
  if (!role || objectRef('role', role.name) !== principal) return { throughRoles: ways };
  const own = assumptions.of(role).map((one) => ({
    principal: one.principal,
    step: toStep(one, asked, one.principal),
  }));
  const outside = assumptions
    .outsidersOf(role)
    .map((one) => ({ outsider: outsiderOf(one), step: outsideStep(one) }));
  return { throughRoles: ways, assumers: [...own, ...outside] };
}

type Facts = Pick<Explanation, 'suspended' | 'expires' | 'about' | 'declares' | 'assumedBy'>;

function factsOf(principal: Ref, user: User | undefined, { from, state, desired }: Asked): Facts {
  const role = state.roles.get(parseRef(principal).name);
  const expiring = desired?.expiring ?? [];
  const about = desired?.about?.get(principal);
  const expires = expiring.filter(({ ref }) => objectOf(ref) === principal);
  return {
    ...(user && (user.suspended || isSuspended(user)) ? { suspended: true } : {}),
    expires: expires.map(({ what, at, expired }) => ({ what, at, expired })),
    ...(about ? { about } : {}),
    ...(user && from === 'files'
      ? { declares: { accessKeys: user.accessKey?.count ?? 0, console: user.console !== undefined } }
      : {}),
    ...(role && !user ? { assumedBy: explain(role.trust) } : {}),
  };
}
