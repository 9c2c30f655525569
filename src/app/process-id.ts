import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { isRunning } from '../core/process.ts';

/**
 * Identifies this process, so that another one on the same machine can tell whether it still runs: the boot of the
 * machine, the name space of process ids, the id, and when the process began (ids are used again). Empty if the system
 * does not tell all of these: only Linux does.
 */
export function processId(): string {
  const began = startOf(process.pid);
  const machine = machineId();
  return machine === null || began === null ? '' : `${machine}-${process.pid}-${began}`;
}

/** Whether the process is known to have ended. Nothing is known about one on another machine. */
export function isGone(id: string): boolean {
  const found = /^([0-9a-f]{16})-(\d{1,10})-(\d{1,20})$/.exec(id);
  if (!found || found[1] !== machineId()) return false;
  const pid = Number(found[2]);
  if (!isRunning(pid)) return true;
  const began = startOf(pid);
  return began !== null && began !== found[3];
}

function machineId(): string | null {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const space = readlinkSync('/proc/self/ns/pid');
    return createHash('sha256').update(`${boot} ${space}`).digest('hex').slice(0, 16);
  } catch {
    return null;
  }
}

/** When the process began, in ticks since the machine was started. Null if the system does not tell. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the name of the program, in parentheses, and may hold anything.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}
