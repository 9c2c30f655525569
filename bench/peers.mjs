/** Other programs that do the same work, where they are installed. */
import { join } from 'node:path';
import { root, run } from './processes.mjs';

const python = process.env.PYTHON ?? 'python3';
const boto3 = [
  [1, 'standard'],
  [8, 'standard'],
  [1, 'adaptive'],
  [8, 'adaptive'],
].map(([threads, mode]) => ({
  cases: ['hire-100@80ms', 'offboard-20@80ms', 'hire-100@10', 'leave-100@10'],
  name: `boto3, ${mode}, ${threads === 1 ? 'one thread' : `${threads} threads`}`,
  program: python,
  args: ({ script, from, to }, url) => [join(root, `bench/peers/${script}.py`), url, from, to, threads, mode],
}));
const ansible = {
  name: 'Ansible',
  // A module takes a second of the processor: 100 people with a group and a key each would take many minutes.
  cases: ['offboard-20@80ms'],
  program: 'ansible-playbook',
  args: ({ script, from, to }, url) => [
    '-i',
    'localhost,',
    '-c',
    'local',
    '-e',
    JSON.stringify({ url, first: from, last: to }),
    join(root, `bench/peers/${script}.yml`),
  ],
};

/** @param {(line: string) => void} tell of those that are left out. */
export async function findPeers(tell) {
  const has = async (program, args) => (await run(program, args)).code === 0;
  const peers = [];
  if (await has(python, ['-c', 'import boto3'])) peers.push(...boto3);
  else tell('boto3 is not installed, and left out');
  if (await has('ansible-doc', ['-t', 'module', 'amazon.aws.iam_user'])) peers.push(ansible);
  else tell('Ansible with its collection amazon.aws is not installed, and left out');
  return peers;
}

export const runPeer = ({ program, args }, what, url) => run(program, args(what, url).map(String));
