import { styleText } from 'node:util';

export type Paint = (style: 'bold' | 'dim' | 'red' | 'cyan', text: string) => string;

/** Colours if stdout is a terminal that supports them; NO_COLOR and FORCE_COLOR take precedence. */
export const paint: Paint = (style, text) => styleText(style, text, { stream: process.stdout });

const INDENT = '   ';

/** Columns of the text after its indent: the terminal's, from 80 to 100; 100 without a terminal. */
export const width: number = Math.min(100, Math.max(80, process.stdout.columns ?? 100)) - INDENT.length;

export function title(text: string): void {
  console.log(paint('bold', text));
}

export function step(number: number, text: string): void {
  console.log(`\n${paint('bold', `${number}. ${text}`)}\n`);
}

export function say(text = ''): void {
  console.log(`${INDENT}${text}`.trimEnd());
}

/** A command line. */
export function command(text: string): void {
  say(paint('cyan', `$ ${text}`));
}

/** A label and its text. */
export function fact(label: string, text: string): void {
  say(`${label.padEnd(9)} ${text}`);
}

/** A setting and its purpose. */
export function setting(text: string, meaning: string): void {
  say(`${paint('cyan', text.padEnd(51))} ${paint('dim', meaning)}`.trimEnd());
}
