import { isDeepStrictEqual } from 'node:util';
import type { InstanceProfile as Answer } from '@aws-sdk/client-iam';
import { byText } from '../../core/json.ts';
import type { Made } from '../../core/made.ts';
import { NameMap } from '../../core/names.ts';
import { isSelected } from '../../core/selection.ts';
import type { AccountState, InstanceProfile } from '../../core/state.ts';
import { isAsked } from '../asked.ts';
import { isSince, iso, toMade, toTags } from '../live.ts';
import type { Details, Iam, LiveReader, OutputOf, Part, PlanReading } from '../live.ts';
import { about, of } from './about.ts';

/** One list. It leaves out tags, which take a call for each profile: only where they decide something. */
export const live: LiveReader<InstanceProfile> = {
  async forPlan(details, reading) {
    if (!isAsked({ ...about, of }, reading) && !(await holdLeavers(details, reading))) return undefined;
    const { iam, manifests } = reading;
    const profiles = await readAll(iam);
    const declared = new NameMap(of(manifests.state));
    const rule = manifests.manage[about.section];
    const tagged = profiles.filter((profile) => {
      if (declared.get(profile.name)?.tags !== undefined) return true;
      if (typeof rule !== 'object' || rule.tags === undefined) return false;
      const { tags: _tags, ...others } = rule;
      return isSelected(others, profile);
    });
    return put(await withTags(profiles, tagged, iam));
  },

  catalogue: async (iam) => put(await readAll(iam)),

  async forImport(account, { iam, names, tags }) {
    if (!tags) return undefined;
    const profiles = [...of(account).values()];
    const wanted = new Set(names);
    return put(
      await withTags(
        profiles,
        profiles.filter(({ name }) => wanted.has(name)),
        iam,
      ),
    );
  },

  async asMade(call, _account, { iam, since }) {
    if (call.op !== 'CreateInstanceProfile') return undefined;
    const { InstanceProfileName: name = '', Path = '/', Tags = [] } = call.input;
    const found = await readOne(iam, name);
    return (
      found !== null &&
      found.name === name &&
      isSince(found.createdAt, since) &&
      found.path === Path &&
      found.role === null &&
      isDeepStrictEqual(found.tags, toTags(Tags)) &&
      made(found)
    );
  },

  async isDone({ op, input }, iam) {
    if (op !== 'AddRoleToInstanceProfile') return undefined;
    return (await readOne(iam, input.InstanceProfileName ?? ''))?.role === input.RoleName;
  },

  made: ({ op }, answer) =>
    op === 'CreateInstanceProfile'
      ? made(toProfile((answer as OutputOf<'CreateInstanceProfile'>).InstanceProfile ?? {}))
      : undefined,
};

const made = ({ name, path, id, arn, createdAt }: InstanceProfile): Made =>
  toMade({ kind: about.name, name, path, id, arn, createdAt });

/** Whether a role may go that is in some: it is taken out of them first, whoever has them. */
async function holdLeavers(details: Details, reading: PlanReading): Promise<boolean> {
  if (!(await details.has('role'))) return false;
  const account = await details.whole;
  const inScope = reading.scope(account);
  return [...account.roles.values()].some(
    ({ name, instanceProfiles = [] }) =>
      instanceProfiles.length > 0 && !reading.manifests.state.roles.has(name) && inScope('role', name),
  );
}

/** What is read is no more only counted. */
const put =
  (profiles: readonly InstanceProfile[]): Part =>
  (account: AccountState) => ({
    ...account,
    ...(account.besides ? { besides: account.besides.filter(({ kind }) => kind !== about.name) } : {}),
    instanceProfiles: new Map(profiles.map((one) => [one.name, one])),
  });

async function readAll(iam: Iam): Promise<InstanceProfile[]> {
  const answers = await iam.list('ListInstanceProfiles', { MaxItems: 1000 });
  return answers
    .flatMap(({ InstanceProfiles }) => InstanceProfiles ?? [])
    .map(toProfile)
    .sort((a, b) => byText(a.name, b.name));
}

async function withTags(
  profiles: readonly InstanceProfile[],
  tagged: readonly InstanceProfile[],
  iam: Iam,
): Promise<InstanceProfile[]> {
  const read = await iam.each(tagged, ({ name }) => readOne(iam, name), 'tags of instance profiles');
  const tags = new Map(read.flatMap((one) => (one ? [[one.name, one.tags ?? {}] as const] : [])));
  return profiles.map((one) => ({ ...one, ...(tags.has(one.name) ? { tags: tags.get(one.name)! } : {}) }));
}

/** Null: it has gone meanwhile. */
async function readOne(iam: Iam, name: string): Promise<InstanceProfile | null> {
  const answer = await iam.find('GetInstanceProfile', { InstanceProfileName: name });
  return answer?.InstanceProfile
    ? { ...toProfile(answer.InstanceProfile), tags: toTags(answer.InstanceProfile.Tags) }
    : null;
}

const toProfile = (answer: Partial<Answer>): InstanceProfile => ({
  name: answer.InstanceProfileName ?? '',
  path: answer.Path ?? '/',
  role: answer.Roles?.[0]?.RoleName ?? null,
  arn: answer.Arn ?? '',
  id: answer.InstanceProfileId ?? '',
  createdAt: iso(answer.CreateDate),
});
