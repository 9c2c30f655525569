import { describe, expect, test } from 'vitest';
import type { PolicyDocument } from '../../src/core/state.ts';
import { dangersOf, openTrust } from '../../src/access/dangers.ts';
import { dangerText } from '../../src/kinds/danger-words.ts';
import { allow, deny, doc } from '../policy/documents.ts';

const mfa = { Condition: { Bool: { 'aws:MultiFactorAuthPresent': true } } };
const own = 'arn:aws:iam::*:user/${aws:username}';
const codes = (document: PolicyDocument): string[] =>
  [...dangersOf(null, document), ...openTrust(document)].map(({ code }) => code);

describe('dangers', () => {
  test.each<[string, PolicyDocument, string[]]>([
    ['an administrator, and nothing besides', doc(allow('*'), allow('iam:*')), ['administrator']],
    ['an administrator under conditions', doc(allow('*:*', ['arn:x', '*'], mfa)), ['administrator']],
    ['all of IAM', doc(allow('iam:*')), ['iam-full-access']],
    [
      'all but something, IAM included',
      doc({ Effect: 'Allow', NotAction: 's3:*', Resource: '*' }),
      ['allow-not-action', 'iam-full-access'],
    ],
    [
      'all resources but some',
      doc({ Effect: 'Allow', Action: 's3:*', NotResource: 'x' }),
      ['allow-not-resource'],
    ],
    ['nothing of note', doc(allow('s3:*'), allow(['ec2:Describe*', 'iam:Get*', 'iam:List*'])), []],
    ['case does not hide it', doc(allow('IAM:createpolicyversion')), ['iam:CreatePolicyVersion']],
    [
      'nor a wildcard',
      doc(allow('iam:Attach*')),
      ['iam:AttachUserPolicy', 'iam:AttachGroupPolicy', 'iam:AttachRolePolicy'],
    ],
    ['nor a condition', doc(allow('iam:PutUserPolicy', '*', mfa)), ['iam:PutUserPolicy']],
    [
      'one user is enough',
      doc(allow('iam:PutUserPolicy', 'arn:aws:iam::123456789012:user/x')),
      ['iam:PutUserPolicy'],
    ],
    ['but resources of another kind are none', doc(allow('iam:*', 'arn:aws:s3:::x')), []],
    ['own keys', doc(allow(['iam:*AccessKey*', 'iam:*LoginProfile'], own)), []],
    [
      'own keys and more',
      doc(allow('iam:CreateAccessKey', [own, 'arn:aws:iam::*:user/x'])),
      ['iam:CreateAccessKey'],
    ],
    [
      'keys of whoever has a name that begins with one’s own',
      doc(allow('iam:CreateAccessKey', `${own}*`)),
      ['iam:CreateAccessKey'],
    ],
    ['own policies are no self-service', doc(allow('iam:PutUserPolicy', own)), ['iam:PutUserPolicy']],
    [
      'plain text in the old version',
      { Statement: allow('iam:CreateAccessKey', own) },
      ['iam:CreateAccessKey'],
    ],
    ['PassRole alone', doc(allow('iam:PassRole')), []],
    [
      'PassRole and what runs it',
      doc(allow('iam:PassRole', 'arn:aws:iam::*:role/*'), allow('ec2:Run*', 'arn:aws:ec2:*:*:instance/*')),
      ['iam:PassRole+ec2:RunInstances'],
    ],
    ['half of a pair', doc(allow(['iam:PassRole', 'glue:CreateJob'])), []],
    [
      'a Deny takes it away',
      doc(
        allow('iam:Put*Policy'),
        deny('iam:PutRolePolicy'),
        deny('iam:PutGroupPolicy', 'arn:aws:iam::1:group/a'),
      ),
      ['iam:PutUserPolicy', 'iam:PutGroupPolicy'],
    ],
    [
      'several Denies, each on a part, do not',
      doc(
        allow('iam:PutUserPolicy'),
        deny('iam:PutUserPolicy', 'arn:aws:iam::1:user/a'),
        deny('iam:PutUserPolicy', 'arn:aws:iam::1:user/b'),
      ),
      ['iam:PutUserPolicy'],
    ],
    [
      'a Deny under conditions does not',
      doc(allow('iam:AddUserToGroup'), deny('*', '*', mfa)),
      ['iam:AddUserToGroup'],
    ],
    ['any role', doc(allow('sts:AssumeRole')), ['sts:AssumeRole']],
    ['any role, spelled out', doc(allow('sts:*', 'arn:*:iam::*:role/*')), ['sts:AssumeRole']],
    ['one role', doc(allow('sts:AssumeRole', 'arn:aws:iam::123456789012:role/x')), []],
    [
      'boundaries',
      doc(allow('iam:Delete*PermissionsBoundary')),
      ['iam:DeleteUserPermissionsBoundary', 'iam:DeleteRolePermissionsBoundary'],
    ],
    [
      'trust in everybody',
      doc({ Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' }),
      ['open-to-everybody'],
    ],
    [
      'trust in everybody under conditions',
      doc({ Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole', ...mfa }),
      [],
    ],
    [
      'trust in a service',
      doc({ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }),
      [],
    ],
  ])('%s', (_, document, expected) => {
    expect(codes(document)).toEqual(expected);
  });

  test('the text names the grant and what it leads to', () => {
    const told = (document: PolicyDocument) =>
      dangersOf(null, document).map((danger) => ({ code: danger.code, text: dangerText(danger) }));
    expect(told(doc(allow(['iam:PassRole', 'lambda:CreateFunction', 'lambda:InvokeFunction'])))).toEqual([
      {
        code: 'iam:PassRole+lambda:CreateFunction',
        text: 'allows iam:PassRole on * with lambda:CreateFunction: can run code in Lambda with a role that it passes',
      },
    ]);
    expect(told(doc(allow('*', '*', mfa)))[0]!.text).toBe(
      'allows every action on every resource if Bool aws:MultiFactorAuthPresent true',
    );
  });
});
