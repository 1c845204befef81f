// Has no SIGTERM handler itself; a preload may have one.
require('./serve.cjs');
