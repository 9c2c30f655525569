import { quote } from '../../core/text.ts';
import type { Findings, Path } from './findings.ts';

export function checkAction(action: string, path: Path, found: Findings): void {
  if (action === '*') return;
  const [service = '', name, ...more] = action.split(':');
  const fault =
    name === undefined
      ? 'names no service'
      : more.length > 0
        ? 'has more than one colon'
        : /\s/.test(action)
          ? 'has white space'
          : // IAM takes "*:*", but no other wildcard in the service.
            service !== '*' && !/^[A-Za-z0-9.-]+$/.test(service)
            ? 'has a service that is not a plain name'
            : name === ''
              ? 'names no action'
              : null;
  if (fault === null) return;
  found.error('policy-action', path, `the action ${quote(action)} ${fault}`, {
    hint: 'write service:Name, such as s3:GetObject or s3:Get*, or *',
  });
}
