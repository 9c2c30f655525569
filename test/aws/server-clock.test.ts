import { expect, test } from 'vitest';
import { connect } from '../../src/aws/client.ts';
import { readAccount, readCaller } from '../../src/aws/read.ts';
import { startSandbox } from '../../src/sandbox/index.ts';

test.each([-3 * 3600_000, 0, 47 * 60_000])(
  'AWS’s time is what its answers say, whatever our own clock (%d ms off)',
  async (off) => {
    const time = Date.parse('2027-01-01T12:00:00Z');
    let passed = 0;
    const sandbox = await startSandbox({ clock: () => new Date(time + passed) });
    const aws = connect({
      endpointUrl: sandbox.url,
      credentials: sandbox.operator,
      now: () => new Date(time + passed + off),
    });
    try {
      expect(aws.serverNow().getTime()).toBe(time + off);
      const caller = await readCaller(aws);
      expect(aws.serverNow().getTime()).toBe(time);
      passed = 90_000;
      expect(aws.serverNow().getTime()).toBe(time + passed);
      sandbox.faults.rules = [{ kind: 'denied' }];
      sandbox.clearJournal();
      await expect(readAccount(aws, caller)).rejects.toThrow('access denied');
      // The SDK would ask eight times: to it every error is one of our clock, which is far off the sandbox's.
      expect(sandbox.journal).toHaveLength(1);
      expect(aws.serverNow().getTime()).toBe(time + passed);
    } finally {
      aws.close();
      await sandbox.close();
    }
  },
);
