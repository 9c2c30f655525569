import { IamError } from './wire/errors.ts';

/** The faults that can be injected. */
export type FaultKind =
  /** `Throttling`; the call has no effect. */
  | 'throttle'
  /** An error 500 before or after the effect of the call. */
  | 'error-before'
  | 'error-after'
  /** The connection breaks before or after the effect. */
  | 'lost-reply-before'
  | 'lost-reply-after'
  /** The reply is cut in the middle, after the effect. */
  | 'cut-reply'
  /** `AccessDenied`. */
  | 'denied'
  /** Lists answer one item per page, whatever `MaxItems` says. */
  | 'truncate-page'
  /** The reply comes late. */
  | 'delay';

export interface FaultRule {
  readonly kind: FaultKind;
  /** The operations that it applies to; all if absent. */
  readonly op?: string | RegExp;
  /** How many times it strikes. */
  readonly times?: number;
  /** From 0 to 1, drawn from the seeded generator. */
  readonly probability?: number;
  /** How many matching calls to let through first. */
  readonly after?: number;
  /** How late the reply comes, for `delay`. */
  readonly ms?: number;
}

/** Makes reads lag behind writes, as IAM's do. */
export interface Consistency {
  /** Reads see the account as it was so many calls ago. */
  readonly readsBehindCalls?: number;
  /** Reads see the account as it was so many milliseconds of the sandbox's clock ago. */
  readonly readsBehindMs?: number;
  /** New users, groups, roles, policies and keys are not found for so many calls. */
  readonly newHiddenCalls?: number;
}

export interface CallInfo {
  readonly op: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly callerArn: string;
}

/** Settings for tests; all may be changed while the sandbox runs. */
export interface Faults {
  rules: FaultRule[];
  consistency: Consistency;
  /** Runs before or after a call's effect, for a second writer. Calls that it makes run no hooks. */
  beforeCall: ((call: CallInfo) => void) | null;
  afterCall: ((call: CallInfo) => void) | null;
  add(rule: FaultRule): void;
  /** Removes all faults, lag and hooks. */
  clear(): void;
}

export type FaultEngine = ReturnType<typeof createFaults>;

export function createFaults(random: () => number) {
  const seen = new WeakMap<FaultRule, { matched: number; struck: number }>();
  const faults: Faults = {
    rules: [],
    consistency: {},
    beforeCall: null,
    afterCall: null,
    add: (rule) => void faults.rules.push(rule),
    clear() {
      faults.rules = [];
      faults.consistency = {};
      faults.beforeCall = null;
      faults.afterCall = null;
    },
  };
  let inHook = false;
  const matches = (rule: FaultRule, op: string): boolean =>
    rule.op === undefined || (typeof rule.op === 'string' ? rule.op === op : op.search(rule.op) !== -1);
  return {
    faults,
    /** Runs the test's hook, if there is one. */
    hook(which: 'beforeCall' | 'afterCall', call: CallInfo): void {
      const run = faults[which];
      if (!run || inHook) return;
      inHook = true;
      try {
        run(call);
      } finally {
        inHook = false;
      }
    },
    /** The rule that strikes this call. Calls that a hook makes are never struck. */
    strike(op: string): FaultRule | null {
      if (inHook) return null;
      for (const rule of faults.rules) {
        if (!matches(rule, op)) continue;
        const count = seen.get(rule) ?? { matched: 0, struck: 0 };
        seen.set(rule, count);
        count.matched += 1;
        if (count.matched <= (rule.after ?? 0)) continue;
        if (count.struck >= (rule.times ?? Number.POSITIVE_INFINITY)) continue;
        if (rule.probability !== undefined && random() >= rule.probability) continue;
        count.struck += 1;
        return rule;
      }
      return null;
    },
  };
}

export const isLost = (rule: FaultRule): boolean =>
  rule.kind === 'lost-reply-before' || rule.kind === 'lost-reply-after';

/** The error of a fault that prevents the call's effect. */
export function faultBefore(rule: FaultRule, op: string, callerArn: string): IamError | null {
  switch (rule.kind) {
    case 'throttle':
      return new IamError('Throttling', 'Rate exceeded');
    case 'error-before':
    case 'lost-reply-before':
      return new IamError('ServiceFailure', 'Internal failure (injected before the effect)');
    case 'denied':
      return new IamError(
        'AccessDenied',
        `User: ${callerArn} is not authorized to perform: iam:${op} because no identity-based policy ` +
          `allows the iam:${op} action`,
      );
    default:
      return null;
  }
}
