"""
What LiteLLM's proxy makes of a configuration, by its own functions: it loads each as it does at its start, and routes a request for each name
as it does for a caller with the master key. A request that it would send is written down and answered with an error, so that it goes on to
everything that it would ask: nothing leaves this process.

Reads configurations from standard input, one JSON document a line (`case.ts`: Question), and writes to standard output what becomes of
each (Answer). Each is loaded in a process of its own, since LiteLLM keeps what it has read in its modules.
"""

import asyncio
import json
import os
import shutil
import sys
import tempfile

answers = os.fdopen(os.dup(1), "w", buffering=1)
# LiteLLM prints what it reads.
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)

import httpx
import litellm
import litellm.router as router_module
from importlib.metadata import version
from litellm.litellm_core_utils.env_utils import get_env_int
from litellm.llms.openai_like.json_loader import JSONProviderRegistry
from litellm.proxy import proxy_server
from litellm.proxy._types import LitellmUserRoles, UserAPIKeyAuth
from litellm.proxy.auth import master_key_boot_check as boot_check
from litellm.proxy.route_llm_request import ProxyModelNotFoundError, route_request
from litellm.secret_managers.main import get_secret, get_secret_bool, get_secret_str

# How a request fails decides which kind of fallbacks comes next.
FAILURES = {
    "error": (500, {"error": {"message": "down", "type": "server_error", "code": "500"}}),
    "context": (
        400,
        {
            "error": {
                "message": "This model's maximum context length is 10 tokens: prompt is too long",
                "type": "invalid_request_error",
                "code": "context_length_exceeded",
            }
        },
    ),
    "policy": (
        400,
        {
            "error": {
                "message": "request was rejected as a result of the safety system: blocked by content filtering policy",
                "type": "invalid_request_error",
                "code": "content_policy_violation",
            }
        },
    ),
}

MOST_REQUESTS = 200


class Upstream:
    """Takes the place of everything that LiteLLM would ask over HTTP."""

    def __init__(self):
        self.failure = "error"
        self.requests = []

    def answer(self, request):
        try:
            model = json.loads(request.content).get("model")
        except (ValueError, AttributeError):
            model = None
        if model is None:
            # What a provider asks beside, such as Ollama's `/api/show`.
            return httpx.Response(500, request=request)
        headers = request.headers
        key = headers.get("authorization") or headers.get("x-api-key") or headers.get("api-key")
        self.requests.append(
            {"url": str(request.url), "model": model, "key": key and key.removeprefix("Bearer ")}
        )
        if len(self.requests) > MOST_REQUESTS:
            raise RuntimeError("there is no end to the requests")
        status, body = FAILURES[self.failure]
        return httpx.Response(status, json=body, request=request)


upstream = Upstream()


async def send_async(self, request, **kwargs):
    return upstream.answer(request)


def send(self, request, **kwargs):
    return upstream.answer(request)


httpx.AsyncClient.send = send_async
httpx.Client.send = send


class Chooser:
    """Takes the place of chance among the deployments of a name: each is asked in turn."""

    index = 0
    count = 1

    def __call__(self, healthy_deployments, **kwargs):
        self.count = len(healthy_deployments)
        return healthy_deployments[self.index]


chooser = Chooser()
router_module.simple_shuffle = chooser


def asking_each(router):
    """Makes a router ask every deployment that it might choose, once, before it goes on to its fallbacks."""
    once = router.async_function_with_retries

    async def each(*args, **kwargs):
        index = 0
        while True:
            chooser.index, chooser.count = index, 1
            try:
                return await once(*args, **{**kwargs, "num_retries": 0})
            except Exception as fault:
                index += 1
                if index >= chooser.count:
                    raise as_meant(fault) from fault

    return each


MEANT = {"context": litellm.ContextWindowExceededError, "policy": litellm.ContentPolicyViolationError}


def as_meant(fault):
    """Not every provider's client knows the error of every upstream by its text: what is drawn is that it does."""
    kind = MEANT.get(upstream.failure)
    # The router's own refusals name no provider.
    if kind is None or not getattr(fault, "llm_provider", ""):
        return fault
    return kind(message=str(fault), model=fault.model, llm_provider=fault.llm_provider)


def as_admin():
    """The metadata of a request that came with the master key."""
    token = UserAPIKeyAuth(api_key="sk-of-the-caller", user_role=LitellmUserRoles.PROXY_ADMIN)
    return {"user_api_key_auth": token}


async def asked(router, name, failure):
    upstream.failure, upstream.requests = failure, []
    data = {"model": name, "messages": [{"role": "user", "content": "hi"}], "metadata": as_admin()}
    error = None
    try:
        await (
            await route_request(
                data=data, llm_router=router, user_model=None, route_type="acompletion"
            )
        )
    except ProxyModelNotFoundError:
        error = "unknown"
    except Exception as fault:
        error = type(fault).__name__
    return {"requests": upstream.requests, "error": error}


async def started(file):
    """As `proxy_startup_event()` does it, up to where it would connect to a database."""
    proxy_server.master_key = get_secret_str("LITELLM_MASTER_KEY")
    router, _, settings = await proxy_server.proxy_config.load_config(router=None, config_file_path=file)
    proxy_server.llm_router, proxy_server.general_settings = router, settings
    verdict = boot_check.master_key_boot_verdict(
        master_key=proxy_server.master_key,
        environment_master_key=os.getenv(boot_check.MASTER_KEY_ENV_VAR),
        general_settings=settings,
        config_file_path=file,
        override_env_is_on=get_secret_bool(boot_check.WEAK_OR_UNSET_MASTER_KEY_OVERRIDE_ENV_VAR) is True,
        salt_key_is_set=os.getenv(boot_check.SALT_KEY_ENV_VAR) is not None,
        database_is_configured=get_secret("DATABASE_URL", None) is not None,
    )
    return router, verdict


async def answer_to(question, folder):
    for name, text in question["files"].items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
    os.environ.update(question["variables"])
    # Read when LiteLLM is imported, which here was before the variables were set.
    litellm.ROUTER_MAX_FALLBACKS = get_env_int("ROUTER_MAX_FALLBACKS", 5)
    try:
        router, verdict = await started(os.path.join(folder, "config.yaml"))
    except Exception as fault:
        said = str(fault).replace(folder + "/", "")[:300]
        return {"start": {"fails": type(fault).__name__, "said": said}}
    reason = getattr(verdict, "reason", None)
    start = {
        "masterKey": proxy_server.master_key,
        "weak": reason and reason.value,
        "refuses": isinstance(verdict, boot_check.UnsafeMasterKeyRefused),
    }
    router.disable_cooldowns = True
    router.async_function_with_retries = asking_each(router)
    return {
        "start": start,
        "asked": {
            name: {failure: await asked(router, name, failure) for failure in FAILURES}
            for name in question["names"]
        },
    }


def in_a_process(question):
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        folder = tempfile.mkdtemp(prefix="daruma-litellm-models-")
        try:
            answer = asyncio.run(answer_to(question, folder))
        except BaseException as fault:
            answer = {"failed": repr(fault)}
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        with os.fdopen(writing, "w") as out:
            out.write(json.dumps(answer))
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as out:
        text = out.read()
    os.waitpid(child, 0)
    return json.loads(text)


providers = {str(getattr(each, "value", each)) for each in litellm.provider_list} | set(
    JSONProviderRegistry.list_providers()
)
answers.write(json.dumps({"version": version("litellm"), "providers": sorted(providers)}) + "\n")
for line in sys.stdin:
    answers.write(json.dumps(in_a_process(json.loads(line))) + "\n")
