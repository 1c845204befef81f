/** The longest delay of a Node timer; a longer one would fire after 1 ms. */
export const LONGEST_TIMER_MILLIS: number = 2 ** 31 - 1;
