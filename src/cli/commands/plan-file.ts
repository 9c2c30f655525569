import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Io } from '../../app/io.ts';
import { storing } from '../../app/storage.ts';
import { replaceFile } from '../../core/durable.ts';
import { RollcallError } from '../../core/errors.ts';
import type { SavedPlan } from '../../kinds/plan.ts';
import { parsePlan } from '../../plan/saved.ts';

/** Writes the file completely or not at all: a plan that is cut short is no plan. */
export function writeWhole(io: Io, file: string, text: string): void {
  storing(file, 'cannot be written', () => replaceFile(resolve(io.cwd, file), text));
}

/** @throws RollcallError (core/errors.ts) for a file that cannot be read or is no whole plan. */
export async function readPlan(io: Io, file: string): Promise<SavedPlan> {
  const text = await readFile(resolve(io.cwd, file), 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new RollcallError(`${file} cannot be read (${error.code})`, {
      hint: 'make a plan with `rollcall plan --out`',
    });
  });
  return parsePlan(text, file);
}
