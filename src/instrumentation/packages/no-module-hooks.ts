/**
 * Stands in for `require-in-the-middle` and `import-in-the-middle` in the preload's bundle: instrumentations register their
 * hooks there, and nothing comes of it. What they want to patch is handed to them directly (instrumentations.ts).
 */
export class Hook {
  unhook(): void {}
}
