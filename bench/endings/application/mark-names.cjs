// Makes span names unique in what a distribution sends: `finished` becomes `finished <marker>.<n>;`. The marker is new in every
// run, so that no source line that a distribution sends can contain it.
const marker = process.env.ENDINGS_MARKER;
let spans = 0;

function mark(name) {
  spans += 1;
  return `${name} ${marker}.${spans};`;
}

exports.markNames = (tracer) => ({
  startSpan: (name, ...rest) => tracer.startSpan(mark(name), ...rest),
  startActiveSpan: (name, ...rest) => tracer.startActiveSpan(mark(name), ...rest),
});
