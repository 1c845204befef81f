// The file that the OpenTelemetry Operator adds to NODE_OPTIONS. It loads the swansong that is installed next to it, not a copy of the application.
require('swansong/register');
