import { isDeepStrictEqual } from 'node:util';
import type { Role as ListedRole, RoleDetail } from '@aws-sdk/client-iam';
import { byText } from '../../core/json.ts';
import type { Made } from '../../core/made.ts';
import type { AccountState, Role } from '../../core/state.ts';
import { sameTrust } from '../../policy/trust/index.ts';
import {
  documentIn,
  holdsNothing,
  inOtherCase,
  isSince,
  iso,
  toArns,
  toDocument,
  toDocuments,
  toMade,
  toTags,
} from '../live.ts';
import type { Iam, LiveReader, OutputOf, Part } from '../live.ts';

export const live: LiveReader<Role> = {
  details: { filter: 'Role', of: (page) => (page.RoleDetailList ?? []).map(toRole) },

  asMade(call, account, { since }) {
    if (call.op !== 'CreateRole') return Promise.resolve(undefined);
    const { RoleName: name = '', Path = '/', PermissionsBoundary = null, Tags = [] } = call.input;
    const role = account.roles.get(name);
    if (!role) return Promise.resolve(inOtherCase(account.roles, name));
    const trust = documentIn(encodeURIComponent(call.input.AssumeRolePolicyDocument ?? ''));
    const asAsked =
      isSince(role.createdAt, since) &&
      role.path === Path &&
      role.boundary === PermissionsBoundary &&
      isDeepStrictEqual(role.tags, toTags(Tags)) &&
      trust !== null &&
      sameTrust(role.trust, trust) &&
      (role.instanceProfiles ?? []).length === 0 &&
      holdsNothing(role);
    return Promise.resolve(asAsked && roleMade(role));
  },

  made({ op }, answer) {
    if (op !== 'CreateRole') return undefined;
    const { RoleName, Path, RoleId, Arn, CreateDate } = (answer as OutputOf<'CreateRole'>).Role ?? {};
    return toMade({
      kind: 'role',
      name: RoleName,
      path: Path,
      id: RoleId,
      arn: Arn,
      createdAt: iso(CreateDate),
    });
  },

  /** The account's details have neither descriptions nor longest sessions. */
  async forPlan(details, reading) {
    if (!(await details.has('role'))) return undefined;
    const { iam, manifests } = reading;
    const account = await details.whole;
    const inScope = reading.scope(account);
    const compares = [...account.roles.keys()].some(
      (name) => manifests.state.roles.has(name) || inScope('role', name),
    );
    return compares ? await readSettings(account, iam) : undefined;
  },

  async forImport(account, { iam, names }) {
    return names.length === 0 ? undefined : await readSettings(account, iam);
  },
};

/** Descriptions and longest sessions, of all roles in a few calls. */
async function readSettings(account: AccountState, iam: Iam): Promise<Part> {
  const pages = await iam.list('ListRoles', { MaxItems: 1000 });
  const listed = new Map(
    pages.flatMap(({ Roles = [] }) => Roles.map((role) => [role.RoleName ?? '', role] as const)),
  );
  const roles = new Map(
    [...account.roles].map(([name, role]) => {
      const found = listed.get(name);
      // One that was made again meanwhile is not the one that was read.
      return [name, found && found.RoleId === role.id ? { ...role, ...settingsOf(found) } : role] as const;
    }),
  );
  return (whole) => ({ ...whole, roles });
}

const settingsOf = ({
  Description = '',
  MaxSessionDuration = 3600,
}: ListedRole): Pick<Role, 'description' | 'maxSession'> => ({
  description: Description,
  maxSession: MaxSessionDuration,
});

const roleMade = ({ name, path, id, arn, createdAt }: Role): Made =>
  toMade({ kind: 'role', name, path, id, arn, createdAt });

const toRole = (detail: RoleDetail): Role => ({
  name: detail.RoleName ?? '',
  path: detail.Path ?? '/',
  policies: toDocuments(detail.RolePolicyList, `role ${detail.RoleName}`),
  attachedPolicyArns: toArns(detail.AttachedManagedPolicies),
  tags: toTags(detail.Tags),
  boundary: detail.PermissionsBoundary?.PermissionsBoundaryArn ?? null,
  trust: toDocument(detail.AssumeRolePolicyDocument, `the trust of role ${detail.RoleName}`),
  arn: detail.Arn ?? '',
  id: detail.RoleId ?? '',
  createdAt: iso(detail.CreateDate),
  instanceProfiles: (detail.InstanceProfileList ?? [])
    .map(({ InstanceProfileName }) => InstanceProfileName ?? '')
    .sort(byText),
});
