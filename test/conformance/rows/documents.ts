import * as given from '../given.ts';
import { call, fails, guide, works, type Row, type Source } from '../row.ts';

const { document } = given;
const grammar = guide('reference_policies_grammar', 'the grammar of policies');
const element = (page: string, says: string): Source => guide(`reference_policies_elements_${page}`, says);
const create = (text: string) => call('CreatePolicy', { PolicyName: 'p', PolicyDocument: text });

const refused: readonly (readonly [string, string, Source])[] = [
  ['no JSON', '{', grammar],
  ['a list', '[]', grammar],
  ['no statement', '{"Version":"2012-10-17"}', element('statement', 'Statement is required')],
  ['no statement in a list', '{"Version":"2012-10-17","Statement":[]}', grammar],
  ['an unknown element', document({ Extra: 1 }), grammar],
  ['no effect', document({ Effect: undefined }), element('effect', 'Effect is required')],
  [
    'an effect in lower case',
    document({ Effect: 'allow' }),
    element('effect', 'valid are Allow and Deny, with case'),
  ],
  ['Action and NotAction', document({ NotAction: 's3:*' }), grammar],
  ['Resource and NotResource', document({ NotResource: '*' }), grammar],
  ['no action', document({ Action: undefined }), element('action', 'Action or NotAction is required')],
  [
    'no resource',
    document({ Resource: undefined }),
    element('resource', 'Resource or NotResource is required'),
  ],
  [
    'a principal',
    document({ Principal: '*' }),
    element('principal', 'Principal cannot be used in an identity-based policy'),
  ],
  [
    'an action without its service',
    document({ Action: 'GetObject' }),
    element('action', 'a service namespace as prefix'),
  ],
  [
    'a resource that is no ARN',
    document({ Resource: 'houdini' }),
    element('resource', 'resources are named by ARN'),
  ],
  [
    'a condition with an unknown operator',
    document({ Condition: { Similar: { 'aws:username': 'x' } } }),
    grammar,
  ],
  ['a condition that is a text', document({ Condition: 'x' }), grammar],
  [
    'a statement id twice',
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [1, 2].map(() => ({ Sid: 'a', Effect: 'Allow', Action: 's3:*', Resource: '*' })),
    }),
    element('sid', 'Sid values must be unique within a policy'),
  ],
  ['a statement id with a space', document({ Sid: 'a b' }), element('sid', 'Sid has letters and digits')],
  [
    'a version that is none',
    JSON.stringify({
      Version: '2020-01-01',
      Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }],
    }),
    element('version', 'the versions are 2012-10-17 and 2008-10-17'),
  ],
];

const accepted: readonly (readonly [string, string, Source])[] = [
  [
    'one statement without a list',
    JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Deny', Action: '*', Resource: '*' } }),
    grammar,
  ],
  [
    'NotAction and NotResource',
    document({ Action: undefined, NotAction: 's3:*', Resource: undefined, NotResource: 'arn:aws:s3:::x' }),
    grammar,
  ],
  [
    'conditions with set operators and IfExists',
    document({
      Condition: {
        'ForAnyValue:StringEqualsIfExists': { 'aws:TagKeys': ['a', 'b'] },
        Bool: { 'aws:SecureTransport': true },
        NumericLessThan: { 's3:max-keys': 10 },
      },
    }),
    element('condition_operators', 'ForAllValues, ForAnyValue and IfExists'),
  ],
  [
    'variables and wildcards',
    document({ Action: 's3:Get*', Resource: 'arn:aws:s3:::houdini/${aws:username}/?*' }),
    guide('reference_policies_variables', 'variables in the Resource element'),
  ],
];

export const policyDocuments: readonly Row[] = [
  ...refused.map(([what, text, source]) =>
    fails(`a document with ${what}`, create(text), 'MalformedPolicyDocument', { source }),
  ),
  ...accepted.map(([what, text, source]) => works(`a document with ${what}`, create(text), {}, { source })),
];
