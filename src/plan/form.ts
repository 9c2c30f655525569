import { isObject } from '../core/json.ts';
import { purposes } from '../core/plan.ts';

/** What is wrong with a value that should be of some form: where, or null. */
type Check = (value: unknown, at: string) => string | null;

const wrong = (at: string): string => at;
const text: Check = (value, at) => (typeof value === 'string' ? null : wrong(at));
const oneOf =
  (values: readonly string[]): Check =>
  (value, at) =>
    typeof value === 'string' && values.includes(value) ? null : wrong(at);
const yes: Check = (value, at) => (value === true ? null : wrong(at));
const object: Check = (value, at) => (isObject(value) ? null : wrong(at));
const list =
  (item: Check): Check =>
  (value, at) => {
    if (!Array.isArray(value)) return wrong(at);
    for (const [index, one] of value.entries()) {
      const fault = item(one, `${at}[${index}]`);
      if (fault !== null) return fault;
    }
    return null;
  };
const map =
  (item: Check): Check =>
  (value, at) => {
    if (!isObject(value)) return wrong(at);
    for (const [key, one] of Object.entries(value)) {
      const fault = item(one, `${at}.${key}`);
      if (fault !== null) return fault;
    }
    return null;
  };
const fields =
  (required: Readonly<Record<string, Check>>, optional: Readonly<Record<string, Check>> = {}): Check =>
  (value, at) => {
    if (!isObject(value)) return wrong(at);
    for (const [name, check] of Object.entries({ ...required, ...optional })) {
      if (!Object.hasOwn(value, name)) {
        if (name in required) return wrong(`${at}.${name}`);
        continue;
      }
      const fault = check(value[name], `${at}.${name}`);
      if (fault !== null) return fault;
    }
    return null;
  };
const orNull =
  (check: Check): Check =>
  (value, at) =>
    value === null ? null : check(value, at);

const change = fields(
  {
    id: text,
    kind: text,
    name: text,
    action: text,
    summary: text,
    effect: text,
    reason: text,
    details: list(fields({ sign: text, text })),
    documents: list(fields({ name: text, before: orNull(object), after: orNull(object) })),
    patch: list(fields({ op: text, path: text })),
  },
  { byHand: yes, dangers: list(fields({ code: text, text })), added: list(text), removed: list(text) },
);
const step = fields(
  {
    id: text,
    op: text,
    input: object,
    needs: list(text),
    change: text,
    purpose: oneOf(purposes),
    cls: text,
    about: text,
    touches: list(text),
  },
  {
    optional: yes,
    expect: object,
    delivers: fields({ credential: text, user: text, to: orNull(text), known: list(text) }),
  },
);
const plan = fields(
  {
    account: text,
    partition: text,
    overridden: list(fields({ rail: text, message: text })),
    changes: list(change),
    steps: list(step),
    notes: list(text),
    rollcall: text,
    manifests: text,
    touches: map(orNull(map(text))),
  },
  { at: text },
);

/**
 * Where a value is not of a saved plan's form, so that nothing behind it meets what it does not expect; null: it is.
 * The schema in schemas/plan.schema.json says more, for other programs.
 */
export const validationError = (value: unknown): string | null => plan(value, 'plan');

/** Why steps cannot be run one after the other; null: they can. */
export function dependencyError(
  steps: readonly { readonly id: string; readonly needs: readonly string[] }[],
): string | null {
  const seen = new Set<string>();
  for (const { id, needs } of steps) {
    const missing = needs.find((need) => !seen.has(need));
    if (missing !== undefined) return `step ${id} needs ${missing}, which does not come before it`;
    if (seen.has(id)) return `two steps are called ${id}`;
    seen.add(id);
  }
  return null;
}
