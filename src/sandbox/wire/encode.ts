import type { NormalizedSchema } from '@smithy/core/schema';
import type { Service } from './services.ts';

/** The members of an answer as XML, without the element around them. */
export type Encoder = (value: Record<string, unknown>) => string;

type Write = (value: unknown) => string;

/** One encoder per operation, built once from its schema: walking schemas per answer costs more than the answer. */
export function compileEncoder(output: NormalizedSchema): Encoder {
  return struct(output);
}

function compile(schema: NormalizedSchema): Write {
  if (schema.isStructSchema()) {
    const write = struct(schema);
    return (value) => write(value as Record<string, unknown>);
  }
  if (schema.isListSchema()) {
    const write = compile(schema.getValueSchema());
    return (value) => {
      let xml = '';
      for (const item of value as readonly unknown[]) xml += `<member>${write(item)}</member>`;
      return xml;
    };
  }
  if (schema.isMapSchema()) {
    const write = compile(schema.getValueSchema());
    return (value) => {
      let xml = '';
      for (const [key, item] of Object.entries(value as Record<string, unknown>)) {
        xml += `<entry><key>${escapeXml(key)}</key><value>${write(item)}</value></entry>`;
      }
      return xml;
    };
  }
  if (schema.isTimestampSchema()) return (value) => isoSeconds(value as Date);
  if (schema.isBlobSchema()) {
    return (value) => Buffer.from(value as Uint8Array).toString('base64');
  }
  return (value) => escapeXml(String(value));
}

function struct(schema: NormalizedSchema): Encoder {
  const members = [...schema.structIterator()].map(([name, member]) => {
    const wire = member.getMergedTraits().xmlName;
    return { name, tag: typeof wire === 'string' ? wire : name, write: compile(member) };
  });
  return (value) => {
    let xml = '';
    for (const { name, tag, write } of members) {
      const field = value[name];
      if (field !== undefined && field !== null) xml += `<${tag}>${write(field)}</${tag}>`;
    }
    return xml;
  };
}

/** IAM's times have no fraction of a second. */
const isoSeconds = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`;

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\r': '&#xD;',
};

/** Characters that need an escape, and those that XML 1.0 cannot hold at all. */
const special = /[&<>"'\r\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

const escapeXml = (text: string): string => text.replace(special, (char) => escapes[char] ?? '\ufffd');

/** A successful answer. `result` is null if the operation returns only its request id. */
export function answerXml(service: Service, op: string, result: string | null, requestId: string): string {
  const inner = result === null ? '' : `<${op}Result>${result}</${op}Result>`;
  return (
    `<${op}Response xmlns="${service.namespace}">${inner}` +
    `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${op}Response>`
  );
}

export function errorXml(
  service: Service,
  error: { code: string; message: string; status: number },
  requestId: string,
): string {
  return (
    `<ErrorResponse xmlns="${service.namespace}"><Error>` +
    `<Type>${error.status >= 500 ? 'Receiver' : 'Sender'}</Type>` +
    `<Code>${escapeXml(error.code)}</Code><Message>${escapeXml(error.message)}</Message>` +
    `</Error><RequestId>${requestId}</RequestId></ErrorResponse>`
  );
}
