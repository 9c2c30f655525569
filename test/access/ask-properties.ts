/** What `ask` says of requests, against evaluators that share no code with it. */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { ask, type Access, type Answer } from '../../src/access/ask.ts';
import { statementsOf } from '../../src/core/policy-language.ts';
import type { PolicyDocument } from '../../src/core/state.ts';
import { readStatements } from '../../src/policy/statement.ts';
import { evaluate as evaluateInSandbox } from '../../src/sandbox/authorize/evaluate.ts';
import { createIam, type Iam } from '../../src/sandbox/index.ts';
import { identityDocument, universe } from '../policy/arbitraries.ts';
import { evaluate, readings, type Reading, type Universe } from '../policy/evaluator.ts';
import { awsContext, awsDocument, awsNames, type AwsContext } from './aws-documents.ts';

type Verdict = 'allowed' | 'explicitDeny' | 'implicitDeny';

/** How often `ask` said what; `open`: it said on what it depends. A property says nothing if it never says one of them. */
type Seen = Readonly<Record<Verdict | 'open', number>>;

interface Held {
  readonly policies: readonly PolicyDocument[];
  readonly boundary: PolicyDocument | null;
}

const heldBy = (document: fc.Arbitrary<PolicyDocument>): fc.Arbitrary<Held> =>
  fc.record({
    policies: fc.array(document, { minLength: 1, maxLength: 3 }),
    boundary: fc.option(document, { nil: null }),
  });

/** Somebody of whom nothing is known but what they hold. */
export function accessTo({ policies, boundary }: Held): Access {
  const source = (document: PolicyDocument, inline: string) => ({
    document,
    origin: { policy: { inline }, refs: [], through: [] },
  });
  return {
    holdings: {
      grants: policies.map((document, at) => source(document, String(at))),
      boundary: boundary && source(boundary, 'boundary'),
    },
    context: { values: new Map(), complete: [] },
  };
}

/** The characters of a text, none of which is a wildcard. */
const exactly = (text: string): string => text.replaceAll(/[*?$]/g, '${$&}');

const isDenied = ({ decision }: Answer): boolean =>
  decision === 'implicitDeny' || decision === 'explicitDeny';
const isDecided = (answer: Answer): boolean => answer.decision === 'allowed' || isDenied(answer);

/** Whether the answer is that of a judge. Of what nothing allows, a Deny that may apply is not said to. */
function agrees(answer: Answer, verdict: Verdict): boolean {
  if (answer.decision === verdict) return true;
  return answer.decision === 'implicitDeny' && verdict === 'explicitDeny' && answer.denies.length > 0;
}

function judged(
  said: readonly { allow: boolean; deny: boolean }[],
  limit: { allow: boolean; deny: boolean } | null,
) {
  if (said.some(({ deny }) => deny) || limit?.deny) return 'explicitDeny';
  return said.some(({ allow }) => allow) && limit?.allow !== false ? 'allowed' : 'implicitDeny';
}

interface Request {
  readonly action: string;
  readonly resource: string;
  readonly context: Universe['contexts'][number];
}

/** A few requests of the universe. */
const oneOf = ({ action, resource, context }: Request): Universe => ({
  actions: [action],
  resources: [resource],
  contexts: [context],
  principals: universe.principals,
});

/** In the order of the evaluator. */
const requestsOf = ({ actions, resources, contexts }: Universe): Request[] =>
  contexts.flatMap((context) =>
    resources.flatMap((resource) => actions.map((action) => ({ action, resource, context }))),
  );

/** The verdicts on requests under one reading of what AWS leaves open. */
function underReading({ policies, boundary }: Held, among: Universe, reading: Reading): readonly Verdict[] {
  const all = policies.map((document) => evaluate(document, among, reading));
  const limit = boundary && evaluate(boundary, among, reading);
  const at = (marks: { allow: Uint8Array; deny: Uint8Array }, index: number) => ({
    allow: marks.allow[index] === 1,
    deny: marks.deny[index] === 1,
  });
  return requestsOf(among).map((_, index) =>
    judged(
      all.map((marks) => at(marks, index)),
      limit && at(limit, index),
    ),
  );
}

function inSandbox({ policies, boundary }: Held, { action, resource, context }: Request): Verdict {
  const get = (key: string): string[] | null => (Object.hasOwn(context, key) ? [context[key]!].flat() : null);
  const request = { get, variables: (name: string) => get(name)?.[0] };
  const said = (document: PolicyDocument) => {
    const verdict = evaluateInSandbox([JSON.stringify(document)], action, resource, request);
    return { allow: verdict === 'allow', deny: verdict === 'deny' };
  };
  return judged(policies.map(said), boundary && said(boundary));
}

/** Whether what AWS leaves open decides about a statement of the document. */
const isReadApart = (document: PolicyDocument, request: Request): boolean =>
  statementsOf(document).some((Statement) => {
    const said = possible.map((reading) => evaluate({ ...document, Statement }, oneOf(request), reading));
    return new Set(said.map(({ allow, deny }) => `${allow[0]} ${deny[0]}`)).size > 1;
  });

/**
 * The readings that count. AWS says that what has a variable without a value matches nothing, and that its statement may be
 * void; not that it is as if the value were empty.
 */
const possible = readings.filter(({ noValue }) => noValue !== 'empty');
const keys = ['u', 'v'];

/** All that is known of a request, but for some keys. */
const knownOf = (
  context: Request['context'],
  unknown: readonly string[] = [],
): Map<string, readonly string[]> =>
  new Map(keys.filter((key) => !unknown.includes(key)).map((key) => [key, [context[key] ?? []].flat()]));

const show = (...all: readonly unknown[]): Error => {
  const plain = (_: string, value: unknown): unknown => (value instanceof Map ? [...value] : value);
  return new Error(all.map((one) => JSON.stringify(one, plain, 1)).join('\n'));
};

/** Requests of which everything is known, ten of each that holds policies. */
function judgeRequests(requests: number): Seen {
  const seen: Record<Verdict | 'open', number> = { allowed: 0, explicitDeny: 0, implicitDeny: 0, open: 0 };
  const check = (held: Held, request: Request): void => {
    const sandbox = inSandbox(held, request);
    const verdicts = possible.flatMap((reading) => underReading(held, oneOf(request), reading));
    const { action, resource, context } = request;
    const answer = ask(accessTo(held), { action, resource: exactly(resource), context: knownOf(context) });
    // Such as two conditions on `v` and `V`.
    const isUnreadable = [...held.policies, held.boundary].some((document) =>
      readStatements(document).some(({ readable }) => !readable),
    );
    const isOpen =
      isUnreadable || [...held.policies, held.boundary].some((one) => one && isReadApart(one, request));
    const isRight = isDecided(answer)
      ? agrees(answer, sandbox) || (isUnreadable && isDenied(answer) && sandbox !== 'allowed')
      : isOpen;
    if (!isOpen && new Set([...verdicts, sandbox]).size > 1) throw show(held, request, { verdicts, sandbox });
    if (!isRight) throw show(held, request, answer, { verdicts, sandbox });
    seen[isDecided(answer) ? (answer.decision as Verdict) : 'open'] += 1;
  };
  const all = requestsOf(universe);
  const ten = fc.array(fc.constantFrom(...all), { minLength: 10, maxLength: 10 });
  fc.assert(
    fc.property(heldBy(identityDocument), ten, (held, some) =>
      some.forEach((request) => check(held, request)),
    ),
    { numRuns: Math.ceil(requests / 10) },
  );
  return seen;
}

const asked = fc.record({
  action: fc.constantFrom('*', 'a:*', 'a:x', 'a:x*', 'b:?', '*:y'),
  resource: fc.constantFrom('*', 'r:*', 'r:1', 'r:1*', 'r:?', '*:1', 's:1', 'r:*2'),
  context: fc.constantFrom(...universe.contexts),
  unknown: fc.subarray(keys),
});

/** Patterns of requests of which some is not known: what is said of all of them is so of each. */
function judgePatterns(runs: number): Seen {
  const seen: Record<Verdict | 'open', number> = { allowed: 0, explicitDeny: 0, implicitDeny: 0, open: 0 };
  fc.assert(
    fc.property(heldBy(identityDocument), asked, (held, { action, resource, context, unknown }) => {
      const answer = ask(accessTo(held), { action, resource, context: knownOf(context, unknown) });
      const isSame = (other: Request['context']): boolean =>
        keys.every((key) => unknown.includes(key) || other[key] === context[key]);
      const among: Universe = { ...universe, contexts: universe.contexts.filter(isSame) };
      // Of inverted operators AWS says what they do, and it is not that the statement is void.
      const isInverted = /NotEquals/.test(JSON.stringify(held));
      const readingsOfIt = possible.filter(({ noValue }) => noValue === 'nothing' || !isInverted);
      const requests = requestsOf(among);
      const judges = [
        ...readingsOfIt.map((reading) => [reading, underReading(held, among, reading)] as const),
        [readings[0]!, requests.map((request) => inSandbox(held, request))] as const,
      ];
      const isWrong = (verdict: Verdict): boolean =>
        (answer.decision === 'allowed' && verdict !== 'allowed') ||
        (isDenied(answer) && verdict === 'allowed') ||
        (answer.decision === 'explicitDeny' && verdict !== 'explicitDeny');
      for (const [reading, verdicts] of judges) {
        // A pattern stands for what it would match in a policy.
        const { allow: isAsked } = evaluate(
          { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: action, Resource: resource } },
          among,
          reading,
        );
        const wrong = requests.find((_, at) => isAsked[at] === 1 && isWrong(verdicts[at]!));
        if (wrong) throw show(held, { action, resource, context, unknown }, answer, reading, wrong);
      }
      seen[isDecided(answer) ? (answer.decision as Verdict) : 'open'] += 1;
    }),
    { numRuns: runs },
  );
  return seen;
}

/** What the sandbox's simulation says of every action on every resource, one page for each resource. */
function simulated(iam: Iam, { policies, boundary }: Held, context: AwsContext): readonly Verdict[] {
  return awsNames.resources.flatMap((resource) => {
    const { EvaluationResults: results } = iam.call('SimulateCustomPolicy', {
      PolicyInputList: policies.map((document) => JSON.stringify(document)),
      ...(boundary ? { PermissionsBoundaryPolicyInputList: [JSON.stringify(boundary)] } : {}),
      ActionNames: [...awsNames.actions],
      ResourceArns: [resource],
      ContextEntries: Object.entries(context).flatMap(([ContextKeyName, values]) =>
        values.length === 0
          ? []
          : [{ ContextKeyName, ContextKeyValues: [...values], ContextKeyType: 'stringList' as const }],
      ),
    });
    return results!.map(({ EvalDecision: decision }) => decision as Verdict);
  });
}

/** Every operator of conditions, with documents and requests as AWS has them, against the simulation. */
function judgeSimulations(requests: number): Seen {
  const iam = createIam({ seed: 1 });
  const seen: Record<Verdict | 'open', number> = { allowed: 0, explicitDeny: 0, implicitDeny: 0, open: 0 };
  fc.assert(
    fc.property(heldBy(awsDocument), awsContext, (held, context) => {
      const verdicts = simulated(iam, held, context);
      const access = accessTo(held);
      const known = new Map(Object.entries(context));
      awsNames.resources.forEach((resource, row) =>
        awsNames.actions.forEach((action, column) => {
          const verdict = verdicts[row * awsNames.actions.length + column]!;
          const answer = ask(access, { action, resource, context: known });
          // Only a variable without a value leaves something open.
          const isOpen = Object.entries(context).some(
            ([key, values]) => values.length === 0 && JSON.stringify(held).includes(`\${${key}`),
          );
          if (isDecided(answer) ? !agrees(answer, verdict) : !isOpen)
            throw show(held, { action, resource, context }, answer, verdict);
          seen[isDecided(answer) ? (answer.decision as Verdict) : 'open'] += 1;
        }),
      );
    }),
    { numRuns: Math.ceil(requests / (awsNames.actions.length * awsNames.resources.length)) },
  );
  return seen;
}

/** What `ask` says of so many requests, as tests. */
export function testAsk(requests: number): void {
  it('says of requests what evaluators say that were written apart', () => {
    const { allowed, explicitDeny, implicitDeny, open } = judgeRequests(requests);
    expect(Math.min(allowed, explicitDeny, implicitDeny)).toBeGreaterThan(requests / 40);
    expect(open).toBeLessThan(requests / 5);
  });

  it('says of requests what the simulation of the sandbox says', () => {
    const { allowed, explicitDeny, implicitDeny, open } = judgeSimulations(requests);
    // Of 2,000 requests 97 to 188 are allowed in 60 runs: those of one draw hang together.
    expect(Math.min(allowed, explicitDeny, implicitDeny)).toBeGreaterThan(requests / 50);
    expect(open).toBeLessThan(requests / 5);
  });

  it('says of patterns and of what is not known only what is so of each request', () => {
    const { allowed, explicitDeny, implicitDeny } = judgePatterns(requests / 4);
    expect(Math.min(allowed, explicitDeny, implicitDeny)).toBeGreaterThan(requests / 2000);
  });
}
