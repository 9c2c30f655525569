import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createFile, makeDirectories, replaceFile } from '../../core/durable.ts';

/** The files of receipts. What a step did is on disk before the next step begins, so that no kill can lose it. */
export interface Files {
  /** Writes the first free name of `stem`, `stem-2`, `stem-3`, …, and returns it. */
  claim(stem: string, text: string): string;
  /** Replaces a file. */
  replace(name: string, text: string): void;
}

export function receiptFiles(dir: string): Files {
  return {
    claim(stem, text) {
      makeDirectories(dir);
      for (let number = 1; ; number += 1) {
        const free = number === 1 ? stem : `${stem}-${number}`;
        if (existsSync(join(dir, `${free}.md`))) continue;
        if (createFile(join(dir, `${free}.json`), text, 0o644)) return free;
      }
    },
    replace: (name, text) => replaceFile(join(dir, name), text, 0o644),
  };
}
