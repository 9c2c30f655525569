import type { DocumentIssue } from '../../policy/grammar/findings.ts';
import { checkDocument, withVersion } from '../../policy/grammar/index.ts';
import { hinter, loadServices } from '../../policy/hints/index.ts';
import { RollcallError } from '../../core/errors.ts';
import type { Diagnostic } from '../../core/errors.ts';
import { didYouMean, quote } from '../../core/text.ts';
import type { AccessRequest } from '../../kinds/access-answer.ts';

/**
 * Checks what somebody asks for as if a policy said it: the same rules, and the same hints about names that AWS does
 * not have.
 *
 * @returns warnings.
 * @throws RollcallError for what is no action or no resource.
 */
export async function checkRequest({
  action,
  resource,
  context,
}: AccessRequest): Promise<readonly Diagnostic[]> {
  // In a policy, IAM fills it up. A request is for a resource that is named in full.
  if (resource !== '*' && /^arn:[^:]*:[^:]*(?::[^:]*){0,2}$/.test(resource))
    throw new RollcallError(`the resource ${quote(resource)} is cut short`, {
      hint: 'write all six parts, such as arn:aws:s3:::reports/*, or *',
    });
  // IAM takes a policy that says so, and no action is called so.
  if (/\s/.test(action))
    throw new RollcallError(`the action ${quote(action)} has white space`, {
      hint: 'write it without, such as s3:GetObject',
    });
  const hasContext = Object.keys(context).length > 0;
  const document = withVersion({
    Statement: {
      Effect: 'Allow',
      Action: action,
      Resource: resource,
      ...(hasContext ? { Condition: { StringEquals: context } } : {}),
    },
  });
  const issues = checkDocument(document, 'managed');
  const error = issues.find(({ severity }) => severity === 'error');
  if (error) throw new RollcallError(error.message, error.hint === undefined ? {} : { hint: error.hint });
  const services = await loadServices();
  const suggest = (_kind: string, word: string, candidates: Iterable<string>) => didYouMean(word, candidates);
  return [...issues, ...hinter(services, suggest)(document)].map(toDiagnostic);
}

const toDiagnostic = ({ code, message, hint }: DocumentIssue): Diagnostic => ({
  severity: 'warning',
  code,
  message,
  ...(hint === undefined ? {} : { hint }),
});
