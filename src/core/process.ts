import { errorCode } from './durable.ts';

/** Whether there is a process of that id on this machine. Of another user's the system tells no more than that. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) !== 'ESRCH';
  }
}
