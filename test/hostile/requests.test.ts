import { describe, expect, it } from 'vitest';
import { createIam } from '../../src/sandbox/index.ts';
import { createJournal } from '../../src/sandbox/journal.ts';
import { ask } from './asking.ts';
import { count, heapUsed, prototypesAreClean } from './support.ts';

const document = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}';

describe('requests', () => {
  const list = 'Action=ListUsers&Version=2010-05-08';
  const create = 'Action=CreateUser&Version=2010-05-08&UserName=lorax';
  it.each<[string, string, Record<string, string>, string | undefined]>([
    ['10,001 parameters', `${list}${'&a=1'.repeat(10_001)}`, {}, 'MalformedQueryString'],
    [
      '9,000 tags',
      `${create}${Array.from({ length: 9000 }, (_, index) => `&Tags.member.${index + 1}.Key=k`).join('')}`,
      {},
      'ValidationError',
    ],
    ['a parameter of a thousand dots', `${list}&${'a.'.repeat(1000)}b=1`, {}, 'MalformedQueryString'],
    ['lists in lists', `${create}&Tags.member.1.Key.member.1.Key.member.1=x`, {}, 'ValidationError'],
    [
      'a list that counts from -1 to infinity',
      `${create}&Tags.member.-1.Key=a&Tags.member.-1.Value=a&Tags.member.1e999.Key=b&Tags.member.1e999.Value=b`,
      {},
      'MalformedInput',
    ],
    [
      'a list with a prototype in it',
      `${create}&Tags.member.__proto__.Key=a&Tags.member.__proto__.Value=b`,
      {},
      'MalformedInput',
    ],
    [
      'parameters called as prototypes are',
      `${create}&__proto__=1&constructor.prototype.polluted=1&__proto__.polluted=1`,
      {},
      undefined,
    ],
    ['a user called __proto__', create.replace('lorax', '__proto__'), {}, undefined],
    ['the same parameter twice', `${create}&UserName=dale`, {}, undefined],
    ['an action of a megabyte', `Action=${'A'.repeat(1_000_000)}&Version=2010-05-08`, {}, 'InvalidAction'],
    ['a name of a megabyte', create.replace('lorax', 'a'.repeat(1_000_000)), {}, 'ValidationError'],
    [
      'XML for parameters',
      '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
      { 'content-type': 'text/xml' },
      'MalformedInput',
    ],
    [
      'JSON for parameters',
      '{"Action":"ListUsers"}',
      { 'content-type': 'application/x-amz-json-1.0' },
      'MalformedInput',
    ],
    ['no content type', list, { 'content-type': '' }, 'MalformedInput'],
    [
      'a content type that only begins well',
      list,
      { 'content-type': 'application/x-www-form-urlencodedx' },
      'MalformedInput',
    ],
    [
      'a signature of a megabyte',
      list,
      { authorization: `AWS4-HMAC-SHA256 ${'Credential='.repeat(100_000)}` },
      'IncompleteSignature',
    ],
    [
      'commas for a signature',
      list,
      { authorization: `AWS4-HMAC-SHA256 ${', '.repeat(500_000)}` },
      'IncompleteSignature',
    ],
    [
      'a condition of many stars',
      `Action=CreatePolicy&Version=2010-05-08&PolicyName=p&PolicyDocument=${encodeURIComponent(document.replace('"Resource":"*"', `"Resource":"arn:aws:s3:::${'*a'.repeat(2500)}"`))}`,
      {},
      undefined,
    ],
    [
      'a document nested 20,000 deep',
      `Action=CreatePolicy&Version=2010-05-08&PolicyName=p&PolicyDocument=${'['.repeat(20_000)}${']'.repeat(20_000)}`,
      {},
      'MalformedPolicyDocument',
    ],
    [
      'a condition nested 20,000 deep',
      `Action=CreatePolicy&Version=2010-05-08&PolicyName=p&PolicyDocument=${encodeURIComponent(document.replace('"Resource":"*"', `"Resource":"*","Condition":{"StringLike":{"a:b":${'['.repeat(20_000)}${']'.repeat(20_000)}}}`))}`,
      {},
      'MalformedPolicyDocument',
    ],
  ])('with %s', (_what, body, headers, code) => {
    const iam = createIam({ seed: 1 });
    const start = process.cpuUsage();
    expect(ask(iam, body, { headers }).code).toBe(code);
    const { user, system } = process.cpuUsage(start);
    expect((user + system) / 1000).toBeLessThan(2000);
    iam.close();
    count('crafted requests');
  });

  it('with names of prototypes make objects of these names', () => {
    const iam = createIam({ seed: 1 });
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
    for (const name of names) {
      iam.call('CreateUser', { UserName: name });
      iam.call('PutUserPolicy', { UserName: name, PolicyName: name, PolicyDocument: document });
      iam.call('TagUser', { UserName: name, Tags: [{ Key: name, Value: 'x' }] });
    }
    for (const name of names) {
      expect(iam.call('ListUserPolicies', { UserName: name }).PolicyNames).toEqual([name]);
      expect(iam.call('GetUserPolicy', { UserName: name, PolicyName: name }).PolicyName).toBe(name);
      expect(iam.call('ListUserTags', { UserName: name }).Tags).toEqual([{ Key: name, Value: 'x' }]);
      iam.call('DeleteUserPolicy', { UserName: name, PolicyName: name });
      iam.call('DeleteUser', { UserName: name });
    }
    expect(iam.state.users.size).toBe(0);
    expect(prototypesAreClean()).toBe(true);
  });

  it('of a megabyte each leave bounded memory behind', { timeout: 60_000 }, () => {
    const iam = createIam({ seed: 1 });
    const policy = document.replace('"s3:*"', JSON.stringify(Array.from({ length: 9000 }, () => 's3:*')));
    const bodies = [
      `Action=${'A'.repeat(1_000_000)}&Version=2010-05-08`,
      create.replace('lorax', 'a'.repeat(1_000_000)),
      `${create}&${'b'.repeat(1_000_000)}=1`,
      `Action=CreatePolicy&Version=2010-05-08&PolicyName=p&PolicyDocument=${encodeURIComponent(policy)}`,
    ];
    const before = heapUsed();
    for (let turn = 0; turn < 600; turn++) ask(iam, bodies[turn % bodies.length]!);
    expect((heapUsed() - before) / 1024 / 1024).toBeLessThan(120);
    iam.close();
    count('crafted requests', 600);
  });

  it('that are journalled take bounded memory', () => {
    const journal = createJournal(1_000_000);
    const before = heapUsed();
    for (let turn = 0; turn < 2000; turn++) {
      journal.add({
        time: '',
        requestId: '',
        caller: { arn: '', accessKeyId: '' },
        source: 'iam.amazonaws.com',
        op: 'CreatePolicy',
        readOnly: false,
        params: { PolicyDocument: Buffer.alloc(131_072, String(turn)).toString() },
        status: 400,
      });
    }
    expect(journal.entries.length).toBeGreaterThan(500);
    expect((heapUsed() - before) / 1024 / 1024).toBeLessThan(200);
  });
});
