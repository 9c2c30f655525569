import { execFile, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startSandbox } from '../../src/sandbox/index.ts';
import { serverCertificatePem, serverKeyPem } from '../sandbox/fixtures.ts';
import { scratch } from '../support/cli.ts';

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
async function play(playbook: string, env: Record<string, string>): Promise<[string, string][]> {
  const stdout = await promisify(execFile)(
    'ansible-playbook',
    ['--inventory', 'localhost,', '--connection', 'local', join(playbooks, playbook)],
    {
      maxBuffer: 1 << 26,
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: scratch(),
        LC_ALL: 'C.UTF-8',
        ANSIBLE_STDOUT_CALLBACK: 'ansible.posix.json',
        ANSIBLE_LOCALHOST_WARNING: 'false',
        ANSIBLE_PYTHON_INTERPRETER: '{{ ansible_playbook_python }}',
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
    const sandbox = await startSandbox({ seed: 1 });
    onTestFinished(() => sandbox.close());
    const { accessKeyId, secretAccessKey } = sandbox.operator;
    const tasks = await play(playbook, {
      CERTIFICATE: serverCertificatePem,
      PRIVATE_KEY: serverKeyPem,
      AWS_ENDPOINT_URL: sandbox.url,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_DEFAULT_REGION: 'us-east-1',
    });
    expect(tasks).toEqual(tasks.map(([task]) => [task, expected(task)]));
    expect(tasks.length).toBeGreaterThan(5);
  });
});
