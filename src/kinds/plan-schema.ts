import * as t from '@sinclair/typebox/type';
import { stepSchema } from '../core/plan.ts';
import { railNames } from '../core/rails.ts';
import { constant, list, map, object, oneOf, orNull, reference, withDefs } from '../core/schema.ts';
import { kinds } from './index.ts';
import { planVersion } from './plan.ts';

/**
 * The form of saved plans, of which schemas/plan.schema.json is made. What a change says of its own kind is open here:
 * a saved plan is compared with a fresh one before it runs.
 */

const text = (description: string) => t.String({ description });

const overridden = object({
  rail: oneOf(railNames, { description: 'Name of the rail, as `--override` takes it.' }),
  message: text('What it would have stopped.'),
});

const effect = oneOf(['widens', 'narrows', 'none', 'unclear']);

const detail = object({ sign: oneOf(['+', '-', '~', ' ']), text: t.String() });

const danger = t.Object({
  code: text(
    'Stable: `administrator`, `swapped-key`, …, or the actions, such as `iam:PassRole+lambda:CreateFunction`.',
  ),
  label: text('What it is, in a word or two.'),
  text: t.String(),
});

const change = object({
  id: text('Unique and stable, such as `user:melvins/policies/allow_access_houdini`.'),
  kind: oneOf(
    kinds.map(({ name }) => name),
    { description: 'What the object is.' },
  ),
  name: text('The name of the object.'),
  action: oneOf(['create', 'update', 'delete', 'offboard', 'rename'], {
    description: 'What becomes of the object.',
  }),
  aspect: text('What of the object it is about, such as `members`; `object`: all of it.'),
  facts: list(t.Object({ fact: t.String(), before: t.Unknown(), after: t.Unknown() }), {
    description:
      'What is not as it is to be: how it is before the change and after it. A fact has the same form wherever it occurs.',
  }),
  expired: t.Optional(text('The object ended by itself: when.')),
  summary: text('One line without kind and name.'),
  effect: reference('effect', effect, {
    description: 'What it does to access; `unclear` is treated as `widens`.',
  }),
  reasons: list(t.Object({ code: t.String() }), {
    description: 'Why the effect is what it says: each a code with what it is about.',
  }),
  reason: text('The reasons in words.'),
  dangers: t.Optional(
    list(danger, {
      description:
        'Administrators and privilege escalations that the change newly brings; a key or password that is not the pinned one.',
    }),
  ),
  byHand: t.Optional(
    constant(true, {
      description: 'No step carries it out: only a person can settle it. Applying leaves it as it is.',
    }),
  ),
  details: list(reference('detail', detail), { description: 'Further lines: what comes, goes and changes.' }),
  patch: list(t.Object({ op: t.String(), path: t.String() }), {
    description: 'RFC 6902, from the live aspect (canonicalised) to the desired one.',
  }),
});

const hash = (length: number, description?: string) =>
  t.String({ pattern: `^[0-9a-f]{${length}}$`, ...(description === undefined ? {} : { description }) });

export const planSchema = withDefs(
  object(
    {
      version: constant(planVersion, { description: 'Version of this form.' }),
      account: t.String({ pattern: '^\\d{12}$', description: 'The account that it is for.' }),
      partition: oneOf(['aws', 'aws-cn', 'aws-us-gov'], { description: 'The AWS partition of the account.' }),
      overridden: list(reference('overridden', overridden), {
        description:
          'Rails that would have stopped the plan and that `--override` let it through. For readers: `apply` checks every rail again, and lets the plan through those alone that its own `--override` names.',
      }),
      changes: list(reference('change', change), {
        description: 'What a reviewer reads, by kind and name.',
      }),
      steps: list(reference('step', stepSchema), {
        description: 'The API calls, in the order in which they are made.',
      }),
      notes: list(t.String(), { description: 'What a reviewer should know that is not a change.' }),
      rollcall: text('Version of rollcall that made it.'),
      at: t.Optional(
        t.String({
          format: 'date-time',
          description: 'Set where the plan is of another day (`--at`): such a plan is not applied.',
        }),
      ),
      manifests: text('SHA-256 over the manifests: names and bytes of all files read.'),
      touches: map(orNull(map(hash(16))), {
        description:
          'Every live object that a step touches, as a short hash per field; null: it did not exist. `apply` refuses the plan where one differs.',
      }),
      digest: hash(
        64,
        'SHA-256 over all other fields as JSON with sorted keys: a plan that was cut or edited is not run.',
      ),
    },
    {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: 'plan.schema.json',
      title: 'rollcall plan',
      description:
        'A plan as `rollcall plan --format json` and `--out` write it: changes for reviewers, API calls for the applier, and what it was made from. It holds no secret.',
    },
  ),
  { overridden, effect, detail, change, step: stepSchema },
);
