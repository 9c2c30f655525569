import type { Collector, Path } from './findings.ts';

/** IAM looks at the service alone: whatever comes after the colon, it takes. */
export function checkAction(action: string, path: Path, found: Collector): void {
  if (action === '*') return;
  const [service = '', name, ...more] = action.split(':');
  if (name === undefined) found.add('action-service-missing', path, action);
  else if (more.length > 0) found.add('action-colons', path, action);
  // "*:*" is taken, but no other wildcard in the service.
  else if (service !== '*' && !/^[A-Za-z0-9.-]+$/.test(service)) found.add('action-service', path, action);
  else if (name === '') found.add('action-name', path, action);
}
