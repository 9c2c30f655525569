/**
 * Words for dangers, as `rails.deny` takes them: `administrator`; `escalation`, every way to become one; and actions
 * joined by `+`, every way to become one with all of them.
 */
import { foldAction } from '../policy/canonical.ts';
import { escalations } from './escalations.ts';

const paths = [...escalations.map(({ actions }) => actions), ['sts:AssumeRole']];

const administrator = 'administrator';
const escalation = 'escalation';
/** It can give itself any access, and so stands for every way. */
const everyWay = 'iam-full-access';

const codeOf = (actions: readonly string[]): string => actions.join('+');
const partsOf = (code: string): string[] => code.split('+').map(foldAction);

/** For suggestions. */
export const knownDangers: readonly string[] = [
  administrator,
  escalation,
  everyWay,
  ...paths.flatMap((actions) => actions.map((_, at) => codeOf(actions.slice(0, at + 1)))),
];

/** The word as it is spelled here; undefined: it names no danger. */
export function spelledDanger(text: string): string | undefined {
  const word = foldAction(text);
  const own = [administrator, escalation, everyWay].find((one) => one === word);
  if (own !== undefined) return own;
  const parts = partsOf(word);
  const path = paths.find((actions) => hasAll(partsOf(codeOf(actions)), parts));
  return path && codeOf(path.filter((action) => parts.includes(foldAction(action))));
}

const hasAll = (actions: readonly string[], parts: readonly string[]): boolean =>
  parts.every((part) => actions.includes(part));

/**
 * Of denied dangers, those that a danger is one of. Who may do everything, or give themselves everything, has every way:
 * where nothing is said of administrators, whatever is denied is denied to them.
 *
 * @param code of a danger of somebody's access.
 */
export function deniedBy<D extends { readonly danger: string }>(denied: readonly D[], code: string): D[] {
  if (code === administrator) {
    const own = denied.filter(({ danger }) => danger === administrator);
    return own.length > 0 ? own : [...denied];
  }
  if (code === everyWay) return denied.filter(({ danger }) => danger !== administrator);
  if (!code.includes(':')) return [];
  const actions = partsOf(code);
  return denied.filter(({ danger }) => danger === escalation || hasAll(actions, partsOf(danger)));
}
