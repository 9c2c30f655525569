import type { ErrorObject } from 'ajv';
import { readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { errorCode } from '../../core/durable.ts';
import { RollcallError } from '../../core/errors.ts';
import type { Diagnostic } from '../../core/errors.ts';
import { byText, isObject } from '../../core/json.ts';
import { listWords, quote } from '../../core/text.ts';
import { readSource } from '../../manifest/files.ts';
import { readJson } from '../../manifest/json.ts';
import { Report } from '../../core/report.ts';
import { follow, pathOf, place, toJson } from '../../core/tree.ts';
import type { Node } from '../../core/tree.ts';
import { storageError } from '../storage.ts';
import { receiptErrors } from './compiled.ts';
import { receiptVersion } from './receipt.ts';
import type { Receipt } from './receipt.ts';

/** A receipt with the name of its file. */
export interface StoredReceipt {
  readonly file: string;
  readonly receipt: Receipt;
}

/**
 * All receipts of a directory (every `*.json` in it), oldest first, and the errors of those that cannot be read.
 *
 * @throws RollcallError if the directory does not exist or cannot be read: nothing was checked then.
 */
export async function readReceipts(
  dir: string,
  cwd = '',
): Promise<{ receipts: StoredReceipt[]; diagnostics: readonly Diagnostic[] }> {
  const report = new Report(cwd);
  const receipts: StoredReceipt[] = [];
  for (const name of await list(dir, cwd)) {
    const receipt = await readReceipt(join(dir, name), report);
    if (receipt) receipts.push({ file: basename(name), receipt });
  }
  receipts.sort(
    (a, b) =>
      byText(a.receipt.run.startedAt, b.receipt.run.startedAt) ||
      // `lorax`, `lorax-2`, `lorax-10`.
      a.file.length - b.file.length ||
      byText(a.file, b.file),
  );
  return { receipts, diagnostics: report.list() };
}

async function list(dir: string, cwd: string): Promise<string[]> {
  try {
    const entries = await readdir(resolve(cwd, dir), { withFileTypes: true });
    return entries
      .filter((entry) => entry.name.endsWith('.json') && !entry.name.startsWith('.') && !entry.isDirectory())
      .map(({ name }) => name)
      .sort(byText);
  } catch (error) {
    if (errorCode(error) === 'ENOTDIR') {
      throw new RollcallError(`${dir} is not a directory`, {
        hint: 'name the directory that holds the receipts',
      });
    }
    if (errorCode(error) !== 'ENOENT') throw storageError(dir, 'cannot be read', error);
    throw new RollcallError(`there is no directory ${dir}`, {
      hint: 'name the directory of the receipts with --receipts',
    });
  }
}

async function readReceipt(path: string, report: Report): Promise<Receipt | null> {
  const source = await readSource(path, report);
  const root = source && readJson(source, report);
  if (!root) return null;
  const content = toJson(root);
  const isFirst = isObject(content) && content['version'] === 1;
  const errors = receiptErrors[isFirst ? 'first' : 'current'](content);
  if (errors.length === 0) return content as unknown as Receipt;
  for (const error of errors) reportError(root, error, report);
  return null;
}

function reportError(root: Node, error: ErrorObject, report: Report): void {
  const pointer = error.instancePath;
  const found = follow(root, pathOf(root, pointer));
  const what = pointer === '' ? 'the receipt' : quote(pointer.slice(1).replaceAll('/', '.'));
  const at = place(found.node);
  const params = error.params as Readonly<Record<string, unknown>>;
  const tell = (message: string, hint?: string): void =>
    report.error('invalid-receipt', at, message, { hint });
  switch (error.keyword) {
    case 'required':
      return tell(`${what} has no ${quote(String(params['missingProperty']))}`);
    case 'additionalProperties':
      return tell(`unknown key ${quote(String(params['additionalProperty']))} in ${what}`);
    case 'const':
      return pointer === '/version'
        ? tell(
            `a receipt of version ${JSON.stringify(error.data)}; this rollcall reads versions 1 to ${receiptVersion}`,
            'use the rollcall that wrote it, or a later one',
          )
        : tell(`${what} must be ${JSON.stringify(params['allowedValue'])}`);
    case 'enum':
      return tell(
        `${what} must be ${listWords((params['allowedValues'] as readonly unknown[]).map(String))}`,
      );
    case 'anyOf':
      // Other errors report it.
      return undefined;
    default:
      return tell(`${what} ${error.message ?? 'is not valid'}`);
  }
}
