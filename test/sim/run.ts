import { exclusively } from '../../src/app/lock.ts';
import type { LockOptions } from '../../src/app/lock.ts';
import { execute } from '../../src/aws/execute.ts';
import type { StepResult } from '../../src/aws/execute.ts';
import { planAccount, resumePlan } from '../../src/app/session.ts';
import type { Planning } from '../../src/app/session.ts';
import { RollcallError } from '../../src/core/errors.ts';
import { railNames } from '../../src/core/rails.ts';
import { savePlan, parsePlan } from '../../src/plan/saved.ts';
import type { SavedPlan } from '../../src/kinds/plan.ts';
import { crossCheck } from './access.ts';
import { whatDiffers } from './converged.ts';
import { touchedObjects } from './moved.ts';
import { callOutside, clearTheWay } from './outside.ts';
import type { ChaosEvent, Script, Step } from './script.ts';
import { desiredAt } from './universe.ts';
import type { Manifest } from './universe.ts';
import { StepWatch } from './step-watch.ts';
import { Violation } from './violation.ts';
import { Watch } from './watch.ts';
import { Process, World } from './world.ts';
import type { Figures } from './world.ts';

export interface Outcome {
  readonly hash: string;
  readonly failure: { readonly property: string; readonly message: string; readonly stack: string } | null;
  /** Why the last manifests could not be planned: a refusal, not a failure. */
  readonly refused: string | null;
  readonly figures: Figures;
  readonly struck: readonly ChaosEvent[];
  readonly trace: readonly string[];
}

/** From the end of one process to the start of the next: longer than reads lag behind (README.md). */
const restart = 10_000;

/** One life of an account: history, chaos and a calm end. The same script gives the same outcome. */
export async function runScript(script: Script): Promise<Outcome> {
  const world = new World(script);
  const watch = new Watch(world);
  let refused: string | null = null;
  let failure: Outcome['failure'] = null;
  try {
    for (const call of script.account) callOutside(world.iam, call);
    world.watcher = watch;
    for (const step of script.steps) {
      world.pass(step.after);
      for (let left = step.tries; left > 0; left -= 1) {
        world.pass(restart);
        if (await attempt(world, watch, step)) break;
      }
    }
    refused = await settle(world, watch, script.steps.at(-1)!.manifest);
  } catch (error) {
    const violation = world.violation ?? error;
    failure = {
      property: violation instanceof Violation ? violation.property : 'exception',
      message: violation instanceof Error ? violation.message : String(violation),
      stack: violation instanceof Error ? (violation.stack ?? '') : '',
    };
  }
  const { hash, figures, struck, trace } = world;
  return { hash, failure, refused, figures, struck, trace };
}

/** Whatever rollcall says is said in its own words, and holds no secret. */
function told(watch: Watch, world: World, error: unknown): string {
  if (!(error instanceof RollcallError)) throw error;
  const diagnostics = error.diagnostics.map(({ message, hint }) => `${message} ${hint ?? ''}`);
  const text = [error.message, ...diagnostics].join('; ');
  watch.checkSecrets('an error', `${text} ${error.hint ?? ''} ${error.stack ?? ''}`);
  world.say(`  no plan: ${text}`);
  return text;
}

async function planned(
  world: World,
  watch: Watch,
  manifest: Manifest,
  override: boolean,
  saved?: SavedPlan,
): Promise<{ process: Process; planning: Planning } | string> {
  const desired = desiredAt(manifest, world.now.getTime());
  const options = override ? { overrides: railNames } : {};
  const touches = watch.touches;
  let opened: Process | undefined;
  try {
    return await inProcess(world, async (process) => {
      opened = process;
      const planning = saved
        ? await resumePlan(saved, desired, process.aws, options)
        : await planAccount(desired, process.aws, options);
      world.figures.plans += 1;
      if (!world.lags && watch.touches === touches && world.rival === null) watch.checkRead(planning.live);
      watch.checkSecrets('a plan', planning.plan);
      world.note(
        `  plan: ${planning.plan.changes.map(({ id }) => id).join(', ') || 'nothing'}${
          planning.violations.length > 0
            ? `; stopped by ${planning.violations.map(({ rail }) => rail).join(', ')}`
            : ''
        }`,
      );
      return { process, planning };
    });
  } catch (error) {
    if (world.violation === null) await opened?.idle();
    opened?.close();
    return told(watch, world, error);
  }
}

/** Like `inProcess`, but the process goes on living. */
async function inProcess<T>(world: World, body: (process: Process) => Promise<T>): Promise<T | 'died'> {
  const process = new Process(world);
  const result = await Promise.race([body(process), process.death]);
  if (result === 'died') process.close();
  if (world.violation !== null) throw world.violation;
  return result;
}

/** Plan and apply, by one process or by two with a saved plan. True when everything was done. */
async function attempt(world: World, watch: Watch, step: Step): Promise<boolean> {
  const { manifest, override } = step;
  const before = watch.touches;
  const first = await planned(world, watch, manifest, override);
  if (typeof first === 'string') return false;
  const { planning } = first;
  if (!step.saved) {
    meanwhile(world, step);
    return await finish(world, watch, first, planning.live, step);
  }
  first.process.close();
  const about = { rollcall: 'sim' };
  const text = JSON.stringify(savePlan(planning.plan, planning.manifests, planning.live, about));
  const wasTrue = watch.touches === before && !world.lags;
  const then = touchedObjects(world.iam.state, planning);
  world.pass(600_000);
  meanwhile(world, step);
  const resumed = watch.touches;
  const second = await planned(world, watch, manifest, override, parsePlan(text, 'the plan'));
  if (typeof second === 'string') return false;
  if (wasTrue && watch.touches === resumed) {
    const now = touchedObjects(world.iam.state, planning);
    const moved = [...then].filter(([ref, object]) => now.get(ref) !== object).map(([ref]) => ref);
    if (moved.length > 0) {
      second.process.close();
      throw new Violation('stale', `a saved plan is taken although ${moved.join(', ')} moved`);
    }
  }
  return await finish(world, watch, second, planning.live, step);
}

function meanwhile(world: World, step: Step): void {
  for (let left = step.meanwhile; left > 0; left -= 1) world.interfere(world.tick, left);
}

async function finish(
  world: World,
  watch: Watch,
  { process, planning }: { process: Process; planning: Planning },
  read: Planning['live'],
  { manifest, override }: Step,
): Promise<boolean> {
  try {
    if (planning.violations.length > 0) return false;
    if (planning.plan.steps.length === 0) return true;
    return await applied(world, watch, process, planning, read, manifest, override);
  } finally {
    process.close();
  }
}

async function applied(
  world: World,
  watch: Watch,
  process: Process,
  planning: Planning,
  read: Planning['live'],
  manifest: Manifest,
  override: boolean,
): Promise<boolean> {
  watch.startApply(planning, read, manifest, planning.manifests, override);
  world.second = () => rival(world, watch, manifest, override);
  const results = await Promise.race([steps(world, process, planning), process.death]);
  world.second = null;
  await world.rival;
  world.rival = null;
  if (world.violation !== null) throw world.violation;
  if (results === 'died' || results === null) {
    watch.stopApply();
    return false;
  }
  watch.checkSecrets('the results', results);
  watch.checkSecrets('the journal', world.iam.journal);
  for (const { step, status, message } of results) {
    if (status === 'failed') world.say(`  ${step.id} ${step.op} failed: ${message}`);
  }
  watch.endApply(results, manifest);
  const done = results.every(({ status }) => status === 'done');
  // Where both sides fill a quota together, the way between may not fit: a second run has the room.
  if (world.calm && results.some(({ message }) => message?.includes('LimitExceeded'))) return true;
  if (done && !world.lags) watch.checkKeys();
  const doubt = crossCheck(world.iam.state, () => world.now);
  if (doubt !== null) throw new Violation('simulator', doubt);
  return done;
}

/** The steps of a plan, while no other apply runs; null where one does. */
async function steps(world: World, process: Process, planning: Planning): Promise<StepResult[] | null> {
  let locked = true;
  const options: LockOptions = {
    lock: true,
    timeout: 0,
    signal: process.interrupt.signal,
    warn: (text) => {
      world.say(`  warning: ${text}`);
      if (text.startsWith('applying without')) locked = false;
    },
    self: {
      about: process.id,
      nonce: String(world.figures.processes).padStart(16, '0'),
      process: process.id,
      isGone: (id) => world.script.seed % 2 === 0 && world.gone.has(id),
    },
  };
  try {
    return await exclusively(planning, process.aws, options, async (guard) => {
      world.note(`  ${process.id} applies${locked ? '' : ' without a lock'}`);
      world.enter(process.id, () => locked);
      const { aws, sink, interrupt } = process;
      const { signal } = interrupt;
      const watched = new StepWatch(planning.plan.steps, {
        signal,
        pace: aws.pace,
        withdrawn: () => process.withdrawn,
        isFull: ({ op, input }) => world.watcher?.isFull(op, input) ?? false,
      });
      try {
        const results = await execute(planning.plan, aws, {
          sink,
          signal,
          onStart: (step) => process.watched(() => watched.started(step)),
          onEnd: (result) => process.watched(() => watched.ended(result)),
          onResult: (result) => process.watched(() => watched.told(result)),
          guard: {
            check: async () => {
              watched.chosen();
              const stop = await guard.check();
              if (stop === null) world.checkAlone(process.id);
              return stop;
            },
            holds: () => guard.holds(),
            makeRoom: () => guard.makeRoom(),
          },
        });
        process.watched(() => watched.over(results));
        return results;
      } finally {
        world.leave(process.id);
      }
    });
  } catch (error) {
    if (!(error instanceof RollcallError)) throw error;
    world.say(`  not applied: ${error.message}`);
    return null;
  }
}

/** Somebody else applies the same manifests at the same time, on another machine. */
async function rival(world: World, watch: Watch, manifest: Manifest, override: boolean): Promise<void> {
  const second = await planned(world, watch, manifest, override);
  if (typeof second === 'string') return;
  const { process, planning } = second;
  try {
    if (planning.violations.length > 0 || planning.plan.steps.length === 0) return;
    watch.joinApply(planning);
    const results = await Promise.race([steps(world, process, planning), process.death]);
    if (results !== 'died' && results !== null) watch.checkSecrets('the results', results);
  } finally {
    process.close();
  }
}

/** The calm end: after a few runs the account is what the manifests say, and a further run does nothing. */
async function settle(world: World, watch: Watch, manifest: Manifest): Promise<string | null> {
  world.calmDown();
  let cleared = false;
  let current = manifest;
  const clear = (): void => {
    cleared = true;
    clearTheWay(world.iam, manifest);
    current = withoutRenames(manifest);
  };
  for (let round = 0; round < 8; round += 1) {
    // Longer than a credential report lives.
    world.pass(5 * 3600_000);
    const result = await planned(world, watch, current, true);
    if (result === 'died') throw new Violation('convergence', 'the process died although nothing killed it');
    if (typeof result === 'string') {
      if (!cleared) {
        // Somebody does what the refusal asks for.
        clear();
        continue;
      }
      return result;
    }
    const { process, planning } = result;
    try {
      if (planning.plan.changes.length === 0) {
        if (planning.plan.steps.length > 0) throw new Violation('convergence', 'steps without a change');
        watch.checkKeys();
        watch.checkPasswords();
        const differs = whatDiffers(world.iam.state, current, world.now.getTime());
        if (differs === null) return null;
        if (cleared) throw new Violation('convergence', differs);
        // What only strangers have is not managed, until they let go of it.
        clear();
        continue;
      }
      if (!cleared && planning.plan.changes.every(({ left, byHand }) => left ?? byHand)) {
        clear();
        continue;
      }
      if (planning.violations.length > 0)
        throw new Violation('rails', 'a rail stops a plan although all are overridden');
      if (!(await applied(world, watch, process, planning, planning.live, current, true))) {
        throw new Violation('convergence', 'a step failed although nothing disturbed it');
      }
    } finally {
      process.close();
    }
  }
  throw new Violation('convergence', 'eight calm runs did not bring the account to the manifests');
}

const withoutRenames = (manifest: Manifest): Manifest => ({
  ...manifest,
  users: manifest.users.map(({ renamedFrom: _from, ...user }) => user),
  groups: manifest.groups.map(({ renamedFrom: _from, ...group }) => group),
});
