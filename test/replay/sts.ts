import { account, arn } from '../conformance/given.ts';
import { call, type Call } from '../conformance/row.ts';
import { error, type Case, type Expected, type Step } from './case.ts';
import { makeRole, newRole, recorded } from './iam.ts';

/** The tests of STS. */

const trust = (Action: unknown) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: account }, Action }],
});
const assuming = trust('sts:AssumeRole');
const tagging = trust(['sts:AssumeRole', 'sts:TagSession']);
const Credentials = {
  AccessKeyId: '~/^ASIA/',
  SecretAccessKey: '~any',
  SessionToken: '~any',
  Expiration: '~any',
};

const assume = (role: string, session: string, more: object = {}, as?: Call['as']): Call =>
  call('AssumeRole', { RoleArn: role, RoleSessionName: session, ...more }, as === undefined ? {} : { as });
const makes = (entry: string, name: string, document: object): Step =>
  recorded(entry, makeRole(name, document), { ok: { Role: newRole(name, document) } });
const tag = (Key: string, Value = 'value') => ({ Key, Value });
const invalid = (text: string): Expected => error('InvalidParameterValue', 400, text);
const notValid = (entry: string, role: string): Step =>
  recorded(entry, assume(role, 'Session1'), error('ValidationError', 400, `${role} is invalid`));
const conflicting = invalid(
  "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the " +
    'calling session.',
);
const overriding = (entry: string, key: string): Step =>
  recorded(
    entry,
    assume(arn('role/second'), 'Overriding', { Tags: [tag(key, 'other')] }, '$3.Credentials'),
    conflicting,
  );

export const sts: readonly Case[] = [
  {
    test: 'TestSTSIntegrations::test_assume_role',
    steps: [
      makes('create-role', 'assumed', assuming),
      recorded('assume-role', assume(arn('role/assumed'), 'a-session'), {
        ok: {
          Credentials,
          AssumedRoleUser: {
            AssumedRoleId: '~/^AROA\\w+:a-session$/',
            Arn: `arn:aws:sts::${account}:assumed-role/assumed/a-session`,
          },
        },
      }),
    ],
  },
  {
    test: 'TestSTSIntegrations::test_get_federation_token',
    steps: [
      recorded('get-federation-token', call('GetFederationToken', { Name: 'guest', DurationSeconds: 900 }), {
        ok: {
          Credentials,
          FederatedUser: {
            FederatedUserId: `${account}:guest`,
            Arn: `arn:aws:sts::${account}:federated-user/guest`,
          },
          PackedPolicySize: 0,
        },
      }),
    ],
  },
  {
    test: 'TestSTSIntegrations::test_sts_invalid_parameters',
    steps: [
      notValid('malformed-arn', 'nothing-valid-in-here'),
      notValid('no-partition', 'arn::b:::something/test-role'),
      notValid('no-service', 'arn:a::::something/test-role'),
      notValid('not-enough-colons', 'arn:a:::something/test-role'),
      notValid('no-resource', 'arn:a:a::aaaaaaaaaa:'),
      recorded(
        'invalid-session-name',
        assume('arn:a:b:::something/test-role', 'Session1:2'),
        error(
          'ValidationError',
          400,
          "1 validation error detected: Value 'Session1:2' at 'roleSessionName' failed to satisfy constraint: " +
            'Member must satisfy regular expression pattern: [\\w+=,.@-]*',
        ),
      ),
    ],
  },
  {
    test: 'TestSTSAssumeRoleTagging::test_iam_role_chaining_override_transitive_tags',
    steps: [
      makes('role-1', 'first', tagging),
      makes('role-2', 'second', tagging),
      call('PutRolePolicy', {
        RoleName: 'first',
        PolicyName: 'chain',
        PolicyDocument: JSON.stringify({
          Version: '2012-10-17',
          Statement: [
            { Effect: 'Allow', Action: ['sts:AssumeRole', 'sts:TagSession'], Resource: [arn('role/second')] },
          ],
        }),
      }),
      assume(arn('role/first'), 'Session1', {
        Tags: [tag('SessionTag1')],
        TransitiveTagKeys: ['SessionTag1'],
      }),
      overriding('override-transitive-tag-error', 'SessionTag1'),
      overriding('override-transitive-tag-case-ignore-error', 'sessiontag1'),
    ],
  },
  {
    test: 'TestSTSAssumeRoleTagging::test_assume_role_tag_validation',
    steps: [
      makes('role-1', 'first', tagging),
      assume(arn('role/first'), 'Session1'),
      recorded(
        'invalid-transitive-tag-keys',
        assume(arn('role/first'), 'Session1', {
          Tags: [tag('SessionTag1')],
          TransitiveTagKeys: ['InvalidKey'],
        }),
        invalid('The specified transitive tag key must be included in the requested tags.'),
      ),
      assume(arn('role/first'), 'Session1', {
        Tags: [tag('SessionTag1')],
        TransitiveTagKeys: ['sessiontag1'],
      }),
      recorded(
        'duplicate-tag-keys-different-casing',
        assume(arn('role/first'), 'Session1', {
          Tags: [tag('SessionTag1'), tag('sessiontag1', 'other')],
          TransitiveTagKeys: ['sessiontag1'],
        }),
        invalid('Duplicate tag keys found. Please note that Tag keys are case insensitive.'),
      ),
    ],
  },
];
