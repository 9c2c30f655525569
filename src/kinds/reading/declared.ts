import type { DiagnosticCode } from '../../core/diagnostics.ts';
import { quote } from '../../core/text.ts';
import { place, textOf } from '../../core/tree.ts';
import type { Node } from '../../core/tree.ts';
import type { ManifestContext } from './context.ts';

/**
 * Reports a name that no file declares where nothing else can have it, and one that is declared in another case: IAM
 * would take it for a name of its own where an ARN has it, and a search for text would not find it.
 */
export function checkDeclared(
  section: string,
  [code, what]: readonly [code: DiagnosticCode, what: string],
  node: Node,
  context: ManifestContext,
): boolean {
  const name = textOf(node)!;
  if (context.declared(section).has(name)) return true;
  const spelled = context.named(section).spelling(name);
  if (spelled === undefined && (!context.complete || context.mayBeLeft(section, name))) return true;
  context.report.error(code, place(node), `there is no ${what} ${quote(name)}`, {
    hint:
      spelled === undefined
        ? (context.report.suggest(section, name, context.declared(section).keys()) ??
          `declare it under ${section}`)
        : `did you mean ${quote(spelled)}?`,
  });
  return false;
}
