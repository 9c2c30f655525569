/** The formats that schemas name. */
export const formats = {
  /** A date and time of RFC 3339 whose day exists. */
  'date-time': (text: string): boolean =>
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.test(text) &&
    !Number.isNaN(Date.parse(text)),
  /** Half a surrogate pair is not valid text and could not be sent. */
  'well-formed': (text: string): boolean => !/\p{Surrogate}/u.test(text),
};
