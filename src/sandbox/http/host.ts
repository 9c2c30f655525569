/**
 * Whether a request means this server. A web page of another machine can let its own name lead to 127.0.0.1 (DNS
 * rebinding) and is then of the same origin as the sandbox: only the `Host` header tells. So names are taken that
 * nobody else can let lead here: those of the loopback interface, the address that the request came to, and what
 * the operator allows.
 *
 * @param host the `Host` header, with or without a port.
 * @param own the address that the request came to, and the one that was asked to be listened on.
 * @param allowed names of `--allow-host`.
 */
export function meansThisServer(
  host: string | undefined,
  own: readonly (string | undefined)[],
  allowed: readonly string[],
): boolean {
  const name = hostName(host ?? '');
  if (name === null) return false;
  return (
    name === 'localhost' ||
    name === '[::1]' ||
    /^127\.\d+\.\d+\.\d+$/.test(name) ||
    [...own.map((address) => bracket(address ?? '')), ...allowed].some((one) => hostName(one) === name)
  );
}

/** As URLs write it: in small letters, addresses in their one form; null for what is no host. */
function hostName(host: string): string | null {
  // What is allowed beside a name in an address of the web would be taken for something else than a name.
  if (/[/?#@\\\s]/.test(host)) return null;
  const url = `http://${host}/`;
  return URL.canParse(url) ? new URL(url).hostname.replace(/\.$/, '') : null;
}

/** An address of a socket as a host: an IPv4 address that IPv6 carries is that IPv4 address. */
function bracket(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  return plain.includes(':') ? `[${plain}]` : plain;
}
