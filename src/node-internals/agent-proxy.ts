import { isObject } from '../values/is-object.ts';

/**
 * The proxy that an agent goes through, in the form in which a new agent takes it: `agent.options.proxyEnv`. The option
 * `proxyEnv` is public (Node 22.21, 24.5), reading it back from Node's global agent is not. Seen on Node 22, 24 and 26.
 *
 * It is read there because the global agent has read all settings for a proxy: NODE_USE_ENV_PROXY=1, `--use-env-proxy`, also in
 * NODE_OPTIONS, and `http.setGlobalProxyFromEnv()`. Where it is missing, telemetry does not go through the proxy.
 */
export function proxyOf(agent: object): { readonly proxyEnv: object } | undefined {
  const options: unknown = Reflect.get(agent, 'options');
  const proxyEnv: unknown = isObject(options) ? Reflect.get(options, 'proxyEnv') : undefined;
  return isObject(proxyEnv) ? { proxyEnv } : undefined;
}
