import { readFile } from 'node:fs/promises';
import { applyPolicy, planPolicy } from '../../aws/permissions.ts';
import type { Desired, Rails } from '../../core/desired.ts';
import { RollcallError } from '../../core/errors.ts';

/** The repository and account that `init --github` writes files for. */
interface Setup {
  readonly account: string;
  readonly repository: Repository;
  /** Directory of the manifests, relative to the root of the repository. */
  readonly manifests: string;
  readonly branch: string;
  readonly names: Names;
  readonly protect: Rails['protect'];
  /** Returns the path of a file in rollcall's own package. */
  readonly packageFile: (name: string) => string;
}

/** `OWNER/NAME`, or `OWNER@ID/NAME@ID` as the tokens of newer repositories name it. */
export interface Repository {
  readonly subject: string;
  /** True if the ids are known: the roles then trust this very repository, not whoever takes its name later. */
  readonly immutable: boolean;
}

const workflows = ['rollcall-plan', 'rollcall-apply', 'rollcall-drift'];

/** What workflows, roles, variables and the environment of one account are called: no two accounts share any. */
export interface Names {
  /** `-dev`; the first account of a repository has none. */
  readonly suffix: string;
  readonly roles: { readonly plan: string; readonly apply: string };
  /** Variables of the repository that hold the ARNs of the roles. */
  readonly variables: { readonly plan: string; readonly apply: string };
  /** GitHub environment whose reviewers approve an apply. */
  readonly environment: string;
}

/**
 * The first account of a repository has the plain names, and every further one those of its directory, or of its id.
 *
 * @param environment where somebody chose one.
 * @param read the text of a file of the repository; null where there is none.
 */
export function namesFor(
  { account, manifests }: Pick<Setup, 'account' | 'manifests'>,
  environment: string | undefined,
  read: (path: string) => string | null,
): Names {
  const words = (text: string): string =>
    text
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .slice(0, 40)
      .replaceAll(/^-|-$/g, '');
  const last = manifests.split(/[/\\]/).findLast((part) => part !== '') ?? '';
  const wanted = ['', words(last), words(manifests), account].map((one) => (one === '' ? '' : `-${one}`));
  const suffix = wanted.find((one, index) => {
    if (index > 0 && one === '') return false;
    return workflows.every((name) => {
      const line = /^ *manifests: (.+?)(?: +#.*)?$/m.exec(read(`.github/workflows/${name}${one}.yml`) ?? '');
      return !line || [manifests, scalar(manifests), JSON.stringify(manifests)].includes(line[1]!);
    });
  })!;
  const variable = (what: string): string =>
    `ROLLCALL_${what}_ROLE${suffix.toUpperCase().replaceAll('-', '_')}`;
  return {
    suffix,
    roles: { plan: `rollcall-plan${suffix}`, apply: `rollcall-apply${suffix}` },
    variables: { plan: variable('PLAN'), apply: variable('APPLY') },
    environment: environment ?? `aws-iam${suffix}`,
  };
}

/** @throws RollcallError unless it is `OWNER/NAME` or `OWNER@ID/NAME@ID`. */
export function parseRepository(text: string): Repository {
  const found = /^[A-Za-z0-9][A-Za-z0-9-]{0,38}(@\d+)?\/[A-Za-z0-9._-]{1,100}(@\d+)?$/.exec(text);
  if (!found || (found[1] === undefined) !== (found[2] === undefined)) {
    throw new RollcallError(`--repo ${text} is not a repository`, {
      hint: 'write OWNER/NAME, or with ids OWNER@12345/NAME@67890',
    });
  }
  return { subject: text, immutable: found[1] !== undefined };
}

/** The repository of a git remote's address on github.com, or null. */
export const repositoryOfRemote = (url: string): string | null =>
  /^(?:https:\/\/(?:[^@/]+@)?|ssh:\/\/git@|git@)github\.com[/:]([^/]+\/[^/]+?)(?:\.git)?\/?$/.exec(
    url.trim(),
  )?.[1] ?? null;

/** All files by their path in the repository. */
export async function githubFiles(setup: Setup): Promise<ReadonlyMap<string, string>> {
  const { account, branch, repository, names } = setup;
  const { roles, environment } = names;
  const subject = `repo:${repository.subject}`;
  const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
  const files = new Map<string, string>([
    ['.github/actions/rollcall/action.yml', await readFile(setup.packageFile('action.yml'), 'utf8')],
    [
      `iam/${roles.plan}-role.json`,
      json(trust(account, [`${subject}:pull_request`, `${subject}:ref:refs/heads/${branch}`])),
    ],
    [`iam/${roles.plan}-policy.json`, json(planPolicy())],
    [`iam/${roles.apply}-role.json`, json(trust(account, [`${subject}:environment:${environment}`]))],
    [
      `iam/${roles.apply}-policy.json`,
      json(
        applyPolicy({ account, roles: Object.values(roles), providers: [issuer], protect: setup.protect }),
      ),
    ],
  ]);
  for (const name of workflows) {
    const template = await readFile(setup.packageFile(`.github/workflows/${name}.yml`), 'utf8');
    files.set(
      `.github/workflows/${name}${names.suffix}.yml`,
      ofAccount(adapt(template, { ...setup, ...names }), names),
    );
  }
  return files;
}

/** GitHub's, as IAM names its provider. */
const issuer = 'token.actions.githubusercontent.com';

/** The trust policy of a role: only jobs of this repository, and of them only those with one of the subjects. */
const trust = (account: string, subjects: readonly string[]): object => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Federated: `arn:aws:iam::${account}:oidc-provider/${issuer}` },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: {
        StringEquals: {
          [`${issuer}:aud`]: 'sts.amazonaws.com',
          [`${issuer}:sub`]: subjects.length === 1 ? subjects[0] : subjects,
        },
      },
    },
  ],
});

/**
 * Protected users in unprotected groups. IAM authorises memberships and a group's policies on the group, so denying
 * the role access to the user does not protect them.
 */
export function looseMemberships({ state, rails: { protect } }: Desired, { roles }: Names): string[] {
  const { users = [], groups = [] } = protect;
  return users.flatMap((name) => {
    const loose = (state.users.get(name)?.groups ?? []).filter((group) => !groups.includes(group));
    if (loose.length === 0) return [];
    return [
      `note: ${name} is protected, but its groups are not (${loose.join(', ')}): the apply role could take it out, or ` +
        'change what they may do. Name them in rails.protect.groups, or give the user its policies itself; ' +
        `then write iam/${roles.apply}-policy.json again (docs/permissions.md).`,
    ];
  });
}

/** Our own workflows are the templates: as they are, they are linted and run in our tests. */
function adapt(
  workflow: string,
  { manifests, branch, environment }: Pick<Setup & Names, 'manifests' | 'branch' | 'environment'>,
): string {
  return workflow
    .replaceAll(/uses: \.\/$/gm, 'uses: ./.github/actions/rollcall')
    .replaceAll(/( manifests: )manifests$/gm, (_, key: string) => key + scalar(manifests))
    .replaceAll(/(branches: )\[main\]$/gm, (_, key: string) => `${key}[${scalar(branch)}]`)
    .replaceAll("'refs/heads/main'", () => `'refs/heads/${branch.replaceAll("'", "''")}'`)
    .replaceAll(/(environment: )aws-iam$/gm, (_, key: string) => key + scalar(environment));
}

/**
 * Names apart what is found by its name in the whole repository: workflows, checks (a rule for `plan` would take either
 * account's), concurrency groups, of which one would wait for the other's approval, and variables.
 */
function ofAccount(workflow: string, { suffix, variables }: Names): string {
  if (suffix === '') return workflow;
  const name = suffix.slice(1);
  return workflow
    .replace(/^name: .+$/m, (line) => `${line} ${name}`)
    .replaceAll(/^( {2}group: rollcall-\w+)/gm, (group) => `${group}${suffix}`)
    .replaceAll(
      /^ {2}(plan|apply|validate|drift):$/gm,
      (line, job: string) => `${line}\n    name: ${job} ${name}`,
    )
    .replaceAll(/\bROLLCALL_PLAN_ROLE\b/g, variables.plan)
    .replaceAll(/\bROLLCALL_APPLY_ROLE\b/g, variables.apply);
}

/** A YAML scalar; quoted unless it is plainly a word. */
const scalar = (text: string): string =>
  /^[A-Za-z][A-Za-z0-9_./-]*$/.test(text) && !/^(?:true|false|null|yes|no|on|off)$/i.test(text)
    ? text
    : `'${text.replaceAll("'", "''")}'`;
