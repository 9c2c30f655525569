import { readFile } from 'node:fs/promises';
import { RollcallError } from '../core/errors.ts';
import { isObject } from '../core/json.ts';
import type { Plan } from '../core/plan.ts';
import type { Drift } from '../render/drift.ts';

/** What CloudTrail tells of one IAM call. */
interface Event {
  readonly call: string;
  readonly who: string;
  readonly at: string;
  /** `user:dale`, `group:admins`, `policy:read-reports` */
  readonly objects: readonly string[];
}

/**
 * The answer of `aws cloudtrail lookup-events`, newest first or in any order.
 * Source of the shape: AWS CloudTrail API reference, LookupEvents; CloudTrail User Guide, "record contents".
 *
 * @throws RollcallError for a file that cannot be read or holds no events.
 */
export async function readEvents(file: string): Promise<Event[]> {
  const hint = 'make it with `aws cloudtrail lookup-events --output json`';
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new RollcallError(`--events ${file} cannot be read (${error.code})`, { hint });
  });
  try {
    const { Events } = JSON.parse(text) as { Events: { CloudTrailEvent: string }[] };
    return Events.flatMap(({ CloudTrailEvent }) => toEvent(JSON.parse(CloudTrailEvent)));
  } catch {
    throw new RollcallError(`--events ${file} holds no CloudTrail events`, { hint });
  }
}

function toEvent(record: unknown): Event[] {
  if (!isObject(record) || record['errorCode'] !== undefined || record['readOnly'] === true) return [];
  const { eventName, eventTime, userIdentity, requestParameters } = record;
  if (typeof eventName !== 'string' || typeof eventTime !== 'string' || !isObject(requestParameters))
    return [];
  const identity = isObject(userIdentity) ? userIdentity : {};
  const name = (field: string, kind: string): string[] =>
    typeof requestParameters[field] === 'string' ? [`${kind}:${requestParameters[field]}`] : [];
  const policy = /policy\/(?:.*\/)?([^/]+)$/.exec(text(requestParameters['policyArn']) ?? '')?.[1];
  return [
    {
      call: eventName,
      at: eventTime,
      who: text(identity['arn']) ?? text(identity['userName']) ?? text(identity['type']) ?? 'unknown',
      objects: [
        ...name('userName', 'user'),
        ...name('groupName', 'group'),
        ...(policy === undefined ? [] : [`policy:${policy}`]),
      ],
    },
  ];
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** Adds who last touched each object; where the history does not tell, nothing. */
export function nameWho(drift: readonly Drift[], plan: Plan, events: readonly Event[]): Drift[] {
  const objectOf = new Map(plan.changes.map(({ id, kind, name }) => [id, `${kind}:${name}`]));
  const newest = new Map<string, Event>();
  for (const event of events) {
    for (const object of event.objects) {
      if ((newest.get(object)?.at ?? '') < event.at) newest.set(object, event);
    }
  }
  return drift.map((one) => {
    const event = newest.get(objectOf.get(one.change) ?? '');
    return event ? { ...one, by: { who: event.who, call: event.call, at: event.at } } : one;
  });
}
