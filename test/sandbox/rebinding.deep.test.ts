import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startSandbox } from '../../src/sandbox/index.ts';

const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const missing = !existsSync(executablePath);

/** What a script of the page would get of the sandbox's keys or of its IAM. */
const steal = `Promise.all([
  fetch('/').then((answer) => answer.text()),
  fetch('/', {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      authorization: 'AWS4-HMAC-SHA256 Credential=AKIA2222222222222222/20260301/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=0',
    },
    body: 'Action=CreateUser&UserName=mallory&Version=2010-05-08',
  }).then((answer) => answer.text()),
]).then((texts) => texts.join('\\n'))`;

describe.skipIf(missing)(`in a browser${missing ? ` (skipped: no ${executablePath})` : ''}`, () => {
  test('a web page whose name is made to lead to the sandbox reads nothing and changes nothing', async () => {
    const sandbox = await startSandbox();
    const { port } = new URL(sandbox.url);
    const browser = await chromium.launch({
      executablePath,
      args: [
        '--headless',
        '--no-sandbox',
        '--no-first-run',
        '--host-resolver-rules=MAP rebound.example 127.0.0.1',
      ],
    });
    onTestFinished(async () => {
      await browser.close();
      await sandbox.close();
    });
    const tab = await browser.newPage();
    await tab.goto(`http://rebound.example:${port}/`);
    const stolen = await tab.evaluate<string>(steal);
    expect(stolen).not.toContain('AKIA');
    expect(stolen).not.toContain('mallory');
    expect(stolen).toContain('--allow-host');
    expect(sandbox.call('ListUsers', {}).Users).toEqual([]);
    // The same page by a name of this machine, where nobody else can be: what the browser sees otherwise.
    await tab.goto(`http://localhost:${port}/`);
    expect(await tab.evaluate(steal)).toContain('mallory');
  });
});
