/** Calls to AWS on the wire at one time. */
export const defaultParallelism = 10;
/** Milliseconds of nothing but throttling after which a call is given up. */
export const defaultMaxWait = 5 * 60_000;
