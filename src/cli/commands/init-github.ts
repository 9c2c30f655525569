import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, normalize, resolve, sep } from 'node:path';
import { promisify } from 'node:util';
import type { Io } from '../../app/io.ts';
import { requireManifests } from '../../app/manifests.ts';
import {
  githubFiles,
  looseMemberships,
  namesFor,
  parseRepository,
  repositoryOfRemote,
} from '../../app/setup/github.ts';
import type { Names, Repository } from '../../app/setup/github.ts';
import { storing } from '../../app/storage.ts';
import { createFile, makeDirectories } from '../../core/durable.ts';
import { RollcallError } from '../../core/errors.ts';
import { quote } from '../../core/text.ts';
import { packageFile } from '../package.ts';
import type { Terminal } from '../terminal.ts';
import { loading } from './common.ts';

export interface InitGithubOptions {
  readonly manifests: string;
  readonly repo?: string;
  readonly branch: string;
  /** `aws-iam`, or one named for the account, where it is absent. */
  readonly environment?: string;
}

/** The account, repository and paths that workflows and roles are written for. */
interface Place {
  readonly repository: Repository;
  /** Relative to the root of the repository. */
  readonly manifests: string;
}

/** Checks everything that would be written into workflows before anything is written. @throws RollcallError */
export const checkPlace = async (io: Io, options: InitGithubOptions): Promise<Place> => ({
  repository: parseRepository(options.repo ?? (await originRepository(io))),
  manifests: insideRepository(options.manifests),
});

/** Writes workflows and roles for the existing manifests. Existing files are kept. */
export async function initGithub(
  io: Io,
  terminal: Terminal,
  options: InitGithubOptions,
  { repository, manifests }: Place,
  wrote: (path: string) => void,
): Promise<void> {
  const { desired } = await requireManifests(manifests, { ...loading(io), allowEmpty: true });
  const { account } = desired.state;
  const { branch } = options;
  const names = namesFor({ account, manifests }, options.environment, (path) =>
    textOf(resolve(io.cwd, path)),
  );
  const files = await githubFiles({
    account,
    repository,
    manifests,
    branch,
    names,
    protect: desired.rails.protect,
    packageFile,
  });
  for (const [path, text] of files) {
    if (createNew(io, path, text)) wrote(path);
    else terminal.info(`kept ${path}, which exists`);
  }
  terminal.info(...nextSteps(account, repository.subject, names).split('\n'));
  if (!repository.immutable) terminal.info(...aboutIds(repository.subject, names).split('\n'));
  for (const note of looseMemberships(desired, names)) terminal.info(note);
}

const textOf = (path: string): string | null => (existsSync(path) ? readFileSync(path, 'utf8') : null);

function createNew(io: Io, path: string, text: string): boolean {
  const file = resolve(io.cwd, path);
  return storing(path, 'cannot be written', () => {
    makeDirectories(dirname(file));
    return createFile(file, text);
  });
}

/** Paths without characters that mean something in a workflow: to GitHub's expressions, globs, YAML or a shell. */
const plainPath = /^[\p{L}\p{N}_.@+=, /-]+$/u;

function insideRepository(dir: string): string {
  const path = normalize(dir).replace(/(?<=.)[/\\]$/, '');
  if (isAbsolute(path) || path === '..' || path.startsWith(`..${sep}`)) {
    throw new RollcallError(`--manifests ${quote(dir)} is not below this directory`, {
      hint: 'run it at the root of the repository, with --manifests seen from there',
    });
  }
  if (!plainPath.test(path) || path.startsWith('-')) {
    throw new RollcallError(`--manifests ${quote(dir)} cannot be written into a workflow`, {
      hint: 'name a directory of letters, digits, spaces and _ . @ + = , / - only, that begins with no -',
    });
  }
  return path;
}

async function originRepository({ cwd, env }: Io): Promise<string> {
  const url = await promisify(execFile)('git', ['config', '--get', 'remote.origin.url'], { cwd, env }).then(
    ({ stdout }) => stdout,
    () => '',
  );
  const repository = repositoryOfRemote(url);
  if (repository !== null) return repository;
  throw new RollcallError('which repository on GitHub is this?', { hint: 'add --repo OWNER/NAME' });
}

const nextSteps = (
  account: string,
  subject: string,
  { suffix, roles, variables, environment }: Names,
): string => {
  const repository = subject.replaceAll(/@\d+/g, '');
  const create = (role: string): string =>
    `  aws iam create-role --role-name ${role} --assume-role-policy-document file://iam/${role}-role.json
  aws iam put-role-policy --role-name ${role} --policy-name ${role} --policy-document file://iam/${role}-policy.json`;
  const variable = (name: string, role: string): string =>
    `  gh variable set ${name} --repo ${repository} --body arn:aws:iam::${account}:role/${role}`;
  const first =
    suffix === ''
      ? ''
      : `This repository has other workflows of rollcall, which stay as they are: those of ${account} are named
${quote(suffix.slice(1))}, and so are its roles, variables, checks and environment.
`;
  return `${first}Next, with credentials of account ${account} (docs/github.md has the why):
  aws iam create-open-id-connect-provider --url https://token.actions.githubusercontent.com --client-id-list sts.amazonaws.com
${create(roles.plan)}
${create(roles.apply)}
${variable(variables.plan, roles.plan)}
${variable(variables.apply, roles.apply)}
Then pin rollcall in package-lock.json, give the environment ${environment} its reviewers and its branch, and commit.`;
};

const aboutIds = (subject: string, { roles }: Names): string =>
  `Repositories made since 15 July 2026 have ids in their tokens, and the roles would refuse them. Then write the roles
again, after removing iam/${roles.plan}-role.json and iam/${roles.apply}-role.json, with the output of this as --repo:
  gh api repos/${subject} --jq '"\\(.owner.login)@\\(.owner.id)/\\(.name)@\\(.id)"'`;
