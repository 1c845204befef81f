declare global {
  // Of ECMAScript since 2025; Node has it from 21 on.
  interface JSON {
    rawJSON(text: '-0'): NegativeZero;
  }
}

export interface NegativeZero {
  readonly rawJSON: '-0';
}

/** JSON.stringify writes the number -0 as 0, and this as -0. */
export const NEGATIVE_ZERO: NegativeZero = JSON.rawJSON('-0');
