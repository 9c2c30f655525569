// How long a run takes where IAM is as far away as AWS and throttles: against a proxy before the embedded IAM.
// Run by hand (`npm run bench:latency`). See bench/README.md.
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { fillStaff, writeAccount, writeStaff } from './manifests.mjs';
import { findPeers, runPeer } from './peers.mjs';
import { rollcall, root, startProxy, startSandbox } from './processes.mjs';
import { differences, summarise } from './trace.mjs';

const { values: options } = parseArgs({
  options: {
    case: { type: 'string', multiple: true },
    'no-peers': { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    parallelism: { type: 'string' },
    together: { type: 'string', default: '1' },
    results: { type: 'string' },
    seed: { type: 'string', default: '1' },
    report: { type: 'boolean', default: false },
    trace: { type: 'string' },
  },
});
const scratch = mkdtempSync(join(tmpdir(), 'rollcall-latency-'));

// --- What is measured ---

/** What a run has to do: the account before it, the manifests, and the commands with the exit code that each must have. */
const overrides = ['--override', 'max-removals'];
const works = {
  'hire-100': { before: 400, from: 0, to: 500, commands: [['apply', '--yes']] },
  'offboard-20': { before: 500, from: 20, to: 500, commands: [['apply', '--yes', ...overrides]] },
  'leave-20': { before: 100, from: 20, to: 100, commands: [['apply', '--yes', ...overrides]] },
  'leave-80': { before: 500, from: 80, to: 500, commands: [['apply', '--yes', ...overrides]] },
  'leave-100': {
    before: 500,
    from: 100,
    to: 500,
    commands: [
      ['plan', ...overrides],
      ['apply', '--yes', ...overrides],
    ],
  },
  'leave-400': { before: 500, from: 400, to: 500, commands: [['apply', '--yes', ...overrides]] },
  'empty-5000': { users: 5000, commands: [['apply', '--yes']] },
};

const unlimited = [
  { work: 'hire-100', latency: 80, quick: true, seconds: 8 },
  { work: 'offboard-20', latency: 80, quick: true, seconds: 4, lastDeny: 1 },
  { work: 'empty-5000', latency: 80, wholeSeconds: 300 },
];
/** A short one, for a first look: of a bucket for each operation a process would take longer than the calls. */
const short = { work: 'leave-20', latency: 40, limit: { rate: 10, burst: 20, per: 'account' }, quick: true };
const throttled = [
  { work: 'leave-100', rate: 10, burst: 20 },
  { work: 'leave-80', rate: 3, burst: 6 },
  { work: 'leave-400', rate: 15, burst: 30 },
  { work: 'hire-100', rate: 10, burst: 20 },
  { work: 'hire-100', rate: 3, burst: 6 },
].flatMap(({ work, rate, burst }) =>
  ['account', 'operation'].flatMap((per) =>
    [false, true].map((isFaulty) => ({
      work,
      latency: 40,
      limit: { rate, burst, per },
      ...(isFaulty ? { errors: 0.01, lost: 0.01 } : {}),
    })),
  ),
);

const nameOf = ({ work, latency, limit, errors }) =>
  limit
    ? `${work}@${limit.rate}${limit.per === 'operation' ? '-each' : ''}${errors ? '-faults' : ''}`
    : `${work}@${latency}ms`;
const cases = [...unlimited, short, ...throttled].map((one) => ({ ...one, name: nameOf(one) }));

// --- One run ---

/** The account's file is made once for each size. */
const fills = new Map();
function filled(count) {
  const file = join(scratch, `${count}.account`);
  if (!fills.has(count)) fills.set(count, fillStaff(file, count));
  return fills.get(count).then(() => file);
}

/** An account and manifests for a work, a sandbox that serves it, and a proxy before that. */
async function stage(work, proxyOptions) {
  const dir = mkdtempSync(join(scratch, 'run-'));
  const manifests = join(dir, 'manifests');
  const { before, from, to, users } = works[work];
  if (users) writeAccount(manifests, users);
  else {
    writeStaff(manifests, from, to, before);
    cpSync(await filled(before), join(dir, 'account'));
  }
  const sandbox = await startSandbox(['--file', join(dir, 'account')]);
  const proxy = await startProxy({ target: sandbox.url, ...proxyOptions });
  return {
    dir,
    manifests,
    sandbox,
    proxy,
    end: async () => {
      const ended = [proxy, sandbox].map(({ child }) => once(child, 'exit'));
      proxy.child.disconnect();
      sandbox.child.kill();
      await Promise.all(ended);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** The first of what went wrong. */
const reasonsIn = (text) =>
  text
    .split('\n')
    .filter((line) => /^(?:error|failed): /.test(line))
    .slice(0, 2)
    .join(' ');

/** @returns what the proxy saw, and all that is wrong with the run, in words. */
async function play(work, proxyOptions, parallelism = options.parallelism) {
  const { dir, manifests, sandbox, proxy, end } = await stage(work, proxyOptions);
  const wrong = [];
  const runs = [];
  try {
    const there = ['--manifests', manifests, '--deliveries', join(dir, 'deliveries'), '-v'];
    const pace = parallelism === undefined ? [] : ['--parallelism', parallelism];
    for (const args of works[work].commands) {
      const receipts = args[0] === 'apply' ? ['--receipts', join(dir, 'receipts')] : [];
      const run = await rollcall([...args, ...there, ...receipts, ...pace, '--endpoint-url', proxy.url]);
      runs.push({ ...run, ended: performance.timeOrigin + performance.now() });
      if (run.code !== (args[0] === 'plan' ? 2 : 0)) {
        wrong.push(`${args[0]}: exit ${run.code}: ${reasonsIn(run.errors)}`);
        break;
      }
    }
    const calls = await proxy.take();
    if (wrong.length === 0) {
      const { code } = await rollcall(['plan', ...there, '--endpoint-url', sandbox.url]);
      if (code !== 0) wrong.push('a further plan is not empty');
    }
    return { calls, runs, wrong };
  } finally {
    await end();
  }
}

/** The calls that the work takes: as many one at a time as many at a time. */
const references = new Map();
function reference(work) {
  if (!references.has(work)) references.set(work, countCalls(work));
  return references.get(work);
}

async function countCalls(work) {
  const [serial, concurrent] = [await play(work, {}, '1'), await play(work, {})];
  const [one, many] = [serial, concurrent].map(({ calls }) => summarise(calls).work);
  const more = differences(many, one).map((text) => `not as one at a time: ${text}`);
  return { work: one, wrong: [...serial.wrong, ...concurrent.wrong, ...more] };
}

async function measure(one) {
  const { work, latency, limit = null, errors = 0, lost = 0 } = one;
  const seed = Number(options.seed);
  const counting = work === 'empty-5000' ? null : reference(work);
  // Counting takes nothing from a run that waits most of the time.
  if (limit?.per !== 'account') await counting;
  const { calls, runs, wrong } = await play(work, { latency, limit, errors, lost, seed });
  const expected = await counting;
  if (options.trace) {
    mkdirSync(options.trace, { recursive: true });
    writeFileSync(join(options.trace, `${one.name}.json`), JSON.stringify({ calls, runs }));
  }
  const seen = summarise(calls);
  const { ended } = runs.at(-1);
  const whole = (ended - seen.start) / 1000;
  const fullest = Math.max(...Object.values(seen.perOperation));
  const bound = limit ? (limit.per === 'operation' ? fullest : seen.calls) / limit.rate : null;
  const sinceWrite = (ended - seen.firstWrite) / 1000;
  const seconds = one.seconds ? sinceWrite : whole;
  const bar = one.seconds ?? one.wholeSeconds ?? bound * 1.15;
  if (expected) wrong.push(...expected.wrong);
  if (expected && !errors && wrong.length === 0) wrong.push(...differences(seen.work, expected.work));
  if (seconds > bar) wrong.push(`${seconds.toFixed(1)} s are more than ${bar.toFixed(1)} s`);
  if (seen.lastDeny > (one.lastDeny ?? Infinity)) wrong.push(`the last deny comes after ${one.lastDeny} s`);
  return {
    name: one.name,
    calls: seen.calls,
    attempts: seen.attempts,
    inFlight: seen.inFlight,
    lastDeny: Number.isFinite(seen.lastDeny) && !work.startsWith('hire') ? seen.lastDeny : null,
    cpu: runs.reduce((sum, { cpu }) => sum + cpu, 0),
    seconds,
    bound,
    bar,
    wrong: [...new Set(wrong)],
  };
}

async function measurePeer(peer, one) {
  const { work, latency, limit = null } = one;
  const { before, from, to } = works[work];
  const { proxy, end } = await stage(work, { latency, limit });
  try {
    const what = work.startsWith('hire')
      ? { script: 'hire', from: before, to }
      : { script: 'offboard', from: 0, to: from };
    const { code, text } = await runPeer(peer, what, proxy.url);
    const ended = performance.timeOrigin + performance.now();
    const seen = summarise(await proxy.take());
    return {
      name: `${one.name}: ${peer.name}`,
      calls: seen.calls,
      attempts: seen.attempts,
      inFlight: seen.inFlight,
      lastDeny: null,
      cpu: null,
      seconds: (ended - (limit ? seen.start : seen.firstWrite)) / 1000,
      bound: limit ? seen.calls / limit.rate : null,
      bar: null,
      wrong: code === 0 ? [] : [`fails: ${text.trim().split('\n').at(-1)}`],
    };
  } finally {
    await end();
  }
}

// --- Which, and how they are told ---

/** `*` in a pattern stands for anything. */
const matches = (name, pattern) =>
  new RegExp(`^${pattern.replaceAll(/[^\w*]/g, '\\$&').replaceAll('*', '.*')}$`).test(name);
const isWanted = ({ name, quick = false }) =>
  options.case ? options.case.some((pattern) => matches(name, pattern)) : !options.quick || quick;

/** Runs jobs, so many at a time, in their order. */
async function runJobs(jobs, together) {
  const results = [];
  const queue = [...jobs.entries()];
  const work = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      results[next[0]] = await next[1]();
      console.error(tellShort(results[next[0]]));
    }
  };
  await Promise.all(Array.from({ length: together }, work));
  return results;
}

const digits = (value, count = 1) => (value === null ? '' : value.toFixed(count));
const tellShort = ({ name, calls, attempts, seconds, bar, wrong, cpu }) =>
  `${name}: ${calls} calls, ${attempts} attempts, ${digits(seconds)} s of ${digits(bar) || '-'}, CPU ${digits(cpu)} s; ${wrong.join('; ') || 'holds'}`;

const heads = [
  '',
  'calls',
  'attempts',
  'most in flight',
  'last deny s',
  's',
  'calls ÷ rate s',
  'ratio',
  'bar s',
  'holds',
];
function table(results) {
  const rows = results.map(({ name, calls, attempts, inFlight, lastDeny, seconds, bound, bar, wrong }) => [
    name,
    calls,
    attempts,
    inFlight,
    digits(lastDeny),
    digits(seconds),
    digits(bound),
    bound === null ? '' : digits(seconds / bound, 2),
    digits(bar),
    wrong.length > 0 ? wrong.join('; ').replaceAll('|', '\\|') : bar === null ? '' : 'yes',
  ]);
  return [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

async function main() {
  const wanted = cases.filter(isWanted);
  const peers = options['no-peers'] ? [] : await findPeers((line) => console.error(line));
  const jobs = wanted.map((one) => ({ one, run: () => measure(one) }));
  const peerJobs = wanted.flatMap((one) =>
    peers
      .filter(({ cases }) => cases.includes(one.name))
      .map((peer) => ({ one, run: () => measurePeer(peer, one) })),
  );
  const all = [...jobs, ...peerJobs];
  const together = Number(options.together);
  // What has no limit is bound by the processor as well, and runs alone; of those with a bucket for each operation a
  // processor carries one. The others wait most of the time.
  const groups = [
    [all.filter(({ one }) => !one.limit), 1],
    [all.filter(({ one }) => one.limit?.per === 'operation'), Math.min(together, cpus().length)],
    [all.filter(({ one }) => one.limit?.per === 'account'), together],
  ];
  const results = [];
  for (const [group, width] of groups)
    results.push(
      ...(await runJobs(
        group.map(({ run }) => run),
        width,
      )),
    );

  const earlier =
    options.results && existsSync(options.results) ? JSON.parse(readFileSync(options.results, 'utf8')) : [];
  const kept = new Map([...earlier, ...results].map((result) => [result.name, result]));
  if (options.results) writeFileSync(options.results, JSON.stringify([...kept.values()], null, 1));
  const text = table([...kept.values()]);
  console.log(text);
  if (options.report) await writeReport(text);
  process.exitCode = results.some(({ bar, wrong }) => bar !== null && wrong.length > 0) ? 1 : 0;
}

async function writeReport(text) {
  const [{ model }] = cpus();
  const file = join(root, 'bench/latency.md');
  const whole = `# Latency and throttling\n\nMade by \`npm run bench:latency -- --report\` with Node ${process.version} on ${cpus().length} × ${model}. What the rows mean:\n[README.md](README.md).\n\n${text}\n`;
  writeFileSync(file, await format(whole, { ...(await resolveConfig(file)), filepath: file }));
}

console.error(`load ${loadavg()[0].toFixed(1)} on ${cpus().length} processors`);
try {
  if (options.list) console.log(cases.map(({ name }) => name).join('\n'));
  else await main();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
