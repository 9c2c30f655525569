import { expect, test } from 'vitest';
import { readCaller } from '../../src/aws/read.ts';
import { answering, connected } from '../support/answers.ts';

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
