// Prints half a line and waits to be killed.
process.stdout.write('half a line');
setInterval(() => {}, 60_000);
