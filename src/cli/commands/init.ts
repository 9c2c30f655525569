import { existsSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve } from 'node:path';
import type { Io } from '../../app/io.ts';
import { withIgnored } from '../../app/setup/gitignore.ts';
import { storing } from '../../app/storage.ts';
import { readCaller } from '../../aws/read.ts';
import { createFile, makeDirectories, replaceFile } from '../../core/durable.ts';
import { exitCode, RollcallError } from '../../core/errors.ts';
import type { ExitCode } from '../../core/errors.ts';
import { shownJson } from '../../core/text.ts';
import { manageLines, schemaLine } from '../../manifest/write/index.ts';
import type { GlobalOptions } from '../options.ts';
import { onAccount } from '../progress.ts';
import { Terminal } from '../terminal.ts';
import type { InitGithubOptions } from './init-github.ts';
import { writeSchema } from './schema.ts';

const files = (account: string): { readonly [name: string]: string } => ({
  'account.yaml': `${schemaLine('account.yaml')}
# The account that these files describe.
account: '${account}' # quoted: a number would lose a leading zero

${manageLines.join('\n')}

# What stops a plan that goes too far.
rails:
  maxRemovals: { percent: 25 }
  protect: { users: [] }
  minMembers: {}

# What rollcall leaves alone even once everything is managed: names or patterns of what another tool owns.
ignore: {}
`,
  'users.yaml': `${schemaLine('users.yaml')}
# Each user: groups, inline policies, attached policies, boundary, access key, expiry (docs/manifests.md).
users: {}
`,
  'groups.yaml': `${schemaLine('groups.yaml')}
groups: {}
`,
});

/**
 * Writes manifests that declare nothing and manage what is declared, so that the first plan is empty. With `github`, also
 * the workflows and roles that plan and apply them; existing manifests are then kept.
 */
export async function init(
  io: Io,
  options: GlobalOptions &
    Omit<InitGithubOptions, 'manifests'> & { readonly account?: string; readonly github?: boolean },
): Promise<ExitCode> {
  const terminal = new Terminal(io, options);
  const dir = options.manifests;
  const present = await readdir(resolve(io.cwd, dir)).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return [];
    throw new RollcallError(`${dir} cannot be read (${error.code})`, {
      hint: 'name another --manifests directory',
    });
  });
  const manifest = present.find((name) => /\.ya?ml$/.test(name));
  if (manifest !== undefined && !options.github) {
    throw new RollcallError(`${dir} already has manifests (${manifest})`, {
      hint: 'edit them, or name another --manifests directory',
    });
  }
  const files: string[] = [];
  const wrote = (path: string): void => {
    files.push(path);
    if (!options.json) terminal.line(path);
  };
  const github = options.github ? await import('./init-github.ts') : null;
  const place = await github?.checkPlace(io, options);
  if (manifest === undefined) await writeManifests(io, terminal, options, wrote);
  if (github && place) await github.initGithub(io, terminal, options, place, wrote);
  const ignoring = ignoreLeftovers(io, dir);
  if (ignoring !== null) wrote(ignoring);
  if (options.json) terminal.product(`${shownJson({ files })}\n`);
  return exitCode.done;
}

async function writeManifests(
  io: Io,
  terminal: Terminal,
  options: GlobalOptions & { readonly account?: string },
  wrote: (path: string) => void,
): Promise<void> {
  const dir = options.manifests;
  const account = options.account ?? (await callerAccount(io, terminal, options));
  storing(dir, 'cannot be written', () => {
    makeDirectories(resolve(io.cwd, dir));
    for (const [name, text] of Object.entries(files(account))) {
      const path = join(dir, name);
      if (!createFile(resolve(io.cwd, path), text)) throw new RollcallError(`${path} is there already`);
      wrote(path);
    }
  });
  wrote((await writeSchema(io, dir))!);
  terminal.info(
    'Next: declare users and groups, or take over some that are there (`rollcall import --only NAME`), then ' +
      `\`rollcall plan --manifests ${dir}\`.`,
  );
}

/**
 * Keeps secrets and plans out of git where runs will leave them: in this directory. Not where the manifests are
 * elsewhere, and so the repository too.
 *
 * @returns the file that was written or added to; null where it has been before.
 */
function ignoreLeftovers(io: Io, dir: string): string | null {
  const inside = relative(io.cwd, resolve(io.cwd, dir));
  if (inside === '' || inside.startsWith('..') || isAbsolute(inside)) return null;
  const name = '.gitignore';
  const path = resolve(io.cwd, name);
  return storing(name, 'cannot be written', () => {
    const after = withIgnored(existsSync(path) ? readFileSync(path, 'utf8') : null);
    if (after !== null) replaceFile(path, after);
    return after === null ? null : name;
  });
}

async function callerAccount(io: Io, terminal: Terminal, options: GlobalOptions): Promise<string> {
  return await onAccount(
    io,
    terminal,
    options,
    '123456789012',
    async (aws) => (await readCaller(aws)).account,
  );
}
