import { listSome } from '../../core/text.ts';
import { membersOf } from '../holders.ts';
import type { Context } from '../kind.ts';

/**
 * Access that no file tells of: a group that is not managed stays as it is, and so does who is not managed in one that is.
 * Of what `ignore` names nothing is said.
 */
export function noteStrangers(context: Context): void {
  const { live, desired, note } = context;
  const isStranger = (kind: string, name: string): boolean =>
    !context.inScope(kind, name) && !context.isIgnored(kind, name);
  for (const group of live.groups.keys()) {
    const members = [...membersOf(live, group)];
    if (desired.groups.has(group)) {
      const strangers = members.filter((name) => isStranger('user', name));
      if (strangers.length > 0)
        note(
          `group ${group} has members who are not managed, and keep what it gives: ${listSome(strangers)}`,
        );
    } else if (isStranger('group', group)) {
      const own = members.filter((name) => desired.users.has(name));
      if (own.length > 0)
        note(`group ${group} is not managed, and stays with what it gives to ${listSome(own)}`);
    }
  }
}
