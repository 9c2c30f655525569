import type { Json } from '../core/json.ts';
import type { Effect } from '../core/plan.ts';
import { objectRef, partRef } from '../core/references.ts';
import type { Ref } from '../core/references.ts';
import { jsonPatch } from '../policy/index.ts';
import type { Brief } from '../policy/index.ts';
import type { ChangeFields } from './change-schema.ts';
import type { AnyFact } from './facts.ts';

/** `offboard` is a user's removal with every credential; `delete` is any other object's. */
export type Action = ChangeFields['action'];

/** A reason or a danger: what it is, and what it is about. The text is made where it is shown. */
interface Coded {
  readonly code: string;
}

/** What a change does to access, why, and what it newly grants that a reviewer must not overlook. */
export interface Impact<Reason extends Coded, Danger extends Coded> {
  readonly effect: Effect;
  readonly reasons: readonly Reason[];
  readonly dangers?: readonly Danger[];
}

/** What a reviewer approves: one aspect of one object, as data. */
export interface ChangeOf<
  Kind extends string,
  Aspect extends string,
  F extends AnyFact,
  Reason extends Coded,
  Danger extends Coded,
>
  extends
    Impact<Reason, Danger>,
    Pick<
      ChangeFields,
      'id' | 'name' | 'action' | 'expired' | 'until' | 'about' | 'byHand' | 'left' | 'patch'
    > {
  readonly kind: Kind;
  readonly aspect: Aspect;
  readonly facts: readonly F[];
}
export type AnyChange = ChangeOf<string, string, AnyFact, Coded, Coded>;

/** All changes of a kind, from the facts that each of its aspects has. */
export type Changes<
  Kind extends string,
  Facts extends { readonly [aspect in keyof Facts]: AnyFact },
  Reason extends Coded,
  Danger extends Coded,
> = {
  [Aspect in keyof Facts & string]: ChangeOf<Kind, Aspect, Facts[Aspect], Reason, Danger>;
}[keyof Facts & string];

/** Some principals, what each of them gains or loses, and how many more gain or lose the same, or something else. */
export interface SomebodysAccess {
  readonly people: readonly string[];
  readonly more?: number;
  readonly grants: readonly Brief[];
  readonly moreGrants?: number;
  readonly others?: number;
}

/** A line below a change: what is added, removed or changed. */
export type Detail = ChangeFields['details'][number];

/** How a kind's changes are put into words. Only `render` does that. */
export interface Words<C extends AnyChange> {
  /** One line without the object's kind and name, such as `members +dale -lorax`. */
  summary(change: C): string;
  /** Further lines, where the summary does not say all. */
  details(change: C): readonly Detail[];
  /** Of who can act: what else goes with them, such as `removed with all credentials`. */
  readonly leaves?: string;
  /** A fact as a line of its own. */
  fact(fact: C['facts'][number]): string;
  /** Of a set: what a fact is about, such as `the inline policy p`, and what is wrong where the account has it too many. */
  element?(fact: C['facts'][number], change: C): readonly [what: string, tooMany: string] | undefined;
  /** Aspects that time brings, or a run that was cut short: in drift, what is due, and nothing that somebody did. */
  readonly due?: readonly C['aspect'][];
  /** A sentence, or several; names in it are marked (core/marked.ts). */
  reason(reason: C['reasons'][number]): string | readonly string[];
  /** Names in its text are marked. */
  danger(danger: NonNullable<C['dangers']>[number], change: C): DangerWords;
}

export type DangerWords = Pick<NonNullable<ChangeFields['dangers']>[number], 'label' | 'text'>;

/** What a table of templates takes, each entry by its code. */
export type FromTemplates<T> = {
  [Code in keyof T & string]: Readonly<
    { code: Code } & (T[Code] extends (params: infer Params, ...rest: never[]) => unknown
      ? unknown extends Params
        ? object
        : Params
      : never)
  >;
}[keyof T & string];

/** The template of a code, filled. */
export const fill = <T extends { readonly [code: string]: (params: never) => string | readonly string[] }>(
  templates: T,
  one: { readonly code: keyof T },
): ReturnType<T[keyof T]> =>
  (templates[one.code] as unknown as (params: typeof one) => ReturnType<T[keyof T]>)(one);

/** Of what goes, as it ended by itself. */
export function expiredOn(
  ref: Ref,
  context: { expiry(ref: Ref): string | undefined },
): Pick<AnyChange, 'expired'> {
  const expired = context.expiry(ref);
  return expired === undefined ? {} : { expired };
}

/** Builds a change; `before` and `after` are the changed aspect as JSON, for the machine-readable patch. */
export function makeChange<
  const Kind extends string,
  const Aspect extends string,
  const F extends AnyFact,
  const Reason extends Coded,
  const Danger extends Coded = never,
>(
  fields: Omit<ChangeOf<Kind, Aspect, F, Reason, Danger>, 'id' | 'patch'> & {
    /** Of the id, where that is not the aspect alone. */
    readonly part?: readonly string[];
    readonly before: Json;
    readonly after: Json;
  },
): ChangeOf<Kind, Aspect, F, Reason, Danger> {
  const { before, after, part = fields.aspect === 'object' ? [] : [fields.aspect], ...rest } = fields;
  return {
    id: partRef(objectRef(fields.kind, fields.name), ...part),
    ...rest,
    patch: jsonPatch(before, after),
  };
}
