import { callRaw, Session, type Answer, type KeyPair, type Server } from './client.ts';
import { mismatch } from './match.ts';
import type { Call, Row } from './row.ts';

/** What a row gave, in words that can be recorded: `as documented`, or what came instead. */
export const asDocumented = 'as documented';

export async function run(row: Row, server: Server): Promise<string> {
  const session = new Session(server);
  try {
    return await runIn(session, row);
  } finally {
    session.close();
  }
}

async function runIn(session: Session, { setup, call, expected }: Row): Promise<string> {
  const { server } = session;
  const answers: unknown[] = [];
  for (const step of setup) {
    if ('waitMs' in step) {
      server.wait(step.waitMs);
      continue;
    }
    let last: Answer = { ok: null };
    for (let index = 0; index < (step.times ?? 1); index++) {
      const input = fill(step.input ?? {}, answers, index);
      last = await session.call(step, input, keyOf(step, answers, server));
      if ('error' in last) return `set-up: ${step.op} gave ${last.error} ${last.status}`;
    }
    answers.push('ok' in last ? last.ok : null);
  }
  const answer =
    'raw' in call
      ? await callRaw(server, call)
      : await session.call(call, fill(call.input ?? {}, answers, 0), keyOf(call, answers, server));
  return compare(expected, answer, answers);
}

export function compare(expected: Row['expected'], answer: Answer, answers: readonly unknown[]): string {
  if ('error' in answer) {
    const given = `${answer.error} ${answer.status}`;
    if (!('error' in expected) || given !== `${expected.error} ${expected.status}`) return given;
    const isSaid = expected.message === undefined || expected.message === answer.message;
    return isSaid ? asDocumented : `${given} with another text`;
  }
  if ('error' in expected) return 'success';
  const path = mismatch(fill(expected.ok, answers, 0), answer.ok);
  return path === null ? asDocumented : `success with another ${path}`;
}

/** Puts earlier answers and the turn's number into the texts of an input. */
export function fill<T>(value: T, answers: readonly unknown[], index: number): T {
  if (typeof value === 'string') {
    const [, at, path] = /^\$(\d+)\.(.+)$/.exec(value) ?? [];
    if (at !== undefined) return lookUp(answers[Number(at)], path!) as T;
    return value.replaceAll('{i}', String(index)) as T;
  }
  if (Array.isArray(value)) return value.map((item: unknown) => fill(item, answers, index)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]: [string, unknown]) => [key, fill(item, answers, index)]),
  ) as T;
}

const lookUp = (answer: unknown, path: string): unknown =>
  path
    .split('.')
    .reduce<unknown>((at, field) => (at as Record<string, unknown> | undefined)?.[field], answer);

export function keyOf({ as }: Call, answers: readonly unknown[], { operator }: Server): KeyPair {
  if (as === undefined) return operator;
  if (as === 'unknown-key') return { accessKeyId: 'AKIANOBODYSKEY222222', secretAccessKey: 'x'.repeat(40) };
  if (as === 'wrong-secret') return { ...operator, secretAccessKey: 'x'.repeat(40) };
  const key = fill(as, answers, 0) as unknown as Record<string, string>;
  return {
    accessKeyId: key['AccessKeyId']!,
    secretAccessKey: key['SecretAccessKey']!,
    ...(key['SessionToken'] === undefined ? {} : { sessionToken: key['SessionToken'] }),
  };
}
