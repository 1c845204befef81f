const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Whether a text can be the value of a header: RFC 9110, section 5.5, as `node:http` and undici check it. Else a request would throw. */
export function isFieldValue(text: string): boolean {
  return FIELD_VALUE.test(text);
}
