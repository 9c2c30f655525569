import { extendedEncodeURIComponent } from '@smithy/core/protocols';
import type {
  EntityType,
  GroupDetail,
  ManagedPolicyDetail,
  PolicyDetail,
  RoleDetail,
  UserDetail,
} from '@aws-sdk/client-iam';
import { byText } from '../../../core/json.ts';
import { nameKey } from '../../../core/names.ts';
import { roleArn, type Context, type Handlers } from '../context.ts';
import { groupShape } from '../groups/groups.ts';
import { inlineNames, toAttached } from '../holders.ts';
import { pageFields, paginate } from '../paginate.ts';
import { awsPolicy, type AwsPolicy } from '../policies/aws.ts';
import { defaultOf, policyShape, versionShape, versionsOf } from '../policies/policies.ts';
import type { GroupRecord, HolderRecord, PolicyRecord, RoleRecord, UserRecord } from '../records.ts';
import { lastUsedShape } from '../roles/shape.ts';
import { profileShape, profilesOf } from '../roles/instance-profiles.ts';
import { policiesInUse } from '../state.ts';
import { toTags } from '../tags.ts';
import { shownTrust } from '../trust.ts';
import { boundaryShape, userNames } from '../users/shape.ts';

const inlineDetails = (holder: HolderRecord): PolicyDetail[] =>
  inlineNames(holder).map((name) => ({
    PolicyName: name,
    PolicyDocument: extendedEncodeURIComponent(holder.policies[name]!),
  }));

const userDetail = (ctx: Context, user: UserRecord): UserDetail => ({
  ...userNames(ctx, user),
  // Unlike groups and roles, users without inline policies have no list of them (seen on AWS).
  ...(Object.keys(user.policies).length === 0 ? {} : { UserPolicyList: inlineDetails(user) }),
  GroupList: user.groups.map((id) => ctx.state.groups.get(id)?.name).filter((name) => name !== undefined),
  AttachedManagedPolicies: toAttached(user.attached),
  ...boundaryShape(user),
  Tags: toTags(user.tags),
});

const groupDetail = (ctx: Context, group: GroupRecord): GroupDetail => ({
  ...groupShape(ctx, group),
  GroupPolicyList: inlineDetails(group),
  AttachedManagedPolicies: toAttached(group.attached),
});

const roleDetail = (ctx: Context, role: RoleRecord): RoleDetail => ({
  Path: role.path,
  RoleName: role.name,
  RoleId: role.id,
  Arn: roleArn(ctx, role),
  CreateDate: new Date(role.createdAt),
  AssumeRolePolicyDocument: extendedEncodeURIComponent(shownTrust(ctx, role.trust)),
  InstanceProfileList: profilesOf(ctx, role).map((profile) => profileShape(ctx, profile)),
  RolePolicyList: inlineDetails(role),
  AttachedManagedPolicies: toAttached(role.attached),
  ...boundaryShape(role),
  Tags: toTags(role.tags),
  RoleLastUsed: lastUsedShape(role),
});

function policyDetail(ctx: Context, policy: PolicyRecord | AwsPolicy): ManagedPolicyDetail {
  const inForce = defaultOf(policy);
  return {
    ...policyShape(ctx, policy),
    PolicyVersionList: versionsOf(policy).map((version) =>
      versionShape(version, version.id === inForce, true),
    ),
  };
}

/** One list of all kinds. */
type Entry =
  | { readonly kind: 'User'; readonly item: UserRecord }
  | { readonly kind: 'Group'; readonly item: GroupRecord }
  | { readonly kind: 'Role'; readonly item: RoleRecord }
  | { readonly kind: 'LocalManagedPolicy'; readonly item: PolicyRecord }
  | { readonly kind: 'AWSManagedPolicy'; readonly item: AwsPolicy };

/** The order in which pages return them (recorded from AWS). */
const rank: Readonly<Record<EntityType, number>> = {
  User: 0,
  Role: 1,
  Group: 2,
  LocalManagedPolicy: 3,
  AWSManagedPolicy: 4,
};

const keyOf = ({ kind, item }: Entry): string => `${rank[kind]}${nameKey(item.name)}`;

function entriesOf(ctx: Context, kinds: readonly EntityType[]): Entry[] {
  const { state } = ctx;
  const entries: Entry[] = [];
  const add = <Kind extends Entry['kind']>(
    kind: Kind,
    items: readonly Extract<Entry, { kind: Kind }>['item'][],
  ): void => {
    if (kinds.includes(kind)) for (const item of items) entries.push({ kind, item } as Entry);
  };
  add('User', state.users.sorted());
  add('Role', state.roles.sorted());
  add('Group', state.groups.sorted());
  add('LocalManagedPolicy', state.policies.sorted());
  // IAM returns the AWS policies in use, not all that AWS offers.
  const used = policiesInUse(state).flatMap((arn) => awsPolicy(ctx.partition, arn) ?? []);
  add(
    'AWSManagedPolicy',
    used.sort((a, b) => byText(nameKey(a.name), nameKey(b.name))),
  );
  return entries;
}

export const detailHandlers = {
  /** One page may hold items of several kinds; `MaxItems` counts them together. */
  GetAccountAuthorizationDetails(input, ctx) {
    const filter = new Set(input.Filter);
    // No filter is the filter of all kinds.
    const kinds = (Object.keys(rank) as EntityType[]).filter((kind) => filter.size === 0 || filter.has(kind));
    const page = paginate(ctx, input, entriesOf(ctx, kinds), keyOf, {
      scope: kinds.join(),
      // The two texts as recorded: it counts whether the filter has the kind that the marker ends at.
      badMarker: (key) =>
        kinds.some((kind) => key.startsWith(String(rank[kind])))
          ? 'Invalid Marker.'
          : 'Marker and Filter do not match',
    });
    const answer = {
      UserDetailList: [] as UserDetail[],
      GroupDetailList: [] as GroupDetail[],
      RoleDetailList: [] as RoleDetail[],
      Policies: [] as ManagedPolicyDetail[],
      ...pageFields(page),
    };
    for (const entry of page.items) {
      if (entry.kind === 'User') answer.UserDetailList.push(userDetail(ctx, entry.item));
      else if (entry.kind === 'Group') answer.GroupDetailList.push(groupDetail(ctx, entry.item));
      else if (entry.kind === 'Role') answer.RoleDetailList.push(roleDetail(ctx, entry.item));
      else answer.Policies.push(policyDetail(ctx, entry.item));
    }
    return answer;
  },
} satisfies Handlers;
