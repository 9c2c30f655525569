import type { DiagnosticCode } from '../../core/diagnostics.ts';

export interface DocumentIssue {
  readonly severity: 'error' | 'warning';
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly hint?: string;
  /** Steps into the document: keys and list positions. */
  readonly path: readonly (string | number)[];
  /** Whether the key at the path is meant, or what it holds. */
  readonly on: 'key' | 'value';
  readonly related?: { readonly message: string; readonly path: readonly (string | number)[] };
}

export type Path = DocumentIssue['path'];
type Extra = Partial<Pick<DocumentIssue, 'hint' | 'on' | 'related'>>;

/** What has been found in one document so far. */
export class Findings {
  readonly issues: DocumentIssue[] = [];

  error(code: DiagnosticCode, path: Path, message: string, extra: Extra = {}): void {
    this.issues.push({ severity: 'error', code, path, message, on: 'value', ...extra });
  }

  warning(code: DiagnosticCode, path: Path, message: string, extra: Extra = {}): void {
    this.issues.push({ severity: 'warning', code, path, message, on: 'value', ...extra });
  }
}
