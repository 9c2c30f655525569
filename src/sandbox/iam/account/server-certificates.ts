import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import type { ServerCertificate, ServerCertificateMetadata } from '@aws-sdk/client-iam';
import { alreadyExists, IamError, noSuchEntity, overQuota } from '../../wire/errors.ts';
import { arnOf, type Context, type Handlers } from '../context.ts';
import { inTable, pageFields, paginate } from '../paginate.ts';
import type { ServerCertificateRecord } from '../records.ts';
import { listTags, taggingOf, toTags } from '../tags.ts';

/** Certificates of servers, which IAM keeps for load balancers in regions without Certificate Manager. */
const tagging = taggingOf((state) => state.serverCertificates);

const malformed = (message: string): IamError => new IamError('MalformedCertificate', message);

/** In the words of IAM (github.com/vmware-archive/terraforming-aws/issues/46). */
function parse(body: string): X509Certificate {
  try {
    return new X509Certificate(body);
  } catch {
    throw malformed('Unable to parse certificate. Please ensure the certificate is in PEM format.');
  }
}

function parseKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    throw malformed('Invalid Private Key.');
  }
}

/** The words are AWS's (github.com/go-acme/lego/issues/304). */
function checkChain(certificate: X509Certificate, chain: string): void {
  const links = chain.match(/-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/g) ?? [];
  const all = [certificate, ...links.map(parse)];
  if (links.length === 0 || all.slice(1).some((issuer, index) => !all[index]!.checkIssued(issuer))) {
    throw malformed(
      'Unable to validate certificate chain. The certificate chain must start with the immediate signing ' +
        'certificate, followed by any intermediaries in order. ' +
        'The index within the chain of the invalid certificate is: -1',
    );
  }
}

function certificateNamed(ctx: Context, name: string): ServerCertificateRecord {
  const found = ctx.state.serverCertificates.find(name);
  if (!found) throw noSuchEntity(`The Server Certificate with name ${name} cannot be found.`);
  return found;
}

function checkFree(ctx: Context, name: string): void {
  if (ctx.state.serverCertificates.taken(name))
    throw alreadyExists(`The Server Certificate with name ${name} already exists.`);
}

const metadataShape = (ctx: Context, record: ServerCertificateRecord): ServerCertificateMetadata => ({
  Path: record.path,
  ServerCertificateName: record.name,
  ServerCertificateId: record.id,
  Arn: arnOf(ctx, 'server-certificate', record.path, record.name),
  UploadDate: new Date(record.createdAt),
  Expiration: new Date(new X509Certificate(record.body).validTo),
});

export const serverCertificateHandlers = {
  UploadServerCertificate(input, ctx) {
    const name = input.ServerCertificateName;
    const certificate = parse(input.CertificateBody);
    if (!certificate.checkPrivateKey(parseKey(input.PrivateKey)))
      throw new IamError('KeyPairMismatch', "Public key certificate and private key doesn't match.");
    if (input.CertificateChain !== undefined) checkChain(certificate, input.CertificateChain);
    checkFree(ctx, name);
    const { serverCertificatesPerAccount: quota } = ctx.quotas;
    if (ctx.state.serverCertificates.size >= quota) throw overQuota('ServerCertificatesPerAccount', quota);
    const record: ServerCertificateRecord = {
      id: ctx.mint.id('ASCA'),
      name,
      path: input.Path ?? '/',
      createdAt: ctx.now(),
      tags: tagging.initial(input.Tags),
      body: input.CertificateBody,
      chain: input.CertificateChain ?? null,
    };
    ctx.state.serverCertificates.put(record);
    const tags = record.tags.length === 0 ? {} : { Tags: toTags(record.tags) };
    return { ServerCertificateMetadata: metadataShape(ctx, record), ...tags };
  },

  GetServerCertificate(input, ctx) {
    const record = certificateNamed(ctx, input.ServerCertificateName);
    const answer: ServerCertificate = {
      ServerCertificateMetadata: metadataShape(ctx, record),
      CertificateBody: record.body,
      ...(record.chain === null ? {} : { CertificateChain: record.chain }),
      Tags: toTags(record.tags),
    };
    return { ServerCertificate: answer };
  },

  UpdateServerCertificate(input, ctx) {
    const record = certificateNamed(ctx, input.ServerCertificateName);
    const { NewServerCertificateName: name = record.name, NewPath: path = record.path } = input;
    if (ctx.state.serverCertificates.taken(name)?.id !== record.id) checkFree(ctx, name);
    ctx.state.serverCertificates.put({ ...record, name, path });
  },

  DeleteServerCertificate(input, ctx) {
    ctx.state.serverCertificates.delete(certificateNamed(ctx, input.ServerCertificateName).id);
  },

  ListServerCertificates(input, ctx) {
    const prefix = input.PathPrefix ?? '/';
    const page = paginate(ctx, input, ctx.state.serverCertificates.sorted(), inTable, {
      scope: prefix,
      keep: ({ path }) => path.startsWith(prefix),
    });
    return {
      ServerCertificateMetadataList: page.items.map((item) => metadataShape(ctx, item)),
      ...pageFields(page),
    };
  },

  TagServerCertificate: (input, ctx) =>
    tagging.add(ctx, certificateNamed(ctx, input.ServerCertificateName), input.Tags),
  UntagServerCertificate: (input, ctx) =>
    tagging.remove(ctx, certificateNamed(ctx, input.ServerCertificateName), input.TagKeys),
  ListServerCertificateTags: (input, ctx) =>
    listTags(ctx, input, certificateNamed(ctx, input.ServerCertificateName)),
} satisfies Handlers;
