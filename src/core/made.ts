/** Something that a call of ours has just made, as IAM's answer tells of it: what it leaves out is absent. No secret. */
export interface Made {
  /** A kind of object, `policy-version`, `access-key` or `login-profile`. */
  readonly kind: string;
  /** Of a credential the name of its user, of a version that of its policy. */
  readonly name: string;
  readonly path?: string;
  /** The unique id; of an access key the key id. */
  readonly id?: string;
  readonly arn?: string;
  /** `v1`, `v2`, … of a managed policy. */
  readonly versionId?: string;
  /** `Active`, of an access key. */
  readonly status?: string;
  /** ISO 8601. */
  readonly createdAt?: string;
}
