import { IamError } from './errors.ts';
import { findOperation, type Operation } from './operations.ts';
import { parseQuery } from './query.ts';
import type { SignedRequest } from './sigv4.ts';

/** Parameters of the query and of the body. */
export function readParameters(request: SignedRequest): Map<string, string> {
  if (request.method === 'GET' || request.method === 'HEAD') return parseQuery(request.query);
  if (request.method !== 'POST') {
    throw new IamError('MalformedInput', `Method ${request.method} is not of the Query protocol: use POST.`);
  }
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/x-www-form-urlencoded\b/i.test(type)) {
    throw new IamError(
      'MalformedInput',
      `Content type '${type}' is not of the Query protocol: use application/x-www-form-urlencoded.`,
    );
  }
  const parameters = parseQuery(request.query);
  for (const [key, value] of parseQuery(request.body)) parameters.set(key, value);
  return parameters;
}

/** Throws InvalidAction for unknown operations. */
export function operationNamed(action: string, version: string | null): Operation {
  const operation = version === null ? undefined : findOperation(action, version);
  if (!operation) {
    throw new IamError(
      'InvalidAction',
      `Could not find operation ${action} for version ${version ?? 'NO_VERSION_SPECIFIED'}`,
    );
  }
  return operation;
}
