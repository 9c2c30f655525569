import * as given from '../given.ts';
import { call, fails, guide, works, type Call, type Row } from '../row.ts';

/** Whom trusts name: what IAM makes of a principal, and what becomes of it. */
const { deployer, lorax, makeUser, makeRole, arn } = given;

/** A trust with these principals. */
const naming = (AWS: string | readonly string[]): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS }, Action: 'sts:AssumeRole' }],
  });

const ops = { RoleName: 'ops' };
const trusting = (document: string): Call =>
  call('CreateRole', { ...ops, AssumeRolePolicyDocument: document });
const shown = (document: string) => ({ Role: { AssumeRolePolicyDocument: `~document:${document}` } });
const lost = (prefix: string) => ({
  Role: { AssumeRolePolicyDocument: `~/%22AWS%22%3A%22${prefix}[A-Z0-9]{16,}%22/` },
});

const principals = (says: string) => guide('reference_policies_elements_principal', says);
const becomesId = principals('the ARN is transformed into the unique principal ID when the policy is saved');
const noLonger = principals('once it is deleted the ID is shown, and recreation does not mend it');
const repost = guide('troubleshoot_roles', 'the trust names a user or role that was not deleted');

const dale = arn('user/lorax');
const trustsDale = trusting(naming(dale));

/** A trust of GitHub's issuer with such a condition. */
const github = (Condition?: object): Call =>
  trusting(
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Federated: given.oidc.OpenIDConnectProviderArn },
          Action: 'sts:AssumeRoleWithWebIdentity',
          ...(Condition ? { Condition } : {}),
        },
      ],
    }),
  );
const sub = 'token.actions.githubusercontent.com:sub';
const audience = { 'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com' };
const controls = guide(
  'id_roles_providers_oidc_secure-by-default',
  'trusts of shared issuers must evaluate the claim that says who it is',
);

export const trusts: readonly Row[] = [
  fails('a trust in a user that is not there', trustsDale, 'MalformedPolicyDocument', { source: becomesId }),
  fails(
    'a trust in a role that is not there',
    trusting(naming(arn('role/deployer'))),
    'MalformedPolicyDocument',
    { source: becomesId },
  ),
  fails(
    'a trust in itself before it is there',
    trusting(naming(arn('role/ops'))),
    'MalformedPolicyDocument',
    {
      source: becomesId,
    },
  ),
  fails(
    'a trust in a user on another path',
    trusting(naming(arn('user/staff/lorax'))),
    'MalformedPolicyDocument',
    { setup: [makeUser], source: becomesId },
  ),
  fails('a trust in a group', trusting(naming(arn('group/admins'))), 'MalformedPolicyDocument', {
    setup: [given.makeGroup],
    source: principals('a user group cannot be a principal'),
  }),
  fails('a trust in a part of names', trusting(naming(arn('user/lor*'))), 'MalformedPolicyDocument', {
    setup: [makeUser],
    source: principals('a wildcard cannot match a part of a name or ARN'),
  }),
  fails(
    'a trust in an id that nobody has',
    trusting(naming('AIDAJQABLZS4A3QDU576Q')),
    'MalformedPolicyDocument',
    {
      source: repost,
    },
  ),
  works('a trust in a user, as it was sent', trustsDale, shown(naming(dale)), {
    setup: [makeUser],
    source: becomesId,
  }),
  works(
    'a trust in a user of another account',
    trusting(naming('arn:aws:iam::999999999999:user/x')),
    {},
    {
      source: principals('users and roles of other accounts can be named'),
    },
  ),
  works('a trust in a user is shown with its ARN', call('GetRole', ops), shown(naming(dale)), {
    setup: [makeUser, trustsDale],
    source: becomesId,
  }),
  works(
    'a trust in a role is shown with its ARN',
    call('GetRole', ops),
    shown(naming([arn('role/deployer'), dale])),
    { setup: [makeUser, makeRole, trusting(naming([arn('role/deployer'), dale]))], source: becomesId },
  ),
  works(
    'a trust in a user that was renamed',
    call('GetRole', ops),
    shown(naming(arn('user/staff/once-ler'))),
    {
      setup: [
        makeUser,
        trustsDale,
        call('UpdateUser', { ...lorax, NewUserName: 'once-ler', NewPath: '/staff/' }),
      ],
      source: becomesId,
    },
  ),
  works('a trust in a user that was deleted', call('GetRole', ops), lost('AIDA'), {
    setup: [makeUser, trustsDale, call('DeleteUser', lorax)],
    source: noLonger,
  }),
  works('a trust in a role that was deleted', call('GetRole', ops), lost('AROA'), {
    setup: [makeRole, trusting(naming(arn('role/deployer'))), call('DeleteRole', deployer)],
    source: noLonger,
  }),
  works('a trust in a user that was made again', call('GetRole', ops), lost('AIDA'), {
    setup: [makeUser, trustsDale, call('DeleteUser', lorax), makeUser],
    source: noLonger,
  }),
  works('a trust that is written again', call('GetRole', ops), shown(naming(dale)), {
    setup: [
      makeUser,
      trustsDale,
      call('DeleteUser', lorax),
      makeUser,
      call('UpdateAssumeRolePolicy', { ...ops, PolicyDocument: naming(dale) }),
    ],
    source: noLonger,
  }),
  fails(
    'the id of a deleted user',
    call('UpdateAssumeRolePolicy', { ...ops, PolicyDocument: naming('AIDAJQABLZS4A3QDU576Q') }),
    'MalformedPolicyDocument',
    { setup: [makeUser, trustsDale, call('DeleteUser', lorax)], source: repost },
  ),
  works(
    'roles that trust each other',
    call('UpdateAssumeRolePolicy', { ...deployer, PolicyDocument: naming(arn('role/ops')) }),
    {},
    { setup: [makeRole, trusting(naming(arn('role/deployer')))], source: becomesId },
  ),
  works(
    'a trust in an account, by its ARN',
    call('GetRole', ops),
    shown(naming('arn:aws:iam::999999999999:root')),
    {
      setup: [trusting(naming('999999999999'))],
      source: principals('the id of an account is short for the ARN of its root, and may be converted to it'),
    },
  ),

  fails(
    'a trust of GitHub without a subject',
    github({ StringEquals: audience }),
    'MalformedPolicyDocument',
    {
      source: controls,
    },
  ),
  fails('a trust of GitHub without a condition', github(), 'MalformedPolicyDocument', { source: controls }),
  fails(
    'a trust of GitHub with any subject',
    github({ StringLike: { [sub]: '*' } }),
    'MalformedPolicyDocument',
    { source: controls },
  ),
  fails(
    'a trust of GitHub with a subject that is there',
    github({ Null: { [sub]: 'false' } }),
    'MalformedPolicyDocument',
    { source: controls },
  ),
  works(
    'a trust of GitHub with a subject',
    github({ StringLike: { [sub]: 'repo:acme/web:*' } }),
    {},
    {
      source: controls,
    },
  ),
];
