import { fileURLToPath } from 'node:url';

export const benchFolder: string = fileURLToPath(new URL('..', import.meta.url));
export const projectFolder: string = fileURLToPath(new URL('../..', import.meta.url));
export const registerFile: string = fileURLToPath(new URL('../../dist/register.cjs', import.meta.url));
