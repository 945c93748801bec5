/** What we use of a package that brings no types. */
declare module 'asl-validator' {
  interface Validation {
    readonly isValid: boolean;
    readonly errorsText: (separator?: string) => string;
  }
  export default function validator(definition: unknown): Validation;
}
