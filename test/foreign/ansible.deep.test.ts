import { execFile, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { serverCertificatePem, serverKeyPem } from '../sandbox/fixtures.ts';
import { run, scratch, stage } from '../support/cli.ts';

/**
 * Ansible's modules on the sandbox, by the playbooks in `ansible`: what they make and change is changed once, and
 * found to be so when it is asked for again. Playbooks look at answers themselves (`assert`).
 */
const playbooks = join(import.meta.dirname, 'ansible');
const missing =
  spawnSync('ansible-playbook', ['--version'], { stdio: 'ignore' }).status === 0
    ? ''
    : ' (skipped: no ansible-playbook)';

/** What the callback `json` prints, as far as it is read. */
interface Played {
  readonly plays: readonly {
    readonly tasks: readonly {
      readonly task: { readonly name: string };
      readonly hosts: { readonly localhost: Result };
    }[];
  }[];
}
interface Result {
  readonly changed?: boolean;
  readonly failed?: boolean;
  readonly skipped?: boolean;
  readonly msg?: unknown;
  readonly action: string;
}

/** Each task with what came of it: `changed`, `ok`, or why it failed. */
async function play(
  playbook: string,
  url: string,
  env: Readonly<Record<string, string>>,
): Promise<[string, string][]> {
  const stdout = await promisify(execFile)(
    'ansible-playbook',
    ['--inventory', 'localhost,', '--connection', 'local', playbook],
    {
      maxBuffer: 1 << 26,
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: scratch(),
        LC_ALL: 'C.UTF-8',
        ANSIBLE_STDOUT_CALLBACK: 'ansible.posix.json',
        ANSIBLE_LOCALHOST_WARNING: 'false',
        ANSIBLE_PYTHON_INTERPRETER: '{{ ansible_playbook_python }}',
        AWS_ENDPOINT_URL: url,
        AWS_DEFAULT_REGION: 'us-east-1',
        ...env,
      },
    },
  ).then(
    (ended) => ended.stdout,
    (error: { stdout: string; stderr: string }) => error.stdout || error.stderr,
  );
  const { plays } = JSON.parse(stdout) as Played;
  return plays.flatMap(({ tasks }) =>
    tasks.map(({ task, hosts: { localhost: result } }): [string, string] => [
      task.name,
      result.failed ? `failed: ${JSON.stringify(result)}` : result.changed ? 'changed' : 'ok',
    ]),
  );
}

/** Only what changes something is told to have changed. */
const expected = (task: string): string => (/ again$|^what|^find|^refused/.test(task) ? 'ok' : 'changed');

describe.skipIf(missing !== '')(`Ansible${missing}`, () => {
  test.for(readdirSync(playbooks))('%s', async (playbook) => {
    const { sandbox, env } = await stage();
    const tasks = await play(join(playbooks, playbook), sandbox.url, {
      CERTIFICATE: serverCertificatePem,
      PRIVATE_KEY: serverKeyPem,
      ...env,
    });
    expect(tasks).toEqual(tasks.map(([task]) => [task, expected(task)]));
    expect(tasks.length).toBeGreaterThan(5);
  });

  test('import of what it made, then plan: nothing to change', async () => {
    const { sandbox, there, env } = await stage();
    const made = await play(join(import.meta.dirname, 'ansible-account.yaml'), sandbox.url, env);
    expect(made).toEqual(made.map(([task]) => [task, 'changed']));
    const dir = scratch();
    expect(await run(['import', '--manifests', dir, ...there], { env })).toMatchObject({ code: 0 });
    const { code, stdout } = await run(['plan', '--manifests', dir, ...there], { env });
    expect([code, stdout]).toEqual([0, expect.stringContaining('nothing to change')]);
    expect(stdout).toMatch(/1 user, 1 group, 1 policy, 3 roles, 2 instance profiles, 1 SAML provider/);
  });
});
