import * as sdk from '@aws-sdk/client-iam';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { startSandbox } from '../../src/sandbox/index.ts';
import { clientOf, sandboxFor } from './helpers.ts';

const form = 'application/x-www-form-urlencoded; charset=utf-8';
const signed =
  'AWS4-HMAC-SHA256 Credential=AKIA2222222222222222/20260301/us-east-1/iam/aws4_request, ' +
  'SignedHeaders=host, Signature=0';

/** Any credentials do for an unknown key, so that requests can be made by hand. */
async function post(url: string, body: string, headers: Record<string, string> = {}) {
  const response = await fetch(url, {
    method: 'POST',
    body,
    headers: { 'content-type': form, authorization: signed, ...headers },
  });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

describe('the wire', () => {
  it('answers in the XML of the Query protocol', async () => {
    const { sandbox } = await sandboxFor();
    const made = await post(sandbox.url, 'Action=CreateUser&Version=2010-05-08&UserName=dale');
    expect(made.status).toBe(200);
    expect(made.headers.get('content-type')).toBe('text/xml');
    expect(made.text).toMatch(
      /^<CreateUserResponse xmlns="https:\/\/iam\.amazonaws\.com\/doc\/2010-05-08\/"><CreateUserResult><User><Path>\/<\/Path><UserName>dale<\/UserName>.*<CreateDate>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ<\/CreateDate><\/User><\/CreateUserResult><ResponseMetadata><RequestId>[0-9a-f-]{36}<\/RequestId><\/ResponseMetadata><\/CreateUserResponse>$/,
    );
    const gone = await post(sandbox.url, 'Action=DeleteUser&Version=2010-05-08&UserName=dale');
    expect(gone.text).toMatch(/^<DeleteUserResponse [^>]*><ResponseMetadata>/);
    const error = await post(sandbox.url, 'Action=GetUser&Version=2010-05-08&UserName=dale');
    expect(error.status).toBe(404);
    expect(error.text).toMatch(
      /^<ErrorResponse xmlns="https:\/\/iam[^"]*"><Error><Type>Sender<\/Type><Code>NoSuchEntity<\/Code><Message>The user with name dale cannot be found\.<\/Message><\/Error><RequestId>/,
    );
  });

  it('takes requests by GET as well', async () => {
    const { sandbox } = await sandboxFor();
    const url = `${sandbox.url}/?Action=GetCallerIdentity&Version=2011-06-15`;
    const response = await fetch(url, { headers: { authorization: signed } });
    expect(await response.text()).toContain('<Account>123456789012</Account>');
  });

  it.each<[string, string, Record<string, string>, number, string, string]>([
    [
      'an unknown action',
      'Action=Nope&Version=2010-05-08',
      {},
      400,
      'InvalidAction',
      'Could not find operation Nope for version 2010-05-08',
    ],
    [
      'no version',
      'Action=ListUsers',
      {},
      400,
      'InvalidAction',
      'Could not find operation ListUsers for version NO_VERSION_SPECIFIED',
    ],
    [
      'another version',
      'Action=ListUsers&Version=2009-01-01',
      {},
      400,
      'InvalidAction',
      'Could not find operation ListUsers for version 2009-01-01',
    ],
    [
      'an operation of IAM as one of STS',
      'Action=ListUsers&Version=2011-06-15',
      {},
      400,
      'InvalidAction',
      'Could not find operation ListUsers for version 2011-06-15',
    ],
    [
      'a prototype for an action',
      'Action=__proto__&Version=2010-05-08',
      {},
      400,
      'InvalidAction',
      'Could not find operation',
    ],
    ['no action', 'Version=2010-05-08', {}, 400, 'MissingAction', 'missing an action'],
    ['an empty body', '', {}, 400, 'MissingAction', 'missing an action'],
    [
      'a bad escape',
      'Action=ListUsers&Version=2010-05-08&PathPrefix=%zz',
      {},
      404,
      'MalformedQueryString',
      'syntax error',
    ],
    [
      'JSON',
      '{"Action":"ListUsers"}',
      { 'content-type': 'application/json' },
      400,
      'MalformedInput',
      'application/x-www-form-urlencoded',
    ],
    [
      'a number that is none',
      'Action=ListUsers&Version=2010-05-08&MaxItems=many',
      {},
      400,
      'MalformedInput',
      'expected a number',
    ],
    [
      'a boolean that is none',
      'Action=ListPolicies&Version=2010-05-08&OnlyAttached=yes',
      {},
      400,
      'MalformedInput',
      'expected true or false',
    ],
    [
      'a missing parameter',
      'Action=CreateUser&Version=2010-05-08',
      {},
      400,
      'ValidationError',
      '1 validation error detected: Value at &apos;userName&apos; failed to satisfy constraint: Member must not be null',
    ],
    [
      'a parameter nested too deeply',
      `Action=ListUsers&Version=2010-05-08&${'a.'.repeat(20)}b=1`,
      {},
      404,
      'MalformedQueryString',
      'nested too deeply',
    ],
    [
      'too many parameters',
      `Action=ListUsers&Version=2010-05-08${'&a=1'.repeat(10_000)}`,
      {},
      404,
      'MalformedQueryString',
      'more than 10000 parameters',
    ],
    [
      'no signature',
      'Action=ListUsers&Version=2010-05-08',
      { authorization: '' },
      403,
      'MissingAuthenticationToken',
      'Request is missing Authentication Token',
    ],
    [
      'another kind of signature',
      'Action=ListUsers&Version=2010-05-08',
      { authorization: 'Basic eDp5' },
      400,
      'IncompleteSignature',
      'Signature Version 4',
    ],
    [
      'half a signature',
      'Action=ListUsers&Version=2010-05-08',
      { authorization: 'AWS4-HMAC-SHA256 Credential=AKIA' },
      400,
      'IncompleteSignature',
      'Credential must have',
    ],
    [
      'characters that XML cannot hold',
      'Action=GetUser&Version=2010-05-08&UserName=%00%1b%3Cb%3E',
      {},
      400,
      'ValidationError',
      'The specified value for userName is invalid',
    ],
  ])('refuses %s', async (_name, body, headers, status, code, message) => {
    const { sandbox } = await sandboxFor();
    const answer = await post(sandbox.url, body, headers);
    expect(answer.text).toContain(`<Code>${code}</Code>`);
    expect(answer.text).toContain(message);
    expect(answer.status).toBe(status);
    // It is still there.
    expect((await post(sandbox.url, 'Action=ListUsers&Version=2010-05-08')).status).toBe(200);
  });

  it('keeps what is not XML out of its XML', async () => {
    const { sandbox } = await sandboxFor();
    const answer = await post(sandbox.url, 'Action=ListUsers&Version=2010-05-08&Marker=%00%0b%3Cb%3E%22');
    expect(answer.text).toContain("'".replace("'", '&apos;'));
    expect(answer.text).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]|<b>/);
  });

  it('gives browsers no leave to call it from the page of another origin', async () => {
    const { sandbox } = await sandboxFor();
    const origin = 'https://evil.example';
    const asked = {
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization',
    };
    const answers = [
      await fetch(sandbox.url, { method: 'OPTIONS', headers: { origin, ...asked } }),
      await fetch(sandbox.url, {
        method: 'POST',
        headers: { origin },
        body: 'Action=ListUsers&Version=2010-05-08',
      }),
    ];
    for (const { headers } of answers) {
      expect([...headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
    }
    // A form, which a page may send without asking.
    const form = new URLSearchParams({ Action: 'CreateUser', Version: '2010-05-08', UserName: 'evil' });
    const refused = await fetch(sandbox.url, { method: 'POST', headers: { origin }, body: form });
    expect(refused.status).toBe(403);
    expect(await refused.text()).toContain('<Code>MissingAuthenticationToken</Code>');
  });

  it('refuses bodies that are too large, and breaks off those without end', async () => {
    const { sandbox } = await sandboxFor();
    const answer = await post(sandbox.url, `Action=${'a'.repeat(1024 * 1024)}`);
    expect(answer.status).toBe(413);
    expect(answer.text).toContain('<Code>RequestEntityTooLarge</Code>');
    await expect(post(sandbox.url, 'a'.repeat(20 * 1024 * 1024))).rejects.toThrow('fetch failed');
    expect((await post(sandbox.url, 'Action=ListUsers&Version=2010-05-08')).status).toBe(200);
  });

  it('helps those who come with a browser', async () => {
    const { sandbox } = await sandboxFor();
    const response = await fetch(sandbox.url);
    expect(response.headers.get('content-type')).toContain('text/plain');
    const text = await response.text();
    expect(text).toContain(`AWS_ENDPOINT_URL_IAM=${sandbox.url}`);
    expect(text).toContain(sandbox.operator.accessKeyId);
  });

  it('survives what is not HTTP', async () => {
    const { sandbox } = await sandboxFor();
    const { port } = new URL(sandbox.url);
    const answer = await new Promise<string>((done) => {
      let text = '';
      const socket = connect(Number(port), '127.0.0.1', () =>
        socket.write('\u0016\u0003\u0001nonsense\r\n\r\n'),
      );
      socket.on('data', (data) => (text += data.toString()));
      socket.on('close', () => done(text));
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect((await post(sandbox.url, 'Action=ListUsers&Version=2010-05-08')).status).toBe(200);
  });

  it('listens on this machine only, and closes at once', async () => {
    const sandbox = await startSandbox();
    expect(sandbox.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const client = clientOf(sandbox);
    await client.send(new sdk.ListUsersCommand({}));
    // One client keeps its connection, another has only begun its request.
    const { port } = new URL(sandbox.url);
    const socket = connect(Number(port), '127.0.0.1', () =>
      socket.write('POST / HTTP/1.1\r\nHost: localhost\r\n'),
    );
    socket.on('error', () => {});
    await new Promise((done) => setTimeout(done, 50));
    const start = performance.now();
    await sandbox.close();
    expect(performance.now() - start).toBeLessThan(500);
    await expect(client.send(new sdk.ListUsersCommand({}))).rejects.toMatchObject({
      code: expect.stringMatching(/^ECONN(?:REFUSED|RESET)$/) as string,
    });
    client.destroy();
    socket.destroy();
  });

  it('says so when its port is taken', async () => {
    const { sandbox } = await sandboxFor();
    const { port } = new URL(sandbox.url);
    await expect(startSandbox({ port: Number(port) })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('takes thousands of calls', async () => {
    const { sandbox } = await sandboxFor();
    for (let batch = 0; batch < 40; batch++) {
      await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          post(sandbox.url, `Action=CreateUser&Version=2010-05-08&UserName=u${batch}-${index}`),
        ),
      );
    }
    expect(sandbox.state.users.size).toBe(2000);
    expect(sandbox.journal.filter(({ status }) => status === 200)).toHaveLength(2000);
  });
});

describe('a seed', () => {
  it('mints the same ids and secrets again', async () => {
    const mint = async (seed: number) => {
      const sandbox = await startSandbox({ seed, clock: () => new Date(0) });
      sandbox.call('CreateUser', { UserName: 'dale' });
      const key = sandbox.call('CreateAccessKey', { UserName: 'dale' });
      const { journal } = sandbox;
      const result = JSON.stringify({ key, journal, user: sandbox.call('GetUser', { UserName: 'dale' }) });
      await sandbox.close();
      return result;
    };
    expect(await mint(1)).toBe(await mint(1));
    expect(await mint(1)).not.toBe(await mint(2));
  });
});
