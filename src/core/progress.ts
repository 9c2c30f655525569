/** Objects that are read one by one. */
export interface Reading {
  /** `credentials of users` */
  readonly what: string;
  readonly done: number;
  readonly total: number;
}
