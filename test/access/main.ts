import { randomAt } from '../sim/random.ts';
import { edits } from './random-accounts.ts';
import { trial } from './trial.ts';

const [from = 1, runs = 200] = process.argv.slice(2).map(Number);
let wrong = 0;
const seen = { plans: 0, gain: 0 };
const began = Date.now();
for (let seed = from; seed < from + runs; seed += 1) {
  const random = randomAt(seed);
  const names = Array.from({ length: random.between(1, 4) }, () => random.pick(Object.keys(edits)));
  const one = trial(random, names);
  if (!one) continue;
  seen.plans += 1;
  if (one.gainers.length > 0) seen.gain += 1;
  if (one.wrong.length > 0) {
    wrong += 1;
    if (wrong <= 6) {
      console.log(seed, names.join(', '), JSON.stringify(one.wrong[0]));
      console.log('  ', one.plan.changes.map(({ id, effect }) => `${id}=${effect}`).join('  '));
    }
  }
}
console.log(seen, 'wrong', wrong, (Date.now() - began) / 1000);
