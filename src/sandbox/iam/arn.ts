import { validationError } from '../wire/errors.ts';
import type { Context } from './context.ts';

/**
 * Throws ValidationError for what is no ARN (recorded by LocalStack's tests), or one of another partition, as people report
 * it who attach an `arn:aws:…` in China (github.com/pulumi/pulumi-aws-apigateway/issues/347).
 */
export function checkArn(ctx: Context, arn: string): void {
  const [, partition] = /^arn:([^:]+):[^:]+:[^:]*:[^:]*:.+/.exec(arn) ?? [];
  if (partition === undefined) throw validationError('Invalid ARN:  Could not be parsed!');
  if (partition !== ctx.partition) throw validationError('Invalid ARN partition');
}
