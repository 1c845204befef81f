'use strict';
globalThis.preloadedBy = (globalThis.preloadedBy ?? 0) + 1;
