// Leaves SIGTERM to whoever is loaded beside it.
require('./serve.cjs');
