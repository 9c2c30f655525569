import { Ajv2020 } from 'ajv/dist/2020.js';
import * as prettier from 'prettier';
import { expect, test } from 'vitest';
import { receiptSchema } from '../src/app/receipts/receipt.ts';
import { planSchema } from '../src/kinds/plan-schema.ts';

/** Other programs read these files; `npm run schemas` writes them. */
test.each<[file: string, schema: object]>([
  ['plan.schema.json', planSchema],
  ['receipt.schema.json', receiptSchema],
])('schemas/%s is what the program goes by', async (file, schema) => {
  expect(new Ajv2020().validateSchema(schema)).toBe(true);
  expect(schema).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema', $id: file });
  const path = `schemas/${file}`;
  const options = await prettier.resolveConfig(path);
  const text = await prettier.format(JSON.stringify(schema), { ...options, filepath: path });
  await expect(text).toMatchFileSnapshot(`../${path}`);
});
