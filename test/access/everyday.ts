/** Edits that people make every day, and what each change that comes of them does to access. */
import type { Json, JsonObject } from '../../src/core/json.ts';
import type { Group, PolicyDocument, User } from '../../src/core/state.ts';
import { allow, deny, doc } from '../policy/documents.ts';
import { aPolicy, accountId } from '../support/account.ts';

/** The user ann and the groups devs and ops; ben where there is a second user. */
export interface Side {
  readonly ann?: Partial<User> | null;
  readonly ben?: Partial<User>;
  readonly devs?: Partial<Group>;
  readonly ops?: Partial<Group> | null;
  readonly more?: readonly Group[];
  readonly policies?: { readonly [name: string]: PolicyDocument };
  readonly expiring?: readonly string[];
}

export interface Row {
  readonly edit: string;
  readonly before: Side;
  readonly after: Side;
  /** Effects by change. Without any: the account may stay as it is. */
  readonly is: { readonly [change: string]: string };
  /** What the plan says instead, where it does not prove it. */
  readonly told?: { readonly [change: string]: string };
  /** The code of the reason of the first change, where that is what the row is about. */
  readonly reason?: string;
}

const own = (name: string): string => `arn:aws:iam::${accountId}:policy/${name}`;
const aws = (name: string): string => `arn:aws:iam::aws:policy/${name}`;
/** What AWS's policies say, as the live read would bring it. */
export const awsPolicies = new Map<string, PolicyDocument>([
  [aws('AdministratorAccess'), doc(allow('*'))],
  [aws('AWSDenyAll'), doc(deny('*'))],
  [aws('AmazonS3FullAccess'), doc(allow(['s3:*', 's3-object-lambda:*']))],
  [aws('AmazonS3ReadOnlyAccess'), doc(allow(['s3:Get*', 's3:List*', 's3-object-lambda:Get*']))],
  [aws('AmazonEC2FullAccess'), doc(allow('ec2:*'))],
]);

const read = doc(allow('s3:GetObject'));
const write = doc(allow('s3:PutObject'));
const both = doc(allow('s3:GetObject'), allow('s3:PutObject'));
const s3 = doc(allow('s3:*'));
const all = doc(allow('*'));
const bucket = 'arn:aws:s3:::reports/*';

const inline = (document: PolicyDocument): Partial<User> => ({ policies: { p: document } });
const attached = (...attachedPolicyArns: string[]): Partial<User> => ({
  attachedPolicyArns: attachedPolicyArns.sort(),
});
const inDevs: Partial<User> = { groups: ['devs'] };

/** ann's inline policy p says one thing, and then another. */
const rewritten = (
  edit: string,
  before: PolicyDocument,
  after: PolicyDocument,
  effect: string | null,
  more: Partial<Row> = {},
): Row => ({
  edit,
  before: { ann: inline(before) },
  after: { ann: inline(after) },
  is: effect === null ? {} : { 'user:ann/policies/p': effect },
  ...more,
});
const conditioned = (condition: JsonObject, Action: Json = 's3:GetObject'): PolicyDocument =>
  doc(allow(Action, '*', { Condition: condition }));
const ip = (...values: string[]): PolicyDocument => conditioned({ IpAddress: { 'aws:SourceIp': values } });

const moves: readonly Row[] = [
  {
    edit: 'an inline policy becomes a managed one',
    before: { ann: inline(read) },
    after: { ann: attached(own('read')), policies: { read } },
    is: { 'user:ann/policies/p': 'none', 'user:ann/attach': 'none', 'policy:read': 'none' },
  },
  {
    edit: 'a managed policy becomes an inline one',
    before: { ann: attached(own('read')), policies: { read } },
    after: { ann: inline(read) },
    is: { 'user:ann/policies/p': 'none', 'user:ann/attach': 'none', 'policy:read': 'none' },
  },
  {
    edit: 'an inline policy of a group becomes a managed one',
    before: { ann: inDevs, devs: { policies: { p: s3 } } },
    after: { ann: inDevs, devs: { attachedPolicyArns: [own('s3')] }, policies: { s3 } },
    is: { 'group:devs/policies/p': 'none', 'group:devs/attach': 'none', 'policy:s3': 'none' },
  },
  {
    edit: 'a policy goes from a user to their group',
    before: { ann: { ...inDevs, ...attached(own('read')) }, policies: { read } },
    after: { ann: inDevs, devs: { attachedPolicyArns: [own('read')] }, policies: { read } },
    is: { 'user:ann/attach': 'none', 'group:devs/attach': 'none' },
  },
  {
    edit: 'an inline policy goes from a user to their group',
    before: { ann: { ...inDevs, ...inline(read) } },
    after: { ann: inDevs, devs: { policies: { p: read } } },
    is: { 'user:ann/policies/p': 'none', 'group:devs/policies/p': 'none' },
  },
  {
    edit: 'a policy goes from a group to its only member',
    before: { ann: inDevs, devs: { attachedPolicyArns: [own('read')] }, policies: { read } },
    after: { ann: { ...inDevs, ...attached(own('read')) }, policies: { read } },
    is: { 'user:ann/attach': 'none', 'group:devs/attach': 'none' },
  },
  {
    edit: 'a policy is split in two inline ones',
    before: { ann: { policies: { p: both } } },
    after: { ann: { policies: { p: read, q: write } } },
    is: { 'user:ann/policies/p': 'none', 'user:ann/policies/q': 'none' },
  },
  {
    edit: 'two inline policies become one',
    before: { ann: { policies: { p: read, q: write } } },
    after: { ann: { policies: { p: both } } },
    is: { 'user:ann/policies/p': 'none', 'user:ann/policies/q': 'none' },
  },
  {
    edit: 'a managed policy is split in two',
    before: { ann: attached(own('both')), policies: { both } },
    after: { ann: attached(own('read'), own('write')), policies: { read, write } },
    is: {
      'user:ann/attach': 'none',
      'policy:both': 'none',
      'policy:read': 'none',
      'policy:write': 'none',
    },
  },
  {
    edit: 'two managed policies become one of one statement',
    before: { ann: attached(own('read'), own('write')), policies: { read, write } },
    after: {
      ann: attached(own('both')),
      policies: { both: doc(allow(['s3:GetObject', 's3:PutObject'])) },
    },
    is: {
      'user:ann/attach': 'none',
      'policy:both': 'none',
      'policy:read': 'none',
      'policy:write': 'none',
    },
  },
  {
    edit: 'a group is split in two',
    before: { ann: inDevs, devs: { policies: { p: read, q: write } }, ops: null },
    after: {
      ann: { groups: ['devs', 'ops'] },
      devs: { policies: { p: read } },
      ops: { policies: { q: write } },
    },
    is: { 'group:devs/policies/q': 'none', 'group:ops': 'none' },
  },
  {
    edit: 'two groups become one',
    before: {
      ann: { groups: ['devs', 'ops'] },
      devs: { policies: { p: read } },
      ops: { policies: { q: write } },
    },
    after: { ann: inDevs, devs: { policies: { p: read, q: write } }, ops: null },
    is: { 'group:devs/policies/q': 'none', 'group:ops': 'none' },
  },
  {
    edit: 'somebody moves between equal groups',
    before: { ann: inDevs, devs: { policies: { p: s3 } }, ops: { policies: { q: s3 } } },
    after: { ann: { groups: ['ops'] }, devs: { policies: { p: s3 } }, ops: { policies: { q: s3 } } },
    is: { 'group:devs/members': 'none', 'group:ops/members': 'none' },
  },
  {
    edit: 'an administrator moves between administrators’ groups',
    before: {
      ann: inDevs,
      devs: { policies: { p: all } },
      ops: { attachedPolicyArns: [aws('AdministratorAccess')] },
    },
    after: {
      ann: { groups: ['ops'] },
      devs: { policies: { p: all } },
      ops: { attachedPolicyArns: [aws('AdministratorAccess')] },
    },
    is: { 'group:devs/members': 'none', 'group:ops/members': 'none' },
  },
  {
    edit: 'an inline policy gets another name',
    before: { ann: { policies: { p: read } } },
    after: { ann: { policies: { q: read } } },
    is: { 'user:ann/policies/p': 'none', 'user:ann/policies/q': 'none' },
  },
  {
    edit: 'a managed policy gets another name',
    before: { ann: attached(own('read')), policies: { read } },
    after: { ann: attached(own('reading')), policies: { reading: read } },
    is: { 'user:ann/attach': 'none', 'policy:read': 'none', 'policy:reading': 'none' },
  },
  {
    edit: 'a user gets another name',
    before: { ben: inline(read), ann: null },
    after: { ann: { ...inline(read), renamedFrom: 'ben' } },
    is: { 'user:ann/name': 'unclear' },
    reason: 'may-match',
  },
  {
    edit: 'a group gets another name',
    before: { ann: { groups: ['ops'] }, ops: { policies: { p: read } } },
    after: {
      ann: { groups: ['sre'] },
      ops: null,
      more: [{ name: 'sre', path: '/', policies: { p: read }, attachedPolicyArns: [], renamedFrom: 'ops' }],
    },
    is: { 'group:sre/name': 'unclear' },
    reason: 'may-match',
  },
];

const given: readonly Row[] = [
  {
    edit: 'a policy is attached that the group gives already',
    before: { ann: inDevs, devs: { attachedPolicyArns: [own('read')] }, policies: { read } },
    after: {
      ann: { ...inDevs, ...attached(own('read')) },
      devs: { attachedPolicyArns: [own('read')] },
      policies: { read },
    },
    is: { 'user:ann/attach': 'none' },
    reason: 'same-access',
  },
  {
    edit: 'an inline policy comes that says what an attached one says',
    before: { ann: attached(aws('AmazonS3FullAccess')) },
    after: { ann: { ...attached(aws('AmazonS3FullAccess')), ...inline(read) } },
    is: { 'user:ann/policies/p': 'none' },
    reason: 'same-access',
  },
  {
    edit: 'somebody joins a group that grants what they have',
    before: { ann: inline(s3), devs: { policies: { p: read } } },
    after: { ann: { ...inline(s3), ...inDevs }, devs: { policies: { p: read } } },
    is: { 'group:devs/members': 'none' },
    reason: 'same-access',
  },
  {
    edit: 'an administrator gets one more policy',
    before: { ann: attached(aws('AdministratorAccess')) },
    after: { ann: attached(aws('AdministratorAccess'), aws('AmazonEC2FullAccess')) },
    is: { 'user:ann/attach': 'none' },
  },
  {
    edit: 'one policy comes that says what two say together',
    before: { ann: { policies: { p: read, q: write } } },
    after: { ann: { policies: { p: read, q: write, r: doc(allow(['s3:GetObject', 's3:PutObject'])) } } },
    is: { 'user:ann/policies/r': 'none' },
  },
  {
    edit: 'a whole bucket comes where each half is granted',
    before: {
      ann: inline(
        doc(
          allow('s3:*', 'arn:aws:s3:::b/a*'),
          allow('s3:*', '*', { Resource: undefined as never, NotResource: 'arn:aws:s3:::b/a*' }),
        ),
      ),
    },
    after: {
      ann: {
        policies: {
          p: doc(
            allow('s3:*', 'arn:aws:s3:::b/a*'),
            allow('s3:*', '*', { Resource: undefined as never, NotResource: 'arn:aws:s3:::b/a*' }),
          ),
          q: doc(allow('s3:GetObject', 'arn:aws:s3:::b/*')),
        },
      },
    },
    is: { 'user:ann/policies/q': 'none' },
  },
];

const conditions: readonly Row[] = [
  rewritten('a range of addresses becomes smaller', ip('10.0.0.0/8'), ip('10.1.0.0/16'), 'narrows'),
  rewritten('a range of addresses becomes larger', ip('10.1.0.0/16'), ip('10.0.0.0/8'), 'widens'),
  rewritten('one range of two goes', ip('10.0.0.0/8', '192.0.2.0/24'), ip('10.0.0.0/8'), 'narrows'),
  rewritten('addresses are asked for', read, ip('10.0.0.0/8'), 'narrows'),
  rewritten(
    'a date comes sooner',
    conditioned({ DateLessThan: { 'aws:CurrentTime': '2027-01-01T00:00:00Z' } }),
    conditioned({ DateLessThan: { 'aws:CurrentTime': '2026-09-01T00:00:00Z' } }),
    'narrows',
  ),
  rewritten(
    'a date is added',
    read,
    conditioned({ DateLessThan: { 'aws:CurrentTime': '2027-01-01T00:00:00Z' } }),
    'narrows',
  ),
  rewritten(
    'a number becomes smaller',
    conditioned({ NumericLessThanEquals: { 's3:max-keys': '100' } }),
    conditioned({ NumericLessThanEquals: { 's3:max-keys': '10' } }),
    'narrows',
  ),
  rewritten(
    'a pattern becomes narrower',
    conditioned({ StringLike: { 's3:prefix': 'home/*' } }),
    conditioned({ StringLike: { 's3:prefix': 'home/ann/*' } }),
    'narrows',
  ),
  rewritten(
    'a pattern becomes one text',
    conditioned({ StringLike: { 's3:prefix': 'home/*' } }),
    conditioned({ StringEquals: { 's3:prefix': 'home/ann' } }),
    'narrows',
  ),
  rewritten(
    'one value of two goes',
    conditioned({ StringEquals: { 'aws:RequestedRegion': ['eu-west-1', 'us-east-1'] } }),
    conditioned({ StringEquals: { 'aws:RequestedRegion': 'eu-west-1' } }),
    'narrows',
  ),
  rewritten(
    'MFA is asked for',
    read,
    conditioned({ Bool: { 'aws:MultiFactorAuthPresent': 'true' } }),
    'narrows',
  ),
  rewritten(
    'MFA is no longer asked for',
    conditioned({ Bool: { 'aws:MultiFactorAuthPresent': 'true' } }),
    read,
    'widens',
  ),
  rewritten(
    'IfExists goes',
    conditioned({ BoolIfExists: { 'aws:MultiFactorAuthPresent': 'true' } }),
    conditioned({ Bool: { 'aws:MultiFactorAuthPresent': 'true' } }),
    'narrows',
  ),
  rewritten(
    'IfExists of a text goes',
    conditioned({ StringEqualsIfExists: { 'aws:RequestedRegion': 'eu-west-1' } }),
    conditioned({ StringEquals: { 'aws:RequestedRegion': 'eu-west-1' } }),
    'narrows',
  ),
  rewritten(
    'a pattern of ARNs becomes narrower',
    conditioned({ ArnLike: { 'aws:SourceArn': 'arn:aws:sns:*:1:*' } }),
    conditioned({ ArnLike: { 'aws:SourceArn': 'arn:aws:sns:eu-west-1:1:*' } }),
    'narrows',
  ),
  rewritten(
    'a second condition comes',
    ip('10.0.0.0/8'),
    conditioned({
      IpAddress: { 'aws:SourceIp': '10.0.0.0/8' },
      Bool: { 'aws:MultiFactorAuthPresent': 'true' },
    }),
    'narrows',
  ),
  rewritten(
    'more addresses are kept out',
    conditioned({ NotIpAddress: { 'aws:SourceIp': '192.0.2.0/24' } }),
    conditioned({ NotIpAddress: { 'aws:SourceIp': ['192.0.2.0/24', '198.51.100.0/24'] } }),
    'narrows',
  ),
  rewritten(
    'a Deny without MFA holds also where nothing is known of MFA',
    doc(
      allow('s3:*'),
      deny('s3:Put*', '*', { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'false' } } }),
    ),
    doc(
      allow('s3:*'),
      deny('s3:Put*', '*', { Condition: { BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' } } }),
    ),
    'narrows',
  ),
];

const statements: readonly Row[] = [
  rewritten('statements change places', both, doc(...[...(both.Statement as JsonObject[])].reverse()), null),
  rewritten('a Sid comes', read, doc(allow('s3:GetObject', '*', { Sid: 'Read' })), null),
  rewritten('a statement stands twice', read, doc(allow('s3:GetObject'), allow('s3:GetObject')), null),
  rewritten('a list of one becomes a text', doc(allow(['s3:GetObject'], ['*'])), read, null),
  rewritten('an action is spelled otherwise', read, doc(allow('S3:getobject')), null),
  rewritten('a wildcard becomes narrower', s3, doc(allow('s3:Get*')), 'narrows'),
  rewritten('a wildcard becomes a list', s3, doc(allow(['s3:GetObject', 's3:PutObject'])), 'narrows'),
  rewritten('a list becomes a wildcard', doc(allow(['s3:GetObject', 's3:PutObject'])), s3, 'widens'),
  rewritten('all resources become one bucket', read, doc(allow('s3:GetObject', bucket)), 'narrows'),
  rewritten('what a wildcard takes is named, too', s3, doc(allow(['s3:*', 's3:GetObject'])), 'none'),
  rewritten('two statements become one', both, doc(allow(['s3:GetObject', 's3:PutObject'])), 'none'),
  rewritten('one statement becomes two', doc(allow(['s3:GetObject', 's3:PutObject'])), both, 'none'),
  rewritten(
    'all but IAM becomes a list without IAM',
    doc({ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }),
    doc(allow(['s3:*', 'ec2:*'])),
    'narrows',
  ),
  rewritten('one action is exchanged for another', read, write, 'widens'),
];

const denies: readonly Row[] = [
  rewritten('a Deny comes', s3, doc(allow('s3:*'), deny('s3:Delete*')), 'narrows'),
  rewritten('a Deny goes', doc(allow('s3:*'), deny('s3:Delete*')), s3, 'widens'),
  rewritten(
    'a Deny goes that a wider one covers',
    doc(allow('s3:*'), deny('s3:Delete*'), deny('s3:*', bucket), deny('s3:D*')),
    doc(allow('s3:*'), deny('s3:*', bucket), deny('s3:D*')),
    'none',
  ),
  rewritten('a Deny goes of what nothing grants', doc(allow('s3:*'), deny('ec2:*')), s3, 'none'),
  {
    edit: 'a policy comes that somebody’s own Deny keeps out',
    before: { ann: { policies: { no: doc(deny('ec2:*')), p: s3 } } },
    after: { ann: { policies: { no: doc(deny('ec2:*')), p: s3 }, ...attached(aws('AmazonEC2FullAccess')) } },
    is: { 'user:ann/attach': 'none' },
  },
  {
    edit: 'AWSDenyAll is attached',
    before: { ann: inline(all) },
    after: { ann: { ...inline(all), ...attached(aws('AWSDenyAll')) } },
    is: { 'user:ann/attach': 'narrows' },
  },
  {
    edit: 'a group with a Deny is left for one without',
    before: {
      ann: inDevs,
      devs: { policies: { p: doc(allow('s3:*'), deny('s3:Put*')) } },
      ops: { policies: { q: s3 } },
    },
    after: {
      ann: { groups: ['ops'] },
      devs: { policies: { p: doc(allow('s3:*'), deny('s3:Put*')) } },
      ops: { policies: { q: s3 } },
    },
    is: { 'group:devs/members': 'widens', 'group:ops/members': 'none' },
  },
];

const swaps: readonly Row[] = [
  {
    edit: 'an AWS policy is exchanged for a narrower one',
    before: { ann: attached(aws('AmazonS3FullAccess')) },
    after: { ann: attached(aws('AmazonS3ReadOnlyAccess')) },
    is: { 'user:ann/attach': 'narrows' },
  },
  {
    edit: 'an administrator gets an AWS policy instead',
    before: { ann: attached(aws('AdministratorAccess')) },
    after: { ann: attached(aws('AmazonS3FullAccess')) },
    is: { 'user:ann/attach': 'narrows' },
  },
  {
    edit: 'an AWS policy is exchanged for a wider one',
    before: { ann: attached(aws('AmazonS3ReadOnlyAccess')) },
    after: { ann: attached(aws('AmazonS3FullAccess')) },
    is: { 'user:ann/attach': 'widens' },
  },
  {
    edit: 'AWSDenyAll is exchanged for the quarantine of leaked keys',
    before: { ann: attached(aws('AWSDenyAll'), aws('AdministratorAccess')) },
    after: { ann: attached(aws('AWSCompromisedKeyQuarantineV3'), aws('AdministratorAccess')) },
    is: { 'user:ann/attach': 'widens' },
    told: { 'user:ann/attach': 'unclear' },
    reason: 'administrator',
  },
];

const boundaries: readonly Row[] = [
  {
    edit: 'a boundary comes that covers all that somebody has',
    before: { ann: inline(read), policies: { edge: s3 } },
    after: { ann: { ...inline(read), boundary: own('edge') }, policies: { edge: s3 } },
    is: { 'user:ann/boundary': 'none' },
  },
  {
    edit: 'a boundary comes that cuts',
    before: { ann: inline(s3), policies: { edge: read } },
    after: { ann: { ...inline(s3), boundary: own('edge') }, policies: { edge: read } },
    is: { 'user:ann/boundary': 'narrows' },
  },
  {
    edit: 'a boundary goes that covers',
    before: { ann: { ...inline(read), boundary: own('edge') }, policies: { edge: s3 } },
    after: { ann: inline(read), policies: { edge: s3 } },
    is: { 'user:ann/boundary': 'none' },
  },
  {
    edit: 'a boundary goes that cuts',
    before: { ann: { ...inline(s3), boundary: own('edge') }, policies: { edge: read } },
    after: { ann: inline(s3), policies: { edge: read } },
    is: { 'user:ann/boundary': 'widens' },
  },
  {
    edit: 'a boundary becomes wider than what somebody has',
    before: { ann: { ...inline(read), boundary: own('edge') }, policies: { edge: s3 } },
    after: {
      ann: { ...inline(read), boundary: own('edge') },
      policies: { edge: doc(allow(['s3:*', 'ec2:*'])) },
    },
    is: { 'policy:edge/document': 'none' },
  },
  {
    edit: 'a policy comes that lies outside the boundary',
    before: { ann: { ...inline(read), boundary: own('edge') }, policies: { edge: s3 } },
    after: {
      ann: { ...inline(read), boundary: own('edge'), ...attached(aws('AmazonEC2FullAccess')) },
      policies: { edge: s3 },
    },
    is: { 'user:ann/attach': 'none' },
  },
];

const suspendedInline = { 'rollcall-suspended': doc(deny('*')) };
const people: readonly Row[] = [
  {
    edit: 'somebody suspended gets a policy',
    before: { ann: { policies: { ...suspendedInline, p: read } } },
    after: { ann: { suspended: true, policies: { p: read }, ...attached(aws('AdministratorAccess')) } },
    is: { 'user:ann/attach': 'none' },
    reason: 'suspended',
  },
  {
    edit: 'somebody suspended joins a group',
    before: { ann: { policies: suspendedInline }, devs: { policies: { p: all } } },
    after: { ann: { suspended: true, ...inDevs }, devs: { policies: { p: all } } },
    is: { 'group:devs/members': 'none' },
  },
  {
    edit: 'somebody is suspended',
    before: { ann: inline(s3) },
    after: { ann: { ...inline(s3), suspended: true } },
    is: { 'user:ann/suspended': 'narrows' },
  },
  {
    edit: 'a suspension ends',
    before: { ann: { policies: { ...suspendedInline, p: s3 } } },
    after: { ann: inline(s3) },
    is: { 'user:ann/policies/rollcall-suspended': 'widens' },
  },
  {
    edit: 'a suspension ends of somebody who holds nothing',
    before: { ann: { policies: suspendedInline } },
    after: { ann: {} },
    is: { 'user:ann/policies/rollcall-suspended': 'none' },
  },
  {
    edit: 'a group without members gets an administrator’s policy',
    before: {},
    after: { devs: { attachedPolicyArns: [aws('AdministratorAccess')] } },
    is: { 'group:devs/attach': 'none' },
    reason: 'no-members',
  },
  {
    edit: 'the policy of a group without members grants more',
    before: { devs: { policies: { p: read } } },
    after: { devs: { policies: { p: s3 } } },
    is: { 'group:devs/policies/p': 'none' },
    reason: 'no-members',
  },
  {
    edit: 'a policy that nothing holds grants more',
    before: { policies: { read } },
    after: { policies: { read: s3 } },
    is: { 'policy:read/document': 'none' },
    reason: 'not-held',
  },
  {
    edit: 'a tag changes',
    before: { ann: { ...inline(read), tags: { team: 'a' } } },
    after: { ann: { ...inline(read), tags: { team: 'b' } } },
    is: { 'user:ann/tags': 'unclear' },
    reason: 'may-match',
  },
  {
    edit: 'a user moves to another path',
    before: { ann: inline(read) },
    after: { ann: { ...inline(read), path: '/staff/' } },
    is: { 'user:ann/path': 'unclear' },
    reason: 'may-match',
  },
  {
    edit: 'a membership expires',
    before: { ann: inDevs, devs: { policies: { p: s3 } } },
    after: { devs: { policies: { p: s3 } }, expiring: ['user:ann/groups/devs'] },
    is: { 'group:devs/members': 'narrows' },
  },
  {
    edit: 'one leaves and another joins',
    before: { ann: inDevs, ben: {}, devs: { policies: { p: all } } },
    after: { ben: inDevs, devs: { policies: { p: all } } },
    is: { 'group:devs/members': 'widens' },
  },
  {
    edit: 'somebody new without anything',
    before: {},
    after: { ben: {} },
    is: { 'user:ben': 'none' },
  },
  {
    edit: 'somebody new whose boundary keeps everything out',
    before: {},
    after: { ben: { ...inline(s3), boundary: aws('AWSDenyAll') } },
    is: { 'user:ben': 'none' },
  },
  {
    edit: 'somebody goes',
    before: { ann: inDevs, ben: inDevs, devs: { policies: { p: s3 } } },
    after: { ann: inDevs, devs: { policies: { p: s3 } } },
    is: { 'user:ben': 'narrows' },
  },
  {
    edit: 'a group goes that gave what another gives',
    before: {
      ann: { groups: ['devs', 'ops'] },
      devs: { policies: { p: s3 } },
      ops: { policies: { q: read } },
    },
    after: { ann: inDevs, devs: { policies: { p: s3 } }, ops: null },
    is: { 'group:ops': 'none' },
  },
  {
    edit: 'a group that leaked keys’ quarantine is on gets nothing new',
    before: { ann: { ...inline(s3), ...attached(aws('AWSCompromisedKeyQuarantineV3')) } },
    after: { ann: { policies: { p: read } } },
    is: { 'user:ann/policies/p': 'narrows' },
  },
];

export const rows: readonly Row[] = [
  ...moves,
  ...given,
  ...conditions,
  ...statements,
  ...denies,
  ...swaps,
  ...boundaries,
  ...people,
];

export const policiesOf = ({ policies = {} }: Side): ReturnType<typeof aPolicy>[] =>
  Object.entries(policies).map(([name, document]) => aPolicy(name, document));
