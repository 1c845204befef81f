// Empty: only Node and the preload are measured.
export {};
