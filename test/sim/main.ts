import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { addTo, describeFailure, noTotals } from './report.ts';
import { runScript } from './run.ts';
import type { Outcome } from './run.ts';
import { drawScript, eventKinds } from './script.ts';
import type { Forced } from './script.ts';
import { shrink } from './shrink.ts';

/** `npm run sim -- --seed 1 --runs 1000`: many runs on all cores; a failing one is cut down and shown. */

interface Task extends Forced {
  readonly seed: number;
}
type Result = { readonly seed: number } & Pick<Outcome, 'hash' | 'failure' | 'refused' | 'figures'>;

async function run({ seed, ...forced }: Task): Promise<Result> {
  const { hash, failure, refused, figures } = await runScript(drawScript(seed, forced));
  return { seed, hash, failure, refused, figures };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      runs: { type: 'string', default: '1' },
      only: { type: 'string' },
      parallelism: { type: 'string' },
      workers: { type: 'string', default: String(availableParallelism()) },
      /** How many failures are enough. */
      failures: { type: 'string', default: '5' },
      /** How many of them are cut down. */
      shrink: { type: 'string', default: '2' },
      json: { type: 'string' },
    },
  });
  const only = eventKinds.find((kind) => kind === values.only);
  if (values.only !== undefined && !only) {
    throw new Error(`--only takes one of ${eventKinds.join(', ')}`);
  }
  const forced: Forced = {
    ...(only ? { only } : {}),
    ...(values.parallelism === undefined ? {} : { parallelism: Number(values.parallelism) }),
  };
  const first = Number(values.seed);
  const runs = Number(values.runs);
  const totals = noTotals();
  const hashes = new Map<number, string>();
  const failed: number[] = [];
  const began = performance.now();
  let next = first;
  const take = (): Task | null => {
    if (next >= first + runs || failed.length >= Number(values.failures)) return null;
    next += 1;
    return { seed: next - 1, ...forced };
  };
  const done = (result: Result): void => {
    addTo(totals, result);
    hashes.set(result.seed, result.hash);
    if (result.failure) {
      failed.push(result.seed);
      console.log(`seed ${result.seed} breaks a promise: ${result.failure.message}`);
    }
  };
  const workers = Math.min(Number(values.workers), runs);
  if (workers < 2) for (let task = take(); task; task = take()) done(await run(task));
  else await Promise.all(Array.from({ length: workers }, () => work(take, done)));

  const seconds = (performance.now() - began) / 1000;
  for (const seed of failed.sort((a, b) => a - b).slice(0, Number(values.shrink))) {
    const script = drawScript(seed, forced);
    console.log(describeFailure(seed, forced, await shrink(script, await runScript(script))));
  }
  const hash = [...hashes].sort(([a], [b]) => a - b).at(-1)?.[1];
  console.log(
    `${totals.runs} runs, ${totals.calls} calls checked, ${sum(totals.events)} faults and other events, ` +
      `${totals.failed} failed, ${totals.refused} refused to plan, ${seconds.toFixed(1)} s` +
      ` (${(totals.runs / seconds).toFixed(1)} runs/s); last trace ${hash}`,
  );
  if (values.json !== undefined) {
    const figures = { seed: first, ...totals, seconds: Math.round(seconds), workers };
    writeFileSync(values.json, `${JSON.stringify(figures, null, 2)}\n`);
  }
  process.exitCode = totals.failed > 0 ? 1 : 0;
}

const sum = (counts: { readonly [kind: string]: number }): number =>
  Object.values(counts).reduce((total, count) => total + count, 0);

/** One worker, fed until nothing is left. */
function work(take: () => Task | null, done: (result: Result) => void): Promise<void> {
  const worker = new Worker(new URL(import.meta.url));
  return new Promise((resolve, reject) => {
    const feed = (): void => {
      const task = take();
      if (task) worker.postMessage(task);
      else void worker.terminate().then(() => resolve());
    };
    worker.on('message', (result: Result) => {
      done(result);
      feed();
    });
    worker.on('error', reject);
    feed();
  });
}

if (isMainThread) await main();
else {
  // A failure is played again by the main thread, with its stack.
  Error.stackTraceLimit = 0;
  parentPort!.on('message', (task: Task) => void run(task).then((result) => parentPort!.postMessage(result)));
}
