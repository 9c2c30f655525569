import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import { defaultDeliveries } from '../app/delivery/directory.ts';
import { defaultMaxWait, defaultParallelism } from '../core/pace.ts';
import { patterns } from '../core/limits.ts';
import { railNames } from '../core/rails.ts';
import { emulatorGaps } from '../core/emulators.ts';
import type { EmulatorGap } from '../core/emulators.ts';

/** Options that every command takes. */
export interface GlobalOptions {
  readonly manifests: string;
  readonly sandbox?: boolean | string;
  readonly endpointUrl?: string;
  readonly assumeEmpty?: readonly EmulatorGap[];
  readonly profile?: string;
  readonly region?: string;
  readonly timeout: number;
  readonly parallelism: number;
  /** Minutes. */
  readonly maxWait: number;
  readonly color: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly jsonEvents?: boolean;
}

export interface TargetOption {
  /** Such as `user:anna`. */
  readonly target?: readonly string[];
  readonly text?: boolean;
}

/** Of the commands that make a plan. */
export interface BaseOption {
  /** A commit, as git takes it. */
  readonly base?: string;
}

/** Condition keys and their values. */
type Context = Readonly<Record<string, readonly string[]>>;

/** Options of `who-can` and `explain`. */
export interface AskedOptions extends GlobalOptions {
  readonly files?: boolean;
  readonly context?: Context;
  readonly format: 'terminal' | 'json' | 'markdown' | 'csv';
}

/** The commands that `github` runs. */
export const githubCommands = ['validate', 'plan', 'apply', 'drift'] as const;
export type GithubCommand = (typeof githubCommands)[number];

/** The options of `apply`, besides those of every command. */
export const addApply = (command: Command): Command =>
  command
    .argument('[plan]', 'a plan made with `plan --out`: exactly its steps are run, or none')
    .option('-y, --yes', 'do not ask')
    .addOption(deliveries())
    .addOption(targets())
    .addOption(text())
    .addOption(base())
    .addOption(fresh())
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
    .addOption(overrides());

/** Objects to which `plan` and `apply` keep. */
export const text = (): Option =>
  new Option('--text', 'also write a Sid or Id that differs alone: it means nothing to IAM');

export const targets = (): Option =>
  new Option(
    '--target <kind:name>',
    'only this object and what it depends on, such as user:anna; may be given many times',
  ).argParser(target);

/** Commander passes the values so far. */
const target = (text: string, before: readonly string[] = []): readonly string[] => {
  if (!/^[a-z-]+:./.test(text))
    throw new InvalidArgumentError('Expected a kind and a name, such as user:anna or group:admins.');
  return [...before, text];
};

/** The options of `drift`. */
export const addDrift = (command: Command): Command =>
  command
    .addOption(
      new Option('--format <format>', 'how to print it')
        .choices(['terminal', 'json', 'markdown'])
        .default('terminal'),
    )
    .addOption(deliveries())
    .addOption(base())
    .addOption(fresh())
    .option('--events <file>', 'CloudTrail events (aws cloudtrail lookup-events) that may tell who did it');

/** What a command does with the options that all commands take. */
export type Use = 'manifests' | 'aws' | 'json' | 'color' | 'quiet' | 'verbose' | 'events';

/** Options that every command takes, by what makes them act. */
const globals = (): readonly (readonly [Use, Option])[] => [
  ['manifests', new Option('-m, --manifests <dir>', 'directory of the manifests').default('manifests')],
  [
    'aws',
    new Option('--sandbox [file]', 'use the embedded IAM, in memory or kept in a file').conflicts([
      'endpointUrl',
      'profile',
    ]),
  ],
  ['aws', new Option('--endpoint-url <url>', 'another IAM and STS endpoint').argParser(url)],
  [
    'aws',
    new Option('--assume-empty <list...>', 'lists that the IAM at --endpoint-url does not have').choices([
      ...emulatorGaps,
    ]),
  ],
  ['aws', new Option('--profile <name>', 'AWS profile')],
  ['aws', new Option('--region <name>', 'AWS region').argParser(region)],
  [
    'aws',
    new Option(
      '--timeout <seconds>',
      'how long AWS may say nothing; a whole answer may take three times as long',
    )
      .argParser(seconds)
      .default(20),
  ],
  [
    'aws',
    new Option(
      '--parallelism <n>',
      'calls to AWS at one time; 1 runs the steps of a plan one after the other',
    )
      .argParser(parallelism)
      .default(defaultParallelism),
  ],
  [
    'aws',
    new Option('--max-wait <minutes>', 'how long AWS may do nothing but throttle before a call is given up')
      .argParser(minutes)
      .default(defaultMaxWait / 60_000),
  ],
  ['color', new Option('--no-color', 'no colours (NO_COLOR does the same)')],
  ['json', new Option('--json', 'print JSON')],
  ['quiet', new Option('-q, --quiet', 'only the product and errors')],
  ['verbose', new Option('-v, --verbose', 'show API calls')],
  [
    'events',
    new Option(
      '--json-events',
      'write what happens to stderr as it happens, each a line of JSON (docs/progress.md)',
    ),
  ],
];

/**
 * Adds the options that every command takes, so that whoever wraps rollcall can give them always. The help lists those
 * that act.
 */
export function addGlobals(command: Command, uses?: readonly Use[]): Command {
  for (const [use, option] of globals()) command.addOption(option.hideHelp(uses?.includes(use) === false));
  return command;
}

/** How `plan` and `show` print a plan. */
export const addPlanFormat = (command: Command): Command =>
  command
    .addOption(
      new Option('--format <format>', 'how to print the plan')
        .choices(['terminal', 'json', 'markdown', 'html'])
        .default('terminal'),
    )
    .option('--limit <bytes>', 'with markdown: no more than this; 65536 is what a comment holds', limit);

/** What `who-can` and `explain` have in common. */
export const addAsked = (command: Command): Command =>
  command
    .addOption(new Option('--live', 'what the account has now (default)').conflicts('files'))
    .option('--files', 'what the manifests would give, without any API call')
    .option(
      '--context <key=value>',
      'what is known of the request, such as aws:SourceIp=203.0.113.7; may be given many times',
      context,
    )
    .addOption(
      new Option('--format <format>', 'how to print it')
        .choices(['terminal', 'json', 'markdown', 'csv'])
        .default('terminal'),
    );

export const fresh = (): Option =>
  new Option(
    '--fresh',
    'read keys and passwords user by user: the credential report may be four hours old (docs/credentials.md)',
  );

export const overrides = (): Option =>
  new Option('--override <rail...>', 'let this plan through the named rails')
    .choices([...railNames])
    .default([]);

export const base = (): Option =>
  new Option(
    '--base <rev>',
    'commit whose manifests these follow, such as main: what changed since is told, and who left them is removed',
  ).argParser((rev: string) => {
    if (rev.trim() === '') throw new InvalidArgumentError('Expected a commit, such as main or HEAD~1.');
    return rev;
  });

export const deliveries = (): Option =>
  new Option('--deliveries <dir>', 'directory of encrypted new secrets').default(defaultDeliveries);

export const port = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535)
    throw new InvalidArgumentError('Expected a port from 0 to 65535.');
  return value;
};

/** Commander passes the values so far. A key that is given many times has many values. */
const context = (text: string, before: Context = {}): Context => {
  const [, key = '', value = ''] = /^([^=\s]+:[^=]+)=(.*)$/s.exec(text) ?? [];
  if (key === '')
    throw new InvalidArgumentError(
      'Expected a condition key and its value, such as aws:SourceIp=203.0.113.7',
    );
  return { ...before, [key]: [...(before[key] ?? []), value] };
};

const seconds = (text: string): number => {
  const value = Number(text);
  if (!(value >= 1 && value <= 3600))
    throw new InvalidArgumentError('Expected a number of seconds from 1 to 3600.');
  return value;
};

const parallelism = (text: string): number => {
  const value = Number(text);
  if (!/^\d{1,3}$/.test(text) || value < 1 || value > 100)
    throw new InvalidArgumentError('Expected a whole number from 1 to 100.');
  return value;
};

const limit = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 4_000)
    throw new InvalidArgumentError('Expected a number from 4000 on.');
  return value;
};

const minutes = (text: string): number => {
  const value = Number(text);
  if (!/^\d{1,4}$/.test(text) || value > 1440)
    throw new InvalidArgumentError('Expected whole minutes, 1440 at most.');
  return value;
};

/** Names without characters that mean something special in a workflow or in a role's trust policy. */
export const word = (text: string): string => {
  if (!/^[A-Za-z0-9_][A-Za-z0-9_./-]*$/.test(text))
    throw new InvalidArgumentError('Expected letters, digits and _ . / - only.');
  return text;
};

const region = (text: string): string => {
  if (!patterns.region.test(text)) throw new InvalidArgumentError('Expected a region such as us-east-1.');
  return text;
};

const url = (text: string): string => {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new InvalidArgumentError('Expected an address such as http://127.0.0.1:4566');
  return text;
};

/** Commander passes the values so far, since the option may be given many times. */
export const hostname = (text: string, before: readonly string[] = []): readonly string[] => {
  if (!URL.canParse(`http://${text}/`) || /[/?#@\\\s]/.test(text))
    throw new InvalidArgumentError('Expected a name such as sandbox.test');
  return [...before, text];
};

/** Commander passes the values so far, since the option may be given many times. */
export const collected = (text: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  text,
];

export const iamPath = (text: string, before: readonly string[] = []): readonly string[] => {
  if (!patterns.path.test(text))
    throw new InvalidArgumentError('Expected an IAM path, which begins and ends with /, such as /people/');
  return [...before, text];
};

export const accountId = (text: string): string => {
  if (!patterns.account.test(text)) throw new InvalidArgumentError('An account id has twelve digits.');
  return text;
};
