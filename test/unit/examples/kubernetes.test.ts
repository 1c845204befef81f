import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../../../src/config/resolve-config.ts';
import { toPlan } from '../../../src/shutdown/graceful-options.ts';
import { environmentOf, readDeployment, readInstrumentation, readService } from '../../support/manifests.ts';

const SERVERS = ['node-http', 'express', 'fastify'] as const;
/** `docker stop` and Compose, unless told otherwise. */
const DOCKER_GRACE_MILLIS = 10_000;
/** What a process takes beyond its deadlines: to destroy connections, to start and end a thread, to be scheduled. */
const SLACK_MILLIS = 1000;

const documentOf = (name: string): string =>
  readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8').replaceAll(/\s+/g, ' ');
const textOf = (path: string): string => readFileSync(new URL(`../../../examples/${path}`, import.meta.url), 'utf8');

/** A number of the source, found by the text around it. */
function numberIn(path: string, pattern: RegExp): number {
  const [, digits] = pattern.exec(textOf(path)) ?? [];
  if (digits === undefined) throw new Error(`${path}: nothing like ${String(pattern)}`);
  return Number(digits);
}

/** How the time that an example has after SIGTERM is shared out, by the code that shares it out. */
function sharesOf(environment: Record<string, string>) {
  const plan = toPlan({
    timeoutMillis: Number(environment['SHUTDOWN_TIMEOUT_MILLIS']),
    readinessDelayMillis: Number(environment['READINESS_DELAY_MILLIS']),
  });
  const { config, warnings } = resolveConfig(environment);
  return {
    warnings,
    requestsMillis: plan.timeoutMillis - plan.readinessDelayMillis - plan.telemetryMillis,
    readinessDelayMillis: plan.readinessDelayMillis,
    telemetryMillis: plan.telemetryMillis,
    mostMillis: plan.timeoutMillis + config.exitTimeoutMillis + SLACK_MILLIS,
  };
}

describe('deployment.yaml', () => {
  const deployment = readDeployment('deployment.yaml');
  const { template, selector } = deployment.spec;
  const [container] = template.spec.containers;
  const environment = environmentOf(container);

  it('ends before Kubernetes kills it, in the worst case', () => {
    const { warnings, mostMillis } = sharesOf(environment);
    expect(warnings).toEqual([]);
    const preStopMillis = container.lifecycle.preStop.sleep.seconds * 1000;
    expect(preStopMillis + mostMillis).toBeLessThan(template.spec.terminationGracePeriodSeconds * 1000);
  });

  it('has the times that its comment names', () => {
    expect(sharesOf(environment)).toMatchObject({
      readinessDelayMillis: 5000,
      requestsMillis: 11_000,
      telemetryMillis: 4000,
    });
    const sum =
      container.lifecycle.preStop.sleep.seconds +
      Number(environment['SHUTDOWN_TIMEOUT_MILLIS']) / 1000 +
      Number(environment['SWANSONG_EXIT_TIMEOUT']) / 1000;
    const comment = textOf('kubernetes/deployment.yaml');
    expect(comment).toMatch(new RegExp(`^# +preStop +${container.lifecycle.preStop.sleep.seconds} s`, 'm'));
    expect(comment).toMatch(/^# +SHUTDOWN_TIMEOUT_MILLIS +20 s +.*READINESS_DELAY_MILLIS \(5 s\), at least 11 s/m);
    expect(comment).toMatch(/4 s \(a fifth\) for telemetry/);
    expect(comment).toMatch(/^# +SWANSONG_EXIT_TIMEOUT +2 s/m);
    expect(comment).toMatch(new RegExp(`^# +${sum} s +below terminationGracePeriodSeconds`, 'm'));
  });

  it('has the times of docs/kubernetes.md', () => {
    const preStop = container.lifecycle.preStop.sleep.seconds;
    const timeout = Number(environment['SHUTDOWN_TIMEOUT_MILLIS']) / 1000;
    const { requestsMillis, readinessDelayMillis, telemetryMillis } = sharesOf(environment);
    const drained = preStop + readinessDelayMillis / 1000;
    const cut = drained + requestsMillis / 1000;
    const document = documentOf('kubernetes.md');
    expect(document).toContain(
      `With \`preStop\` ${preStop} s, \`SHUTDOWN_TIMEOUT_MILLIS\` ${timeout} 000 (which includes \`READINESS_DELAY_MILLIS\` ` +
        `${environment['READINESS_DELAY_MILLIS']}), \`SWANSONG_EXIT_TIMEOUT\` ${environment['SWANSONG_EXIT_TIMEOUT']} and ` +
        `\`terminationGracePeriodSeconds\` ${template.spec.terminationGracePeriodSeconds}:`,
    );
    for (const row of [
      '| 0 | The Pod is deleted',
      `| ${preStop} | SIGTERM.`,
      `| ${drained} | The servers stop accepting.`,
      `| ${drained} – ${cut} | Requests in flight.`,
      `| ${cut} | Unanswered requests are cut and counted. Telemetry is flushed (${telemetryMillis / 2000} s), \`close\` ` +
        `runs (${telemetryMillis / 4000} s), telemetry is shut down (${telemetryMillis / 4000} s).`,
      `| ${preStop + timeout} | The report`,
      `| ${preStop + timeout + Number(environment['SWANSONG_EXIT_TIMEOUT']) / 1000} | The process has ended`,
      `| ${template.spec.terminationGracePeriodSeconds} | SIGKILL.`,
    ])
      expect(document).toContain(row);
  });

  it('serves until the readiness probe must have failed', () => {
    const { periodSeconds, failureThreshold, timeoutSeconds } = container.readinessProbe;
    const seenAfterMillis = (periodSeconds * failureThreshold + timeoutSeconds) * 1000;
    expect(seenAfterMillis).toBeLessThan(sharesOf(environment).readinessDelayMillis);
  });

  it('probes the port and the path that the examples serve', () => {
    const { httpGet } = container.readinessProbe;
    expect(container.ports).toEqual([{ name: httpGet.port, containerPort: Number(environment['PORT']) }]);
    for (const server of SERVERS) expect(textOf(`${server}/server.mjs`)).toContain(httpGet.path.slice(1));
  });

  it('selects its own Pods, also in the Service', () => {
    const service = readService('deployment.yaml');
    expect(template.metadata.labels).toMatchObject(selector.matchLabels);
    expect(template.metadata.labels).toMatchObject(service.spec.selector);
    expect(service.spec.ports.map(({ targetPort }) => targetPort)).toEqual([container.readinessProbe.httpGet.port]);
  });

  it('gets the names of the Pod from the downward API', () => {
    expect(resolveConfig(environment).config.resource).toMatchObject({
      serviceName: 'reports',
      attributes: {
        'k8s.namespace.name': '<metadata.namespace>',
        'k8s.pod.name': '<metadata.name>',
        'k8s.pod.uid': '<metadata.uid>',
        'k8s.node.name': '<spec.nodeName>',
        'k8s.deployment.name': 'reports',
        'k8s.container.name': container.name,
      },
    });
  });
});

describe.each(SERVERS)('%s', (server) => {
  const path = `${server}/server.mjs`;
  const defaults = {
    SHUTDOWN_TIMEOUT_MILLIS: String(numberIn(path, /SHUTDOWN_TIMEOUT_MILLIS = '(\d+)'/)),
    READINESS_DELAY_MILLIS: String(numberIn(path, /READINESS_DELAY_MILLIS = '(\d+)'/)),
  };

  it('ends before `docker stop` kills it, in the worst case', () => {
    expect(sharesOf(defaults).mostMillis).toBeLessThanOrEqual(DOCKER_GRACE_MILLIS);
  });

  it('has the default times of docs/shutdown.md', () => {
    const timeout = Number(defaults.SHUTDOWN_TIMEOUT_MILLIS);
    const { requestsMillis, telemetryMillis } = sharesOf(defaults);
    const cut = requestsMillis / 1000;
    const document = documentOf('shutdown.md');
    for (const text of [
      `\`timeoutMillis: ${timeout}\` is the default`,
      `| \`timeoutMillis\` | ${timeout} |`,
      `| requests in flight, at least | ${cut} s |`,
      `| first flush, at most | ${telemetryMillis / 2000} s |`,
      `| \`close\`, at most | ${telemetryMillis / 4000} s |`,
      `| ${cut} | Unanswered requests are cut.`,
      `| ${cut + telemetryMillis / 2000} | \`close\`.`,
      `| ${(timeout / 1000).toFixed(1)} | The report`,
    ])
      expect(document).toContain(text);
  });

  it('has time for its slow route, in Docker and in Kubernetes', () => {
    const slowMillis = numberIn(path, /setTimeout\((\d+)\)/);
    expect(sharesOf(defaults).requestsMillis).toBeGreaterThan(slowMillis);
    const [container] = readDeployment('deployment.yaml').spec.template.spec.containers;
    expect(sharesOf(environmentOf(container)).requestsMillis).toBeGreaterThan(slowMillis);
  });
});

describe('operator.yaml', () => {
  const { metadata, spec } = readInstrumentation('operator.yaml');
  const { template, selector } = readDeployment('operator.yaml').spec;

  it('injects the Instrumentation of the same file into its container', () => {
    expect(template.metadata.labels).toMatchObject(selector.matchLabels);
    expect(template.metadata.annotations).toEqual({
      'instrumentation.opentelemetry.io/inject-nodejs': metadata.name,
      'instrumentation.opentelemetry.io/container-names': template.spec.containers[0].name,
    });
  });

  it('sets variables that swansong supports', () => {
    const { config, warnings } = resolveConfig({
      ...environmentOf(spec.nodejs),
      OTEL_EXPORTER_OTLP_ENDPOINT: spec.exporter.endpoint,
      OTEL_PROPAGATORS: spec.propagators.join(','),
      OTEL_TRACES_SAMPLER: spec.sampler.type,
      OTEL_TRACES_SAMPLER_ARG: spec.sampler.argument,
    });
    expect(warnings).toEqual([]);
    // 4317, which most examples of the Operator name, is gRPC.
    expect(config.traces.otlp).toMatchObject({
      protocol: 'http/protobuf',
      endpoint: expect.stringContaining(':4318/'),
    });
  });

  it('uses the image that operator.Dockerfile builds', () => {
    expect(textOf('kubernetes/operator.Dockerfile')).toContain(` -t ${spec.nodejs.image} .\n`);
  });
});
