import { editDistance, quote } from '../../core/text.ts';
import type { Path } from '../grammar/findings.ts';
import type { DocumentHints } from './run.ts';

/** `*` or `*:*`. */
export const isEverything = (action: string): boolean => action === '*' || action.startsWith('*:');

/** Warns of an action that AWS does not have, and of a pattern that matches none. */
export function checkActionName(action: string, path: Path, found: DocumentHints): void {
  if (isEverything(action) || found.run.takesOf(action).length > 0) return;
  const { aws } = found.run;
  const [prefix = ''] = action.split(':');
  const service = aws.get(prefix.toLowerCase());
  if (service === undefined) {
    found.warning('policy-unknown-service', path, `AWS has no service ${quote(prefix)}`, {
      hint: aws.withAge(nearestService(prefix, found)),
    });
  } else if (/[*?]/.test(action)) {
    found.warning('policy-unknown-action', path, `no action of AWS matches ${quote(action)}`, {
      hint: aws.withAge(undefined),
    });
  } else {
    const names = [...service.actions.values()].map(({ name }) => `${prefix}:${name}`);
    found.warning('policy-unknown-action', path, `AWS has no action ${quote(action)}`, {
      hint: aws.withAge(found.run.suggest(`action of ${prefix}`, action, names)),
    });
  }
}

/** Of two or three letters one typing error leaves little: it is enough if one service alone is so near. */
function nearestService(prefix: string, { run }: DocumentHints): string | undefined {
  if (prefix.length > 3) return run.suggest('service', prefix, run.aws.prefixes);
  const lower = prefix.toLowerCase();
  const near = run.aws.prefixes.filter((other) => editDistance(lower, other, 1) <= 1);
  return near.length === 1 ? `did you mean ${quote(near[0]!)}?` : undefined;
}
