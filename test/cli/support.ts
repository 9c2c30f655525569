/** For tests that still start processes: see `test/support/cli.ts`, which calls the program instead. */
import { command as program, runProcess, startProcess } from '../support/process.ts';
import type { ProcessEnd, RunningProcess } from '../support/process.ts';
import { stage as stageInProcess } from '../support/cli.ts';
import type { Stage as StageInProcess } from '../support/cli.ts';
import type { SandboxOptions } from '../../src/sandbox/index.ts';

export { accountId, credentials, manifests, scratch, write } from '../support/cli.ts';
export type { RunOptions } from '../support/cli.ts';
export type Ended = ProcessEnd;
export type Running = RunningProcess;
export const command = program();
// Reported by the first command that is started.
command.catch(() => {});
export const run = runProcess;
export const start = startProcess;

export interface Stage extends Omit<StageInProcess, 'rollcall'> {
  readonly rollcall: (command: string, dir: string, ...more: string[]) => Promise<Ended>;
}

export async function stage(options: SandboxOptions = {}): Promise<Stage> {
  const { there, env, ...rest } = await stageInProcess(options);
  return {
    ...rest,
    there,
    env,
    rollcall: (name, dir, ...more) => run([name, '--manifests', dir, ...there, ...more], { env }),
  };
}
