import type { Io } from '../../app/io.ts';
import { explanations, isDiagnosticCode } from '../../core/diagnostics.ts';
import type { Explanation } from '../../core/diagnostics.ts';
import { exitCode, RollcallError } from '../../core/errors.ts';
import type { ExitCode } from '../../core/errors.ts';
import { railNames } from '../../core/rails.ts';
import { didYouMean, quote, shownJson } from '../../core/text.ts';
import type { GlobalOptions } from '../options.ts';
import { Terminal } from '../terminal.ts';

/** What a code in brackets after an error or a warning means. @throws RollcallError for a code that does not exist. */
export function explainCode(io: Io, code: string, options: GlobalOptions): Promise<ExitCode> {
  const terminal = new Terminal(io, options);
  if (!isDiagnosticCode(code)) {
    const isRail = (railNames as readonly string[]).includes(code);
    throw new RollcallError(`no error or warning has the code ${quote(code)}`, {
      hint: isRail
        ? `it is a rail: docs/rails.md#${code}`
        : (didYouMean(code, Object.keys(explanations)) ?? 'docs/diagnostics.md lists all codes'),
    });
  }
  const explanation: Explanation = explanations[code];
  terminal.product(
    options.json ? `${shownJson({ code, ...explanation })}\n` : render(code, explanation, terminal),
  );
  return Promise.resolve(exitCode.done);
}

const render = (code: string, { means, why, fix, example }: Explanation, { colors }: Terminal): string =>
  `${colors.bold(code)}: ${means}

${example.replace(/^/gm, '    ')}

${colors.bold('Why')}: ${why}
${colors.bold('What to do')}: ${fix}
`;
