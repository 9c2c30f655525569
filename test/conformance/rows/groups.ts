import * as given from '../given.ts';
import { api, call, fails, guide, model, quotaPage, works, type Row } from '../row.ts';

const { admins, lorax, makeGroup, makePolicy, makeUser, reports } = given;
const group = [makeGroup];
const member = [makeUser, makeGroup, call('AddUserToGroup', { ...lorax, ...admins })];
const none = { GroupName: 'nobody' };

export const groups: readonly Row[] = [
  works(
    'answers the group with its ARN and id',
    call('CreateGroup', { ...admins, Path: '/ops/' }),
    {
      Group: {
        Path: '/ops/',
        GroupName: 'admins',
        GroupId: '~/^AGPA[A-Z0-9]{16,}$/',
        Arn: given.arn('group/ops/admins'),
        CreateDate: '~any',
      },
    },
    { source: guide('reference_identifiers', 'AGPA: User group') },
  ),
  fails('the name is taken', makeGroup, 'EntityAlreadyExists', { setup: group }),
  fails(
    'the name is taken in another case',
    call('CreateGroup', { GroupName: 'Admins' }),
    'EntityAlreadyExists',
    {
      setup: group,
      source: api('CreateGroup', 'Names are not distinguished by case.'),
    },
  ),
  fails('the 301st group', call('CreateGroup', { GroupName: 'one-more' }), 'LimitExceeded', {
    setup: [call('CreateGroup', { GroupName: 'g{i}' }, { times: 300 })],
    source: quotaPage('Groups in an AWS account: 300'),
  }),
  fails('a name of 129 characters', call('CreateGroup', { GroupName: 'g'.repeat(129) }), 'ValidationError', {
    source: model('groupNameType'),
  }),
  fails('a slash in the name', call('CreateGroup', { GroupName: 'a/b' }), 'ValidationError', {
    source: model('groupNameType'),
  }),

  works(
    'with its members',
    call('GetGroup', admins),
    { Group: { GroupName: 'admins' }, Users: [lorax] },
    {
      setup: member,
    },
  ),
  works('without members', call('GetGroup', admins), { Users: [] }, { setup: group }),
  fails('that is not there', call('GetGroup', none), 'NoSuchEntity'),

  works(
    'by path',
    call('ListGroups', { PathPrefix: '/ops/' }),
    { Groups: [{ GroupName: 'b' }] },
    {
      setup: [makeGroup, call('CreateGroup', { GroupName: 'b', Path: '/ops/' })],
    },
  ),
  works('of an empty account', call('ListGroups'), { Groups: [] }),

  works('renames', call('UpdateGroup', { ...admins, NewGroupName: 'ops' }), {}, { setup: group }),
  works(
    'of a renamed group, whose members stay',
    call('GetGroup', { GroupName: 'ops' }),
    { Users: [lorax] },
    {
      setup: [...member, call('UpdateGroup', { ...admins, NewGroupName: 'ops' })],
      source: guide(
        'id_groups_manage_rename',
        'any members of the group stay in the group under the new group name',
      ),
    },
  ),
  fails('that is not there', call('UpdateGroup', { ...none, NewPath: '/x/' }), 'NoSuchEntity'),
  fails(
    'the new name is taken',
    call('UpdateGroup', { ...admins, NewGroupName: 'Ops' }),
    'EntityAlreadyExists',
    {
      setup: [makeGroup, call('CreateGroup', { GroupName: 'ops' })],
    },
  ),

  works('of an empty group', call('DeleteGroup', admins), {}, { setup: group }),
  fails('that is not there', call('DeleteGroup', none), 'NoSuchEntity'),
  fails('with a member', call('DeleteGroup', admins), 'DeleteConflict', {
    setup: member,
    source: api('DeleteGroup', 'The group must not contain any users or have any attached policies.'),
  }),
  fails('with an attached policy', call('DeleteGroup', admins), 'DeleteConflict', {
    setup: [makeGroup, makePolicy, call('AttachGroupPolicy', { ...admins, ...reports })],
    source: api('DeleteGroup', 'The group must not contain any users or have any attached policies.'),
  }),
  fails('with an inline policy', call('DeleteGroup', admins), 'DeleteConflict', {
    setup: [
      makeGroup,
      call('PutGroupPolicy', { ...admins, PolicyName: 'p', PolicyDocument: given.anyDocument }),
    ],
    source: guide('id_groups_manage_delete', 'delete all inline policies embedded in the group'),
  }),

  works('adds', call('AddUserToGroup', { ...lorax, ...admins }), {}, { setup: [makeUser, makeGroup] }),
  fails('no such user', call('AddUserToGroup', { ...given.nobody, ...admins }), 'NoSuchEntity', {
    setup: group,
  }),
  fails('no such group', call('AddUserToGroup', { ...lorax, ...none }), 'NoSuchEntity', {
    setup: [makeUser],
  }),
  fails('an eleventh group', call('AddUserToGroup', { ...lorax, GroupName: 'g10' }), 'LimitExceeded', {
    setup: [
      makeUser,
      call('CreateGroup', { GroupName: 'g{i}' }, { times: 11 }),
      call('AddUserToGroup', { ...lorax, GroupName: 'g{i}' }, { times: 10 }),
    ],
    source: quotaPage('Groups an IAM user can be a member of: 10'),
  }),
  works('removes', call('RemoveUserFromGroup', { ...lorax, ...admins }), {}, { setup: member }),
  works(
    'of a group that was left',
    call('GetGroup', admins),
    { Users: [] },
    {
      setup: [...member, call('RemoveUserFromGroup', { ...lorax, ...admins })],
      source: api('RemoveUserFromGroup', 'Removes the specified user from the specified group.'),
    },
  ),
  fails('no such user', call('RemoveUserFromGroup', { ...given.nobody, ...admins }), 'NoSuchEntity', {
    setup: group,
  }),
  fails('no such group', call('RemoveUserFromGroup', { ...lorax, ...none }), 'NoSuchEntity', {
    setup: [makeUser],
  }),
  works(
    'of a member',
    call('ListGroupsForUser', lorax),
    { Groups: [admins] },
    {
      setup: member,
    },
  ),
  fails('of nobody', call('ListGroupsForUser', given.nobody), 'NoSuchEntity'),
];
