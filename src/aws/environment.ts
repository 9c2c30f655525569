/**
 * Settings of the SDK as an environment and the files that it names have them. The SDK's own loaders know only the
 * environment of the process; here it is a value, so that runs beside each other can have one each.
 */
import { defaultProvider } from '@aws-sdk/credential-provider-node';
import {
  CONFIG_PREFIX_SEPARATOR,
  loadSharedConfigFiles,
  NODE_REGION_CONFIG_OPTIONS,
  NODE_USE_DUALSTACK_ENDPOINT_CONFIG_OPTIONS,
  NODE_USE_FIPS_ENDPOINT_CONFIG_OPTIONS,
} from '@smithy/core/config';
import type { AwsCredentialIdentityProvider } from '@smithy/types';
import { homedir } from 'node:os';
import { join } from 'node:path';

type Environment = NodeJS.ProcessEnv;

/** The settings that the SDK's clients are made with. */
export interface AwsSettings {
  /** As the user chose it. */
  readonly profile?: string;
  readonly region: string;
  readonly endpoints: { readonly iam: string | undefined; readonly sts: string | undefined };
  readonly useFipsEndpoint: boolean;
  readonly useDualstackEndpoint: boolean;
  readonly credentials: AwsCredentialIdentityProvider;
}

/** The files that hold profiles. */
export const profileFiles = (env: Environment): { configFilepath: string; filepath: string } => {
  const home = env['HOME'] || env['USERPROFILE'] || homedir();
  return {
    configFilepath: env['AWS_CONFIG_FILE'] || join(home, '.aws', 'config'),
    filepath: env['AWS_SHARED_CREDENTIALS_FILE'] || join(home, '.aws', 'credentials'),
  };
};

/** @param profile that the command line names. */
export async function readSettings(env: Environment, profile?: string): Promise<AwsSettings> {
  const chosen = profile ?? (env['AWS_PROFILE'] || undefined);
  const name = chosen ?? 'default';
  const { configFile, credentialsFile } = await loadSharedConfigFiles(profileFiles(env));
  const ofProfile = { ...credentialsFile[name], ...configFile[name] };
  const setting = <T>({ environmentVariableSelector, configFileSelector }: Selectors<T>): T | undefined =>
    orNothing(() => environmentVariableSelector(env)) ??
    orNothing(() => configFileSelector(ofProfile, configFile));
  return {
    ...(chosen === undefined ? {} : { profile: chosen }),
    region:
      env['AWS_REGION'] ||
      env['AWS_DEFAULT_REGION'] ||
      // If both files set it, the SDK prefers the credentials file.
      orNothing(() =>
        NODE_REGION_CONFIG_OPTIONS.configFileSelector({ ...configFile[name], ...credentialsFile[name] }),
      ) ||
      // IAM is the same in every region of a partition, so most need to name none.
      'us-east-1',
    endpoints: { iam: setting(endpointOf('iam')), sts: setting(endpointOf('sts')) },
    useFipsEndpoint: setting(NODE_USE_FIPS_ENDPOINT_CONFIG_OPTIONS) ?? false,
    useDualstackEndpoint: setting(NODE_USE_DUALSTACK_ENDPOINT_CONFIG_OPTIONS) ?? false,
    credentials: credentialsOf(env, chosen),
  };
}

type Settings = Record<string, string | undefined>;

interface Selectors<T> {
  readonly environmentVariableSelector: (env: Environment) => T | undefined;
  readonly configFileSelector: (profile: Settings, configFile?: Record<string, Settings>) => T | undefined;
}

/** As in the SDK, a value that cannot be used counts as absent. */
function orNothing<T>(select: () => T | undefined): T | undefined {
  try {
    return select() ?? undefined;
  } catch {
    return undefined;
  }
}

/** Source: AWS SDKs and Tools Reference Guide, "Service-specific endpoints". */
const endpointOf = (service: 'iam' | 'sts'): Selectors<string> => ({
  environmentVariableSelector: (env) =>
    env[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] || env['AWS_ENDPOINT_URL'] || undefined,
  configFileSelector: (profile, configFile = {}) => {
    const services = configFile[['services', profile['services']].join(CONFIG_PREFIX_SEPARATOR)];
    const own = services?.[[service, 'endpoint_url'].join(CONFIG_PREFIX_SEPARATOR)];
    return own || profile['endpoint_url'] || undefined;
  },
});

/** Takes what the SDK would write to the console: our own errors say what is wrong, once and with what to do. */
const silent = { debug() {}, info() {}, warn() {}, error() {} };

/**
 * Keys of the environment, unless a profile is chosen; else the SDK's own chain. That is told a profile in any case, as
 * it would look for keys in the environment of the process without one. The role of a container or an instance it finds
 * by that environment alone.
 */
function credentialsOf(env: Environment, profile: string | undefined): AwsCredentialIdentityProvider {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_CREDENTIAL_EXPIRATION } = env;
  if (profile === undefined && AWS_ACCESS_KEY_ID && AWS_SECRET_ACCESS_KEY) {
    const credentials = {
      accessKeyId: AWS_ACCESS_KEY_ID,
      secretAccessKey: AWS_SECRET_ACCESS_KEY,
      ...(AWS_SESSION_TOKEN ? { sessionToken: AWS_SESSION_TOKEN } : {}),
      ...(AWS_CREDENTIAL_EXPIRATION ? { expiration: new Date(AWS_CREDENTIAL_EXPIRATION) } : {}),
    };
    return () => Promise.resolve(credentials);
  }
  const { AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN, AWS_ROLE_SESSION_NAME } = env;
  return defaultProvider({
    profile: profile ?? 'default',
    logger: silent,
    ...profileFiles(env),
    ...(AWS_WEB_IDENTITY_TOKEN_FILE ? { webIdentityTokenFile: AWS_WEB_IDENTITY_TOKEN_FILE } : {}),
    ...(AWS_ROLE_ARN ? { roleArn: AWS_ROLE_ARN } : {}),
    ...(AWS_ROLE_SESSION_NAME ? { roleSessionName: AWS_ROLE_SESSION_NAME } : {}),
  });
}
