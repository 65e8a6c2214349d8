"""Secrets in urls and texts, which logs and lists do not show."""

import re
from urllib.parse import urlsplit, urlunsplit

MASK = "***"

SECRET_NAMES = re.compile(r"token|key|secret|pass|pwd|auth|sig|code|credential|session|jwt", re.IGNORECASE)

# Three parts of base 64, of which the first is the start of a JSON object: a token as the server signs it.
TOKEN = re.compile(r"eyJ[\w-]{8,}\.[\w-]+\.[\w-]*")


def masked_tokens(text: str) -> str:
    """
    A text without the tokens that are in it.

    :param text: the text
    """
    return TOKEN.sub(MASK, text) if "eyJ" in text else text


def masked_url(url: str) -> str:
    """
    A url without what lets one in.

    :param url: the url
    :return: the url with a mask for user and password, and for the values of parameters that are named like secrets
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return MASK
    _, at, host = parts.netloc.rpartition("@")
    return urlunsplit(
        parts._replace(netloc=f"{MASK}@{host}" if at else host, query=_masked(parts.query), fragment=_masked(parts.fragment))
    )


def _masked(query: str) -> str:
    # Not parsed and put together again: what is no secret stays as it was written.
    return "&".join(_masked_parameter(parameter) for parameter in query.split("&"))


def _masked_parameter(parameter: str) -> str:
    name, equals, _ = parameter.partition("=")
    return f"{name}={MASK}" if equals and SECRET_NAMES.search(name) else parameter
