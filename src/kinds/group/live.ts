import type { GroupDetail } from '@aws-sdk/client-iam';
import type { Made } from '../../core/made.ts';
import type { Group } from '../../core/state.ts';
import { holdsNothing, inOtherCase, isSince, iso, toArns, toDocuments, toMade } from '../live.ts';
import type { LiveReader, OutputOf } from '../live.ts';

export const live: LiveReader<Group> = {
  details: { filter: 'Group', of: (page) => (page.GroupDetailList ?? []).map(toGroup) },

  asMade(call, { groups, users }, { since }) {
    if (call.op !== 'CreateGroup') return Promise.resolve(undefined);
    const { GroupName: name = '', Path = '/' } = call.input;
    const group = groups.get(name);
    return Promise.resolve(
      group
        ? isSince(group.createdAt, since) &&
            group.path === Path &&
            holdsNothing(group) &&
            [...users.values()].every(({ groups }) => !groups.includes(name)) &&
            groupMade(group)
        : inOtherCase(groups, name),
    );
  },

  made: ({ op }, answer) =>
    op === 'CreateGroup' ? groupMade(toGroup((answer as OutputOf<'CreateGroup'>).Group ?? {})) : undefined,
};

const groupMade = ({ name, path, id, arn, createdAt }: Group): Made =>
  toMade({ kind: 'group', name, path, id, arn, createdAt });

const toGroup = (detail: GroupDetail): Group => ({
  name: detail.GroupName ?? '',
  path: detail.Path ?? '/',
  policies: toDocuments(detail.GroupPolicyList, `group ${detail.GroupName}`),
  attachedPolicyArns: toArns(detail.AttachedManagedPolicies),
  id: detail.GroupId ?? '',
  arn: detail.Arn ?? '',
  createdAt: iso(detail.CreateDate),
});
