/** Other programs that run the table against the sandbox: boto3, and the AWS CLI for some rows. */
import { execFile, spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { createIam, type Iam } from '../../src/sandbox/index.ts';
import { listen } from '../../src/sandbox/http/server.ts';
import { serviceOf, type KeyPair, type Server } from './client.ts';
import type { Row } from './row.ts';
import { clock, sandboxOptions } from './servers.ts';

const works = (command: string, ...args: string[]): boolean =>
  spawnSync(command, args, { stdio: 'ignore' }).status === 0;
export const hasBoto = works('python3', '-c', 'import boto3');
export const hasCli = works('aws', '--version');

/** One HTTP server for many accounts, one after the other: boto3's clients take long to make. */
async function changingSandbox(rows: readonly Row[]) {
  let time = clock();
  let iam: Iam = createIam({ ...sandboxOptions({}), clock: time });
  const front = await listen({ ...iam, answer: (request) => iam.answer(request) }, '127.0.0.1', 0);
  const control = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://control');
    if (pathname === '/wait') time.wait(Number(searchParams.get('ms')));
    else {
      iam.close();
      time = clock();
      iam = createIam({ ...sandboxOptions(rows[Number(searchParams.get('row'))]!.options), clock: time });
    }
    response.end();
  });
  await new Promise<void>((ready) => control.listen(0, '127.0.0.1', ready));
  return {
    url: front.url,
    operator: iam.operator,
    control: `http://127.0.0.1:${(control.address() as AddressInfo).port}`,
    async close() {
      control.closeAllConnections();
      await new Promise((done) => control.close(done));
      await front.close();
      iam.close();
    },
  };
}

/** Outcome of each row, by name. */
export async function runBoto(rows: readonly Row[]): Promise<Map<string, string>> {
  const sandbox = await changingSandbox(rows);
  try {
    const child = spawn('python3', ['test/conformance/boto.py', sandbox.url, sandbox.control], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null' },
    });
    const { accessKeyId, secretAccessKey } = sandbox.operator;
    child.stdin.end(
      JSON.stringify({ rows, operator: { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey } }),
    );
    let text = '';
    child.stdout.on('data', (data) => (text += String(data)));
    await new Promise((done) => child.once('close', done));
    return new Map(
      text
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as [string, string]),
    );
  } finally {
    await sandbox.close();
  }
}

const run = promisify(execFile);

/** One call by the AWS CLI: its JSON, or the error's code. */
export async function runCli(
  server: Server,
  op: string,
  input: object,
  keys: KeyPair = server.operator,
): Promise<string> {
  const verb = op.replace(/(?!^)[A-Z]/g, '-$&').toLowerCase();
  try {
    const { stdout } = await run('aws', [serviceOf(op), verb, '--cli-input-json', JSON.stringify(input)], {
      env: {
        ...process.env,
        AWS_ENDPOINT_URL_IAM: server.url,
        AWS_ENDPOINT_URL_STS: server.url,
        AWS_ACCESS_KEY_ID: keys.accessKeyId,
        AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
        ...(keys.sessionToken === undefined ? {} : { AWS_SESSION_TOKEN: keys.sessionToken }),
        AWS_DEFAULT_REGION: 'us-east-1',
        AWS_CONFIG_FILE: '/dev/null',
        AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
        AWS_MAX_ATTEMPTS: '1',
        AWS_PAGER: '',
      },
    });
    return stdout === '' ? '{}' : stdout;
  } catch (error) {
    const text = String((error as { stderr?: string }).stderr);
    return /An error occurred \((\w+)\)/.exec(text)?.[1] ?? text;
  }
}
