import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';

interface EnvironmentVariable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly fieldRef: { readonly fieldPath: string } };
}

interface Container {
  readonly name: string;
  readonly command: readonly string[];
  readonly env: readonly EnvironmentVariable[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly lifecycle: { readonly preStop: { readonly sleep: { readonly seconds: number } } };
  readonly readinessProbe: {
    readonly httpGet: { readonly path: string; readonly port: string };
    readonly periodSeconds: number;
    readonly failureThreshold: number;
    readonly timeoutSeconds: number;
  };
}

type Labels = Readonly<Record<string, string>>;

/** What the tests look at in the manifests of `examples/kubernetes`. */
interface Deployment {
  readonly spec: {
    readonly selector: { readonly matchLabels: Labels };
    readonly template: {
      readonly metadata: { readonly labels: Labels; readonly annotations?: Labels };
      readonly spec: {
        readonly terminationGracePeriodSeconds: number;
        readonly containers: readonly [Container];
      };
    };
  };
}

interface Service {
  readonly spec: { readonly selector: Labels; readonly ports: readonly { readonly targetPort: string }[] };
}

interface Instrumentation {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly exporter: { readonly endpoint: string };
    readonly propagators: readonly string[];
    readonly sampler: { readonly type: string; readonly argument: string };
    readonly nodejs: { readonly image: string; readonly env: readonly EnvironmentVariable[] };
  };
}

export function readDeployment(file: string): Deployment {
  return read(file, 'Deployment');
}

export function readService(file: string): Service {
  return read(file, 'Service');
}

export function readInstrumentation(file: string): Instrumentation {
  return read(file, 'Instrumentation');
}

/**
 * The environment of a container, as Kubernetes makes it: what the downward API says is its path in angle brackets, and
 * `$(NAME)` is the value of a variable above.
 */
export function environmentOf({ env }: Pick<Container, 'env'>): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const { name, value = '', valueFrom } of env) {
    environment[name] =
      valueFrom === undefined
        ? value.replaceAll(/\$\((\w+)\)/g, (reference, other: string) => environment[other] ?? reference)
        : `<${valueFrom.fieldRef.fieldPath}>`;
  }
  return environment;
}

function read(file: string, kind: string) {
  const path = fileURLToPath(new URL(`../../examples/kubernetes/${file}`, import.meta.url));
  const documents = parseAllDocuments(readFileSync(path, 'utf8'));
  if (!Array.isArray(documents)) throw new Error(`${path}: expected documents`);
  const found = documents.find((document) => document.get('kind') === kind);
  if (found === undefined) throw new Error(`${path}: expected a document of the kind ${kind}`);
  if (found.errors[0] !== undefined) throw found.errors[0];
  return found.toJS();
}
