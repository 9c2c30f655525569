import type { InstanceProfile } from '@aws-sdk/client-iam';
import { alreadyExists, noSuchEntity, overQuota } from '../../wire/errors.ts';
import { arnOf, roleNamed, type Context, type Handlers } from '../context.ts';
import { checkDeletable } from '../holders.ts';
import { inTable, pageFields, paginate, paginateUnsorted } from '../paginate.ts';
import type { InstanceProfileRecord, RoleRecord } from '../records.ts';
import { listTags, taggingOf, toTags } from '../tags.ts';
import { modifiable } from './protect.ts';
import { briefRoleShape } from './shape.ts';

const tagging = taggingOf((state) => state.instanceProfiles);

function profileNamed(ctx: Context, name: string): InstanceProfileRecord {
  const profile = ctx.state.instanceProfiles.find(name);
  if (!profile) throw noSuchEntity(`Instance Profile ${name} cannot be found.`);
  return profile;
}

/** A role may be in several; a profile has one role at most. */
export const profilesOf = (ctx: Context, role: RoleRecord): readonly InstanceProfileRecord[] =>
  ctx.state.instanceProfiles.sorted().filter(({ roleId }) => roleId === role.id);

/** Lists leave out the tags. */
export function profileShape(ctx: Context, profile: InstanceProfileRecord): InstanceProfile {
  const role = ctx.state.roles.get(profile.roleId);
  return {
    Path: profile.path,
    InstanceProfileName: profile.name,
    InstanceProfileId: profile.id,
    Arn: arnOf(ctx, 'instance-profile', profile.path, profile.name),
    CreateDate: new Date(profile.createdAt),
    Roles: role ? [briefRoleShape(ctx, role)] : [],
  };
}

export const instanceProfileHandlers = {
  CreateInstanceProfile(input, ctx) {
    const { instanceProfiles } = ctx.state;
    const name = input.InstanceProfileName;
    if (instanceProfiles.taken(name)) throw alreadyExists(`Instance Profile ${name} already exists.`);
    const { profilesPerAccount } = ctx.quotas;
    if (instanceProfiles.size >= profilesPerAccount)
      throw overQuota('InstanceProfilesPerAccount', profilesPerAccount);
    const profile: InstanceProfileRecord = {
      id: ctx.mint.id('AIPA'),
      name,
      path: input.Path ?? '/',
      createdAt: ctx.now(),
      roleId: '',
      tags: tagging.initial(input.Tags),
    };
    instanceProfiles.put(profile);
    const tags = profile.tags.length === 0 ? {} : { Tags: toTags(profile.tags) };
    return { InstanceProfile: { ...profileShape(ctx, profile), ...tags } };
  },

  GetInstanceProfile(input, ctx) {
    const profile = profileNamed(ctx, input.InstanceProfileName);
    return { InstanceProfile: { ...profileShape(ctx, profile), Tags: toTags(profile.tags) } };
  },

  DeleteInstanceProfile(input, ctx) {
    const profile = profileNamed(ctx, input.InstanceProfileName);
    checkDeletable([[profile.roleId !== '', 'remove roles from instance profile']]);
    ctx.state.instanceProfiles.delete(profile.id);
  },

  AddRoleToInstanceProfile(input, ctx) {
    const profile = profileNamed(ctx, input.InstanceProfileName);
    const role = modifiable(ctx, input.RoleName);
    if (profile.roleId !== '') throw overQuota('InstanceSessionsPerInstanceProfile', 1);
    ctx.state.instanceProfiles.put({ ...profile, roleId: role.id });
  },

  RemoveRoleFromInstanceProfile(input, ctx) {
    const profile = profileNamed(ctx, input.InstanceProfileName);
    const role = modifiable(ctx, input.RoleName);
    if (profile.roleId !== role.id)
      throw noSuchEntity(`Role ${role.name} in Instance Profile ${profile.name} cannot be found.`);
    ctx.state.instanceProfiles.put({ ...profile, roleId: '' });
  },

  ListInstanceProfiles(input, ctx) {
    const prefix = input.PathPrefix ?? '/';
    const page = paginate(ctx, input, ctx.state.instanceProfiles.sorted(), inTable, {
      scope: prefix,
      keep: (profile) => profile.path.startsWith(prefix),
    });
    return { InstanceProfiles: page.items.map((item) => profileShape(ctx, item)), ...pageFields(page) };
  },

  ListInstanceProfilesForRole(input, ctx) {
    const role = roleNamed(ctx, input.RoleName);
    const page = paginateUnsorted(ctx, input, profilesOf(ctx, role), inTable, role.id);
    return { InstanceProfiles: page.items.map((item) => profileShape(ctx, item)), ...pageFields(page) };
  },

  TagInstanceProfile: (input, ctx) =>
    tagging.add(ctx, profileNamed(ctx, input.InstanceProfileName), input.Tags),
  UntagInstanceProfile: (input, ctx) =>
    tagging.remove(ctx, profileNamed(ctx, input.InstanceProfileName), input.TagKeys),
  ListInstanceProfileTags: (input, ctx) => listTags(ctx, input, profileNamed(ctx, input.InstanceProfileName)),
} satisfies Handlers;
