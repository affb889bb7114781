/** The providers that LiteLLM knows, and where it asks those that have no address of their own. */

/** Names that may stand before the name of a model: `openai/gpt-5`. Run: litellm 1.108.7 (`provider_list`). */
export const litellmProviders: ReadonlySet<string> = new Set(
  `
  a2a a2a_agent abliteration ai21 ai21_chat aihubmix aiml aiohttp_openai amazon_nova anthropic
  anthropic_text apertis assemblyai auto_router aws_polly aws_textract azure azure_ai azure_speech
  azure_text baseten bedrock bedrock_mantle bespoke black_forest_labs bytez cerebras charity_engine chatgpt
  chutes clarifai cloudflare codestral cognition cohere cohere_chat cometapi compactifai coralbricks cortecs
  crusoe cursor custom custom_openai darkbloom dashscope databricks databricks_agent datarobot deepgram
  deepinfra deepseek docker_model_runner dotprompt edenai elevenlabs empiriolabs empower fal_ai
  featherless_ai fireworks_ai friendliai galadriel gdc gemini gigachat github github_copilot gmi gradient_ai
  groq helicone heroku hosted_vllm huggingface humanloop hyperbolic inception inferenceapis infinity jina_ai
  lambda_ai langflow langfuse langgraph laya lemonade libertai litellm_agent litellm_proxy llamafile
  llamagate lm_studio manus maritalk meta meta_llama microsoft_365_copilot milvus minimax mistral modelscope
  mongodb moonshot morph nadir nano-gpt nebius neosantara nlp_cloud novita nscale nvidia_nim nvidia_riva oci
  ollama ollama_chat oobabooga openai openai_like openrouter ovhcloud parasail perplexity petals pg_vector
  pinstripes poe predibase prism publicai qwen_ai_platform qwencloud ragflow recraft reducto reka replicate
  runwayml s3_vectors sagemaker sagemaker_chat sagemaker_nova sail sambanova sap sarvam scaledown scaleway
  scx-ai snowflake soniox stability strands_decider synthetic tencent tensormesh text-completion-codestral
  text-completion-inception text-completion-openai together_ai topaz transcribe triton typesafe v0 valkey
  veniceai vercel_ai_gateway vertex_ai vertex_ai_beta vllm volcengine voyage wandb watsonx watsonx_text xai
  xiaomi_mimo xinference zai
`
    .trim()
    .split(/\s+/),
);

/**
 * The provider of a model: the first part of its name, or that of the families which LiteLLM knows without one. Undefined when that part
 * is none, or when it depends on the table of models of LiteLLM's version.
 */
export function providerOf(model: string): string | undefined {
  const [first = ''] = model.split('/', 1);
  if (first !== model && litellmProviders.has(first)) return first;
  return families.find(([, pattern]) => pattern.test(model))?.[0];
}

const families = [
  ['openai', /^(?:ft:)?(?:gpt-\d|chatgpt-|o\d(?:-|$))/],
  ['anthropic', /^claude-[a-z]*-?\d/],
] as const;

/**
 * The address of a provider without one in the configuration: that of its variables, else a server of the same machine. Undefined for
 * services of others.
 *
 * @param variable a variable of the running proxy
 */
export function addressOf(
  provider: string,
  variable: (name: string) => string | undefined,
): string | undefined {
  const own = addressVariables.get(provider) ?? [`${provider.toUpperCase().replaceAll('-', '_')}_API_BASE`];
  const names = asOpenai.has(provider) ? [...own, ...ofOpenai] : own;
  return names.map(variable).find(Boolean) ?? localServers.get(provider);
}

const ofOpenai = ['OPENAI_BASE_URL', 'OPENAI_API_BASE'] as const;

/** Where a provider's variable is not called like the provider. Run: litellm 1.108.7, each provider without an address. */
const addressVariables: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ['openai', ofOpenai],
  ['custom_openai', ofOpenai],
  ['text-completion-openai', ofOpenai],
  ['ai21', ofOpenai],
  ['xinference', ofOpenai],
  ['anthropic', ['ANTHROPIC_API_BASE', 'ANTHROPIC_BASE_URL']],
  ['anthropic_text', ['ANTHROPIC_API_BASE', 'ANTHROPIC_BASE_URL']],
  ['cohere_chat', ['COHERE_API_BASE']],
  ['fireworks_ai', ['FIREWORKS_API_BASE']],
  ['friendliai', ['FRIENDLI_API_BASE']],
  ['lambda_ai', ['LAMBDA_API_BASE']],
  ['meta_llama', ['LLAMA_API_BASE']],
  ['mistral', ['MISTRAL_AZURE_API_BASE']],
  ['ollama_chat', ['OLLAMA_API_BASE']],
]);

/** Those that are asked where OpenAI is, when their own variable is not set. */
const asOpenai: ReadonlySet<string> = new Set(['litellm_proxy', 'lm_studio']);

const localServers: ReadonlyMap<string, string> = new Map([
  ['ollama', 'http://localhost:11434'],
  ['ollama_chat', 'http://localhost:11434'],
  ['llamafile', 'http://127.0.0.1:8080/v1'],
  ['lemonade', 'http://localhost:8000/api/v1'],
  ['docker_model_runner', 'http://localhost:22088/engines/llama.cpp'],
]);
