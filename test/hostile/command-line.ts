import { manifests } from '../support/cli.ts';
import type { Ended } from '../support/cli.ts';
import type { ProcessEnd } from '../support/process.ts';

/** Ends by itself, with a code of ours, and tells users what is wrong in words and not in stack traces. */
export function check<E extends Ended | ProcessEnd>(ended: E, args: readonly string[]): E {
  const said = `${ended.stdout}${ended.stderr}`;
  const wrong = [
    'signal' in ended && ended.signal !== null && `was ended by ${ended.signal}`,
    ![0, 1, 2, 3, 4, 5].includes(ended.code ?? -1) && `ended with ${ended.code}`,
    /in a way it should not|^\s+at .*:\d+:\d+/m.test(said) && 'shows a stack trace',
    /node:internal|UnhandledPromise/.test(said) && 'shows what is inside',
    said.length > 500_000 && 'floods its reader',
    ended.code !== 0 && ended.stderr === '' && ended.code !== 2 && 'does not say why',
  ].filter(Boolean);
  if (wrong.length > 0)
    throw new Error(`${JSON.stringify(args).slice(0, 500)}: ${wrong.join(', ')}\n${said.slice(0, 2000)}`);
  return ended;
}

/** The key of an IAM that does not look at it. */
export const key = {
  AWS_ACCESS_KEY_ID: 'AKIA2222222222222222',
  AWS_SECRET_ACCESS_KEY: 'x',
  AWS_REGION: 'us-east-1',
};
/** A directory of manifests with nothing wrong. */
export const valid = (): string => manifests('users: { dale: {} }\n');

/** Nothing that could be reached by accident: no network but a port where nobody listens. */
export const nowhere = ['--endpoint-url', 'http://127.0.0.1:9'];
export const env = {
  AWS_ACCESS_KEY_ID: 'AKIA2222222222222222',
  AWS_SECRET_ACCESS_KEY: 'x',
  AWS_MAX_ATTEMPTS: '1',
};
