import { byText } from '../../core/json.ts';
import type { User } from '../../core/state.ts';
import type { Renamable } from '../kind.ts';
import { about } from './about.ts';

export const userIdentity: Renamable<'user'> = {
  kind: about.name,
  of: (state) => state.users,
  inlineSize: about.limits.inline,
  attachments: about.limits.attached,
  putPolicy: (UserName, PolicyName, PolicyDocument) => ({
    op: 'PutUserPolicy',
    input: { UserName, PolicyName, PolicyDocument },
  }),
  deletePolicy: (UserName, PolicyName) => ({ op: 'DeleteUserPolicy', input: { UserName, PolicyName } }),
  attach: (UserName, PolicyArn) => ({ op: 'AttachUserPolicy', input: { UserName, PolicyArn } }),
  detach: (UserName, PolicyArn) => ({ op: 'DetachUserPolicy', input: { UserName, PolicyArn } }),
  naming: {
    moving: (UserName, NewPath) => ({ op: 'UpdateUser', input: { UserName, NewPath } }),
    renaming: (UserName, NewUserName) => ({ op: 'UpdateUser', input: { UserName, NewUserName } }),
    renamed(user: User, nameOf) {
      const groups = user.groups.map((group) => nameOf('group', group)).sort(byText);
      return { ...user, name: nameOf('user', user.name), groups };
    },
  },
};
