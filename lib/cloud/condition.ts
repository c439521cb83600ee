/** A condition in DynamoDB's expression language; names as `#a`, values as `:a`. */
export interface Condition {
  expression: string;
  names?: Record<string, string>;
  values?: Record<string, unknown>;
}

/** The item is not there yet. */
export const ABSENT: Condition = { expression: "attribute_not_exists(pk)" };
