import { Ajv2020 } from 'ajv/dist/2020.js';
import { readFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { expect, test } from 'vitest';
import { exportSchema } from '../src/app/export/schema.ts';
import { eventSchema } from '../src/cli/event-schema.ts';
import { receiptSchema } from '../src/app/receipts/receipt.ts';
import { explanationSchema, whoCanSchema } from '../src/kinds/access-answer.ts';
import { planSchema } from '../src/kinds/plan.ts';

const formatted = async (path: string, text: string): Promise<string> =>
  format(text, { ...(await resolveConfig(path)), filepath: path });

/** Other programs read these files; `npm run schemas` writes them. */
test.each<[file: string, schema: object]>([
  ['plan.schema.json', planSchema],
  ['receipt.schema.json', receiptSchema],
  ['event.schema.json', eventSchema],
  ['export.schema.json', exportSchema],
  ['who-can.schema.json', whoCanSchema],
  ['explanation.schema.json', explanationSchema],
])('schemas/%s is what the program goes by (npm run schemas)', async (file, schema) => {
  expect(new Ajv2020().validateSchema(schema)).toBe(true);
  expect(schema).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema', $id: file });
  const path = `schemas/${file}`;
  await expect(await formatted(path, JSON.stringify(schema))).toMatchFileSnapshot(`../${path}`);
});

interface Fields {
  readonly required?: readonly string[];
  readonly properties: { readonly [name: string]: { readonly description?: string } };
}

/** Its fields, and what each is. */
function table({ properties, required = [] }: Fields): string {
  const rows = Object.entries(properties).map(([name, { description }]) => {
    if (description === undefined) throw new Error(`${name} has no description`);
    return `| \`${name}\`${required.includes(name) ? '' : '?'} | ${description.replaceAll('|', '\\|')} |`;
  });
  return ['| field | what |', '| --- | --- |', ...rows].join('\n');
}

/** A page with the part that is made. */
async function pageWith(path: string, made: string): Promise<string> {
  const [begin, end] = ['<!-- Made by `npm run schemas`, from here on. -->', '<!-- As far as here. -->'];
  const text = readFileSync(path, 'utf8');
  expect(text.indexOf(begin)).toBeGreaterThan(0);
  expect(text.indexOf(end)).toBeGreaterThan(text.indexOf(begin));
  const page = `${text.slice(0, text.indexOf(begin))}${begin}\n\n${made}\n\n${text.slice(text.indexOf(end))}`;
  return await formatted(path, page);
}

test('docs/plan-formats.md has every field of a plan (npm run schemas)', async () => {
  const { change, step } = planSchema.$defs;
  const made = `${table(planSchema)}\n\nA change:\n\n${table(change)}\n\nA step:\n\n${table(step)}`;
  const path = 'docs/plan-formats.md';
  await expect(await pageWith(path, made)).toMatchFileSnapshot(`../${path}`);
});

test('docs/access.md has every field of an answer (npm run schemas)', async () => {
  const { answer, part, statement } = whoCanSchema.$defs;
  const made = [
    ['`who-can --json`', whoCanSchema],
    ['Each of `principals`', answer],
    ['A part', part],
    ['A statement', statement],
    ['`explain --json`', explanationSchema],
  ].map(([name, schema]) => `${name as string}:\n\n${table(schema as unknown as Fields)}`);
  const path = 'docs/access.md';
  await expect(await pageWith(path, made.join('\n\n'))).toMatchFileSnapshot(`../${path}`);
});

test('docs/export.md has every field of an export (npm run schemas)', async () => {
  const { user, group, policy, role, credentials } = exportSchema.$defs;
  const made = [
    ['The whole', exportSchema],
    ['A user', user],
    ['Credentials', credentials],
    ['A group', group],
    ['A policy', policy],
    ['A role', role],
  ].map(([name, schema]) => `${name as string}:\n\n${table(schema as unknown as Fields)}`);
  const path = 'docs/export.md';
  await expect(await pageWith(path, made.join('\n\n'))).toMatchFileSnapshot(`../${path}`);
});

test('docs/progress.md has every event and its fields (npm run schemas)', async () => {
  const tables = eventSchema.anyOf.map((schema) => {
    const { type, time: _, ...properties } = schema.properties;
    return `### ${(type as unknown as { readonly const: string }).const}\n\n${schema.description}\n\n${table({ ...schema, properties })}`;
  });
  const path = 'docs/progress.md';
  await expect(await pageWith(path, tables.join('\n\n'))).toMatchFileSnapshot(`../${path}`);
});
