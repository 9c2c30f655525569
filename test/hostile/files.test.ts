import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RollcallError } from '../../src/core/errors.ts';
import { createIam } from '../../src/sandbox/index.ts';
import { scratch } from '../support/cli.ts';
import { goodFile, use } from './sandbox-file.ts';
import { count } from './support.ts';

describe("a sandbox's file", () => {
  it('is opened as it is', () => {
    expect(use(goodFile)).toBe('opened');
  });

  const [header] = '{}'.split('\n');
  it.each<[string, (text: string) => string]>([
    ['nothing', () => ''],
    ['a header alone', (text) => text.split('\n')[0]!],
    ['no header', (text) => text.split('\n').slice(1).join('\n')],
    ['a table that is none', (text) => `${text}{"n":1,"put":[["__proto__","x",{"id":"x"}]]}\n`],
    ['a record that is a text', (text) => `${text}{"n":1,"put":[["users","x","dale"]]}\n`],
    ['a record without fields', (text) => `${text}{"n":1,"put":[["users","x",{"id":"x"}]]}\n`],
    [
      'a record under another id',
      (text) => text.replace(/"(AIDA\w+)",\{"id":"\w+"/, '"$1",{"id":"AIDAOTHER"'),
    ],
    [
      'a record with a prototype',
      (text) => text.replace('"name":"dale"', '"__proto__":{"polluted":1},"name":"dale"'),
    ],
    ['fields of another type', (text) => text.replaceAll('"path":"/"', '"path":7')],
    ['a time that is none', (text) => text.replace(/"createdAt":"[^"]*"/g, '"createdAt":"yesterday"')],
    ['policies that are a list', (text) => text.replace(/"policies":\{[^}]*\}/, '"policies":[1]')],
    ['a line without end', (text) => `${text}{"n":1,"put":[["users","x",{"a":"${'a'.repeat(1_000_000)}`],
    ['a line nested deep', (text) => `${text}${'['.repeat(100_000)}\n${text}`],
    ['another format', () => `${header}\n`],
    ['a newer version', (text) => text.replace('"version":1', '"version":99')],
    ['zeros', () => '\0'.repeat(10_000)],
  ])('with %s is opened or refused', (_what, change) => {
    expect(['opened', 'refused']).toContain(use(Buffer.from(change(goodFile.toString()))));
    count('crafted sandbox files');
  });

  it('is left alone while another process has it', () => {
    const file = join(scratch(), 'held.db');
    writeFileSync(file, goodFile);
    const iam = createIam({ file });
    expect(() => createIam({ file })).toThrow(RollcallError);
    iam.close();
  });
});
