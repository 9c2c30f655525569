import { isDeepStrictEqual } from 'node:util';
import type { JsonObject } from '../core/json.ts';
import { sameName } from '../core/names.ts';
import type { AccountState, Tags } from '../core/state.ts';
import type { Aws } from './client.ts';
import type { Operation } from './commands.ts';
import { readAccount, readPolicyTags, readSignIn } from './read.ts';
import type { Place } from './read.ts';

/**
 * Whether an object of the wanted name was made by our own call, whose first answer was lost. It was if it is just as
 * we asked for it, was made after the call began by AWS's clock, and has nothing attached yet. Otherwise somebody else
 * was quicker, and the object must not get what was meant for ours.
 *
 * @param since AWS's time before the call.
 */
export async function isAsMade(
  aws: Aws,
  op: Operation,
  input: JsonObject,
  { since, place }: { readonly since: Date; readonly place: Place },
): Promise<boolean> {
  const name = (input['UserName'] ?? input['GroupName'] ?? input['PolicyName']) as string;
  // An object that was made a moment ago may not be listed yet.
  for (const wait of [0, 1000, 2000, 4000]) {
    if (wait > 0) await aws.wait(wait);
    const live = await readAccount(aws, place);
    if (op === 'CreateUser' && live.users.has(name)) return await isNewUser(aws, live, name, input, since);
    if (op === 'CreateGroup' && live.groups.has(name)) return isNewGroup(live, name, input, since);
    if (op === 'CreatePolicy' && live.policies.has(name)) {
      return await isNewPolicy(aws, live, name, input, since);
    }
    if (isThereInOtherCase(live, name)) return false;
  }
  return false;
}

const isThereInOtherCase = ({ users, groups, policies }: AccountState, name: string): boolean =>
  [users, groups, policies].some((objects) =>
    [...objects.keys()].some((other) => other !== name && sameName(other, name)),
  );

/** IAM's dates have whole seconds. */
export const isSince = (date: Date | string | undefined, since: Date): boolean =>
  new Date(date ?? NaN).getTime() >= Math.floor(since.getTime() / 1000) * 1000;

const tagsOf = (input: JsonObject): Tags =>
  Object.fromEntries(
    ((input['Tags'] ?? []) as unknown as readonly { Key: string; Value: string }[]).map(({ Key, Value }) => [
      Key,
      Value,
    ]),
  );

const holdsNothing = (identity: {
  readonly policies: object;
  readonly attachedPolicyArns: readonly string[];
}): boolean => Object.keys(identity.policies).length === 0 && identity.attachedPolicyArns.length === 0;

async function isNewUser(
  aws: Aws,
  live: AccountState,
  name: string,
  input: JsonObject,
  since: Date,
): Promise<boolean> {
  const user = live.users.get(name)!;
  const asAsked =
    isSince(user.createdAt, since) &&
    user.path === (input['Path'] ?? '/') &&
    user.boundary === (input['PermissionsBoundary'] ?? null) &&
    isDeepStrictEqual({ ...user.tags }, tagsOf(input)) &&
    user.groups.length === 0 &&
    holdsNothing(user);
  if (!asAsked) return false;
  const { accessKeys, loginProfile } = await readSignIn(aws, name);
  return accessKeys.length === 0 && loginProfile === null;
}

function isNewGroup(live: AccountState, name: string, input: JsonObject, since: Date): boolean {
  const group = live.groups.get(name)!;
  return (
    isSince(group.createdAt, since) &&
    group.path === (input['Path'] ?? '/') &&
    holdsNothing(group) &&
    [...live.users.values()].every(({ groups }) => !groups.includes(name))
  );
}

async function isNewPolicy(
  aws: Aws,
  live: AccountState,
  name: string,
  input: JsonObject,
  since: Date,
): Promise<boolean> {
  const policy = live.policies.get(name)!;
  const { users, groups, roles } = live;
  const held = [users, groups, roles].some((holders) =>
    [...holders.values()].some(({ attachedPolicyArns }) => attachedPolicyArns.includes(policy.arn)),
  );
  const [version, ...more] = policy.versions ?? [];
  return (
    !held &&
    more.length === 0 &&
    isSince(version?.createdAt, since) &&
    policy.path === (input['Path'] ?? '/') &&
    (policy.description ?? '') === (input['Description'] ?? '') &&
    isDeepStrictEqual(policy.document, JSON.parse(input['PolicyDocument'] as string)) &&
    isDeepStrictEqual({ ...(await readPolicyTags(aws, policy.arn)) }, tagsOf(input))
  );
}
