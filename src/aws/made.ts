import { isDeepStrictEqual } from 'node:util';
import type { Call, InputOf } from '../core/operations.ts';
import { sameName } from '../core/names.ts';
import type { AccountState, Group, ManagedPolicy, Tags, User } from '../core/state.ts';
import { readSignIn, readTags } from '../kinds/index.ts';
import type { Aws } from './client.ts';
import { iamOver, readAccount } from './read.ts';
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
  call: Call,
  { since, place }: { readonly since: Date; readonly place: Place },
): Promise<boolean> {
  // An object that was made a moment ago may not be listed yet.
  for (const wait of [0, 1000, 2000, 4000]) {
    if (wait > 0) await aws.wait(wait);
    const live = await readAccount(aws, place);
    const found = await isNew(aws, live, call, since);
    if (found !== undefined) return found;
  }
  return false;
}

/** Undefined: there is no object of that name yet, in whichever case. */
async function isNew(aws: Aws, live: AccountState, call: Call, since: Date): Promise<boolean | undefined> {
  const inOtherCase = (name: string): false | undefined =>
    isThereInOtherCase(live, name) ? false : undefined;
  switch (call.op) {
    case 'CreateUser': {
      const { UserName: name = '' } = call.input;
      const user = live.users.get(name);
      return user ? await isNewUser(aws, user, call.input, since) : inOtherCase(name);
    }
    case 'CreateGroup': {
      const { GroupName: name = '' } = call.input;
      const group = live.groups.get(name);
      return group ? isNewGroup(live, group, call.input, since) : inOtherCase(name);
    }
    case 'CreatePolicy': {
      const { PolicyName: name = '' } = call.input;
      const policy = live.policies.get(name);
      return policy ? await isNewPolicy(aws, live, policy, call.input, since) : inOtherCase(name);
    }
    default:
      return undefined;
  }
}

const isThereInOtherCase = ({ users, groups, policies }: AccountState, name: string): boolean =>
  [users, groups, policies].some((objects) =>
    [...objects.keys()].some((other) => other !== name && sameName(other, name)),
  );

/** IAM's dates have whole seconds. */
export const isSince = (date: Date | string | undefined, since: Date): boolean =>
  new Date(date ?? NaN).getTime() >= Math.floor(since.getTime() / 1000) * 1000;

const tagsOf = ({ Tags = [] }: Pick<InputOf<'CreateUser'>, 'Tags'>): Tags =>
  Object.fromEntries(Tags.map(({ Key = '', Value = '' }) => [Key, Value]));

const holdsNothing = (identity: {
  readonly policies: object;
  readonly attachedPolicyArns: readonly string[];
}): boolean => Object.keys(identity.policies).length === 0 && identity.attachedPolicyArns.length === 0;

async function isNewUser(aws: Aws, user: User, input: InputOf<'CreateUser'>, since: Date): Promise<boolean> {
  const asAsked =
    isSince(user.createdAt, since) &&
    user.path === (input.Path ?? '/') &&
    user.boundary === (input.PermissionsBoundary ?? null) &&
    isDeepStrictEqual({ ...user.tags }, tagsOf(input)) &&
    user.groups.length === 0 &&
    holdsNothing(user);
  if (!asAsked) return false;
  const { accessKeys, loginProfile } = await readSignIn(iamOver(aws), user.name);
  return accessKeys.length === 0 && loginProfile === null;
}

function isNewGroup(live: AccountState, group: Group, input: InputOf<'CreateGroup'>, since: Date): boolean {
  return (
    isSince(group.createdAt, since) &&
    group.path === (input.Path ?? '/') &&
    holdsNothing(group) &&
    [...live.users.values()].every(({ groups }) => !groups.includes(group.name))
  );
}

async function isNewPolicy(
  aws: Aws,
  live: AccountState,
  policy: ManagedPolicy,
  input: InputOf<'CreatePolicy'>,
  since: Date,
): Promise<boolean> {
  const { users, groups, roles } = live;
  const held = [users, groups, roles].some((holders) =>
    [...holders.values()].some(({ attachedPolicyArns }) => attachedPolicyArns.includes(policy.arn)),
  );
  const [version, ...more] = policy.versions ?? [];
  return (
    !held &&
    more.length === 0 &&
    isSince(version?.createdAt, since) &&
    policy.path === (input.Path ?? '/') &&
    (policy.description ?? '') === (input.Description ?? '') &&
    isDeepStrictEqual(policy.document, JSON.parse(input.PolicyDocument ?? '')) &&
    isDeepStrictEqual({ ...(await readTags(iamOver(aws), policy.arn)) }, tagsOf(input))
  );
}
