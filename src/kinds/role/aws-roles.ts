import { nameKey } from '../../core/names.ts';

/**
 * Roles that only AWS changes: those of its services, and those that Identity Center makes of permission sets.
 *
 * Sources: IAM User Guide, "Using service-linked roles"; the error "this role is only modifiable by AWS".
 */
export const isAwsPath = (path: string): boolean => /^\/(?:aws-service-role|aws-reserved)\//i.test(path);

export const isAwsName = (name: string): boolean =>
  /^(?:awsservicerolefor|awsreservedsso_)/.test(nameKey(name));
