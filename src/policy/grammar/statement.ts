import { isObject, type Json, type JsonObject } from '../../core/json.ts';
import { didYouMean, quote } from '../../core/text.ts';
import { checkAction } from './action.ts';
import { checkCondition } from './condition.ts';
import type { Findings, Path } from './findings.ts';
import { checkKeys } from './keys.ts';
import { checkResource } from './resource.ts';

const statementElements = ['Sid', 'Effect', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition'];

/** The document that a statement is in. */
interface Scope {
  readonly found: Findings;
  /** `${…}` means something only in the current version. */
  readonly earlier: boolean;
  readonly sids: Map<string, Path>;
}

export function checkStatement(statement: Json, path: Path, name: string, scope: Scope): void {
  const { found } = scope;
  if (!isObject(statement)) {
    found.error('policy-syntax', path, `${name} must be a mapping`);
    return;
  }
  const meant = checkKeys(statement, path, statementElements, name, found);
  checkSid(statement['Sid'], [...path, 'Sid'], name, scope);
  if (statement['Effect'] !== undefined || !meant.has('Effect'))
    checkEffect(statement['Effect'], path, name, found);
  checkTexts(statement, path, name, 'Action', meant, found, (text, at) => checkAction(text, at, found));
  checkTexts(statement, path, name, 'Resource', meant, found, (text, at) =>
    checkResource(text, at, scope.earlier, found),
  );
  if (statement['Condition'] !== undefined)
    checkCondition(statement['Condition'], [...path, 'Condition'], name, found);
}

function checkSid(sid: Json | undefined, path: Path, name: string, { sids, found }: Scope): void {
  // An empty Sid counts as none.
  if (sid === undefined || sid === '') return;
  if (typeof sid !== 'string') {
    found.error('policy-syntax', path, `the Sid of ${name} must be a string`);
  } else if (!/^[A-Za-z0-9]+$/.test(sid)) {
    const fixed = sid.replace(/[^A-Za-z0-9]/g, '');
    found.error(
      'policy-sid',
      path,
      `the Sid ${quote(sid)} may have only letters (A-Z, a-z) and digits`,
      fixed === '' ? {} : { hint: `write ${fixed}` },
    );
  } else {
    const first = sids.get(sid);
    if (first) {
      found.error('policy-sid', path, `the Sid ${quote(sid)} is there twice in one document`, {
        related: { message: 'first here', path: first },
      });
    } else sids.set(sid, path);
  }
}

function checkEffect(effect: Json | undefined, path: Path, name: string, found: Findings): void {
  if (effect === undefined) {
    found.error('policy-missing', path, `${name} has no "Effect"`, {
      hint: 'write Effect: Allow or Effect: Deny',
    });
  } else if (effect !== 'Allow' && effect !== 'Deny') {
    const hint = typeof effect === 'string' ? didYouMean(effect, ['Allow', 'Deny']) : undefined;
    found.error(
      'policy-effect',
      [...path, 'Effect'],
      'Effect must be "Allow" or "Deny"',
      hint === undefined ? {} : { hint },
    );
  }
}

/** Exactly one of an element and its Not… must be there, with at least one text. */
function checkTexts(
  statement: JsonObject,
  path: Path,
  name: string,
  element: 'Action' | 'Resource',
  meant: ReadonlySet<string>,
  found: Findings,
  check: (text: string, path: Path) => void,
): void {
  const keys = [element, `Not${element}`].filter((key) => statement[key] !== undefined);
  if (keys.length === 0) {
    if (!meant.has(element) && !meant.has(`Not${element}`)) {
      found.error('policy-missing', path, `${name} has no ${quote(element)}`);
    }
  } else if (keys.length === 2) {
    found.error(
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
      found.error('policy-missing', [...path, key], `the ${quote(key)} of ${name} is empty`);
    for (const [index, text] of list.entries()) {
      const at = Array.isArray(value) ? [...path, key, index] : [...path, key];
      if (typeof text === 'string') check(text, at);
      else
        found.error(
          'policy-syntax',
          at,
          `the ${quote(key)} of ${name} must be a string or a list of strings`,
        );
    }
  }
}
