// Applies each seeded bug of test/sim/mutants/list.mjs to a copy of the tree and shows which check catches it.
// `npm run mutants` writes what it sees to docs/reliability/mutants.json; `-- --check` only tells whether each still
// applies; `-- NAME…` runs those whose name holds one of the words, `-- --shard 1/2` every second one, for two machines;
// `--only NAME` runs that one; `--list` prints the names as JSON. With `--passed` the checks are not tried without a bug
// first, as the whole suite has just passed on this tree, and nothing is written.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { mutants } from '../test/sim/mutants/list.mjs';

const root = resolve(import.meta.dirname, '..');

/** The source with the bug; throws where the place is not there exactly once. */
function mutate(text, { file, find, replace, also }) {
  const once = (source, piece, by) => {
    if (source.split(piece).length !== 2) throw new Error(`${file} does not hold this once:\n${piece}`);
    return source.replace(piece, () => by);
  };
  const changed = once(text, find, replace);
  return also ? once(changed, also.find, also.replace) : changed;
}

const { values: options, positionals: words } = parseArgs({
  args: process.argv.slice(2),
  options: {
    check: { type: 'boolean' },
    list: { type: 'boolean' },
    only: { type: 'string' },
    passed: { type: 'boolean' },
    shard: { type: 'string', default: '1/1' },
  },
  allowPositionals: true,
});
const [shard, shards] = options.shard.split('/').map(Number);
const wanted = mutants
  .filter(({ name }) => options.only === undefined || name === options.only)
  .filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)))
  .filter((_, index) => index % shards === shard - 1);
if (options.list) {
  console.log(JSON.stringify(wanted.map(({ name }) => name)));
  process.exit(0);
}
const sources = new Map(wanted.map((mutant) => [mutant, readFileSync(join(root, mutant.file), 'utf8')]));
for (const mutant of wanted) mutate(sources.get(mutant), mutant);
// A check that runs no test fails without a bug too, and would catch everything.
const lost = wanted
  .flatMap(({ checks }) => checks)
  .filter((check) => typeof check === 'string' && !existsSync(join(root, check)));
if (lost.length > 0) throw new Error(`no such test: ${[...new Set(lost)].join(', ')}`);
console.log(`${wanted.length} mutants apply.`);
if (options.check) process.exit(0);

const copy = mkdtempSync(join(tmpdir(), 'rollcall-mutants-'));
process.on('exit', () => rmSync(copy, { recursive: true, force: true }));
const files = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
}).stdout.split('\0');
for (const file of files.filter(Boolean)) {
  mkdirSync(dirname(join(copy, file)), { recursive: true });
  cpSync(join(root, file), join(copy, file));
}
symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));

/** Null where the check passes, else the first thing that it says is wrong. */
function failure(check) {
  const simulated = typeof check === 'number';
  const command = simulated
    ? [
        join(copy, 'scripts/sim.mjs'),
        '--seed',
        '1',
        '--runs',
        String(check),
        '--failures',
        '1',
        '--shrink',
        '0',
      ]
    : [
        join(copy, 'node_modules/vitest/vitest.mjs'),
        'run',
        check,
        '--bail',
        '1',
        '--reporter',
        'dot',
        '--maxWorkers',
        '1',
      ];
  const ended = spawnSync(process.execPath, command, {
    cwd: copy,
    encoding: 'utf8',
    env: { ...process.env, CI: 'true', NO_COLOR: '1' },
    maxBuffer: 1 << 28,
    timeout: 300_000,
  });
  if (ended.status === 0) return null;
  const lines = `${ended.stdout}\n${ended.stderr}`.split('\n');
  const telling =
    lines.find((line) => (simulated ? /breaks a promise/ : /FAIL/).test(line)) ?? `exit ${ended.status}`;
  return telling
    .replace(/^.*FAIL\s+/, '')
    .trim()
    .slice(0, 160);
}

// A check that fails without a bug would catch everything.
const first = options.passed ? [] : wanted.flatMap(({ checks }) => checks);
for (const check of new Set(first)) {
  const why = failure(check);
  if (why !== null) throw new Error(`the check ${check} fails without a bug: ${why}`);
}

const report = join(root, 'docs/reliability/mutants.json');

/** A run of some renews their results, each at once; the others stay as they were seen last. */
function record(result) {
  const earlier = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : [];
  const latest = new Map([...earlier, result].map((one) => [one.name, one]));
  const all = mutants.flatMap(({ name }) => latest.get(name) ?? []);
  mkdirSync(dirname(report), { recursive: true });
  writeFileSync(report, `${JSON.stringify(all, null, 2)}\n`);
}

const results = wanted.map((mutant) => {
  const path = join(copy, mutant.file);
  const start = performance.now();
  writeFileSync(path, mutate(sources.get(mutant), mutant));
  /** @type {{ by: string, why: string } | null} */
  let caught = null;
  for (const check of mutant.checks) {
    const why = failure(check);
    if (why === null) continue;
    caught = { by: typeof check === 'number' ? `sim, ${check} runs` : check, why };
    break;
  }
  writeFileSync(path, sources.get(mutant));
  const seconds = Math.round((performance.now() - start) / 1000);
  console.log(
    `${caught ? 'caught  ' : 'SURVIVES'}  ${mutant.name}  (${caught?.by ?? 'nothing'}, ${seconds} s)`,
  );
  const result = { name: mutant.name, file: mutant.file, caught, seconds };
  if (!options.passed) record(result);
  return result;
});

const survivors = results.filter(({ caught }) => !caught).length;
console.log(`${results.length - survivors} of ${results.length} caught.`);
process.exitCode = survivors === 0 ? 0 : 1;
