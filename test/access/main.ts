/**
 * `npm run access -- [--runs N] [--seed N] [--json FILE]`: whole plans of random accounts held against the judge, and
 * how many single edits in which nobody gains are told as if somebody might, by class.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { randomAt } from '../sim/random.ts';
import { edits } from './random-accounts.ts';
import { isOpen, trial } from './trial.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '500' },
    singles: { type: 'string', default: '500' },
    seed: { type: 'string', default: '1' },
    json: { type: 'string' },
  },
});
const [runs, singles, seed] = [values.runs, values.singles, values.seed].map(Number) as [
  number,
  number,
  number,
];
const began = Date.now();
const classes = Object.keys(edits);

const plans = { plans: 0, gains: 0, wrong: 0 };
for (let run = 0; run < runs; run += 1) {
  const random = randomAt(seed + run);
  const names = Array.from({ length: random.between(1, 4) }, () => random.pick(classes));
  const one = trial(random, names);
  if (!one) continue;
  plans.plans += 1;
  if (one.gainers.length > 0) plans.gains += 1;
  if (one.wrong.length === 0) continue;
  plans.wrong += 1;
  console.log(`seed ${seed + run} (${names.join(', ')}): ${JSON.stringify(one.wrong[0])}`);
}

interface Figures {
  nobodyGains: number;
  calledOpen: number;
  widens: number;
  onlyUnclear: number;
}
const byClass: { [name: string]: Figures } = {};
// A name is always told as unclear, by one short reason of its own.
for (const name of classes.filter((one) => one !== 'renamed group')) {
  const figures: Figures = { nobodyGains: 0, calledOpen: 0, widens: 0, onlyUnclear: 0 };
  byClass[name] = figures;
  for (let run = 0; run < singles / classes.length; run += 1) {
    const one = trial(randomAt(seed, run, classes.indexOf(name)), [name], 400);
    if (!one) continue;
    const open = one.plan.changes.filter(isOpen);
    if (one.gainers.length > 0) {
      figures.widens += 1;
      if (open.every(({ effect }) => effect === 'unclear')) figures.onlyUnclear += 1;
    } else {
      figures.nobodyGains += 1;
      if (open.length > 0) figures.calledOpen += 1;
    }
  }
}
const sum = (field: keyof Figures): number =>
  Object.values(byClass).reduce((total, figures) => total + figures[field], 0);
const result = {
  seed,
  runs,
  singles,
  soundness: plans,
  precision: {
    nobodyGains: sum('nobodyGains'),
    calledOpen: sum('calledOpen'),
    widens: sum('widens'),
    onlyUnclear: sum('onlyUnclear'),
    byClass,
  },
  seconds: Math.round((Date.now() - began) / 1000),
};
console.log(JSON.stringify(result, null, 1));
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`);
