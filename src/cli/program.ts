import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { defaultDeliveries } from '../app/delivery/known.ts';
import { exitCode } from '../core/errors.ts';
import type { ExitCode } from '../core/errors.ts';
import { patterns } from '../core/limits.ts';
import { railNames } from '../core/rails.ts';
import { emulatorGaps } from '../core/emulators.ts';
import type { EmulatorGap } from '../core/emulators.ts';
import { clean } from '../core/text.ts';
import { version } from './version.ts';

/** Options that every command takes. */
export interface GlobalOptions {
  readonly manifests: string;
  readonly sandbox?: boolean | string;
  readonly endpointUrl?: string;
  readonly assumeEmpty?: readonly EmulatorGap[];
  readonly profile?: string;
  readonly region?: string;
  readonly timeout: number;
  readonly color: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

const port = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535)
    throw new InvalidArgumentError('a port from 0 to 65535');
  return value;
};

const seconds = (text: string): number => {
  const value = Number(text);
  if (!(value >= 1 && value <= 3600)) throw new InvalidArgumentError('a number of seconds from 1 to 3600');
  return value;
};

const limit = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 4_000) throw new InvalidArgumentError('a number from 4000 on');
  return value;
};

const minutes = (text: string): number => {
  const value = Number(text);
  if (!/^\d{1,4}$/.test(text) || value > 1440) throw new InvalidArgumentError('whole minutes, 1440 at most');
  return value;
};

/** Names that mean themselves in a workflow and in a role's trust. */
const word = (text: string): string => {
  if (!/^[A-Za-z0-9_][A-Za-z0-9_./-]*$/.test(text))
    throw new InvalidArgumentError('letters, digits and _ . / - only');
  return text;
};

const url = (text: string): string => {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new InvalidArgumentError('an address such as http://127.0.0.1:4566');
  return text;
};

/** Commander hands over what came before: the option may be given many times. */
const hostname = (text: string, before: readonly string[] = []): readonly string[] => {
  if (!URL.canParse(`http://${text}/`) || /[/?#@\\\s]/.test(text))
    throw new InvalidArgumentError('a name such as sandbox.test');
  return [...before, text];
};

const accountId = (text: string): string => {
  if (!patterns.account.test(text)) throw new InvalidArgumentError('an account id has twelve digits');
  return text;
};

const overrides = (): Option =>
  new Option('--override <rail...>', 'let this plan through the named rails')
    .choices([...railNames])
    .default([]);

const deliveries = (): Option =>
  new Option('--deliveries <dir>', 'directory of encrypted new secrets').default(defaultDeliveries);

const collectGlobals = (command: Command): Command =>
  command
    .option('-m, --manifests <dir>', 'directory of the manifests', 'manifests')
    .addOption(
      new Option('--sandbox [file]', 'use the embedded IAM, in memory or kept in a file').conflicts([
        'endpointUrl',
        'profile',
      ]),
    )
    .option('--endpoint-url <url>', 'another IAM and STS endpoint', url)
    .addOption(
      new Option('--assume-empty <list...>', 'lists that the IAM at --endpoint-url does not have').choices([
        ...emulatorGaps,
      ]),
    )
    .option('--profile <name>', 'AWS profile')
    .option('--region <name>', 'AWS region')
    .option(
      '--timeout <seconds>',
      'how long AWS may say nothing; a whole answer may take three times as long',
      seconds,
      20,
    )
    .option('--no-color', 'no colours (NO_COLOR does the same)')
    .option('--json', 'print JSON')
    .option('-q, --quiet', 'only the product and errors')
    .option('-v, --verbose', 'show API calls');

/**
 * Runs one command line.
 *
 * @returns the exit code (core/errors.ts); nothing is thrown.
 */
export async function run(argv: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = exitCode.done;
  const program = new Command('rollcall')
    .description('GitOps for AWS IAM: reviewed access manifests in, a reconciled account out')
    .version(version)
    .exitOverride()
    .configureOutput({
      // An argument may hold line breaks; of the lines of the message only that of a suggestion is commander's.
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
    .hook('preAction', (_, action) => {
      const { profile, assumeEmpty, endpointUrl, json, format } = action.opts<
        GlobalOptions & { readonly format?: string }
      >();
      if (json && format !== 'json' && action.getOptionValueSource('format') === 'cli')
        action.error(`error: --json cannot be used with --format ${format}`);
      if (assumeEmpty) {
        if (endpointUrl === undefined)
          action.error('error: --assume-empty is for emulators: it needs --endpoint-url');
        process.stderr.write(`warning: not called, and taken for empty: ${assumeEmpty.join(', ')}\n`);
      }
      // The SDK takes a profile's endpoint_url only of the profile that is named here.
      if (profile) process.env['AWS_PROFILE'] = profile;
    })
    .showHelpAfterError('(rollcall --help shows the commands)')
    .addHelpText(
      'after',
      `
Exit codes: 0 clean or done, 1 error, 2 changes pending, 3 refused by a rail, 4 plan stale or another apply runs, 5 apply partly done.`,
    );

  const command = (name: string, description: string): Command =>
    collectGlobals(program.command(name).description(description));

  command('init', 'write first manifests to start from')
    .option('--account <id>', 'twelve digits; asked of AWS when absent', accountId)
    .option('--github', 'also write GitHub workflows, and the roles that they take')
    .option('--repo <owner/name>', 'repository on GitHub; told by the remote origin when absent')
    .option('--branch <name>', 'branch whose manifests are applied', word, 'main')
    .option('--environment <name>', 'GitHub environment whose reviewers approve', word, 'aws-iam')
    .action(async (options) => {
      code = await (await import('./commands/init.ts')).init(options);
    });
  command('import', 'write manifests from the account as it is')
    .addOption(
      new Option('--layout <layout>', 'files by kind of object, or by IAM path')
        .choices(['kind', 'path'])
        .default('kind'),
    )
    .option('--account <id>', 'twelve digits; anything else but this account is refused', accountId)
    .option('--tags', 'also the tags of policies: a call for each')
    .option('--dry-run', 'only print what would be written')
    .action(async (options) => {
      code = await (await import('./commands/import.ts')).importAccount(options);
    });
  command('validate', 'check the manifests, without any API call').action(async (options: GlobalOptions) => {
    code = await (await import('./commands/validate.ts')).validate(options);
  });
  command('plan', 'show what apply would do')
    .addOption(
      new Option('--format <format>', 'how to print the plan')
        .choices(['terminal', 'json', 'markdown', 'html'])
        .default('terminal'),
    )
    .option('--limit <bytes>', 'with markdown: no more than this; 65536 is what a comment holds', limit)
    .option('-o, --out <file>', 'also save the plan, for `apply` to run exactly it')
    .option('--at <date>', 'plan as of this date (YYYY-MM-DD or RFC 3339)')
    .addOption(deliveries())
    .addOption(overrides())
    .action(async (options) => {
      code = await (await import('./commands/plan.ts')).plan(options);
    });
  command('apply', 'make the account match the manifests')
    .argument('[plan]', 'a plan made with `plan --out`: exactly its steps are run, or none')
    .option('-y, --yes', 'do not ask')
    .addOption(deliveries())
    .option('--receipts <dir>', 'directory of the receipts of offboardings', 'receipts')
    .option('--keys-to <file>', 'append new secrets without a recipient to this file, in clear (mode 0600)')
    .option(
      '--lock-timeout <minutes>',
      'how long to wait for another apply on the account to end',
      minutes,
      0,
    )
    .option('--no-lock', 'do not keep other applies away: only where you know that there is none')
    .option('--reveal', 'print new secrets without a recipient, once; refused in CI and in pipes')
    .addOption(overrides())
    .action(async (plan, options) => {
      code = await (await import('./commands/apply.ts')).apply(plan, options);
    });
  command('drift', 'show where the account is not as the files say')
    .addOption(
      new Option('--format <format>', 'how to print it')
        .choices(['terminal', 'json', 'markdown'])
        .default('terminal'),
    )
    .addOption(deliveries())
    .option('--events <file>', 'CloudTrail events (aws cloudtrail lookup-events) that may tell who did it')
    .action(async (options) => {
      code = await (await import('./commands/drift.ts')).drift(options);
    });
  command('offboard', 'take people out of the manifests, and show the plan (docs/offboarding.md)')
    .argument('<name...>', 'names of users')
    .option('--dry-run', 'only print the change of the files')
    .option('--plan', 'fail where no plan can be made')
    .option('--no-plan', 'do not plan')
    .action(async (names, options) => {
      code = await (await import('./commands/offboard.ts')).offboard(names, options);
    });
  command(
    'pin',
    'write which keys and passwords IAM has into the manifests, to be reviewed (docs/credentials.md)',
  )
    .argument('[name...]', 'names of users; everybody with a key or password when absent')
    .option('--dry-run', 'only print the change of the files, as a patch that git apply takes')
    .action(async (names, options) => {
      code = await (await import('./commands/pin.ts')).pin(names, options);
    });
  const receipts = program.command('receipts').description('receipts of offboardings, for auditors');
  const receiptsCommand = (name: string, description: string): Command =>
    collectGlobals(receipts.command(name).description(description)).option(
      '--receipts <dir>',
      'directory of the receipts',
      'receipts',
    );
  receiptsCommand('list', 'list them, without any API call').action(async (options) => {
    code = await (await import('./commands/receipts.ts')).list(options);
  });
  receiptsCommand('verify', 'check that everybody whom they tell of is still gone')
    .option('--account <id>', 'twelve digits; anything else but this account is refused', accountId)
    .action(async (options) => {
      code = await (await import('./commands/receipts.ts')).verify(options);
    });
  command('github', 'run a command as a step of a GitHub Actions job (docs/github.md)')
    .addArgument(new Argument('<command>', 'what to run').choices(['validate', 'plan', 'apply', 'drift']))
    .argument('[args...]', 'further arguments of that command, after --')
    .option(
      '--plan-file <file>',
      'where plan writes the plan, and which one apply runs',
      'rollcall-plan.json',
    )
    .option('--comment', 'plan: keep one comment of the pull request up to date')
    .option('--issue', 'drift: keep one issue, open while there is drift')
    .option('--label <label>', 'label of that issue', 'rollcall-drift')
    .option(
      '--pins-file <file>',
      'apply: where it writes a patch of pins to be reviewed',
      'rollcall-pins.patch',
    )
    .addOption(deliveries())
    .addOption(overrides())
    .action(async (what, args, options) => {
      code = await (await import('./commands/github.ts')).github(what, args, options);
    });
  command('sandbox', 'serve the embedded IAM over HTTP')
    .option('--port <port>', 'port; 0 is any free one', port, 4566)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option(
      '--allow-host <name...>',
      'further names by which clients may call it, such as sandbox.test',
      hostname,
    )
    .option('--file <file>', 'keep the account in this file')
    .option('--account <id>', 'twelve digits', accountId, '123456789012')
    .option('--enforce', 'evaluate the policies of callers with keys made in the sandbox')
    .option('--strict', 'refuse unknown access keys')
    .action(async (options) => {
      code = await (await import('./commands/sandbox.ts')).sandbox(options);
    });
  command('demo', 'the story of melvins, buzzo, lorax and dale, on the embedded IAM').action(
    async (options: GlobalOptions) => {
      code = await (await import('./commands/demo.ts')).demo(options);
    },
  );

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
    return new Terminal({ color: !argv.includes('--no-color') }).failure(error);
  }
}
