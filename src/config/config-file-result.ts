import type { Config } from './config.ts';

/** What was read from the file that OTEL_CONFIG_FILE names. */
export type ConfigFileResult =
  | {
      readonly status: 'resolved';
      readonly config: Config;
      /** One line each: what the file asks for and swansong does not do, and what happens instead. */
      readonly warnings: readonly string[];
      /** One line for each value that applies, without secrets. For the log level `debug`. */
      readonly description: readonly string[];
    }
  | {
      readonly status: 'refused';
      /** File, line, column, key, and what was expected. */
      readonly problem: string;
    };

export type ReadConfigFile = (
  file: string,
  environment: Readonly<Record<string, string | undefined>>,
) => ConfigFileResult;
