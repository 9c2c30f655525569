import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../src/core/json.ts';
import type { PolicyDocument } from '../../src/core/state.ts';
import { intersection } from '../../src/policy/index.ts';
import { allow, deny, doc } from './documents.ts';

const trust = (...accounts: string[]): PolicyDocument =>
  doc({ Effect: 'Allow', Principal: { AWS: accounts }, Action: 'sts:AssumeRole' });

describe('intersection', () => {
  test.each<[string, PolicyDocument, PolicyDocument, JsonObject[]]>([
    ['the narrower Allow', doc(allow('s3:*')), doc(allow('s3:Get*', 'a')), [allow('s3:Get*', 'a')]],
    ['in either order', doc(allow('s3:Get*', 'a')), doc(allow('s3:*')), [allow('s3:Get*', 'a')]],
    ['what both list', doc(allow(['a:x', 'a:Y'])), doc(allow(['a:Y', 'a:z'])), [allow('a:Y')]],
    [
      'atoms of both sides',
      doc(allow(['a:*', 'b:x'])),
      doc(allow(['a:x', 'b:*'])),
      [allow('a:x'), allow('b:x')],
    ],
    [
      'atoms by resource',
      doc(allow(['a:x', 'a:y'], ['r', 's'])),
      doc(allow('a:x', ['r', 's']), allow('a:y', 'r')),
      [allow('a:x', ['r', 's']), allow('a:y', 'r')],
    ],
    [
      'every Deny',
      doc(allow('*'), deny('a:*')),
      doc(allow('*'), deny('b:*')),
      [allow('*'), deny('a:*'), deny('b:*')],
    ],
    ['no Deny within another', doc(deny('a:x')), doc(deny('a:*')), [deny('a:*')]],
    ['nothing in common', doc(allow('a:*')), doc(allow('b:*')), [deny('none:null')]],
    [
      'the condition',
      doc(allow('a:*')),
      doc(allow('a:*', '*', { Condition: { Bool: { k: 'true' } } })),
      [allow('a:*', '*', { Condition: { Bool: { k: 'true' } } })],
    ],
    [
      'a Sid once',
      doc(allow('a:*', 'r', { Sid: 'One' }), deny('c:*', '*', { Sid: 'Two' })),
      doc(allow('a:x', 'r', { Sid: 'Two' }), deny('d:*', '*', { Sid: 'Two' })),
      [allow('a:x', 'r', { Sid: 'Two' }), deny('c:*'), deny('d:*')],
    ],
  ])('%s', (_, a, b, expected) => {
    expect(intersection(a, b)).toEqual(doc(...expected));
  });

  test('trust policies name principals and no resources', () => {
    expect(
      intersection(trust('111111111111', '222222222222'), trust('222222222222', '333333333333')),
    ).toEqual(doc({ Effect: 'Allow', Principal: { AWS: '222222222222' }, Action: 'sts:AssumeRole' }));
    expect(intersection(trust('111111111111'), trust('222222222222'))).toEqual(
      doc({ Effect: 'Deny', Principal: '*', Action: 'sts:AssumeRole' }),
    );
  });

  test('each principal keeps its own actions', () => {
    const on = (account: string | string[], action: Json): JsonObject => ({
      Effect: 'Allow',
      Principal: { AWS: account },
      Action: action,
      Resource: 'r',
    });
    const [one, two] = ['111111111111', '222222222222'];
    const apart = doc(on(one, 'a:x'), on(two, 'a:y'));
    expect(intersection(apart, doc(on([one, two], ['a:x', 'a:y'])))).toEqual(apart);
  });

  test('plain `${` stays plain text, and a variable stays a variable', () => {
    const own = 'arn:aws:s3:::home/${aws:username}';
    const plain = 'arn:aws:s3:::home/${$}{aws:username}';
    const old = (statement: JsonObject): PolicyDocument => ({ Statement: [statement] });
    const of2008 = (...statements: JsonObject[]): PolicyDocument => ({
      Version: '2008-10-17',
      Statement: statements,
    });
    expect(intersection(old(deny('s3:*', own)), doc(deny('a:x')))).toEqual(
      of2008(deny('a:x'), deny('s3:*', own)),
    );
    expect(intersection(old(deny('s3:*', own)), doc(deny('a:x', own)))).toEqual(
      doc(deny('a:x', own), deny('s3:*', plain)),
    );
    expect(intersection(old(allow('s3:*', own)), doc(allow('s3:*')))).toEqual(of2008(allow('s3:*', own)));
    expect(intersection(old(allow('s3:*', own)), doc(allow('s3:*'), allow('a:x', own)))).toEqual(
      doc(allow('s3:*', plain)),
    );
    // The same letters, but not the same resource.
    expect(intersection(old(allow('s3:*', own)), doc(allow('s3:*', own)))).toEqual(doc(deny('none:null')));
  });

  test('a Deny that cannot be said in the Version of the other becomes one of everything', () => {
    const odd = (version: string): PolicyDocument => ({
      Version: version,
      Statement: [deny('a:x', '*', { Condition: { Bool: { k: '${aws:username}' } } })],
    });
    expect(intersection(odd('2008-10-17'), doc(allow('a:*', 'r:${u}')))).toEqual(doc(deny('*')));
    expect(intersection(odd('2008-10-17'), doc(allow('a:*')))).toEqual(odd('2008-10-17'));
  });

  test('what may be a Deny counts as one of everything', () => {
    const odd = doc(allow('s3:*'), { Effect: 'deny', Action: 's3:Delete*', Resource: '*' });
    const denied = doc(allow('s3:Get*'), deny('*'));
    expect(intersection(odd, doc(allow('s3:Get*')))).toEqual(denied);
    expect(intersection(doc(allow('s3:Get*')), odd)).toEqual(denied);
  });

  test('a part of an Allow does not outlive a variable without a value', () => {
    const mixed = doc(allow('a:x', ['r:1', 's:${u}']));
    // IAM may drop all of it for whoever has no `u`, who would then get `r:1` from the part alone.
    expect(intersection(mixed, doc(allow('a:x', 'r:*')))).toEqual(doc(deny('none:null')));
    expect(intersection(mixed, doc(allow('a:x', ['r:*', 's:*'])))).toEqual(mixed);
    expect(intersection(doc(deny('a:x', ['*', 's:${u}'])), doc(deny('a:x')))).toEqual(doc(deny('a:x')));
    expect(intersection(doc(deny('a:x', 'r')), doc(deny('a:x', ['r', 's:${u}'])))).toEqual(
      doc(deny('a:x', 'r'), deny('a:x', ['r', 's:${u}'])),
    );
  });
});
