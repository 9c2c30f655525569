import { handlers } from '../../src/sandbox/iam/handlers.ts';
import { Session, type Answer, type Server } from '../conformance/client.ts';
import { account } from '../conformance/given.ts';
import { matchesText } from '../conformance/match.ts';
import { fill, keyOf } from '../conformance/run.ts';
import { sandboxServer } from '../conformance/servers.ts';
import type { Case, Expected, Step } from './case.ts';
import { Recording, type Recorded, type Seen } from './recording.ts';

/** How the sandbox did in one answer. */
export interface Result {
  readonly test: string;
  readonly step: Step;
  /** The sandbox has no such operation, or none of those that lead there: neither comparison was made. */
  readonly isLeftOut: boolean;
  /** What is other than our own table has it; null if nothing. */
  readonly own: string | null;
  /** What is other than AWS's recording has it; null if nothing, undefined where no recording is at hand. */
  readonly recorded: string | null | undefined;
}

/** Makes the calls of a case on a sandbox of its own, and compares each answer that was recorded. */
export async function replay(one: Case, recorded: Recorded | undefined): Promise<readonly Result[]> {
  const server = await sandboxServer({ enforce: true });
  const session = new Session(server);
  try {
    return await replayIn(session, server, one, recorded);
  } finally {
    session.close();
    await server.close();
  }
}

async function replayIn(
  session: Session,
  server: Server,
  { test, steps }: Case,
  recorded: Recorded | undefined,
): Promise<readonly Result[]> {
  const answers: unknown[] = [];
  const results: Result[] = [];
  const recording = new Recording(account);
  let isBlocked = false;
  for (const step of steps) {
    if ('waitMs' in step) {
      server.wait(step.waitMs);
      continue;
    }
    const { op, entry, expected } = step;
    isBlocked ||= !Object.hasOwn(handlers, op);
    if (isBlocked) {
      if (entry !== undefined) results.push({ test, step, isLeftOut: true, own: null, recorded: undefined });
      continue;
    }
    const answer = await session.call(step, fill(step.input ?? {}, answers, 0), keyOf(step, answers, server));
    answers.push('ok' in answer ? answer.ok : null);
    const seen = seenOf(answer);
    if (entry === undefined) {
      if (seen.error) throw new Error(`${test}: ${op} gave ${JSON.stringify(seen.error)}`);
      continue;
    }
    const content = recorded?.['recorded-content'][entry];
    results.push({
      test,
      step,
      isLeftOut: false,
      own: expected ? differenceFromOwn(fill(expected, answers, 0), seen) : null,
      recorded: recorded && (content === undefined ? 'no such entry' : recording.difference(content, seen)),
    });
  }
  return results;
}

function seenOf(answer: Answer): Seen {
  if ('error' in answer) {
    const { error: Code, status, message: Message = '', type: Type = '' } = answer;
    return { error: { Code, Message, Type }, status };
  }
  return { ok: asRead(answer.ok) as object, status: 200 };
}

/** As botocore shows answers: documents as data, and no fields that did not come. */
function asRead(value: unknown, name = ''): unknown {
  if (typeof value === 'string' && name.endsWith('Document'))
    return JSON.parse(decodeURIComponent(value)) as unknown;
  if (Array.isArray(value)) return value.map((item) => asRead(item));
  if (typeof value !== 'object' || value === null || value instanceof Date || value instanceof Uint8Array)
    return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [key, asRead(item, key)]),
  );
}

function differenceFromOwn(expected: Expected, seen: Seen): string | null {
  if ('error' in expected) {
    const { error, status, message } = expected;
    const wanted = `${error} ${status} ${message}`;
    const given = seen.error ? `${seen.error.Code} ${seen.status} ${seen.error.Message}` : 'success';
    return given === wanted ? null : `${given}, not ${wanted}`;
  }
  return seen.error ? `${seen.error.Code}: ${seen.error.Message}` : exactly(expected.ok, seen.ok, '');
}

/** The first place where an answer is not the expected one; it may have no other fields either. */
function exactly(expected: unknown, here: unknown, path: string): string | null {
  const at = path === '' ? 'the answer' : path;
  const wrong = `${at}: ${JSON.stringify(here)}, not ${JSON.stringify(expected)}`;
  if (typeof expected === 'string') return matchesText(expected, here) ? null : wrong;
  if (typeof expected !== 'object' || expected === null || typeof here !== 'object' || here === null) {
    return expected === here ? null : wrong;
  }
  const keys = (value: object): string => Object.keys(value).sort().join(', ');
  if (keys(expected) !== keys(here)) return `${at}: fields ${keys(here)}, not ${keys(expected)}`;
  for (const [key, value] of Object.entries(expected)) {
    const found = exactly(
      value,
      (here as Record<string, unknown>)[key],
      path === '' ? key : `${path}.${key}`,
    );
    if (found !== null) return found;
  }
  return null;
}
