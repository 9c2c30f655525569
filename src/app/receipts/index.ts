import type { StepResult } from '../../aws/execute.ts';
import type { RollcallError } from '../../core/errors.ts';
import { isLook } from '../../core/plan.ts';
import type { Plan } from '../../kinds/plan.ts';
import { join, resolve } from 'node:path';
import { storageError } from '../storage.ts';
import { buildReceipt } from './build.ts';
import type { Offboarding, RunFacts } from './build.ts';
import { readCommit } from './commit.ts';
import { receiptFiles } from './files.ts';
import type { Files } from './files.ts';
import { renderReceipt } from './markdown.ts';
import { readReceipts } from './read.ts';
import type { StoredReceipt } from './read.ts';
import type { Receipt } from './receipt.ts';
import { assumableBy, isAboutRole } from './trust.ts';

export type { Receipt } from './receipt.ts';
export { readReceipts } from './read.ts';
export type { StoredReceipt } from './read.ts';
export { verifyReceipts } from './verify.ts';
export type { Checked, Verification } from './verify.ts';

interface ReceiptOptions extends Omit<RunFacts, 'git' | 'overridden' | 'targets' | 'roles'> {
  /** Directory of the receipts; made when the first one is written. */
  readonly dir: string;
  /** Directory of the manifests, whose commit is recorded. */
  readonly manifestsDir: string;
  /** Directory that relative paths are resolved against; by default the process's own. */
  readonly cwd?: string;
  /** The environment for git. */
  readonly env: NodeJS.ProcessEnv;
}

/** A receipt on disk. */
interface Written {
  readonly receipt: Receipt;
  /** Path of the JSON file; the Markdown file is beside it. */
  readonly path: string;
}

/** A receipt that could not be written: it exists nowhere else. */
interface Unwritten {
  readonly receipt: Receipt;
  readonly error: RollcallError;
}

/** Writes a receipt for each person whom a run offboards. */
export interface Receipts {
  /** Gets every result as it comes, in whatever order steps end. Never throws. */
  record(result: StepResult): void;
  /** Called when the run has ended. Repeats writes that failed. */
  finish(): { readonly written: readonly Written[]; readonly unwritten: readonly Unwritten[] };
}

/**
 * Reads what it needs before the first step: earlier receipts and the commit. Afterwards each write of an offboarding
 * is on disk before the next step of it begins, so that a killed run leaves a receipt, too.
 */
export async function startReceipts(plan: Plan, options: ReceiptOptions): Promise<Receipts> {
  const leaving = plan.changes.filter(({ action }) => action === 'offboard');
  if (leaving.length === 0) return { record: () => {}, finish: () => ({ written: [], unwritten: [] }) };
  const { cwd = '' } = options;
  const ofRoles = new Map<string, StepResult>();
  const run: RunFacts = {
    ...options,
    overridden: plan.overridden,
    ...(plan.targets ? { targets: plan.targets } : {}),
    git: await readCommit(resolve(cwd, options.manifestsDir), options.env),
    roles: { steps: plan.steps.filter(isAboutRole), results: ofRoles },
  };
  // A missing directory has no receipts, and a broken receipt must not stop an offboarding.
  const known = await readReceipts(options.dir, cwd).then(
    ({ receipts }) => receipts,
    (): StoredReceipt[] => [],
  );
  const files = receiptFiles(resolve(cwd, options.dir));
  const writers = new Map<string, ReceiptWriter>();
  for (const { id, name } of leaving) {
    const user = options.live.users.get(name);
    if (!user) throw new Error(`${name} was not read`);
    const earlier = known
      .filter(({ receipt }) => !receipt.complete && isOf(receipt, options.live.account, user.id))
      .map(({ file }) => file);
    const steps = plan.steps.filter(({ change }) => change === id);
    const assumable = assumableBy(options.live, name);
    writers.set(id, new ReceiptWriter(run, { user, steps, earlier, assumable }, files, options.dir));
  }
  return {
    record(result) {
      writers.get(result.step.change)?.add(result);
      if (!isAboutRole(result.step)) return;
      ofRoles.set(result.step.id, result);
      for (const writer of writers.values()) writer.refresh();
    },
    finish() {
      const begun = [...writers.values()].filter((writer) => writer.begun);
      const ended = begun.map((writer) => writer.finish());
      return {
        written: ended.flatMap((one) => ('path' in one ? one : [])),
        unwritten: ended.flatMap((one) => ('error' in one ? one : [])),
      };
    },
  };
}

const isOf = ({ account, user }: Receipt, wanted: string, id: string | undefined): boolean =>
  account === wanted && user.id === id;

/** Writes the receipt of one offboarding while it goes on. */
class ReceiptWriter {
  readonly #run: RunFacts;
  readonly #offboarding: Omit<Offboarding, 'results'>;
  readonly #results = new Map<string, StepResult>();
  readonly #files: Files;
  readonly #dir: string;
  #stem: string | undefined;
  /** The error of the last attempt to write. */
  #error: unknown;
  #saved = false;

  constructor(run: RunFacts, offboarding: Omit<Offboarding, 'results'>, files: Files, dir: string) {
    this.#run = run;
    this.#offboarding = offboarding;
    this.#files = files;
    this.#dir = dir;
  }

  /** Whether a write was sent, whatever its result. */
  get begun(): boolean {
    return [...this.#results.values()].some(wasSent);
  }

  add(result: StepResult): void {
    this.#results.set(result.step.id, result);
    const ended = this.#results.size === this.#offboarding.steps.length;
    if (ended ? this.begun : wasSent(result)) this.#save(ended);
  }

  /** Writes again what the run has done to roles meanwhile. */
  refresh(): void {
    if (this.begun) this.#save(this.#results.size === this.#offboarding.steps.length);
  }

  finish(): Written | Unwritten {
    if (!this.#saved) this.#save(true);
    const receipt = this.#receipt();
    const path = join(this.#dir, `${this.#stem ?? this.#wanted()}.json`);
    if (this.#saved) return { receipt, path };
    return { receipt, error: storageError(path, 'cannot be written', this.#error) };
  }

  #save(ended: boolean): void {
    try {
      const receipt = this.#receipt();
      const json = `${JSON.stringify(receipt, null, 2)}\n`;
      if (this.#stem === undefined) this.#stem = this.#files.claim(this.#wanted(), json);
      else this.#files.replace(`${this.#stem}.json`, json);
      if (ended) this.#files.replace(`${this.#stem}.md`, renderReceipt(receipt));
      this.#saved = ended;
    } catch (error) {
      this.#error = error;
    }
  }

  #receipt(): Receipt {
    return buildReceipt(this.#run, { ...this.#offboarding, results: this.#results });
  }

  /** Every character that IAM allows in a user name is safe in the name of a file. */
  #wanted(): string {
    const { startedAt, live } = this.#run;
    return `${startedAt.slice(0, 10)}-${live.account}-${this.#offboarding.user.name}`;
  }
}

const wasSent = ({ step, status }: StepResult): boolean => status !== 'skipped' && !isLook(step);
