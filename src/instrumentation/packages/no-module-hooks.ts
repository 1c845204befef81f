/**
 * Replaces `require-in-the-middle` and `import-in-the-middle` in the preload's bundle. The base class of instrumentations imports
 * them, but the built-in instrumentations patch no module.
 */
export class Hook {
  unhook(): void {}
}
