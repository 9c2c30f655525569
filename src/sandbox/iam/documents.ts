/** RFC 3986: everything but letters, digits and `-_.~`, as IAM answers policy documents. */
export const encodeDocument = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
