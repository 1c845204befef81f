// As in Datadog's documentation for the OpenTelemetry API. dd-trace itself was loaded before.
const { default: tracer } = require('dd-trace');

const provider = new tracer.TracerProvider();
provider.register();
module.exports = { provider };
