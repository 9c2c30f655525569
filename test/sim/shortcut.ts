import * as sdk from '@aws-sdk/client-iam';
import type { StandardRetryStrategy } from '@smithy/core/retry';
import { isServerError, isThrottlingError, isTransientError } from '@smithy/core/retry';
import type { IamError } from '../../src/sandbox/index.ts';

/**
 * What the SDK makes of a call, without its XML and middleware: they take nine tenths of a run's time. Errors have
 * the SDK's names, and the SDK's own strategy decides on retries. A test holds that runs through the SDK and past it
 * have the same trace.
 */

type Failure = Error & { $metadata?: { httpStatusCode?: number; attempts?: number } };

/** The SDK's names of errors whose code in the reply is another. */
const renamed: { readonly [code: string]: string } = {
  ReportNotPresent: 'CredentialReportNotPresentException',
  ReportExpired: 'CredentialReportExpiredException',
  ReportInProgress: 'CredentialReportNotReadyException',
};

export function serviceError({ code, message, status }: IamError): Failure {
  const modelled = `${code}Exception`;
  const name = renamed[code] ?? (modelled in sdk ? modelled : code);
  const $fault = status >= 500 ? 'server' : 'client';
  return Object.assign(new Error(message), { name, $fault, $metadata: { httpStatusCode: status } });
}

export const lostConnection = (): Failure =>
  Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });

/** What the SDK says where the XML ends too early. */
export const cutReply = (): Failure =>
  Object.assign(new SyntaxError('Unexpected end'), { $metadata: { httpStatusCode: 200 } });

type RetryFailure = Parameters<StandardRetryStrategy['refreshRetryTokenForRetry']>[1];

const errorType = (error: Failure): 'THROTTLING' | 'TRANSIENT' | 'SERVER_ERROR' | 'CLIENT_ERROR' => {
  const known = error as Parameters<typeof isThrottlingError>[0];
  if (isThrottlingError(known)) return 'THROTTLING';
  if (isTransientError(known)) return 'TRANSIENT';
  return isServerError(known) ? 'SERVER_ERROR' : 'CLIENT_ERROR';
};

export async function shortcut(
  command: object,
  strategy: StandardRetryStrategy,
  ask: (op: string, input: object) => Promise<object>,
): Promise<object> {
  // The operation's schema is `[9, namespace, name, …]`.
  const { schema, input } = command as { schema: readonly [number, string, string]; input: object };
  let token = await strategy.acquireInitialRetryToken('');
  for (let attempts = 1; ; attempts += 1) {
    try {
      const output = await ask(schema[2], input);
      strategy.recordSuccess(token);
      return { ...output, $metadata: { httpStatusCode: 200, attempts, totalRetryDelay: 0 } };
    } catch (thrown) {
      const error = thrown as Failure;
      error.$metadata = { ...error.$metadata, attempts };
      try {
        token = await strategy.refreshRetryTokenForRetry(token, {
          error,
          errorType: errorType(error),
        } as RetryFailure);
      } catch {
        throw error;
      }
    }
  }
}
