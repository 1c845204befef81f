import { styleText } from 'node:util';

export type Paint = (style: 'bold' | 'dim' | 'red' | 'cyan', text: string) => string;

/** Colours where stdout is a terminal that wants them: NO_COLOR and FORCE_COLOR decide first. */
export const paint: Paint = (style, text) => styleText(style, text, { stream: process.stdout });

const INDENT = '   ';

/** Columns of the text after its indent: of a terminal, from 80 to 100; 100 where there is none. */
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

/** What one would type. */
export function command(text: string): void {
  say(paint('cyan', `$ ${text}`));
}

/** A label and what there is to say under it. */
export function fact(label: string, text: string): void {
  say(`${label.padEnd(9)} ${text}`);
}

/** A setting and what it is for. */
export function setting(text: string, meaning: string): void {
  say(`${paint('cyan', text.padEnd(51))} ${paint('dim', meaning)}`.trimEnd());
}
