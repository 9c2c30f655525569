import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { PolicyDocument } from '../../src/core/state.ts';
import { hinter, loadServices } from '../../src/policy/hints/index.ts';

/** 1,523 documents of AWS's managed policies, one `{name, document}` a line; not part of the project. */
const corpus = '/work/shared/corpus/aws-managed-policies.ndjson.gz';

/**
 * Every service that AWS's own policies name and its reference does not have, with how often: services that are retired, or
 * that only AWS itself calls.
 */
const services = {
  applicationwizard: 1,
  'catalog-admin': 16,
  'catalog-user': 2,
  crowd: 2,
  datazonecontrol: 2,
  deepcomposer: 9,
  deeplens: 2,
  deepracer: 24,
  'ec2-reports': 1,
  'elastic-inference': 4,
  iot1click: 16,
  iotroborunner: 9,
  mobilehub: 16,
  'sagemaker-groundtruth-synthetic': 3,
  sumerian: 1,
  zocalo: 2,
};

test.skipIf(!existsSync(corpus))(
  `warns of little in AWS's own policies (skipped where ${corpus} is not there)`,
  async () => {
    const hintsOf = hinter(await loadServices(), () => undefined);
    const found = gunzipSync(readFileSync(corpus))
      .toString()
      .trim()
      .split('\n')
      .flatMap((line) => {
        const { name, document } = JSON.parse(line) as { name: string; document: PolicyDocument };
        return hintsOf(document).map((issue) => ({ name, ...issue }));
      });
    const count = (of: readonly string[]): Record<string, number> => {
      const all: Record<string, number> = {};
      for (const one of of) all[one] = (all[one] ?? 0) + 1;
      return all;
    };
    expect(count(found.map(({ code }) => code))).toEqual({
      'policy-unknown-service': 110,
      'policy-unknown-action': 43,
      'policy-resource-type': 40,
      'policy-condition-key': 6,
    });
    expect(new Set(found.map(({ name }) => name)).size).toBe(70);
    const unknown = found.filter(({ code }) => code === 'policy-unknown-service');
    expect(count(unknown.map(({ message }) => /"(.*)"/.exec(message)![1]!))).toEqual(services);
  },
);
