import type pc from 'picocolors';
import { formatLocation } from '../core/errors.ts';
import type { Diagnostic } from '../core/errors.ts';
import type { RailViolation } from '../core/rails.ts';
import { clean } from '../core/text.ts';

export type Colors = ReturnType<typeof pc.createColors>;

/** Errors and warnings of the manifests, `file:line:column` first as compilers print them. */
export function renderDiagnostics(diagnostics: readonly Diagnostic[], colors: Colors): string[] {
  const severity = { error: colors.red('error'), warning: colors.yellow('warning') };
  return diagnostics.flatMap((one) => [
    `${one.at ? `${colors.bold(clean(formatLocation(one.at)))}: ` : ''}${severity[one.severity]}: ${clean(one.message)} ${colors.dim(`[${one.code}]`)}`,
    ...(one.related ?? []).map(({ message, at }) => `  ${clean(formatLocation(at))}: ${clean(message)}`),
    ...(one.hint ? [`  ${colors.cyan('hint')}: ${clean(one.hint)}`] : []),
  ]);
}

/** Rails that a plan runs into, and how to let it through. */
export function renderViolations(violations: readonly RailViolation[], colors: Colors): string[] {
  return violations.flatMap(({ rail, message, hint }) => [
    `${colors.red(colors.bold('refused'))} by the rail ${rail}: ${clean(message)}`,
    `  ${clean(hint)}`,
  ]);
}
