"""
The pages that show the documentation of an API: what a browser loads for them comes from this server.

Core's pages name a content delivery network, which the users of a server without internet never reach.
"""

import base64
import functools
import hashlib
import importlib
import json
import re
from typing import Any

from inmanta.protocol.common import HTML_CONTENT_WITH_UTF8_CHARSET, ReturnValue
from inmanta.protocol.openapi.model import OpenAPI
from inmanta.server.server import Server
from tornado import routing, web

SWAGGER_UI = "/lsm/swagger-ui"
"""Where the files of swagger-ui are."""

# The token of a link is not there any more when the address is copied, bookmarked or found in the history.
_FORGET_TOKEN = (
    "const address = new URL(location.href);"
    'if (address.searchParams.has("token")) {'
    ' address.searchParams.delete("token"); history.replaceState(null, "", address); }'
)
_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_FILES = r"swagger-ui-bundle\.js|swagger-ui\.css"
_ELSEWHERE = re.compile(rf'\b(src|href)="(?:https?:)?//[^"]+/({_FILES})"')


def swagger_ui_rule() -> routing.Rule:
    """The rule by which a server serves the files that the pages need, and no other ones of swagger-ui."""
    folder = importlib.import_module("swagger_ui_bundle").swagger_ui_path  # a package without types
    return routing.Rule(routing.PathMatches(rf"{SWAGGER_UI}/({_FILES})"), web.StaticFileHandler, {"path": str(folder)})


def complete(core: Server) -> None:
    """
    Let core's own page about the whole API load swagger-ui from the server, too.

    :param core: the slice that answers with the page, before its calls are registered
    """
    answer_of_core = core.get_api_docs

    @functools.wraps(answer_of_core)
    async def get_api_docs(**arguments: Any) -> ReturnValue[OpenAPI | str]:
        answer = await answer_of_core(**arguments)
        page = answer.get_body(envelope=False, envelope_key="")
        if not isinstance(page, str):
            return answer
        return page_answer(page)

    setattr(core, "get_api_docs", get_api_docs)  # noqa: B010 it is a method


def page_answer(page: str) -> ReturnValue[Any]:
    """
    The answer with a page, which can neither run anything else nor tell anybody how it was reached.

    :param page: The page, as core makes it.
    """
    complete_page = self_contained(page).replace("<head>", f"<head><script>{_FORGET_TOKEN}</script>", 1)
    scripts = " ".join(f"'sha256-{_digest(script)}'" for script in _INLINE_SCRIPT.findall(complete_page))
    headers = {
        "Content-Security-Policy": (
            f"default-src 'none'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
            " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
        ),
        # The address can hold a token.
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return ReturnValue(content_type=HTML_CONTENT_WITH_UTF8_CHARSET, response=complete_page, headers=headers)


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def self_contained(page: str) -> str:
    """
    Let a page load swagger-ui from the server that it came from.

    :param page: the page, as core makes it
    """
    return _ELSEWHERE.sub(rf'\1="{SWAGGER_UI}/\2"', page)


def as_script(document: Any) -> str:
    """
    A document as JSON that cannot end the script that it is put into, whatever texts it holds.

    :param document: the document
    """
    text = json.dumps(document)
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text
