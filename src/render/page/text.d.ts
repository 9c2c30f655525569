/** A file as the text that belongs into the page: minified, and JavaScript where it is TypeScript (scripts/page-text.mjs). */
declare module '*?text' {
  const text: string;
  export default text;
}
