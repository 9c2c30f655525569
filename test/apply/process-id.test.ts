import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { isGone, processId } from '../../src/app/process-id.ts';

const own = processId();

/** This process with other parts of its id. */
const like = (parts: { machine?: string; pid?: number; began?: string }): string => {
  const [machine, pid, began] = own.split('-');
  return [parts.machine ?? machine, parts.pid ?? pid, parts.began ?? began].join('-');
};

test.skipIf(process.platform !== 'linux')(
  'a process is known to have ended only where it can be looked at',
  () => {
    expect(own).toMatch(/^[0-9a-f]{16}-\d+-\d+$/);
    expect(isGone(own)).toBe(false);
    const ended = spawnSync(process.execPath, ['-e', '']).pid;
    expect(isGone(like({ pid: ended }))).toBe(true);
    // Its id was given to a later one.
    expect(isGone(like({ began: '1' }))).toBe(true);
    // Of another machine nothing is known, whatever has the id here.
    for (const pid of [process.pid, ended])
      expect(isGone(like({ machine: '0'.repeat(16), pid }))).toBe(false);
    for (const text of ['', 'lorax', `${own}-1`, like({ machine: '0' })]) expect(isGone(text)).toBe(false);
  },
);
