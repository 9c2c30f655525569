/**
 * The grammar of identity policies, checked before any call, with the place of each fault inside the document.
 *
 * Sources: IAM User Guide, "Grammar of the IAM JSON policy language", "IAM JSON policy elements" and "IAM and AWS STS
 * quotas"; the CreatePolicy operation for the characters allowed; and the texts of IAM's MalformedPolicyDocument
 * errors, such as "Resource vendor must be fully qualified and cannot contain regexes".
 */
import type { DiagnosticCode } from '../core/diagnostics.ts';
import { isObject } from '../core/json.ts';
import type { Json, JsonObject } from '../core/json.ts';
import type { PolicyDocument } from '../core/state.ts';
import { didYouMean, listWords, nearest, quote } from '../core/text.ts';

interface DocumentIssue {
  readonly severity: 'error' | 'warning';
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly hint?: string;
  /** Steps into the document: keys and list positions. */
  readonly path: readonly (string | number)[];
  /** Whether the key at the path is meant, or what it holds. */
  readonly on: 'key' | 'value';
  readonly related?: { readonly message: string; readonly path: readonly (string | number)[] };
}

/** Inline policies may still be of version 2008-10-17; IAM refuses it for managed ones. */
export type DocumentUse = 'inline' | 'managed';

/** The version that rollcall writes where the document names none (IAM would take it for 2008-10-17). */
export const defaultVersion = '2012-10-17';
const oldVersion = '2008-10-17';

const documentElements = ['Version', 'Id', 'Statement'];
const statementElements = ['Sid', 'Effect', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition'];

const operators = [
  'StringEquals StringNotEquals StringEqualsIgnoreCase StringNotEqualsIgnoreCase StringLike StringNotLike',
  'NumericEquals NumericNotEquals NumericLessThan NumericLessThanEquals NumericGreaterThan NumericGreaterThanEquals',
  'DateEquals DateNotEquals DateLessThan DateLessThanEquals DateGreaterThan DateGreaterThanEquals',
  'Bool BinaryEquals IpAddress NotIpAddress ArnEquals ArnNotEquals ArnLike ArnNotLike Null',
].flatMap((line) => line.split(' '));
const operatorSet = new Set(operators);

/** The document with its version named. */
export const withVersion = (document: PolicyDocument): PolicyDocument =>
  Object.hasOwn(document, 'Version') ? document : { Version: defaultVersion, ...document };

/** Everything in the document that IAM would refuse (errors) or that hardly says what was meant (warnings). */
export function checkDocument(document: Json, use: DocumentUse): DocumentIssue[] {
  const checker = new Checker();
  checker.document(document, use);
  return checker.issues;
}

type Path = DocumentIssue['path'];

class Checker {
  readonly issues: DocumentIssue[] = [];
  readonly #sids = new Map<string, Path>();
  /** `${…}` means something only in the newer version. */
  #oldVersion = false;

  #error(code: DiagnosticCode, path: Path, message: string, extra: Partial<DocumentIssue> = {}): void {
    this.issues.push({ severity: 'error', code, path, message, on: 'value', ...extra });
  }

  #warning(code: DiagnosticCode, path: Path, message: string, extra: Partial<DocumentIssue> = {}): void {
    this.issues.push({ severity: 'warning', code, path, message, on: 'value', ...extra });
  }

  document(document: Json, use: DocumentUse): void {
    if (!isObject(document)) {
      this.#error('policy-syntax', [], 'a policy document must be a mapping with "Statement"');
      return;
    }
    const meant = this.#unknownKeys(document, [], documentElements, 'a policy document');
    this.#version(document['Version'], use);
    this.#id(document['Id']);
    const statements = document['Statement'];
    if (statements === undefined) {
      if (!meant.has('Statement'))
        this.#error('policy-missing', [], 'the policy document has no "Statement"');
    } else if (Array.isArray(statements)) {
      const list = statements as readonly Json[];
      if (list.length === 0)
        this.#error('policy-missing', ['Statement'], 'the policy document has no statements');
      for (const [index, statement] of list.entries())
        this.#statement(statement, ['Statement', index], index + 1);
    } else this.#statement(statements, ['Statement'], null);
    this.#characters(document, []);
  }

  #version(version: Json | undefined, use: DocumentUse): void {
    if (version === undefined || version === defaultVersion) return;
    if (version !== oldVersion) {
      this.#error(
        'policy-version',
        ['Version'],
        `Version must be ${quote(defaultVersion)} or ${quote(oldVersion)}`,
        {
          hint: `drop it: rollcall writes ${quote(defaultVersion)}`,
        },
      );
    } else if (use === 'managed') {
      this.#error(
        'policy-version',
        ['Version'],
        `managed policies must be of Version ${quote(defaultVersion)}`,
        {
          hint: 'drop it, and check that "${" means a policy variable wherever it is written',
        },
      );
    } else this.#oldVersion = true;
  }

  #id(id: Json | undefined): void {
    if (id === undefined) return;
    if (typeof id !== 'string') this.#error('policy-syntax', ['Id'], 'Id must be a string');
    else
      this.#warning('policy-id', ['Id'], 'Id means nothing in a policy of a user or group', {
        on: 'key',
        hint: 'drop it',
      });
  }

  #statement(statement: Json, path: Path, number: number | null): void {
    const name = number === null ? 'the statement' : `statement ${number}`;
    if (!isObject(statement)) {
      this.#error('policy-syntax', path, `${name} must be a mapping`);
      return;
    }
    const meant = this.#unknownKeys(statement, path, statementElements, name);
    this.#sid(statement['Sid'], [...path, 'Sid'], name);
    if (statement['Effect'] !== undefined || !meant.has('Effect'))
      this.#effect(statement['Effect'], path, name);
    this.#eitherOf(statement, path, name, 'Action', meant, (text, at) => this.#action(text, at));
    this.#eitherOf(statement, path, name, 'Resource', meant, (text, at) => this.#resource(text, at));
    if (statement['Condition'] !== undefined)
      this.#condition(statement['Condition'], [...path, 'Condition'], name);
  }

  /** Gives the elements that unknown ones were probably meant to be: those are not missing as well. */
  #unknownKeys(object: JsonObject, path: Path, known: readonly string[], what: string): ReadonlySet<string> {
    const meant = new Set<string>();
    for (const key of Object.keys(object)) {
      if (known.includes(key)) continue;
      if (key === 'Principal' || key === 'NotPrincipal') {
        this.#error(
          'policy-principal',
          [...path, key],
          `${key} is not allowed here: the policy applies to whoever holds it`,
          { on: 'key', hint: 'drop it' },
        );
        continue;
      }
      const near = nearest(key, known);
      if (near !== null) meant.add(near);
      this.#error('policy-unknown', [...path, key], `unknown element ${quote(key)} in ${what}`, {
        on: 'key',
        hint: near === null ? `known elements: ${known.join(', ')}` : `did you mean ${quote(near)}?`,
      });
    }
    return meant;
  }

  #sid(sid: Json | undefined, path: Path, name: string): void {
    // An empty Sid counts as none.
    if (sid === undefined || sid === '') return;
    if (typeof sid !== 'string') {
      this.#error('policy-syntax', path, `the Sid of ${name} must be a string`);
    } else if (!/^[A-Za-z0-9]+$/.test(sid)) {
      const fixed = sid.replace(/[^A-Za-z0-9]/g, '');
      this.#error(
        'policy-sid',
        path,
        `the Sid ${quote(sid)} may have only letters (A-Z, a-z) and digits`,
        fixed === '' ? {} : { hint: `write ${fixed}` },
      );
    } else {
      const first = this.#sids.get(sid);
      if (first) {
        this.#error('policy-sid', path, `the Sid ${quote(sid)} is there twice in one document`, {
          related: { message: 'first here', path: first },
        });
      } else this.#sids.set(sid, path);
    }
  }

  #effect(effect: Json | undefined, path: Path, name: string): void {
    if (effect === undefined) {
      this.#error('policy-missing', path, `${name} has no "Effect"`, {
        hint: 'write Effect: Allow or Effect: Deny',
      });
    } else if (effect !== 'Allow' && effect !== 'Deny') {
      const hint = typeof effect === 'string' ? didYouMean(effect, ['Allow', 'Deny']) : undefined;
      this.#error(
        'policy-effect',
        [...path, 'Effect'],
        'Effect must be "Allow" or "Deny"',
        hint === undefined ? {} : { hint },
      );
    }
  }

  /** Exactly one of an element and its Not… must be there, with at least one text. */
  #eitherOf(
    statement: JsonObject,
    path: Path,
    name: string,
    element: 'Action' | 'Resource',
    meant: ReadonlySet<string>,
    check: (text: string, path: Path) => void,
  ): void {
    const keys = [element, `Not${element}`].filter((key) => statement[key] !== undefined);
    if (keys.length === 0) {
      if (!meant.has(element) && !meant.has(`Not${element}`)) {
        this.#error('policy-missing', path, `${name} has no ${quote(element)}`);
      }
    } else if (keys.length === 2) {
      this.#error(
        'policy-syntax',
        [...path, keys[1]!],
        `${name} has both ${quote(keys[0]!)} and ${quote(keys[1]!)}`,
        {
          on: 'key',
          hint: 'keep one',
          related: { message: `${quote(keys[0]!)} is here`, path: [...path, keys[0]!] },
        },
      );
    }
    for (const key of keys) {
      const value = statement[key]!;
      const list = Array.isArray(value) ? (value as readonly Json[]) : [value];
      if (list.length === 0)
        this.#error('policy-missing', [...path, key], `the ${quote(key)} of ${name} is empty`);
      for (const [index, text] of list.entries()) {
        const at = Array.isArray(value) ? [...path, key, index] : [...path, key];
        if (typeof text === 'string') check(text, at);
        else
          this.#error(
            'policy-syntax',
            at,
            `the ${quote(key)} of ${name} must be a string or a list of strings`,
          );
      }
    }
  }

  #action(action: string, path: Path): void {
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
    this.#error('policy-action', path, `the action ${quote(action)} ${fault}`, {
      hint: 'write service:Name, such as s3:GetObject or s3:Get*, or *',
    });
  }

  #resource(resource: string, path: Path): void {
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
      this.#error('policy-resource', path, `the resource ${quote(resource)} ${fault}`, {
        hint: 'write arn:partition:service:region:account:resource, such as arn:aws:s3:::reports/*, or *',
      });
      return;
    }
    if (rest.length < 2) {
      this.#warning(
        'policy-resource',
        path,
        `the resource ${quote(resource)} is cut short: IAM fills it up with wildcards`,
        {
          hint: 'write all six parts',
        },
      );
    }
    if (this.#oldVersion && resource.includes('${')) {
      this.#warning('policy-version', path, `\${…} is plain text in Version ${quote(oldVersion)}`, {
        hint: `write Version: ${quote(defaultVersion)} for policy variables`,
      });
    }
  }

  #condition(condition: Json, path: Path, name: string): void {
    if (!isObject(condition)) {
      this.#error('policy-condition', path, `the Condition of ${name} must be a mapping of operators`, {
        hint: 'write Condition: { StringEquals: { "aws:RequestedRegion": eu-west-1 } }',
      });
      return;
    }
    for (const [operator, keys] of Object.entries(condition)) {
      const at = [...path, operator];
      this.#operator(operator, at);
      if (!isObject(keys)) {
        this.#error(
          'policy-condition',
          at,
          `${quote(operator)} must be a mapping of condition keys to values`,
        );
        continue;
      }
      for (const [key, value] of Object.entries(keys)) {
        for (const [index, item] of (Array.isArray(value) ? (value as readonly Json[]) : [value]).entries()) {
          if (['string', 'number', 'boolean'].includes(typeof item)) continue;
          this.#error(
            'policy-condition',
            Array.isArray(value) ? [...at, key, index] : [...at, key],
            `the value of ${quote(key)} must be a string or a list of strings`,
          );
        }
      }
    }
  }

  #operator(operator: string, path: Path): void {
    const bare = operator.replace(/^(ForAllValues|ForAnyValue):/, '').replace(/IfExists$/, '');
    if (operatorSet.has(bare) && operator !== 'NullIfExists') return;
    const otherCase = operators.find((known) => known.toLowerCase() === bare.toLowerCase());
    if (otherCase !== undefined && bare !== otherCase) {
      this.#warning(
        'policy-condition',
        path,
        `the condition operator ${quote(operator)} is spelled with other capitals`,
        {
          on: 'key',
          hint: `write ${operator.replace(bare, otherCase)}`,
        },
      );
      return;
    }
    this.#error('policy-condition', path, `unknown condition operator ${quote(operator)}`, {
      on: 'key',
      hint:
        didYouMean(bare, operators) ??
        `there are ${listWords(['StringEquals', 'StringLike', 'Bool', 'IpAddress'], 'and')}, among others; ForAnyValue: or ForAllValues: may come before, IfExists after`,
    });
  }

  /** IAM takes tab, line feed, carriage return and U+0020 to U+00FF. */
  #characters(value: Json, path: Path): void {
    if (typeof value === 'string') {
      const foreign = /[^\t\n\r\u0020-\u00ff]/u.exec(value)?.[0];
      if (foreign === undefined) return;
      this.#error(
        'policy-characters',
        path,
        `IAM does not take the character ${quote(foreign)} in a policy document`,
        {
          hint: 'use characters of Latin-1 only',
        },
      );
    } else if (Array.isArray(value)) {
      for (const [index, item] of (value as readonly Json[]).entries())
        this.#characters(item, [...path, index]);
    } else if (isObject(value)) {
      for (const [key, item] of Object.entries(value)) this.#characters(item, [...path, key]);
    }
  }
}
