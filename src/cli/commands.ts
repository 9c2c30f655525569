import { Argument, Option } from 'commander';
import type { Command } from 'commander';
import type { Io } from '../app/io.ts';
import type { ExitCode } from '../core/errors.ts';
import {
  accountId,
  addApply,
  addAsked,
  addDrift,
  addPlanFormat,
  base,
  deliveries,
  collected,
  fresh,
  githubCommands,
  hostname,
  iamPath,
  overrides,
  port,
  targets,
  text,
  word,
} from './options.ts';
import type { GlobalOptions, Use } from './options.ts';

/** A command as the user sees it. */
interface CommandSpec {
  /** Two words make a command of a group. */
  readonly name: string;
  readonly description: string;
  readonly declare?: (command: Command) => Command;
  /** Which of the options that all commands take act here. */
  readonly uses: readonly Use[];
  /**
   * The code of a command is loaded when it is called, so that each command starts as fast as if it were the only one.
   */
  readonly load: () => Promise<Run>;
}

/** Takes what commander parsed: the arguments, then the options, as declared by `declare`. */
type Run = (io: Io, ...parsed: never[]) => Promise<ExitCode>;

export const groups: { readonly [name: string]: string } = {
  receipts: 'receipts of offboardings, for auditors',
};

const receipts = (command: Command): Command =>
  command.option('--receipts <dir>', 'directory of the receipts', 'receipts');

const always: readonly Use[] = ['color', 'events'];
const withAws: readonly Use[] = [...always, 'aws', 'quiet'];
const everything: readonly Use[] = [...withAws, 'manifests', 'json', 'verbose'];

/** In the order in which the help lists them. */
export const commands: readonly CommandSpec[] = [
  {
    name: 'init',
    uses: [...withAws, 'manifests', 'json'],
    description: 'write first manifests to start from',
    declare: (command) =>
      command
        .option('--account <id>', 'twelve digits; asked of AWS when absent', accountId)
        .option('--github', 'also write GitHub workflows, and the roles that they take')
        .option('--repo <owner/name>', 'repository on GitHub; told by the remote origin when absent')
        .option('--branch <name>', 'branch whose manifests are applied', word, 'main')
        .option(
          '--environment <name>',
          'GitHub environment whose reviewers approve (default: aws-iam; named for the account where it is not the first)',
          word,
        ),
    load: async () => (await import('./commands/init.ts')).init,
  },
  {
    name: 'import',
    uses: everything,
    description: 'write manifests from the account as it is',
    declare: (command) =>
      command
        .addOption(
          new Option('--layout <layout>', 'files by kind of object, or by IAM path')
            .choices(['kind', 'path'])
            .default('kind'),
        )
        .argument('[dir]', 'with --from: the directory of its files')
        .option('--account <id>', 'twelve digits; anything else but this account is refused', accountId)
        .addOption(
          new Option(
            '--from <tool>',
            'write them from the files of another tool instead, without any call (docs/migrating.md)',
          ).choices(['iamy', 'iambic']),
        )
        .option(
          '--only <pattern>',
          'take only users of this name (anna.*), or group:NAME and policy:NAME, with what they need; may be given many times',
          collected,
        )
        .option(
          '--path <path>',
          'take only what has this IAM path or is below it; may be given many times',
          iamPath,
        )
        .option('--tags', 'also the tags of policies')
        .option('--dry-run', 'only print what would be written'),
    load: async () => (await import('./commands/import.ts')).importAccount,
  },
  {
    name: 'validate',
    uses: [...always, 'manifests', 'json'],
    description: 'check the manifests, without any API call',
    load: async () => (await import('./commands/validate.ts')).validate,
  },
  {
    name: 'fmt',
    uses: [...always, 'manifests', 'json', 'quiet'],
    description: 'write manifests in one style: keys in order, comments and anchors kept (docs/manifests.md)',
    declare: (command) =>
      command
        .argument('[files...]', 'all of the directory when absent')
        .option('--check', 'write nothing: name the files that are not in it; exit 2 if there are any')
        .option('--diff', 'write nothing: show what would change; exit 2 if anything'),
    load: async () => (await import('./commands/fmt.ts')).fmt,
  },
  {
    name: 'schema',
    uses: [...always, 'manifests', 'json', 'quiet'],
    description: 'write the JSON Schema of manifests beside them, for editors (docs/editors.md)',
    declare: (command) => command.option('--out <file>', 'write it there instead; - is stdout'),
    load: async () => (await import('./commands/schema.ts')).schema,
  },
  {
    name: 'explain-code',
    uses: [...always, 'json'],
    description: 'explain the code of an error or a warning, such as unknown-key (docs/diagnostics.md)',
    declare: (command) => command.argument('<code>', 'what stands in brackets after the message'),
    load: async () => (await import('./commands/explain-code.ts')).explainCode,
  },
  {
    name: 'plan',
    uses: everything,
    description: 'show what apply would do',
    declare: (command) =>
      addPlanFormat(command)
        .option('-o, --out <file>', 'also save the plan, for `apply` to run exactly it')
        .option('--at <date>', 'plan as of this date (YYYY-MM-DD or RFC 3339)')
        .addOption(targets())
        .addOption(text())
        .addOption(base())
        .addOption(fresh())
        .addOption(deliveries())
        .addOption(overrides()),
    load: async () => (await import('./commands/plan.ts')).plan,
  },
  {
    name: 'show',
    uses: [...always, 'json', 'quiet'],
    description: 'print a saved plan, without manifests and without any API call',
    declare: (command) =>
      addPlanFormat(command).argument('<plan>', 'a plan made with `plan --out`; - is standard input'),
    load: async () => (await import('./commands/show.ts')).show,
  },
  {
    name: 'apply',
    uses: everything,
    description: 'make the account match the manifests',
    declare: addApply,
    load: async () => (await import('./commands/apply.ts')).apply,
  },
  {
    name: 'drift',
    uses: everything,
    description: 'show where the account is not as the files say',
    declare: addDrift,
    load: async () => (await import('./commands/drift.ts')).drift,
  },
  {
    name: 'who-can',
    uses: everything,
    description: 'list everybody who may do something, and through which policies (docs/access.md)',
    declare: (command) =>
      addAsked(
        command
          .argument('<action>', 'such as s3:GetObject, s3:* or "*"')
          .argument('[resource]', 'an ARN, also with wildcards; "*" is any', '*'),
      ),
    load: async () => (await import('./commands/who-can.ts')).whoCan,
  },
  {
    name: 'explain',
    uses: everything,
    description: 'show what a user or role may do, or why it may do something or not (docs/access.md)',
    declare: (command) =>
      addAsked(
        command
          .argument('<who>', 'such as user:NAME or role:NAME; a bare name where there is only one')
          .argument('[action]', 'such as s3:GetObject; everything when absent')
          .argument('[resource]', 'an ARN, also with wildcards; "*" is any', '*'),
      ),
    load: async () => (await import('./commands/explain.ts')).explain,
  },
  {
    name: 'export',
    uses: [...withAws, 'manifests', 'verbose'],
    description:
      'print the account as it is, as JSON, with ids, dates and credentials; never a secret (docs/export.md)',
    declare: (command) =>
      command
        .argument('[object...]', 'such as user:NAME, group:NAME or policy:NAME; everything when absent')
        .option('--account <id>', 'twelve digits; anything else but this account is refused', accountId),
    load: async () => (await import('./commands/export.ts')).exportLive,
  },
  {
    name: 'offboard',
    uses: everything,
    description: 'take people out of the manifests, and show the plan (docs/offboarding.md)',
    declare: (command) =>
      command
        .argument('<name...>', 'names of users')
        .option('--dry-run', 'only print the change of the files')
        .option('--plan', 'fail where no plan can be made')
        .option('--no-plan', 'do not plan'),
    load: async () => (await import('./commands/offboard.ts')).offboard,
  },
  {
    name: 'pin',
    uses: everything,
    description:
      'write which keys and passwords IAM has into the manifests, to be reviewed (docs/credentials.md)',
    declare: (command) =>
      command
        .argument('[name...]', 'names of users; everybody with a key or password when absent')
        .option('--dry-run', 'only print the change of the files, as a patch that git apply takes'),
    load: async () => (await import('./commands/pin.ts')).pin,
  },
  {
    name: 'receipts list',
    uses: [...always, 'json', 'quiet'],
    description: 'list them, without any API call',
    declare: receipts,
    load: async () => (await import('./commands/receipts.ts')).list,
  },
  {
    name: 'receipts verify',
    uses: [...withAws, 'json', 'verbose'],
    description: 'check that everybody whom they tell of is still gone',
    declare: (command) =>
      receipts(command).option(
        '--account <id>',
        'twelve digits; anything else but this account is refused',
        accountId,
      ),
    load: async () => (await import('./commands/receipts.ts')).verify,
  },
  {
    name: 'github',
    uses: ['aws', 'events', 'manifests', 'quiet'],
    description: 'run a command as a step of a GitHub Actions job (docs/github.md)',
    declare: (command) =>
      command
        .addArgument(new Argument('<command>', 'what to run').choices(githubCommands))
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
          '--environment <name>',
          'GitHub environment that is applied to: its last success is what main is compared with',
          'aws-iam',
        )
        .option(
          '--pins-file <file>',
          'apply: where it writes a patch of pins to be reviewed',
          'rollcall-pins.patch',
        )
        .addOption(deliveries())
        .addOption(overrides()),
    load: async () => (await import('./commands/github.ts')).github,
  },
  {
    name: 'completion',
    uses: always,
    description:
      'print what bash, zsh or fish reads to complete command lines: source <(rollcall completion bash)',
    declare: (command) =>
      command.addArgument(new Argument('<shell>', 'which shell').choices(['bash', 'zsh', 'fish'])),
    load: async () => {
      const { completion } = await import('./commands/completion.ts');
      return (io: Io, shell: 'bash' | 'zsh' | 'fish', options: GlobalOptions) =>
        completion(io, shell, options, commands);
    },
  },
  {
    name: 'help',
    uses: always,
    description: 'show the options of a command, or a page of the docs, such as exit-codes or manifests',
    declare: (command) => command.argument('<topic...>', 'a command, or the name of a page in docs'),
    load: async () => {
      const { help } = await import('./commands/help.ts');
      return (io: Io, words: readonly string[], options: GlobalOptions) => help(io, words, options, commands);
    },
  },
  {
    name: 'sandbox',
    uses: [...always, 'json'],
    description: 'serve the embedded IAM over HTTP',
    declare: (command) =>
      command
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
        .option('--strict', 'refuse unknown access keys'),
    load: async () => (await import('./commands/sandbox.ts')).sandbox,
  },
  {
    name: 'demo',
    uses: [...always, 'quiet', 'verbose'],
    description: 'the story of melvins, buzzo, lorax and dale, on the embedded IAM',
    load: async () => (await import('./commands/demo.ts')).demo,
  },
];
