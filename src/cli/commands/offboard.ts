import { patchForGit, writeEdits } from '../../app/edits.ts';
import type { Io } from '../../app/io.ts';
import { prepareOffboarding } from '../../app/offboard.ts';
import type { Offboarding } from '../../app/offboard.ts';
import { planAccount } from '../../app/session.ts';
import type { Planning } from '../../app/session.ts';
import { isLostConnection, isRefusedCaller } from '../../aws/errors.ts';
import { exitCode, RollcallError } from '../../core/errors.ts';
import type { ExitCode } from '../../core/errors.ts';
import { listWords, plural, quote, shownJson } from '../../core/text.ts';
import { renderPlan } from '../../render/terminal.ts';
import type { GlobalOptions } from '../options.ts';
import { onAccount } from '../progress.ts';
import { Terminal } from '../terminal.ts';
import { loading, readManifests, showCalls } from './common.ts';
import { patches, showPatches } from './patches.ts';

interface OffboardOptions extends GlobalOptions {
  readonly dryRun?: boolean;
  /** If undefined, a plan is made if AWS can be reached. */
  readonly plan?: boolean;
}

/** Takes people out of the manifests and shows what that will do. They lose their access when the plan is applied. */
export async function offboard(
  io: Io,
  names: readonly string[],
  options: OffboardOptions,
): Promise<ExitCode> {
  const terminal = new Terminal(io, options);
  const offboarding = await prepareOffboarding(options.manifests, names, loading(io));
  const { edits, warnings, needsBase } = offboarding;
  const json = options.json === true;
  if (!json) showPatches(terminal, edits.map(patchForGit));
  for (const warning of warnings) terminal.warning(warning);
  if (options.dryRun) {
    if (json) terminal.product(toJson(offboarding, null));
    terminal.info('Nothing was written (--dry-run).');
    return exitCode.done;
  }
  await writeEdits(edits);
  terminal.info(
    `Took ${listWords(
      offboarding.names.map((name) => quote(name)),
      'and',
    )} out of ${plural(edits.length, 'file')}.`,
  );
  // If nobody is left in the files, the plan's rail says so.
  const desired = await readManifests(io, terminal, options, { allowEmpty: true });

  const planned = options.plan === false ? null : await plan();
  if (json) terminal.product(toJson(offboarding, planned));
  else if (planned) terminal.product(`\n${renderPlan(planned.plan, terminal.colors)}`);
  terminal.refusals(planned?.violations ?? []);
  terminal.info(
    needsBase
      ? 'Next: commit the files; access goes when the plan is applied: in the pipeline, or with `rollcall apply --base REV`, ' +
          'where REV is a commit that declares them (without git: name them under removed.users).'
      : 'Next: commit the files; access goes when the plan is applied (`rollcall apply`).',
  );
  return planned && planned.violations.length > 0 ? exitCode.refused : exitCode.done;

  async function plan(): Promise<Planning | null> {
    try {
      return await onAccount(io, terminal, options, desired.state.account, async (aws, watch) => {
        // The plan is of this edit: what it took out was declared.
        const users = [...(desired.removed['users'] ?? []), ...(needsBase ? offboarding.names : [])];
        const removed = { ...desired.removed, users };
        const planning = await planAccount({ ...desired, removed }, aws, { cwd: io.cwd });
        watch.planned(planning);
        showCalls(terminal, options, aws);
        return planning;
      });
    } catch (error) {
      if (!isUnreachable(error) || mustPlan(options)) throw error;
      terminal.info('No plan is shown: AWS cannot be reached with the credentials of this shell.');
      return null;
    }
  }
}

/** Whoever names an IAM on the command line wants the plan. */
const mustPlan = ({ plan, sandbox, endpointUrl, profile }: OffboardOptions): boolean =>
  plan === true || [sandbox, endpointUrl, profile].some((option) => option !== undefined);

const isUnreachable = (error: unknown): boolean =>
  error instanceof RollcallError && (isRefusedCaller(error.cause) || isLostConnection(error.cause));

function toJson({ names, edits, warnings }: Offboarding, planned: Planning | null): string {
  return `${shownJson({ offboarded: names, files: patches(edits), warnings, plan: planned?.plan ?? null })}\n`;
}
