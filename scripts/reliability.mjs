// Renders docs/reliability.md from the figures in docs/reliability/*.json, which the checks themselves write.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { format, resolveConfig } from 'prettier';

const dir = resolve(import.meta.dirname, '../docs/reliability');
const read = (name) => {
  const file = join(dir, `${name}.json`);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
};
const number = (value) => value.toLocaleString('en-US');
const percent = (part, all) => `${((100 * part) / Math.max(1, all)).toFixed(1)} %`;
const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
const byCount = (record) =>
  Object.entries(record)
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .map(([name, count]) => [name, number(count)]);

/** Each section from its own file; `how` is the command that writes it. */
const sections = {
  sim: ({ runs, calls, processes, plans, failed, seconds, events }) => `## Simulation

\`npm run sim -- --seed 1 --runs ${runs} --json docs/reliability/sim.json\`: whole lives of small accounts, with the real SDK
client on a virtual clock, faults drawn anew for each run, and every promise checked after every call
([test/sim/README.md](../test/sim/README.md)).

${number(runs)} runs, ${number(processes)} processes of rollcall, ${number(plans)} plans, ${number(calls)} calls checked, **${failed} promises
broken**${seconds === undefined ? '' : `, in ${number(Math.round(seconds))} seconds`}.

${table(['fault or event', 'times'], byCount(events))}`,

  mutants: (results) => `## Seeded bugs

\`npm run mutants\`: ${results.filter(({ caught }) => caught).length} of ${results.length} bugs are caught
([test/sim/mutants/list.mjs](../test/sim/mutants/list.mjs)).

${table(
  ['bug', 'caught by'],
  results.map(({ name, caught }) => [name, caught ? caught.by : '**nothing**']),
)}`,

  access: ({ seed, runs, singles, soundness, precision }) => `## Effective access

\`npm run access -- --seed ${seed} --runs ${runs} --singles ${singles} --json docs/reliability/access.json\`: random accounts and edits, held
request by request against an evaluator written apart ([decisions/access.md](decisions/access.md)).

${number(soundness.plans)} plans, in ${number(soundness.gains)} of which somebody gains: **${soundness.wrong} changes wrongly told as none or narrowing**. Of
${number(precision.nobodyGains)} single edits in which nobody gains, ${number(precision.calledOpen)} (${percent(precision.calledOpen, precision.nobodyGains)}) are told as if somebody might. Of
${number(precision.widens)} in which somebody gains, ${number(precision.onlyUnclear)} (${percent(precision.onlyUnclear, precision.widens)}) are only told as unclear.

${table(
  ['edit', 'nobody gains', 'told as if', 'somebody gains', 'only unclear'],
  Object.entries(precision.byClass).map(([name, one]) => [
    name,
    ...[one.nobodyGains, one.calledOpen, one.widens, one.onlyUnclear].map(number),
  ]),
)}`,

  conformance: ({ rows, operations, bySource, moto }) => `## Conformance of the sandbox

\`npm run conformance\`: ${number(rows)} calls on ${operations} operations, each with the AWS document that says what must come
([conformance.md](conformance.md)). The sandbox answers all of them so; moto ${moto.version} answers ${moto.same} of them so.

${table(['source', 'rows'], byCount(bySource))}`,

  escalations: ({ paths, named, policies, flagged }) => `## Known escalations

\`npm run escalations -- CORPUS\`: ${paths} sets of actions that public lists call a privilege escalation, and how many of them a
plan names. The same sets and more stand in [test/access/escalation-sets.ts](../test/access/escalation-sets.ts). Of
${number(policies)} policies that AWS manages ${number(flagged)} have a danger: [each with what it is](reliability/escalations.md).

${table(
  ['form', 'named'],
  Object.entries(named).map(([form, count]) => [form, `${count} of ${paths}`]),
)}`,

  fuzz: ({ total, seconds, seed, inputs }) => `## Hostile input

\`npm run fuzz -- --seconds ${seconds}\` (seed ${seed}): ${number(total)} inputs, no crash, no hang.

${table(['input', 'tried'], byCount(inputs))}`,
};

const parts = Object.entries(sections).flatMap(([name, render]) => {
  const figures = read(name);
  return figures ? [render(figures)] : [];
});
const text = `# Reliability

Figures that the checks wrote themselves, rendered by \`npm run reliability\`. What the promises are:
[decisions/safe-order.md](decisions/safe-order.md), [threat-model.md](threat-model.md). Speed and scale:
[bench/report.md](../bench/report.md).

${parts.join('\n\n')}
`;
const file = join(dir, '../reliability.md');
writeFileSync(file, await format(text, { ...(await resolveConfig(file)), filepath: file }));
console.log(`docs/reliability.md: ${parts.length} sections`);
