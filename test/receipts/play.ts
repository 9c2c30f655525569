import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Receipt } from '../../src/app/receipts/index.ts';
import { manifests, run, scratch, stage } from '../support/cli.ts';
import type { Ended, Stage } from '../support/cli.ts';
import { validate } from './support.ts';

const admins = `
groups:
  admins: { policies: { allow_all: { Statement: [{ Effect: Allow, Action: "*", Resource: "*" }] } } }
`;
export const everybody = `users: { dale: { groups: [admins] }, lorax: { groups: [admins], accessKey: {} } }${admins}`;
export const rest = `users: { dale: { groups: [admins] } }${admins}`;
export const anyway = ['--yes', '--override', 'max-removals', '--override', 'last-administrator'];

export interface Play extends Stage {
  readonly cwd: string;
  /** Applies the manifests without lorax. */
  readonly leave: (...more: string[]) => Promise<Ended>;
  readonly receipts: (command: string, ...more: string[]) => Promise<Ended>;
}

/** An account with lorax and dale. */
export async function play(): Promise<Play> {
  const stageOf = await stage();
  const cwd = scratch();
  const { there, env } = stageOf;
  const keys = join(scratch(), 'keys');
  const made = await run(['apply', '-m', manifests(everybody), ...there, '--yes', '--keys-to', keys], {
    env,
    cwd,
  });
  expect(made).toMatchObject({ code: 0 });
  expect(readdirSync(cwd)).toEqual([]);
  const without = manifests(rest);
  return {
    ...stageOf,
    cwd,
    leave: (...more) => run(['apply', '-m', without, ...there, ...anyway, ...more], { env, cwd }),
    receipts: (command, ...more) =>
      run(['receipts', command, ...(command === 'verify' ? there : []), ...more], { env, cwd }),
  };
}

export function only(dir: string): { file: string; receipt: Receipt } {
  const [file, ...more] = readdirSync(dir).filter((name) => name.endsWith('.json'));
  expect(more).toEqual([]);
  const receipt: unknown = JSON.parse(readFileSync(join(dir, file!), 'utf8'));
  expect(validate(receipt)).toBe(true);
  return { file: file!, receipt: receipt as Receipt };
}
