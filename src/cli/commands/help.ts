import { readFile } from 'node:fs/promises';
import type { Io } from '../../app/io.ts';
import { exitCode, RollcallError } from '../../core/errors.ts';
import type { ExitCode } from '../../core/errors.ts';
import { didYouMean, quote } from '../../core/text.ts';
import type { GlobalOptions } from '../options.ts';
import { packageFile, topics } from '../package.ts';
import { Terminal } from '../terminal.ts';

/** Prints a page of the docs that come with the package. Of a command, `program.ts` shows the options instead. */
export async function help(
  io: Io,
  words: readonly string[],
  options: GlobalOptions,
  commands: readonly { readonly name: string }[],
): Promise<ExitCode> {
  const topic = words.join(' ').replace(/^docs\/|\.md$/g, '');
  const known = topics();
  if (!known.includes(topic)) {
    const near = didYouMean(topic, [...known, ...commands.map(({ name }) => name)]);
    throw new RollcallError(`there is no command and no topic ${quote(topic)}`, {
      hint: near ?? `topics: ${known.join(', ')}`,
    });
  }
  new Terminal(io, options).product(await readFile(packageFile(`docs/${topic}.md`), 'utf8'));
  return exitCode.done;
}
