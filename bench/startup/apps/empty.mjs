// Nothing: what is measured is Node and the preload.
export {};
