import { isObject, type Json, type JsonObject } from '../../core/json.ts';
import { IamError } from '../wire/errors.ts';

const malformed = (message: string): IamError => new IamError('MalformedPolicyDocument', message);

const isTexts = (value: Json): boolean =>
  typeof value === 'string' || (Array.isArray(value) && value.every((item) => typeof item === 'string'));

const texts = (value: Json | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === 'string' ? [value] : (value as readonly string[]);

const trustActions =
  /^sts:(?:\*|AssumeRole\w*\*?|TagSession|SetSourceIdentity|SetContext|GetFederationToken|GetSessionToken|GetCallerIdentity)$/;

/** Throws MalformedPolicyDocument if IAM would not store a trust policy with such a statement. */
export function checkTrust(statement: JsonObject): void {
  if (statement['Resource'] !== undefined || statement['NotResource'] !== undefined) {
    throw malformed('Has prohibited field Resource');
  }
  const principal = statement['Principal'] ?? statement['NotPrincipal'];
  if (principal === undefined) throw malformed('Missing required field Principal');
  if (principal !== '*') {
    if (!isObject(principal) || Object.keys(principal).length === 0)
      throw malformed('Syntax errors in policy.');
    for (const [type, value] of Object.entries(principal)) {
      if (!['AWS', 'Service', 'Federated', 'CanonicalUser'].includes(type) || !isTexts(value))
        throw malformed('Syntax errors in policy.');
      for (const item of texts(value)) {
        const fits =
          type !== 'AWS' ||
          item === '*' ||
          /^\d{12}$/.test(item) ||
          /^arn:[^:]+:(?:iam|sts)::\d{12}:.+$/.test(item) ||
          /^A(?:IDA|ROA)[A-Z0-9]+$/.test(item);
        if (!fits) throw malformed(`Invalid principal in policy: "${type}":"${item}"`);
      }
    }
  }
  for (const action of texts(statement['Action'] ?? statement['NotAction'])) {
    if (!trustActions.test(action)) {
      throw malformed('AssumeRole policy may only specify STS AssumeRole actions.');
    }
  }
}
