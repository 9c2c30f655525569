import * as sdk from '@aws-sdk/client-iam';
import { describe, expect, it } from 'vitest';
import type { FaultKind, Sandbox } from '../../src/sandbox/index.ts';
import { clientOf, manualClock, sandboxFor } from './helpers.ts';

const create = (UserName = 'dale') => new sdk.CreateUserCommand({ UserName });
const exists = (sandbox: Sandbox, name = 'dale'): boolean => sandbox.state.users.find(name) !== undefined;

describe('faults', () => {
  it.each<[FaultKind, object, boolean, number]>([
    ['throttle', { name: 'Throttling', message: 'Rate exceeded' }, false, 400],
    ['error-before', { name: 'ServiceFailureException' }, false, 500],
    ['error-after', { name: 'ServiceFailureException' }, true, 500],
    ['lost-reply-before', { code: 'ECONNRESET' }, false, 0],
    ['lost-reply-after', { code: 'ECONNRESET' }, true, 0],
    ['denied', { name: 'AccessDenied' }, false, 403],
  ])('%s', async (kind, error, effect, status) => {
    const { sandbox, client } = await sandboxFor();
    sandbox.faults.add({ kind, op: 'CreateUser', times: 1 });
    await expect(client.send(create())).rejects.toMatchObject(error);
    expect(exists(sandbox)).toBe(effect);
    expect(sandbox.journal.at(-1)).toMatchObject({ op: 'CreateUser', status, fault: kind });
    // Once only, and only there.
    await client.send(create('lorax'));
    await client.send(new sdk.ListUsersCommand({}));
  });

  it('strike the transport without a socket in the same way', async () => {
    const { sandbox } = await sandboxFor();
    const client = clientOf(sandbox, sandbox.operator, { requestHandler: sandbox.handler });
    sandbox.faults.add({ kind: 'lost-reply-after', times: 1 });
    await expect(client.send(create())).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(exists(sandbox)).toBe(true);
    sandbox.faults.add({ kind: 'throttle', times: 1 });
    await expect(client.send(create('lorax'))).rejects.toMatchObject({ name: 'Throttling' });
  });

  it("are overcome by the SDK's retries", async () => {
    const { sandbox } = await sandboxFor();
    const patient = clientOf(sandbox, sandbox.operator, { maxAttempts: 4 });
    sandbox.faults.add({ kind: 'throttle', times: 2 });
    await patient.send(create());
    expect(sandbox.journal.map((entry) => entry.errorCode ?? 'done')).toEqual([
      'Throttling',
      'Throttling',
      'done',
    ]);
    patient.destroy();
  });

  it('shorten pages, and cut replies off', async () => {
    const { sandbox, client } = await sandboxFor();
    for (const name of ['a', 'b', 'c']) sandbox.call('CreateUser', { UserName: name });
    sandbox.faults.add({ kind: 'truncate-page', op: /^List/, times: 1 });
    const page = await client.send(new sdk.ListUsersCommand({}));
    expect(page).toMatchObject({ Users: [{ UserName: 'a' }], IsTruncated: true });
    expect((await client.send(new sdk.ListUsersCommand({ Marker: page.Marker }))).Users).toHaveLength(2);
    sandbox.faults.add({ kind: 'cut-reply', op: 'ListUsers', times: 1 });
    await expect(client.send(new sdk.ListUsersCommand({}))).rejects.toThrow(/./);
  });

  it('wait, come by chance, and let some calls through first', async () => {
    const { sandbox, client } = await sandboxFor();
    sandbox.faults.add({ kind: 'delay', ms: 60, times: 1 });
    const start = performance.now();
    await client.send(new sdk.ListUsersCommand({}));
    expect(performance.now() - start).toBeGreaterThan(50);
    sandbox.faults.clear();
    sandbox.faults.add({ kind: 'throttle', after: 2, times: 1 });
    await client.send(create('a'));
    await client.send(create('b'));
    await expect(client.send(create('c'))).rejects.toMatchObject({ name: 'Throttling' });
    sandbox.faults.clear();
    sandbox.faults.add({ kind: 'throttle', probability: 0.5 });
    let hits = 0;
    for (let index = 0; index < 100; index++) {
      await client.send(new sdk.ListUsersCommand({})).catch(() => (hits += 1));
    }
    expect(hits).toBeGreaterThan(25);
    expect(hits).toBeLessThan(75);
  });

  it('leave room for a second writer', async () => {
    const { sandbox, client } = await sandboxFor();
    sandbox.faults.beforeCall = ({ op }) => {
      if (op === 'DeleteUser') sandbox.call('CreateAccessKey', { UserName: 'dale' });
    };
    const seen: string[] = [];
    sandbox.faults.afterCall = ({ op }) => void seen.push(op);
    await client.send(create());
    await expect(client.send(new sdk.DeleteUserCommand({ UserName: 'dale' }))).rejects.toThrow(
      'must delete access keys first',
    );
    expect(seen).toEqual(['CreateUser', 'DeleteUser']);
  });
});

describe('eventual consistency', () => {
  it('has reads lag behind by calls', async () => {
    const { sandbox, client } = await sandboxFor();
    const listed = async (): Promise<number> =>
      (await client.send(new sdk.ListUsersCommand({}))).Users!.length;
    sandbox.faults.consistency = { readsBehindCalls: 2 };
    await client.send(create());
    expect([await listed(), await listed(), await listed()]).toEqual([0, 0, 1]);
    // Writes always meet the truth.
    await client.send(new sdk.DeleteUserCommand({ UserName: 'dale' }));
    await expect(client.send(new sdk.DeleteUserCommand({ UserName: 'dale' }))).rejects.toThrow(
      'cannot be found',
    );
    expect([await listed(), await listed()]).toEqual([1, 0]);
  });

  it("has reads lag behind by the clock's time", async () => {
    const clock = manualClock();
    const { sandbox, client } = await sandboxFor({ clock });
    const listed = async (): Promise<number> =>
      (await client.send(new sdk.ListUsersCommand({}))).Users!.length;
    sandbox.faults.consistency = { readsBehindMs: 1000 };
    await client.send(create());
    expect(await listed()).toBe(0);
    clock.advance(999);
    expect(await listed()).toBe(0);
    clock.advance(1);
    expect(await listed()).toBe(1);
  });

  it('hides what is new for some calls, even from writes', async () => {
    const { sandbox, client } = await sandboxFor();
    sandbox.faults.consistency = { newHiddenCalls: 2 };
    await client.send(create());
    const get = () => client.send(new sdk.GetUserCommand({ UserName: 'dale' }));
    await expect(get()).rejects.toThrow('cannot be found');
    await expect(client.send(new sdk.CreateAccessKeyCommand({ UserName: 'dale' }))).rejects.toThrow(
      'cannot be found',
    );
    // Its name is taken all the same.
    await expect(client.send(create('DALE'))).rejects.toMatchObject({ name: 'EntityAlreadyExistsException' });
    expect((await get()).User?.UserName).toBe('dale');
    await client.send(create('lorax'));
    sandbox.faults.clear();
    await client.send(new sdk.GetUserCommand({ UserName: 'lorax' }));
  });
});

describe('the journal', () => {
  it('records calls as CloudTrail would, without secrets', async () => {
    const { sandbox, client } = await sandboxFor();
    const password = 'correct-Horse-7';
    await client.send(create());
    await client.send(new sdk.CreateLoginProfileCommand({ UserName: 'dale', Password: password }));
    const { AccessKey } = await client.send(new sdk.CreateAccessKeyCommand({ UserName: 'dale' }));
    const text = JSON.stringify(sandbox.journal);
    expect(text).not.toContain(password);
    expect(text).not.toContain(AccessKey!.SecretAccessKey!);
    expect(sandbox.journal[1]).toMatchObject({
      op: 'CreateLoginProfile',
      source: 'iam.amazonaws.com',
      readOnly: false,
      params: { UserName: 'dale', Password: '***' },
      caller: { arn: 'arn:aws:iam::123456789012:user/sandbox-operator' },
      status: 200,
    });
    expect(sandbox.journal[1]?.requestId).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    sandbox.clearJournal();
    expect(sandbox.journal).toEqual([]);
  });

  it('does not grow without end', async () => {
    const { sandbox } = await sandboxFor({ journalCap: 100 });
    for (let index = 0; index < 1000; index++) sandbox.call('ListUsers', {});
    expect(sandbox.journal.length).toBeLessThanOrEqual(100);
    expect(sandbox.journal.length).toBeGreaterThan(80);
  });
});
