"""Texts that come in headers and queries of HTTP requests."""


def as_sent(text: str) -> str:
    """
    Undo what the server does to a text in a header or a query.

    Clients send UTF-8, and the server reads every byte as one latin-1 character.

    :param text: the text as the server read it
    :return: the text as the client meant it; the same if its bytes are no UTF-8
    """
    try:
        return text.encode("latin-1").decode()
    except UnicodeError:
        return text
