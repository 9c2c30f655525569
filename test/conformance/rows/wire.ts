import * as given from '../given.ts';
import { call, common, fails, guide, works, type RawCall, type Row } from '../row.ts';

const { lorax, makeUser } = given;
const raw = (op: string, text: string, rest: Omit<RawCall, 'op' | 'raw'> = {}): RawCall => ({
  op,
  raw: text,
  ...rest,
});
const list = 'Action=ListUsers&Version=2010-05-08';
const key = [makeUser, call('CreateAccessKey', lorax)];

export const wire: readonly Row[] = [
  works(
    'a POST with a body',
    raw('ListUsers', list),
    {},
    { source: guide('programming', 'requests of the Query API by GET or POST') },
  ),
  works(
    'parameters in any order',
    raw('ListUsers', 'MaxItems=1&Version=2010-05-08&Action=ListUsers'),
    {},
    {
      source: guide('programming', 'requests are parameters with names and values'),
    },
  ),
  fails('an operation that is none', raw('Nope', 'Action=Nope&Version=2010-05-08'), 'InvalidAction', {
    source: common('InvalidAction: the action or operation requested is invalid'),
  }),
  fails(
    'an operation in another case',
    raw('listUsers', 'Action=listUsers&Version=2010-05-08'),
    'InvalidAction',
    {
      source: common('InvalidAction: the action or operation requested is invalid'),
    },
  ),
  fails(
    'an operation of another service',
    raw('RunInstances', 'Action=RunInstances&Version=2010-05-08'),
    'InvalidAction',
    {
      source: common('InvalidAction: the action or operation requested is invalid'),
    },
  ),
  fails(
    'an operation in a version that it does not have',
    raw('ListUsers', 'Action=ListUsers&Version=2000-01-01'),
    'InvalidAction',
    {
      source: common('InvalidAction: the action or operation requested is invalid'),
    },
  ),
  fails('no action', raw('(none)', 'Version=2010-05-08'), 'MissingAction', {
    source: common('MissingAction: the request is missing an action or a required parameter'),
  }),
  fails('a broken escape', raw('ListUsers', `${list}&PathPrefix=%zz`), 'MalformedQueryString', {
    source: common('MalformedQueryString: the query string contains a syntax error; HTTP status code 404'),
  }),
  fails('no signature', raw('ListUsers', list, { authorization: '' }), 'MissingAuthenticationToken', {
    source: common('MissingAuthenticationToken: the request must contain a valid access key id'),
  }),
  fails(
    'half a signature',
    raw('ListUsers', list, { authorization: 'AWS4-HMAC-SHA256 Credential=AKIA' }),
    'IncompleteSignature',
    {
      source: common('IncompleteSignature: the request signature does not conform to AWS standards'),
    },
  ),
  fails('a key that is not there', call('ListUsers', {}, { as: 'unknown-key' }), 'InvalidClientTokenId', {
    options: { strict: true },
    source: common('InvalidClientTokenId: the access key id does not exist in our records'),
  }),
  fails('a wrong secret', call('ListUsers', {}, { as: 'wrong-secret' }), 'SignatureDoesNotMatch', {
    source: guide('reference_sigv-troubleshooting', 'the calculated signature does not match'),
  }),
  fails('an inactive key', call('GetUser', {}, { as: '$1.AccessKey' }), 'InvalidClientTokenId', {
    setup: [
      ...key,
      call('UpdateAccessKey', { ...lorax, AccessKeyId: '$1.AccessKey.AccessKeyId', Status: 'Inactive' }),
    ],
    source: common('InvalidClientTokenId: an inactive key does not authenticate'),
  }),
  fails('a deleted key', call('GetUser', {}, { as: '$1.AccessKey' }), 'InvalidClientTokenId', {
    setup: [...key, call('DeleteAccessKey', { ...lorax, AccessKeyId: '$1.AccessKey.AccessKeyId' })],
    source: common('InvalidClientTokenId: the access key id does not exist in our records'),
  }),
  fails('a user without any permission', call('ListUsers', {}, { as: '$1.AccessKey' }), 'AccessDenied', {
    setup: key,
    options: { enforce: true },
    source: common('AccessDenied: the policies do not allow the action'),
  }),
  works(
    'a user whose policy allows it',
    call('ListUsers', {}, { as: '$1.AccessKey' }),
    { Users: [lorax] },
    {
      setup: [
        ...key,
        call('PutUserPolicy', {
          ...lorax,
          PolicyName: 'p',
          PolicyDocument: given.document({ Action: 'iam:ListUsers' }),
        }),
      ],
      options: { enforce: true },
    },
  ),
  fails('a user with an explicit deny', call('ListUsers', {}, { as: '$1.AccessKey' }), 'AccessDenied', {
    setup: [
      ...key,
      call('PutUserPolicy', { ...lorax, PolicyName: 'all', PolicyDocument: given.document({ Action: '*' }) }),
      call('PutUserPolicy', {
        ...lorax,
        PolicyName: 'p',
        PolicyDocument: given.document({ Effect: 'Deny', Action: 'iam:ListUsers' }),
      }),
    ],
    options: { enforce: true },
    source: common('AccessDenied: an explicit deny overrides any allow'),
  }),
];
