/** What the proxy's notes say of a run. */

const isRead = ({ op }) => /^(?:Get|List|Generate)/.test(op);
const denies = new Set(['PutUserPolicy', 'PutUserPermissionsBoundary']);

/** Calls that come with time, and not with work: the lock is looked at and renewed, a report is waited for. */
const comesWithTime = ({ op, isLock }) => isLock || op === 'GetCredentialReport';

const countBy = (calls) => {
  const counts = {};
  for (const { op } of calls) counts[op] = (counts[op] ?? 0) + 1;
  return counts;
};

/** The most calls that were under way at one time. */
function mostInFlight(calls) {
  const moves = calls.flatMap(({ in: from, out }) => [
    [from, 1],
    [out ?? from, -1],
  ]);
  let now = 0;
  let most = 0;
  for (const [, move] of moves.sort(([a, x], [b, y]) => a - b || x - y)) most = Math.max(most, (now += move));
  return most;
}

/** Times are in seconds; those of writes count from the first of them, the lock's own left aside. */
export function summarise(calls) {
  const passed = calls.filter(({ outcome }) => outcome !== 'throttled');
  const writes = passed.filter((call) => !isRead(call) && !call.isLock);
  const start = Math.min(...calls.map((call) => call.in));
  const firstWrite = Math.min(...writes.map((call) => call.in));
  const lastDeny = Math.max(
    ...writes.filter(({ op, status }) => denies.has(op) && status === 200).map(({ out }) => out),
  );
  return {
    start,
    firstWrite,
    lastDeny: (lastDeny - firstWrite) / 1000,
    attempts: calls.length,
    calls: passed.length,
    faults: calls.filter(({ outcome }) => outcome === 'error' || outcome === 'lost').length,
    perOperation: countBy(passed),
    /** What a run of the same work makes, however long it takes. */
    work: countBy(passed.filter((call) => !comesWithTime(call))),
    inFlight: mostInFlight(calls),
  };
}

/** Operations of which two runs made different numbers of calls, in words. */
export function differences(one, other) {
  return [...new Set([...Object.keys(one), ...Object.keys(other)])]
    .filter((op) => one[op] !== other[op])
    .map((op) => `${op} ${one[op] ?? 0}, not ${other[op] ?? 0}`)
    .sort();
}
