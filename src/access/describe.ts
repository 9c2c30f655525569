/** Gains as statements, with no more in them than what is gained. */
import type { Json } from '../core/json.ts';
import { briefOf, type Brief } from '../policy/describe.ts';
import { includes, type Glob } from '../policy/glob.ts';
import { spelling, type Grant, type Matcher, type Statement } from '../policy/statement.ts';
import type { Gain } from './compare.ts';
import { isWithin } from './regions.ts';
import { numberOf, remember } from './remember.ts';

/** Gains by the statement that gives them and the Deny that kept them out, in the order of the statements. */
export function byStatement<Origin>(gains: readonly Gain<Origin>[]): Gain<Origin>[][] {
  const groups = new Map<unknown, Gain<Origin>[]>();
  const wholes = gains.filter(({ isPart }) => !isPart);
  for (const gain of wholes.length > 0 ? wholes : gains) {
    const key = gain.deny ? `${numberOf(gain.by)} ${numberOf(gain.deny)}` : gain.by;
    groups.set(key, [...(groups.get(key) ?? []), gain]);
  }
  return [...groups.values()];
}

const briefs = new WeakMap<Statement, Map<string, Brief>>();

/** What of one statement is gained, as a sentence takes it. */
export function briefOfGains(gains: readonly Gain<unknown>[]): Brief {
  const [{ by, deny }] = gains as [Gain<unknown>];
  const regions = [...gains.map(({ region }) => numberOf(region)), deny ? numberOf(deny) : 0].join();
  return remember(briefs, by.statement, regions, () => makeBrief(gains));
}

function makeBrief(gains: readonly Gain<unknown>[]): Brief {
  const [{ by, deny }] = gains as [Gain<unknown>];
  const { statement } = by;
  if (!statement.readable) return briefOf(statement.source);
  // Of `*` that a Deny of `s3:Delete*` kept out it was that.
  const narrow = (of: 'actions' | 'resources'): Grant => {
    const [wide, limit] = [statement[of], deny?.readable ? deny[of] : null];
    if (!wide || !limit || wide.not || limit.not) return statement;
    const isWithin = limit.patterns.every((one) => wide.patterns.some((other) => includes(other, one)));
    return isWithin ? (deny as Grant) : statement;
  };
  const kept = (matcher: Matcher, of: 'actions' | 'resources'): readonly Glob[] | null =>
    matcher.not
      ? null
      : matcher.patterns.filter((glob) => gains.some(({ region }) => isWithin(region, glob, of)));
  const fields: Record<string, Json> = Object.assign({}, statement.source);
  const put = (name: string, globs: readonly Glob[] | null, spell: (text: string) => string): void => {
    if (globs && globs.length > 0) fields[name] = globs.map(({ source }) => spell(source));
  };
  const actions = narrow('actions');
  put('Action', kept(actions.actions, 'actions'), spelling(actions.source));
  const { resources } = narrow('resources');
  if (resources) put('Resource', kept(resources, 'resources'), (text) => text);
  return briefOf(fields);
}
