/** RFC 3986: everything but letters, digits and `-_.~`, as IAM answers policy documents. */
export const encodeDocument = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

/** Length as IAM counts it against its quotas: without white space. */
export const documentSize = (text: string): number => text.replace(/\s+/g, '').length;
