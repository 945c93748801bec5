/** The value of a text that may well be no JSON: null then, and the schema that reads it next decides what that means. */
export function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
