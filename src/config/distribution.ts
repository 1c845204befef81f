import manifest from '../../package.json' with { type: 'json' };

export const DISTRIBUTION_NAME = 'swansong';
export const VERSION: string = manifest.version;
