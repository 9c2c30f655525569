import { Command, CommanderError } from 'commander';
import type { Io } from '../app/io.ts';
import { exitCode } from '../core/errors.ts';
import type { ExitCode } from '../core/errors.ts';
import { clean } from '../core/text.ts';
import { commands, groups } from './commands.ts';
import { tellEvent, wantsEvents } from './events.ts';
import { addGlobals } from './options.ts';
import type { GlobalOptions } from './options.ts';
import { rim } from './rim.ts';
import { version } from '../app/version.ts';

/**
 * Runs one command line.
 *
 * @returns the exit code (core/errors.ts); nothing is thrown.
 */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  if (!wantsEvents(argv)) return await runCommand(argv, io);
  try {
    tellEvent(io, { type: 'start', version: 1, rollcall: version });
    const code = await runCommand(argv, io);
    tellEvent(io, { type: 'end', code });
    return code;
  } catch {
    // The output itself fails: nobody can be told.
    return exitCode.error;
  }
}

/** `help plan` is `plan --help`, and `help` alone `--help`; else it is a command of its own, for topics. */
function withHelp(argv: readonly string[]): readonly string[] {
  const [first, ...words] = argv;
  if (first !== 'help') return argv;
  const isCommand = commands.some(({ name }) => ` ${name} `.startsWith(` ${words.join(' ')} `));
  return words.length === 0 || isCommand ? [...words, '--help'] : argv;
}

async function runCommand(given: readonly string[], io: Io): Promise<ExitCode> {
  const argv = withHelp(given);
  let code: ExitCode = exitCode.done;
  const program = newProgram(io, wantsEvents(argv));
  const parents = new Map<string, Command>();
  const called = commands.find(({ name }) => name.split(' ').every((word, index) => argv[index] === word));
  for (const spec of commands) {
    const { name, description, declare = (command: Command) => command, uses, load } = spec;
    const words = name.split(' ');
    const own = words.pop()!;
    let parent = program;
    for (const group of words) {
      parent = parents.get(group) ?? program.command(group).description(groups[group]!);
      parents.set(group, parent.showHelpAfterError(`(rollcall ${group} --help shows its commands)`));
    }
    const command = parent
      .command(own)
      .description(description)
      .showHelpAfterError(`(rollcall ${name} --help shows its options)`);
    // Options of the others are of no use but for help, and making all takes longer than most commands.
    const declared = called && called !== spec ? command : addGlobals(declare(command), uses);
    declared.action(
      // Commander adds the command itself.
      async (...parsed: unknown[]) => {
        code = await (await load())(io, ...(parsed.slice(0, -1) as never[]));
      },
    );
  }
  try {
    if (argv.length === 0) {
      program.outputHelp();
      return exitCode.done;
    }
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.done : exitCode.error;
    const { Terminal } = await import('./terminal.ts');
    try {
      const options = { color: !argv.includes('--no-color'), jsonEvents: wantsEvents(argv) };
      return new Terminal(io, options).failure(error);
    } catch {
      // The output itself fails: nobody can be told.
      return exitCode.error;
    }
  }
}

const newProgram = (io: Io, events: boolean): Command =>
  new Command('rollcall')
    .description('GitOps for AWS IAM: reviewed access manifests in, a reconciled account out')
    .version(version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(rim(text)),
      writeErr: (text) =>
        events
          ? tellEvent(io, { type: 'message', level: 'error', text: text.trim().replace(/^error: /, '') })
          : io.stderr.write(rim(text)),
      getOutHelpWidth: () => width(io.stdout),
      getErrHelpWidth: () => width(io.stderr),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
      // An argument may hold line breaks. Only the line with commander's suggestion may stay a line of its own.
      outputError: (text, write) =>
        write(
          `${text
            .trimEnd()
            .split(/\n(?=\(Did you mean [^\n]*\)$)/)
            .map(clean)
            .join('\n')}\n`,
        ),
    })
    .configureHelp({ showGlobalOptions: false })
    .helpCommand(false)
    .hook('preAction', (_, action) => {
      const { assumeEmpty, endpointUrl, json, format } = action.opts<
        GlobalOptions & { readonly format?: string }
      >();
      if (json && format !== 'json' && action.getOptionValueSource('format') === 'cli')
        action.error(`error: --json cannot be used with --format ${format}`);
      if (assumeEmpty) {
        if (endpointUrl === undefined)
          action.error('error: --assume-empty is for emulators: it needs --endpoint-url');
        const text = `not called, and taken for empty: ${assumeEmpty.join(', ')}`;
        if (events) tellEvent(io, { type: 'message', level: 'warning', text });
        else io.stderr.write(rim(`warning: ${text}\n`));
      }
    })
    .showHelpAfterError('(rollcall --help shows the commands)')
    .addHelpText(
      'after',
      `
Exit codes: 0 clean or done, 1 error, 2 changes pending, 3 refused by a rail, 4 plan stale or another apply runs, 5 apply partly done.`,
    );

const width = ({ isTTY, columns }: Io['stdout']): number => (isTTY ? columns : undefined) ?? 80;
