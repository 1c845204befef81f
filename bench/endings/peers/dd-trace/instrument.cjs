// As Datadog's documentation shows it for the OpenTelemetry API. dd-trace itself was loaded before.
const { default: tracer } = require('dd-trace');

const provider = new tracer.TracerProvider();
provider.register();
module.exports = { provider };
