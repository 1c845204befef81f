import type { Library } from './library.ts';

/** Semantic conventions for databases, "Metric: db.client.operation.duration", with the boundaries that they advise. */
export const DATABASE_DURATION: NonNullable<Library['duration']> = {
  name: 'db.client.operation.duration',
  description: 'Duration of database client operations.',
  unit: 's',
  advice: { explicitBucketBoundaries: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10] },
};
