import { currentVersion, earlierVersion } from '../../core/policy-language.ts';
import { quote } from '../../core/text.ts';
import type { Findings, Path } from './findings.ts';

export function checkResource(resource: string, path: Path, earlier: boolean, found: Findings): void {
  if (resource === '*') return;
  const [arn, partition = '', service = '', region = '', ...rest] = resource.split(':');
  const fault =
    arn !== 'arn' || !resource.includes(':')
      ? 'is not an ARN'
      : partition !== '*' && !/^aws(-[a-z]+)*$/.test(partition)
        ? `has an unknown partition ${quote(partition)}`
        : service === '' || /[*?]/.test(service)
          ? 'must name its service without wildcards'
          : rest.length < 2 && resource.includes('::')
            ? 'has too few colons'
            : service === 'iam' && region !== '' && region !== '*'
              ? 'must not have a region: IAM is global'
              : null;
  if (fault !== null) {
    found.error('policy-resource', path, `the resource ${quote(resource)} ${fault}`, {
      hint: 'write arn:partition:service:region:account:resource, such as arn:aws:s3:::reports/*, or *',
    });
    return;
  }
  if (rest.length < 2) {
    found.warning(
      'policy-resource',
      path,
      `the resource ${quote(resource)} is cut short: IAM fills it up with wildcards`,
      { hint: 'write all six parts' },
    );
  }
  if (earlier && resource.includes('${')) {
    found.warning('policy-version', path, `\${…} is plain text in Version ${quote(earlierVersion)}`, {
      hint: `write Version: ${quote(currentVersion)} for policy variables`,
    });
  }
}
