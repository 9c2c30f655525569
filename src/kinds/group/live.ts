import type { GroupDetail } from '@aws-sdk/client-iam';
import type { Group } from '../../core/state.ts';
import { holdsNothing, inOtherCase, isSince, iso, toArns, toDocuments } from '../live.ts';
import type { LiveReader } from '../live.ts';

export const live: LiveReader<Group> = {
  details: { filter: 'Group', of: (page) => (page.GroupDetailList ?? []).map(toGroup) },

  isAsMade(call, { groups, users }, { since }) {
    if (call.op !== 'CreateGroup') return Promise.resolve(undefined);
    const { GroupName: name = '', Path = '/' } = call.input;
    const group = groups.get(name);
    return Promise.resolve(
      group
        ? isSince(group.createdAt, since) &&
            group.path === Path &&
            holdsNothing(group) &&
            [...users.values()].every(({ groups }) => !groups.includes(name))
        : inOtherCase(groups, name),
    );
  },
};

const toGroup = (detail: GroupDetail): Group => ({
  name: detail.GroupName ?? '',
  path: detail.Path ?? '/',
  policies: toDocuments(detail.GroupPolicyList, `group ${detail.GroupName}`),
  attachedPolicyArns: toArns(detail.AttachedManagedPolicies),
  id: detail.GroupId ?? '',
  arn: detail.Arn ?? '',
  createdAt: iso(detail.CreateDate),
});
