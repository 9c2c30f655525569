import { describe, expect, test } from 'vitest';
import { accountId, run, scratch, stage, write } from '../support/cli.ts';

const services = ['codecommit', 'bedrock', 'cassandra'].map((name) => `${name}.amazonaws.com`);

/** melvins has a credential of each service, dale one of CodeCommit; what else the files say is the test's. */
async function story(top = '', melvins = '', dale = '') {
  const dir = scratch();
  write(dir, {
    'manifests/a.yaml': `account: "${accountId}"
${top}
users:
  melvins: { ${melvins} }
  dale: { ${dale} }
  lorax: {}
`,
  });
  const { sandbox, there, env, writes } = await stage();
  const enrol = (UserName: string, ServiceName: string): string =>
    sandbox.call('CreateServiceSpecificCredential', { UserName, ServiceName }).ServiceSpecificCredential!
      .ServiceSpecificCredentialId!;
  for (const UserName of ['melvins', 'dale', 'lorax']) sandbox.call('CreateUser', { UserName });
  const ids = services.map((service) => enrol('melvins', service));
  const own = enrol('dale', services[0]!);
  sandbox.clearJournal();
  return {
    sandbox,
    writes,
    enrol,
    ids,
    own,
    rollcall: (command: string, ...more: string[]) => run([command, ...there, ...more], { cwd: dir, env }),
    left: (UserName: string) =>
      sandbox
        .call('ListServiceSpecificCredentials', { UserName })
        .ServiceSpecificCredentials!.map((one) => one.ServiceSpecificCredentialId),
  };
}

describe('service credentials of people who stay', () => {
  test('are theirs to enrol: one note tells them, and nothing else', async () => {
    const { rollcall, sandbox, ids, own, enrol } = await story();
    sandbox.call('UpdateServiceSpecificCredential', {
      UserName: 'melvins',
      ServiceSpecificCredentialId: ids[1]!,
      Status: 'Inactive',
    });
    // However many IAM answers at a time.
    sandbox.faults.add({ kind: 'truncate-page', op: 'ListServiceSpecificCredentials' });
    const plan = await rollcall('plan', '--out', 'plan.json');
    expect(plan.code).toBe(0);
    const notes = plan.stdout.split('\n').filter((line) => line.startsWith('note: service'));
    expect(notes).toHaveLength(1);
    for (const text of [
      `melvins ${ids[0]} (codecommit.amazonaws.com), Active`,
      `melvins ${ids[1]} (bedrock.amazonaws.com), Inactive`,
      `melvins ${ids[2]} (cassandra.amazonaws.com), Active`,
      `dale ${own} (codecommit.amazonaws.com), Active`,
    ]) {
      expect(notes[0]).toContain(text);
    }
    const drift = await rollcall('drift');
    expect([drift.code, drift.stderr]).toEqual([
      0,
      expect.stringContaining('note: service credentials of declared users: dale '),
    ]);
    // And a plan that waits does not grow stale for it.
    enrol('lorax', services[1]!);
    expect((await rollcall('apply', 'plan.json', '--yes')).code).toBe(0);
  });

  test.each([
    [
      'for all, but for whom the file allows it',
      'serviceCredentials: forbidden',
      '',
      'serviceCredentials: allowed',
    ],
    ['for one', '', 'serviceCredentials: forbidden', ''],
  ])('are forbidden %s: drift, and the plan deletes them', async (_, top, melvins, dale) => {
    const { rollcall, writes, ids, own, left } = await story(top, melvins, dale);
    const plan = await rollcall('plan');
    expect(plan.code).toBe(2);
    const drift = await rollcall('drift');
    expect(drift.code).toBe(2);
    for (const [index, service] of services.entries()) {
      expect(plan.stdout).toContain(`-${ids[index]} (${service})`);
      expect(drift.stdout).toContain(
        `user melvins has the service credential ${ids[index]} (${service}), which the files forbid`,
      );
    }
    expect(plan.stdout).toMatch(
      new RegExp(`note: service credentials of declared users: dale ${own} [^;]*\\n`),
    );
    const apply = await rollcall('apply', '--yes', '--override', 'max-removals');
    expect(apply.code).toBe(0);
    expect(writes()).toEqual(
      services.flatMap(() => [
        'UpdateServiceSpecificCredential melvins',
        'DeleteServiceSpecificCredential melvins',
      ]),
    );
    expect([left('melvins'), left('dale')]).toEqual([[], [own]]);
    expect((await rollcall('plan')).code).toBe(0);
  });

  test('that are forbidden go from a suspended user, too, once they are inactive', async () => {
    const { rollcall, left } = await story('', 'serviceCredentials: forbidden, suspended: true');
    expect((await rollcall('apply', '--yes')).code).toBe(0);
    expect(left('melvins')).toHaveLength(3);
    expect((await rollcall('apply', '--yes', '--override', 'max-removals')).code).toBe(0);
    expect(left('melvins')).toEqual([]);
    expect((await rollcall('plan')).code).toBe(0);
  });

  test.each([
    [
      'a caller who may not list them',
      { kind: 'denied', op: 'ListServiceSpecificCredentials' },
      'access denied',
    ],
  ] as const)('are not taken for none by %s', async (_, fault, why) => {
    const allowed = await story();
    allowed.sandbox.faults.add(fault);
    const plan = await allowed.rollcall('plan');
    expect([plan.code, plan.stdout]).toEqual([
      0,
      expect.stringContaining(
        `note: service credentials of declared users were not looked at: ListServiceSpecificCredentials: ${why}`,
      ),
    ]);
    const forbidden = await story('serviceCredentials: forbidden');
    forbidden.sandbox.faults.add(fault);
    for (const command of ['plan', 'drift', 'apply']) {
      const ended = await forbidden.rollcall(command);
      expect([command, ended.code, ended.stderr]).toEqual([
        command,
        1,
        expect.stringContaining(`error: ListServiceSpecificCredentials: ${why}`),
      ]);
    }
  });

  test('are read again where IAM was too busy to tell', async () => {
    const { rollcall, sandbox, ids } = await story();
    sandbox.faults.add({ kind: 'throttle', op: 'ListServiceSpecificCredentials', times: 2 });
    const plan = await rollcall('plan');
    expect([plan.code, plan.stdout]).toEqual([0, expect.stringContaining(ids[0]!)]);
  });
});
