import * as t from '@sinclair/typebox/type';
import type { Static } from '@sinclair/typebox/type';
import { constant, list, map, object, oneOf, orNull, text } from '../core/schema.ts';

const count = (description: string) => t.Integer({ minimum: 0, description });
const place = object(
  { file: t.String(), line: t.Integer(), column: t.Integer() },
  { description: 'Where in the manifests.' },
);
const perSecond = orNull(t.Number({ minimum: 0 }), {
  description: 'Calls, over the last ten seconds; null as long as that cannot be told.',
});
const secondsLeft = orNull(t.Number({ minimum: 0 }), {
  description: 'An estimate; null as long as there is none.',
});
const calls = count('Calls to AWS so far, retries included.');
const inFlight = count('Calls on the wire now.');
const step = {
  id: text('The step in the plan: `s1`, `s2`, …'),
  op: text('Operation of the IAM API.'),
  change: text('Id of the change that it carries out.'),
};

/** One line of stderr. */
const event = <const Type extends string, F extends t.TProperties>(
  type: Type,
  description: string,
  fields: F,
) =>
  object(
    {
      type: constant(type),
      time: t.String({ format: 'date-time', description: 'By the clock of this machine, in UTC.' }),
      ...fields,
    },
    { description },
  );

/** What `--json-events` writes, by type. */
const events = {
  start: event('start', 'The first line.', {
    version: constant(1, {
      description: 'Of this format. Types and fields may come; none goes or means something else.',
    }),
    rollcall: text('Version of rollcall.'),
  }),
  read: event('read', 'Each second while the account is read, and when it is.', {
    calls,
    inFlight,
    perSecond,
    secondsLeft,
    objects: list(object({ what: t.String(), done: t.Integer(), total: t.Integer() }), {
      description: 'What is read one by one, such as the credentials of users, and how far that is.',
    }),
  }),
  plan: event('plan', 'There is a plan.', {
    account: text('Twelve digits.'),
    changes: count('How many.'),
    byHand: count('Of these, how many only a person can settle.'),
    steps: count('Calls that apply makes for them.'),
    refusedBy: list(t.String(), { description: 'Rails that refuse the plan.' }),
  }),
  'step-start': event('step-start', 'A step begins.', step),
  'step-end': event('step-end', 'A step has ended, or will not run. In the order in which they end.', {
    ...step,
    status: oneOf(['done', 'failed', 'refused', 'skipped', 'unknown'], {
      description:
        '`refused`: IAM refused an optional step, and the others go on; `unknown`: it failed without an answer, and may have had its effect.',
    }),
    message: t.Optional(text('Why it is not done.')),
    hint: t.Optional(text('What to do about it.')),
  }),
  progress: event('progress', 'Each second while a plan is applied, and when it is.', {
    done: count('Steps that have ended, however they did.'),
    total: count('Steps of the plan.'),
    failed: count('Steps that failed.'),
    calls,
    inFlight,
    perSecond,
    secondsLeft,
  }),
  throttled: event('throttled', 'IAM throttles an operation: each second while it does.', {
    op: text('Operation of the IAM API.'),
    perSecond: t.Number({ minimum: 0, description: 'Calls that are made of it now.' }),
    waiting: count('Calls that wait for their turn.'),
  }),
  message: event('message', 'What is told to people where there are no events.', {
    level: oneOf(['info', 'warning', 'error'], { description: 'How bad it is.' }),
    text: text('One line or more.'),
    hint: t.Optional(text('What to do about it.')),
    code: t.Optional(text('Of an error or a warning about manifests: docs/diagnostics.md.')),
    rail: t.Optional(text('That refuses the plan.')),
    at: t.Optional(place),
    related: t.Optional(
      list(object({ message: t.String(), at: place }), {
        description: 'Other places that have to do with it.',
      }),
    ),
  }),
  applied: event('applied', 'The plan is applied, or as much of it as could be.', {
    done: count('Steps.'),
    failed: count('Steps.'),
    refused: count('Optional steps that IAM refused.'),
    skipped: count('Steps that did not run.'),
    seconds: t.Number({ minimum: 0, description: 'From the first step to the last.' }),
  }),
  calls: event('calls', 'All calls to AWS of the command, retries included.', {
    total: count('All.'),
    operations: map(t.Integer({ minimum: 0 }), { description: 'How many of each operation.' }),
  }),
  end: event('end', 'The last line.', {
    code: t.Integer({ minimum: 0, description: 'The exit code: docs/exit-codes.md.' }),
  }),
};

export type Event = Static<(typeof events)[keyof typeof events]>;

/** The form of a line. */
export const eventSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'event.schema.json',
  title: 'rollcall --json-events',
  description: 'One line of stderr with --json-events: docs/progress.md.',
  anyOf: Object.values(events),
};
