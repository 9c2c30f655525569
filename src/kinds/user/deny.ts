import { knownDangers, spelledDanger } from '../../access/denied.ts';
import type { Denied } from '../../core/desired.ts';
import { objectRef } from '../../core/references.ts';
import { quote } from '../../core/text.ts';
import { field, itemsOf, place, textOf } from '../../core/tree.ts';
import type { Node } from '../../core/tree.ts';
import type { ManifestContext } from '../reading/context.ts';
import { readNames } from '../reading/names.ts';

/** The rail `deny`. */
export function readDeny(context: ManifestContext): Denied[] {
  const { report, merged } = context;
  const seen = new Map<string, Node>();
  const denied: Denied[] = [];
  for (const item of itemsOf(merged.settings.get('rails.deny')?.value)) {
    const node = item.kind === 'map' ? field(item, 'danger')?.value : item;
    const text = textOf(node);
    if (!node || text === undefined || text === '') continue;
    const danger = spelledDanger(text);
    if (danger === undefined) {
      report.error('unknown-danger', place(node), `${quote(text)} is no danger that rollcall knows`, {
        hint:
          report.suggest('danger', text, knownDangers) ??
          'write administrator, escalation, or actions of a way to become administrator (docs/rails.md)',
      });
      continue;
    }
    const first = seen.get(danger);
    if (first) {
      report.error('duplicate-entry', place(node), `${quote(text)} is there twice in this list`, {
        hint: 'keep one, with the exceptions of both',
        related: [{ message: 'first here', at: place(first) }],
      });
      continue;
    }
    seen.set(danger, node);
    denied.push({ danger, except: readExceptions(field(item, 'except')?.value, context) });
  }
  return denied;
}

/** A user that no file declares is an error: whoever has that name later would be excepted. */
function readExceptions(except: Node | undefined, context: ManifestContext): Denied['except'] {
  const [users, roles] = ['users', 'roles'].map((section) => field(except, section)?.value);
  const declared = context.declared('users');
  for (const item of itemsOf(users)) {
    const name = textOf(item);
    if (name === undefined || !context.complete || context.mayBeLeft('users', name)) continue;
    if (declared.has(context.spelling('users', name))) continue;
    context.report.error('unknown-user', place(item), `there is no user ${quote(name)}`, {
      hint: context.report.suggest('users', name, declared.keys()) ?? 'drop it, or declare it under users',
    });
  }
  return [
    ...readNames(users, context.report).map((name) => objectRef('user', context.spelling('users', name))),
    ...readNames(roles, context.report).map((name) => objectRef('role', name)),
  ];
}
