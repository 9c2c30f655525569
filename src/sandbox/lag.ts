import type { Faults } from './faults.ts';
import { copyState, type State } from './iam/state.ts';
import type { Write } from './iam/table.ts';

interface Past {
  readonly state: State;
  /** It was current until this call and time. */
  readonly untilCall: number;
  readonly untilTime: number;
}

const hidable = new Set(['users', 'groups', 'roles', 'policies', 'accessKeys']);

export type Lag = ReturnType<typeof createLag>;

/** Simulated eventual consistency; costs nothing while it is off. */
export function createLag(state: State, faults: Faults, clock: () => Date) {
  let calls = 0;
  let history: Past[] = [];
  let hidden: { readonly table: keyof State; readonly id: string; readonly untilCall: number }[] = [];

  const isOn = (): boolean => {
    const { readsBehindCalls = 0, readsBehindMs = 0 } = faults.consistency;
    return readsBehindCalls > 0 || readsBehindMs > 0;
  };
  /** The state at that time, unless it is still the current one. */
  const isPast = (past: Past): boolean => {
    const { readsBehindCalls = 0, readsBehindMs = 0 } = faults.consistency;
    return past.untilCall >= calls - readsBehindCalls && readsBehindCalls > 0
      ? true
      : readsBehindMs > 0 && past.untilTime > clock().getTime() - readsBehindMs;
  };

  return {
    /** The account as a read sees it. */
    stateForRead(): State {
      if (!isOn()) {
        history = [];
        return state;
      }
      history = history.filter(isPast);
      return history[0]?.state ?? state;
    },
    beforeWrite(): void {
      if (!isOn()) return;
      history = history.filter(isPast);
      history.push({ state: copyState(state), untilCall: calls, untilTime: clock().getTime() });
    },
    wrote(writes: readonly Write[]): void {
      const { newHiddenCalls = 0 } = faults.consistency;
      if (newHiddenCalls === 0) return;
      for (const { table, id, created } of writes) {
        if (!created || !hidable.has(table)) continue;
        const key = table as keyof State;
        state[key].hide(id);
        hidden.push({ table: key, id, untilCall: calls + newHiddenCalls });
      }
    },
    /** Shows records that are no longer hidden. */
    beginCall(): void {
      if (hidden.length === 0) return;
      const off = (faults.consistency.newHiddenCalls ?? 0) === 0;
      const due = hidden.filter((item) => off || item.untilCall < calls);
      for (const { table, id } of due) state[table].unhide(id);
      if (due.length > 0) hidden = hidden.filter((item) => !due.includes(item));
    },
    /** Counts an answered call. */
    countCall(): void {
      calls += 1;
    },
  };
}
