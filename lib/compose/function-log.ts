/** The log of a function, as far as adapters and steps may use it: the entries of lambdas/ fill it with Powertools. */
export interface FunctionLog {
  readonly info: (message: string, fields?: Readonly<Record<string, unknown>>) => void;
  readonly warn: (message: string, fields?: Readonly<Record<string, unknown>>) => void;
}
