import type { Config } from './config.ts';

/** What came of the file that OTEL_CONFIG_FILE names. */
export type ConfigFileResult =
  | {
      readonly status: 'resolved';
      readonly config: Config;
      /** One line each: what swansong does not do as the file says, and what happens instead. */
      readonly warnings: readonly string[];
      /** One line each: what holds, without secrets. For the log level `debug`. */
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
