/** How the semantic conventions call the providers whose packages of the AI SDK have another name. */
const PROVIDERS: ReadonlyMap<string, string> = new Map([
  ['amazon-bedrock', 'aws.bedrock'],
  ['bedrock', 'aws.bedrock'],
  ['azure', 'azure.ai.openai'],
  ['azure-openai', 'azure.ai.openai'],
  ['google', 'gcp.gemini'],
  ['vertex', 'gcp.vertex_ai'],
  ['mistral', 'mistral_ai'],
  ['xai', 'x_ai'],
]);

/** `gen_ai.provider.name` of `openai.responses`, `google.vertex.chat`: the AI SDK appends which of the provider's interfaces it uses. */
export function providerName(provider: string): string {
  const [name = provider, inside] = provider.split('.');
  if (name === 'google' && inside === 'vertex') return 'gcp.vertex_ai';
  return PROVIDERS.get(name) ?? name;
}
