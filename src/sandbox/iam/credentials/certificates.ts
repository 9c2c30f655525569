import { X509Certificate } from 'node:crypto';
import type { SigningCertificate } from '@aws-sdk/client-iam';
import { IamError, noSuchEntity, overQuota } from '../../wire/errors.ts';
import { userOrCaller, type Context, type Handlers } from '../context.ts';
import { pageFields, paginateUnsorted } from '../paginate.ts';
import type { CertificateRecord, UserRecord } from '../records.ts';
import { toStatus } from './status.ts';

function certificateOf(ctx: Context, userName: string | undefined, id: string): CertificateRecord {
  const user = userOrCaller(ctx, userName);
  const certificate = ctx.state.certificates.get(id);
  if (certificate?.userId !== user.id) throw noSuchEntity(`The Certificate with id ${id} cannot be found.`);
  return certificate;
}

function fingerprintOf(body: string): string {
  try {
    return new X509Certificate(body).fingerprint256;
  } catch {
    throw new IamError('MalformedCertificate', `Certificate ${body} is malformed.`);
  }
}

const certificateShape = (user: UserRecord, record: CertificateRecord): SigningCertificate => ({
  UserName: user.name,
  CertificateId: record.id,
  CertificateBody: record.body,
  Status: record.status,
  UploadDate: new Date(record.uploadedAt),
});

export const certificateHandlers = {
  UploadSigningCertificate(input, ctx) {
    const user = userOrCaller(ctx, input.UserName);
    const fingerprint = fingerprintOf(input.CertificateBody);
    if (ctx.state.certificates.sorted().some((item) => item.fingerprint === fingerprint)) {
      throw new IamError('DuplicateCertificate', 'The certificate already exists in IAM.');
    }
    if (ctx.state.certificates.ownedBy(user.id).length >= ctx.quotas.certificatesPerUser) {
      throw overQuota('CertificatesPerUser', ctx.quotas.certificatesPerUser);
    }
    const record: CertificateRecord = {
      // Signing certificates' ids have no prefix: 32 characters.
      id: ctx.mint.id('', 32),
      userId: user.id,
      body: input.CertificateBody,
      status: 'Active',
      uploadedAt: ctx.now(),
      fingerprint,
    };
    ctx.state.certificates.put(record);
    return { Certificate: certificateShape(user, record) };
  },

  UpdateSigningCertificate(input, ctx) {
    const certificate = certificateOf(ctx, input.UserName, input.CertificateId);
    ctx.state.certificates.put({ ...certificate, status: toStatus(input.Status) });
  },

  DeleteSigningCertificate(input, ctx) {
    const certificate = certificateOf(ctx, input.UserName, input.CertificateId);
    ctx.state.certificates.delete(certificate.id);
  },

  ListSigningCertificates(input, ctx) {
    const user = userOrCaller(ctx, input.UserName);
    const own = ctx.state.certificates.ownedBy(user.id);
    const page = paginateUnsorted(ctx, input, own, (item) => item.id, user.id);
    return { Certificates: page.items.map((item) => certificateShape(user, item)), ...pageFields(page) };
  },
} satisfies Handlers;
