/** The processes that are measured, and those that they are measured with. */
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '..');
export const command = join(root, 'dist/rollcall.js');

const credentials = {
  AWS_ACCESS_KEY_ID: 'AKIABENCH22222222222',
  AWS_SECRET_ACCESS_KEY: 'bench',
  AWS_DEFAULT_REGION: 'us-east-1',
  AWS_EC2_METADATA_DISABLED: 'true',
};

/** Runs the command, or another program; `calls` is what `--verbose` tells. */
export function rollcall(args, { program = command } = {}) {
  return new Promise((done) => {
    const start = performance.now();
    const child = fork(program, args, {
      execArgv: ['--import', join(root, 'bench/measure.mjs')],
      silent: true,
      env: { ...process.env, ...credentials },
    });
    let used = { maxRSS: 0, cpu: 0 };
    let errors = '';
    child.on('message', (message) => (used = message));
    child.stdout.resume();
    child.stderr.setEncoding('utf8').on('data', (text) => (errors += text));
    child.on('close', (code) => {
      const seconds = (performance.now() - start) / 1000;
      const calls = Number(/API calls: (\d+)/.exec(errors)?.[1] ?? 0);
      const writes = [
        ...errors.matchAll(/\b((?:Create|Put|Add|Attach|Delete|Detach|Remove|Update|Tag|Untag)\w+) (\d+)/g),
      ];
      done({
        code,
        seconds,
        calls,
        writes: writes.reduce((sum, [, , count]) => sum + Number(count), 0),
        cpu: used.cpu,
        mib: used.maxRSS / 1024,
        errors,
      });
    });
  });
}

/** Runs any other program. */
export function run(program, args, env = {}) {
  return new Promise((done) => {
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...credentials, ...env },
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (part) => (text += part));
    child.on('error', (error) => done({ code: -1, text: error.message }));
    child.on('close', (code) => done({ code, text }));
  });
}

export function startSandbox(args = []) {
  return new Promise((done) => {
    const child = spawn(process.execPath, [command, 'sandbox', '--port', '0', '--json', ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child.stdout.once('data', (line) => done({ child, url: JSON.parse(line.toString()).url }));
  });
}

/** @returns its address, and `take`, which answers with the calls since the last time. */
export async function startProxy(options) {
  const child = fork(join(root, 'bench/proxy.mjs'), { execArgv: [] });
  const ask = async (message) => {
    child.send(message);
    const [answer] = await once(child, 'message');
    return answer;
  };
  const { url } = await ask(options);
  return { child, url, take: async () => (await ask('take')).calls };
}
