import { describe, expect, test } from 'vitest';
import { readCaller } from '../../src/aws/read.ts';
import { answering, caller, connected } from '../support/answers.ts';

test.each([
  [
    'SignatureDoesNotMatch',
    'Signature expired: 20270101T100000Z is now earlier than 20270101T114500Z (20270101T120000Z - 15 min.)',
    "it says 2027-01-01T10:00:00Z, and AWS's says 2027-01-01T12:00:00Z: Signature expired: 2027",
  ],
  [
    'SignatureDoesNotMatch',
    'Signature not yet current: 20270101T140000Z is still later than 20270101T121500Z (20270101T120000Z + 15 min.)',
    "it says 2027-01-01T14:00:00Z, and AWS's says 2027-01-01T12:00:00Z: Signature not yet current: 2027",
  ],
  ['RequestExpired', 'Request has expired.', "and AWS's says 2027-01-01T12:00:00Z: Request has expired."],
])('a wrong clock is told as one, with both times (%s, %s)', async (code, message, told) => {
  const server = await answering((_op, _params, response) => {
    response
      .writeHead(403, { 'Content-Type': 'text/xml', Date: 'Fri, 01 Jan 2027 12:00:00 GMT', Age: '0' })
      .end(
        `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
      );
    return undefined;
  });
  const error = (await readCaller(connected(server.url)).catch((thrown: unknown) => thrown)) as Error;
  expect(error.message).toContain('GetCallerIdentity: the clock of this machine is wrong: ');
  expect(error.message).toContain(told);
});

const stamp = (time: number): string => new Date(time).toISOString().replaceAll(/[-:]|\.\d+/g, '');
const parse = (text: string): number =>
  Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));

/** An STS whose clock is so far from ours, and that takes signatures as AWS does: of the last and next 15 minutes. */
const strict = (off: number, tellsTime: boolean) =>
  answering((_op, _params, response, request) => {
    const now = Date.now() + off;
    const signed = String(request.headers['x-amz-date']);
    response.sendDate = false;
    if (tellsTime) response.setHeader('Date', new Date(now).toUTCString());
    const late = now - parse(signed);
    if (Math.abs(late) <= 15 * 60_000) return caller;
    const text =
      late > 0
        ? `Signature expired: ${signed} is now earlier than ${stamp(now - 900_000)} (${stamp(now)} - 15 min.)`
        : `Signature not yet current: ${signed} is still later than ${stamp(now + 900_000)} (${stamp(now)} + 15 min.)`;
    response
      .writeHead(403, { 'Content-Type': 'text/xml' })
      .end(
        `<ErrorResponse><Error><Type>Sender</Type><Code>SignatureDoesNotMatch</Code><Message>${text}</Message></Error></ErrorResponse>`,
      );
    return undefined;
  });

describe.each([3 * 3600_000, -47 * 60_000])('where AWS’s clock is %d ms from ours', (off) => {
  test('requests are signed anew by the time that its answer tells', async () => {
    const server = await strict(off, true);
    expect(await readCaller(connected(server.url))).toMatchObject({ account: '123456789012' });
    expect(server.calls).toHaveLength(2);
  });

  test('and no answer tells the time, that is said, with both times', async () => {
    const server = await strict(off, false);
    const error = (await readCaller(connected(server.url)).catch((thrown: unknown) => thrown)) as Error;
    const [, here, there] =
      /^GetCallerIdentity: the clock of this machine is wrong: it says (\S+), and AWS's says (\S+): Signature /.exec(
        error.message,
      )!;
    expect(Date.parse(there!) - Date.parse(here!)).toBeGreaterThan(off - 5000);
    expect(Date.parse(there!) - Date.parse(here!)).toBeLessThan(off + 5000);
  });
});
