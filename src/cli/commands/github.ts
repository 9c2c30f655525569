import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { patchForGit } from '../../app/edits.ts';
import {
  annotateChanges,
  annotateDiagnostic,
  annotateRules,
  annotateUndeliverable,
  annotation,
  asText,
} from '../../app/github/command.ts';
import type { Checkout } from '../../app/github/command.ts';
import { jobBase } from '../../app/github/base.ts';
import { readBase } from '../../app/base.ts';
import { Job } from '../../app/github/job.ts';
import { appliedPage, failedPage, invalidPage, signed } from '../../app/github/pages.ts';
import type { Page } from '../../app/github/pages.ts';
import { bodyLength, marker, upsertIssue, upsertComment, unknownAccount } from '../../app/github/sticky.ts';
import type { Io } from '../../app/io.ts';
import { preparePins } from '../../app/pin.ts';
import { planAccount } from '../../app/session.ts';
import type { Planning } from '../../app/session.ts';
import type { Base, Desired } from '../../core/desired.ts';
import { exitCode, RollcallError } from '../../core/errors.ts';
import type { Diagnostic, ExitCode } from '../../core/errors.ts';
import type { RailName } from '../../core/rails.ts';
import { clean } from '../../core/text.ts';
import { isPinned } from '../../kinds/index.ts';
import { listManifests } from '../../manifest/files.ts';
import { loadManifests } from '../../manifest/index.ts';
import { Report } from '../../core/report.ts';
import { savePlan } from '../../plan/saved.ts';
import { renderDriftMarkdown } from '../../render/drift.ts';
import { renderJson } from '../../render/json.ts';
import { renderMarkdown } from '../../render/markdown.ts';
import { renderDiagnostics } from '../../render/diagnostics.ts';
import { baseLine, isSettled } from '../../render/rules.ts';
import { renderPlan } from '../../render/terminal.ts';
import { addApply, addDrift } from '../options.ts';
import type { GithubCommand, GlobalOptions } from '../options.ts';
import { parseOptions } from '../parse.ts';
import { onAccount } from '../progress.ts';
import { failureLines, Terminal } from '../terminal.ts';
import { version } from '../../app/version.ts';
import type { ApplyOptions } from './apply.ts';
import { allowsEmpty, loading } from './common.ts';
import { writeWhole } from './plan-file.ts';
import { findDrift } from './drift.ts';
import type { DriftOptions } from './drift.ts';
import { jobApply } from './github-apply.ts';

export interface GithubOptions extends GlobalOptions {
  readonly planFile: string;
  readonly comment?: boolean;
  readonly issue?: boolean;
  readonly label: string;
  readonly environment: string;
  readonly pinsFile: string;
  readonly deliveries: string;
  readonly override: readonly RailName[];
}

/**
 * Runs a command as a step of a GitHub Actions job: annotations in the manifests, the step's summary and outputs, and
 * one comment or issue. Plan and drift look for pending changes, so the step succeeds if there are some; its output
 * `exit-code` has the command's own.
 */
export async function github(
  io: Io,
  command: GithubCommand,
  extra: readonly string[],
  options: GithubOptions,
): Promise<ExitCode> {
  // A runner reads its output, and people read it on pages: no colours.
  const terminal = new Terminal(io, { ...options, color: false });
  try {
    const job = new Job(io.env);
    const code = await new Step(io, options, job, terminal).run(command, extra);
    job.output('exit-code', String(code));
    return code === exitCode.pending ? exitCode.done : code;
  } catch (error) {
    return terminal.failure(error);
  }
}

class Step {
  readonly #io: Io;
  readonly #job: Job;
  readonly #options: GithubOptions;
  readonly #terminal: Terminal;
  /** The command's own messages go to the log, where the runner looks for commands. */
  readonly #log: Terminal;
  readonly #checkout: Checkout;

  constructor(io: Io, options: GithubOptions, job: Job, terminal: Terminal) {
    this.#io = io;
    this.#job = job;
    this.#options = options;
    this.#terminal = terminal;
    this.#log = new Terminal(io, {
      color: false,
      ...(options.jsonEvents ? { jsonEvents: true } : {}),
      stderr: { write: (text) => io.stdout.write(text), isTTY: false },
    });
    this.#checkout = { root: job.root, cwd: io.cwd };
  }

  async run(command: GithubCommand, extra: readonly string[]): Promise<ExitCode> {
    const { desired, diagnostics } = await loadManifests(this.#options.manifests, {
      ...loading(this.#io),
      allowEmpty: allowsEmpty(this.#options.override),
    });
    this.#say(...diagnostics.map((one) => annotateDiagnostic(one, this.#checkout)));
    if (!desired) return await this.#invalid(command, diagnostics);
    switch (command) {
      case 'validate':
        return this.#valid(desired);
      case 'plan':
        return await this.#plan(desired, extra);
      case 'apply':
        return await this.#apply(desired, extra);
      case 'drift':
        return await this.#drift(desired, extra);
    }
  }

  #valid(desired: Desired): ExitCode {
    const text = `the manifests of account ${desired.state.account} are valid`;
    this.#terminal.line(`rollcall: ${text}`);
    this.#job.summary(() => `### rollcall: ${text}\n`);
    return exitCode.done;
  }

  async #invalid(command: GithubCommand, diagnostics: readonly Diagnostic[]): Promise<ExitCode> {
    const page = (): string => invalidPage(diagnostics);
    this.#job.summary(page);
    // A comment that still showed the previous plan would be taken for this commit's.
    if (command === 'plan') await this.#comment(await this.#guessAccount(), page, true);
    return exitCode.error;
  }

  async #plan(desired: Desired, extra: readonly string[]): Promise<ExitCode> {
    if (extra.length > 0) {
      throw new RollcallError(`plan takes no further arguments here (${extra.join(' ')})`, {
        hint: 'what is planned in a job is for applying; `rollcall plan` itself takes them',
      });
    }
    const { planFile, override, deliveries } = this.#options;
    const { account } = desired.state;
    const { base, notes } = await this.#base(desired);
    let planning: Planning;
    try {
      planning = await onAccount(this.#io, this.#terminal, this.#options, account, async (aws, watch) => {
        const options = { overrides: override, deliveries, cwd: this.#io.cwd, base };
        const made = await planAccount(desired, aws, options);
        watch.planned(made);
        return { ...made, plan: { ...made.plan, notes: [...notes, ...made.plan.notes] } };
      });
    } catch (error) {
      if (!(error instanceof RollcallError)) throw error;
      return await this.#noPlan(account, error);
    }
    const { plan, violations, unneeded, live } = planning;
    const saved = savePlan(plan, desired, live, { rollcall: version });
    writeWhole(this.#io, planFile, renderJson(saved));
    await this.#asText(() => this.#terminal.product(renderPlan(plan, this.#terminal.colors)));
    this.#terminal.unneeded(unneeded);
    this.#say(
      ...plan.overridden.map(({ rail, message }) =>
        annotation('warning', clean(message), { title: `rollcall: the rail ${rail} is overridden` }),
      ),
      ...annotateChanges(plan.changes, desired.sources, this.#checkout),
      ...annotateUndeliverable(plan, desired.sources, this.#checkout),
      ...(plan.base?.why === undefined
        ? []
        : [annotation('warning', clean(baseLine(plan)!), { title: 'rollcall: rules were not compared' })]),
      ...plan.relaxed.map(({ rail, message }) =>
        annotation('warning', clean(message), { title: `rollcall: looser than before: the rail ${rail}` }),
      ),
      ...annotateRules(plan.rules, this.#checkout),
      ...violations.map(({ rail, message, hint }) =>
        annotation('error', `${clean(message)}\n${clean(hint)}`, {
          title: `rollcall: refused by the rail ${rail}`,
        }),
      ),
    );
    const unknown = plan.base?.why === undefined ? 0 : 1;
    // A gate that asks for changes must not take changed rules, or a base that could not be read, for none.
    this.#job.output('changes', String(plan.changes.length + plan.rules.length + unknown));
    this.#job.output('rules', unknown > 0 ? 'unknown' : String(plan.rules.length));
    this.#job.output('steps', String(plan.steps.length));
    this.#job.output('plan-file', resolve(this.#io.cwd, planFile));
    this.#job.output('digest', saved.digest);
    const { runUrl } = this.#job;
    const whole = runUrl === undefined ? {} : { whole: runUrl };
    const page: Page = (limit) => renderMarkdown(plan, violations, { limit, ...whole });
    this.#job.summary(page);
    const isNew = !isSettled(plan) || violations.length > 0;
    await this.#comment(account, page, isNew);
    if (violations.length > 0) return exitCode.refused;
    return isSettled(plan) ? exitCode.done : exitCode.pending;
  }

  /** What the manifests are compared with, and what a reviewer should know of it. */
  async #base(desired: Desired): Promise<{ readonly base: Base | null; readonly notes: readonly string[] }> {
    const { manifests, environment } = this.#options;
    const dir = resolve(this.#io.cwd, manifests);
    const found = await jobBase(this.#job, { env: this.#io.env, dir, environment });
    if (found === null) return { base: null, notes: [] };
    if ('why' in found) return { base: found, notes: [] };
    const notes = found.note === undefined ? [] : [found.note];
    if (!('commit' in found)) return { base: null, notes };
    return {
      base: await readBase(this.#io, manifests, found.commit, { desired, now: this.#io.now() }),
      notes,
    };
  }

  async #noPlan(account: string, error: RollcallError): Promise<ExitCode> {
    const code = await this.#asText(() => this.#terminal.failure(error));
    const said = [
      error.message,
      ...(error.hint ? [`hint: ${error.hint}`] : []),
      ...error.diagnostics.map(({ message }) => clean(message)),
    ].join('\n');
    this.#say(
      annotation('error', said, { title: 'rollcall: there is no plan' }),
      ...error.diagnostics.map((one) => annotateDiagnostic(one, this.#checkout)),
    );
    const page = (): string => failedPage('there is no plan', said);
    this.#job.summary(page);
    await this.#comment(account, page, true);
    return code;
  }

  async #apply(desired: Desired, extra: readonly string[]): Promise<ExitCode> {
    const { planFile, deliveries, override } = this.#options;
    const given = { ...this.#connection, yes: true, deliveries, override };
    const options = parseOptions<ApplyOptions>(addApply, given, extra);
    const { code, text, complaint, made } = await this.#asText(() =>
      jobApply(this.#io, this.#log, desired, planFile, options),
    );
    await this.#asText(() => this.#terminal.product(text));
    if (code === exitCode.pending) {
      this.#say(
        annotation('warning', 'what they are, and what to do: in the summary of this run', {
          title: 'rollcall: changes are left that only a person can settle',
        }),
      );
    } else if (code !== exitCode.done) {
      const title = code === exitCode.stale ? 'rollcall: the plan is stale' : 'rollcall: not all was applied';
      this.#say(annotation('error', complaint, { title }));
    }
    const isDone = code === exitCode.done || code === exitCode.pending;
    this.#job.summary(() => appliedPage(code, text, isDone ? '' : complaint, made));
    // If nothing was done, no key or password is new.
    if (code !== exitCode.refused && code !== exitCode.stale) await this.#proposePins(desired);
    return code;
  }

  /**
   * If manifests pin keys or passwords: what `rollcall pin` would write, as a patch that somebody can propose. This
   * job cannot push it, and should not.
   */
  async #proposePins(desired: Desired): Promise<void> {
    const names = [...desired.state.users.values()].filter(isPinned).map(({ name }) => name);
    if (names.length === 0) return;
    const notAll = (lines: readonly string[]): void =>
      this.#say(annotation('warning', lines.join('\n'), { title: 'rollcall: not all can be pinned' }));
    const { manifests, pinsFile } = this.#options;
    const { account } = desired.state;
    const pinning = await onAccount(this.#io, this.#terminal, this.#options, account, (aws) =>
      preparePins(desired, manifests, names, aws, this.#io.cwd),
    ).catch((error: unknown) => {
      notAll(failureLines(error, this.#log.colors));
      return null;
    });
    if (!pinning) return;
    const { edits, refused } = pinning;
    if (refused.length > 0) notAll(renderDiagnostics(refused, this.#log.colors));
    if (edits.length === 0) return;
    writeWhole(this.#io, pinsFile, edits.map(patchForGit).join(''));
    this.#job.output('pins-file', resolve(this.#io.cwd, pinsFile));
    const text =
      'keys or passwords are not the pinned ones, such as those that were just made: look at each, then commit ' +
      '`rollcall pin`, or `git apply` the artifact `rollcall-pins`, in a pull request';
    this.#say(annotation('notice', text, { title: 'rollcall: pins to be reviewed' }));
    this.#job.summary(() => `### rollcall: pins to be reviewed\n\nSome ${text}.\n`);
  }

  async #drift(desired: Desired, extra: readonly string[]): Promise<ExitCode> {
    const { deliveries } = this.#options;
    const options = parseOptions<DriftOptions>(addDrift, { ...this.#connection, deliveries }, extra);
    const { base } = await this.#base(desired);
    const { account } = desired.state;
    let page = '';
    let failure: unknown;
    const code = await this.#asText(() =>
      findDrift(this.#io, this.#log, { desired, base }, options, (found, { plan }) => {
        page = renderDriftMarkdown(account, found, plan);
      }).catch((error: unknown) => {
        failure = error;
        return this.#log.failure(error);
      }),
    );
    if (failure !== undefined) {
      const complaint = failureLines(failure, this.#log.colors).join('\n');
      this.#say(annotation('error', complaint, { title: 'rollcall: drift cannot be told' }));
      this.#job.summary(() => failedPage('drift cannot be told', complaint));
      return code;
    }
    await this.#asText(() => this.#terminal.product(page));
    this.#job.summary(() => page);
    await this.#issue(account, code === exitCode.pending ? page : null);
    return code;
  }

  async #comment(account: string, page: Page, create: boolean): Promise<void> {
    if (!this.#options.comment) return;
    const { repository, pullRequest } = this.#job;
    if (!repository || pullRequest === undefined) {
      throw new RollcallError('--comment needs a job of a pull request', {
        hint: 'run it on: pull_request, or leave --comment out',
      });
    }
    const body = signed(withMarker(marker('plan', account), page), this.#about());
    const settled = await upsertComment({
      env: this.#io.env,
      repository,
      pullRequest,
      account,
      body,
      create,
    });
    this.#terminal.line(`comment of #${pullRequest}: ${settled}`);
  }

  async #issue(account: string, page: string | null): Promise<void> {
    if (!this.#options.issue) return;
    const { repository } = this.#job;
    if (!repository) {
      throw new RollcallError('--issue needs GITHUB_REPOSITORY', {
        hint: 'run it in a job of GitHub Actions',
      });
    }
    const settled = await upsertIssue({
      env: this.#io.env,
      repository,
      account,
      label: this.#options.label,
      title: `Drift in AWS account ${account}`,
      body: page === null ? null : withMarker(marker('drift', account), () => page)(bodyLength),
      farewell: signed(() => 'The account is as the files say again.\n', this.#about()),
    });
    this.#terminal.line(`issue about drift: ${settled}`);
  }

  /** The account id as the files have it, good enough to find the comment when the manifests cannot be read. */
  async #guessAccount(): Promise<string> {
    for (const file of await listManifests(this.#options.manifests, new Report(this.#io.cwd))) {
      const text = await readFile(resolve(this.#io.cwd, file), 'utf8').catch(() => '');
      const found = /^account:\s*["']?(\d{12})\b/m.exec(text);
      if (found) return found[1]!;
    }
    return unknownAccount;
  }

  #about(): { commit?: string; runUrl?: string } {
    const { commit, runUrl } = this.#job;
    return { ...(commit ? { commit } : {}), ...(runUrl ? { runUrl } : {}) };
  }

  /** The options by which this step and its commands reach the account. */
  get #connection() {
    const { manifests, sandbox, endpointUrl, assumeEmpty, profile, region, timeout } = this.#options;
    const { parallelism, maxWait, jsonEvents } = this.#options;
    const where = { manifests, sandbox, endpointUrl, assumeEmpty, profile, region };
    return { ...where, timeout, parallelism, maxWait, jsonEvents };
  }

  async #asText<T>(work: () => T | Promise<T>): Promise<T> {
    return await asText((text) => this.#terminal.product(text), work);
  }

  #say(...lines: readonly string[]): void {
    for (const text of lines) this.#terminal.product(`${text}\n`);
  }
}

/** The page with the hidden first line by which the comment is found again. */
const withMarker =
  (first: string, page: Page): Page =>
  (limit) => {
    const text = page(limit);
    return text.startsWith(first) ? text : `${first}\n${text}`;
  };
