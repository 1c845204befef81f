// The file that the OpenTelemetry Operator adds to NODE_OPTIONS. It loads the swansong installed beside it, not one of the application.
require('swansong/register');
