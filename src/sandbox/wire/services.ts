export interface Service {
  readonly name: 'iam' | 'sts';
  readonly version: string;
  readonly namespace: string;
}

export const services = {
  iam: {
    name: 'iam',
    version: '2010-05-08',
    namespace: 'https://iam.amazonaws.com/doc/2010-05-08/',
  },
  sts: {
    name: 'sts',
    version: '2011-06-15',
    namespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
  },
} as const satisfies Record<string, Service>;

export const serviceOfVersion = (version: string | null): Service =>
  version === services.sts.version ? services.sts : services.iam;
