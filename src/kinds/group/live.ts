import type { GroupDetail } from '@aws-sdk/client-iam';
import type { Group } from '../../core/state.ts';
import { iso, toArns, toDocuments } from '../live.ts';
import type { LiveReader } from '../live.ts';

export const live: LiveReader<Group> = {
  details: { filter: 'Group', of: (page) => (page.GroupDetailList ?? []).map(toGroup) },
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
