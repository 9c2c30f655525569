import { sortedKeys } from '../../core/json.ts';
import type { User } from '../../core/state.ts';
import { policyLikeness } from '../identity.ts';
import type { Context, Likeness } from '../kind.ts';
import { withoutStateTags } from './state-tags.ts';

/** Groups only as far as the files can name them; keys and passwords only where they were read. */
export function likeness(user: User, side: 'desired' | 'live', context: Context): Likeness | undefined {
  const tags = withoutStateTags(user.tags);
  const groups = user.groups.filter((group) => context.desired.groups.has(group));
  const facts = {
    ...(Object.keys(tags).length > 0 ? { tags: sortedKeys(tags).map((key) => [key, tags[key]!]) } : {}),
    ...(groups.length > 0 ? { groups } : {}),
    ...policyLikeness(user),
    ...(user.boundary === null ? {} : { 'permissions boundary': user.boundary }),
  };
  if (Object.keys(facts).length === 0) return undefined;
  const signIn = side === 'desired' ? declaredSignIn(user) : liveSignIn(user);
  return { facts, ...(signIn === undefined ? {} : { signIn }) };
}

const declaredSignIn = ({ accessKey, console }: User): string =>
  signInText(accessKey?.count ?? 0, console !== undefined);

const liveSignIn = ({ credentials }: User): string | undefined =>
  credentials && signInText(credentials.accessKeys.length, credentials.loginProfile !== null);

const signInText = (keys: number, password: boolean): string => `${keys} ${password}`;
