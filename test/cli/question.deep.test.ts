import { execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { manifests, scratch, stage, write } from '../support/cli.ts';
import { command } from '../support/process.ts';

/** Runs a command on a terminal of its own, waits for a text, then types or sends a signal. */
const onTerminal = `
import json, os, pty, select, signal, sys, time
text, keys, signame, *command = sys.argv[1:]
pid, fd = pty.fork()
if pid == 0:
    os.execvp(command[0], command)
said, sent, end = b'', False, time.time() + 25
while time.time() < end:
    if select.select([fd], [], [], 0.1)[0]:
        try:
            more = os.read(fd, 65536)
        except OSError:
            break
        if not more:
            break
        said += more
    if not sent and text.encode() in said:
        sent = True
        if keys:
            os.write(fd, keys.encode())
        if signame:
            os.kill(pid, getattr(signal, signame))
else:
    os.kill(pid, signal.SIGKILL)
print(json.dumps({'code': os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 'said': said.decode()}))
`;

const python = ((): boolean => {
  try {
    execFileSync('python3', ['-c', 'import pty, os; os.waitstatus_to_exitcode'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

describe.skipIf(!python)('the question of apply, on a terminal of python3’s pty', () => {
  test.each<[string, string, string, number, RegExp]>([
    // The line of progress is whole on a terminal that tells no size, as this one.
    [
      'yes',
      'yes\n',
      '',
      0,
      /0 of 1 step\W[^]*Applied 1 change: 1 creation; 0 may widen access; 1 API call\.\r\n/,
    ],
    ['Ctrl-D', '\u0004', '', 1, /Nothing was changed\.\r\n$/],
    ['Ctrl-C', '\u0003', '', 1, /Nothing was changed\.\r\nerror: interrupted\r\n$/],
    ['SIGINT', '', 'SIGINT', 1, /Nothing was changed\.\r\nerror: interrupted\r\n$/],
    ['SIGTERM', '', 'SIGTERM', 1, /Nothing was changed\.\r\nerror: interrupted\r\n$/],
  ])(
    'answered with %s',
    async (_, keys, signal, code, told) => {
      const account = await stage();
      const script = join(write(scratch(), { 'terminal.py': onTerminal }), 'terminal.py');
      const args = ['apply', '-m', manifests('users: { dale: {} }\n'), '--no-color', ...account.there];
      const child = spawn(
        'python3',
        [script, 'Only "yes" does:', keys, signal, process.execPath, await command(), ...args],
        {
          env: { PATH: process.env['PATH'], HOME: scratch(), TERM: 'xterm', ...account.env },
          cwd: scratch(),
        },
      );
      let out = '';
      child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
      await new Promise((done) => child.on('close', done));
      const ended = JSON.parse(out) as { code: number; said: string };
      expect(ended.said).toContain('Apply 1 change to account 123456789012? Only "yes" does: ');
      expect(ended.said).toMatch(told);
      expect(ended.code).toBe(code);
      expect(account.writes()).toEqual(code === 0 ? ['CreateUser dale'] : []);
    },
    40_000,
  );
});
