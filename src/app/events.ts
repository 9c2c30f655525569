import { objectRef } from '../core/references.ts';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { RollcallError } from '../core/errors.ts';
import { byText, isObject, parseJson } from '../core/json.ts';
import { NameMap, sameName } from '../core/names.ts';
import type { JsonObject } from '../core/json.ts';
import { kinds } from '../kinds/index.ts';
import type { Drift } from '../kinds/plan.ts';

/** One IAM call as CloudTrail recorded it. */
interface Event {
  readonly call: string;
  readonly who: string;
  readonly at: string;
  /** `user:dale`, `group:admins`, `policy:read-reports` */
  readonly objects: readonly string[];
  /** Under which name the object is called otherwise since. */
  readonly renamed?: { readonly kind: string; readonly from: string; readonly to: string };
}

/**
 * Reads the output of `aws cloudtrail lookup-events`, in any order. A record that cannot be understood is reported to
 * `warn` and left out; the others count. Source of the format: AWS CloudTrail API reference, LookupEvents; CloudTrail
 * User Guide, "record contents".
 *
 * @throws RollcallError if the file cannot be read, or has contents but no event among them.
 */
export async function readEvents(
  file: string,
  warn: (text: string) => void = () => {},
  cwd = '',
): Promise<Event[]> {
  const hint = 'make it with `aws cloudtrail lookup-events --output json`';
  const text = await readFile(resolve(cwd, file), 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new RollcallError(`--events ${file} cannot be read (${error.code})`, { hint });
  });
  const answer = parse(text);
  const all: unknown = isObject(answer) ? answer['Events'] : undefined;
  const records = Array.isArray(all) ? all.map(recordOf) : null;
  const odd = (records ?? []).flatMap((record, index) => (record === null ? [index + 1] : []));
  if (records === null || (odd.length > 0 && odd.length === records.length)) {
    throw new RollcallError(`--events ${file} holds no CloudTrail events`, { hint });
  }
  if (odd.length > 0) {
    const named = `${odd.slice(0, 3).join(', ')}${odd.length > 3 ? ', …' : ''}`;
    warn(
      `--events ${file}: left out what is no CloudTrail event: ${odd.length} of ${records.length} (${named})`,
    );
  }
  return records.flatMap((record) => (record === null ? [] : toEvent(record)));
}

const parse = (json: unknown): unknown => {
  try {
    return typeof json === 'string' ? parseJson(json) : undefined;
  } catch {
    return undefined;
  }
};

type CloudTrailRecord = JsonObject & { readonly eventName: string; readonly eventTime: string };

/** The record of an event, or null if it does not have the form of one. */
function recordOf(event: unknown): CloudTrailRecord | null {
  const record = isObject(event) ? parse(event['CloudTrailEvent']) : undefined;
  if (!isObject(record)) return null;
  const { eventName, eventTime } = record;
  return typeof eventName === 'string' && typeof eventTime === 'string'
    ? { ...record, eventName, eventTime }
    : null;
}

function toEvent(record: CloudTrailRecord): Event[] {
  if (record['errorCode'] !== undefined || record['readOnly'] === true) return [];
  const { eventName, eventTime, userIdentity, requestParameters } = record;
  // A call without parameters is recorded with null.
  const parameters = isObject(requestParameters) ? requestParameters : {};
  const identity = isObject(userIdentity) ? userIdentity : {};
  const renamed = kinds.flatMap((kind) => {
    const [from, to] = [kind.ofCall?.(parameters), kind.newNameIn?.(parameters)];
    return from === undefined || to === undefined ? [] : [{ kind: kind.name, from, to }];
  })[0];
  return [
    {
      call: eventName,
      at: eventTime,
      who: text(identity['arn']) ?? text(identity['userName']) ?? text(identity['type']) ?? 'unknown',
      objects: kinds.flatMap((kind) => {
        const name = kind.ofCall?.(parameters) ?? onlyOf(kind, eventName);
        return name === undefined ? [] : [objectRef(kind.name, name)];
      }),
      ...(renamed ? { renamed } : {}),
    },
  ];
}

/** What an account has one of is named by the calls that change it. */
const onlyOf = ({ only, calls }: (typeof kinds)[number], operation: string): string | undefined =>
  Object.hasOwn(calls, operation) ? only : undefined;

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** Adds who last touched each object. Where the history does not say, nothing is added. */
export function nameWho(drift: readonly Drift[], events: readonly Event[]): Drift[] {
  // CloudTrail spells names as the caller did.
  const newest = new NameMap<Event>();
  for (const event of events) {
    for (const object of event.objects) {
      if ((newest.get(object)?.at ?? '') < event.at) newest.set(object, event);
    }
  }
  return drift.map((one) => {
    const event = newest.get(objectRef(one.change.kind, one.change.name));
    const renamed = renameOf(one.change, events);
    return {
      ...one,
      ...(event ? { by: { who: event.who, call: event.call, at: event.at } } : {}),
      ...(renamed ? { renamed } : {}),
    };
  });
}

/** Why IAM lacks a name that the files have, or has one that they do not: the last call that renamed it so. */
function renameOf({ kind, name, action }: Drift['change'], events: readonly Event[]): Drift['renamed'] {
  const end = action === 'create' ? 'from' : action === 'offboard' || action === 'delete' ? 'to' : undefined;
  if (end === undefined) return undefined;
  const [last] = events
    .flatMap(({ renamed, who, at }) => (renamed ? [{ ...renamed, who, at }] : []))
    .filter((one) => one.kind === kind && sameName(one[end], name))
    .sort((a, b) => byText(b.at, a.at));
  return last && { from: last.from, to: last.to, who: last.who, at: last.at };
}
