import type { Renamable } from '../kind.ts';
import { about } from './about.ts';

export const groupIdentity: Renamable<'group'> = {
  kind: about.name,
  of: (state) => state.groups,
  inlineSize: about.limits.inline,
  attachments: about.limits.attached,
  putPolicy: (GroupName, PolicyName, PolicyDocument) => ({
    op: 'PutGroupPolicy',
    input: { GroupName, PolicyName, PolicyDocument },
  }),
  deletePolicy: (GroupName, PolicyName) => ({ op: 'DeleteGroupPolicy', input: { GroupName, PolicyName } }),
  attach: (GroupName, PolicyArn) => ({ op: 'AttachGroupPolicy', input: { GroupName, PolicyArn } }),
  detach: (GroupName, PolicyArn) => ({ op: 'DetachGroupPolicy', input: { GroupName, PolicyArn } }),
  naming: {
    moving: (GroupName, NewPath) => ({ op: 'UpdateGroup', input: { GroupName, NewPath } }),
    renaming: (GroupName, NewGroupName) => ({ op: 'UpdateGroup', input: { GroupName, NewGroupName } }),
    renamed: (group, nameOf) => ({ ...group, name: nameOf('group', group.name) }),
  },
};
