"""What goes wrong between a client and its orchestrator, each as a message for people."""


class ServicesError(Exception):
    """Something that was asked for cannot be done; the message says what, why and what helps."""


class UnavailableError(ServicesError):
    """The orchestrator gives no answer, or one that makes no sense."""


class RefusedError(ServicesError):
    """
    The orchestrator refused a call.

    :ivar code: the status code of its answer.
    """

    def __init__(self, message: str, code: int) -> None:
        """
        :param message: why, as the orchestrator says it.
        :param code: the status code of its answer.
        """
        super().__init__(message)
        self.code = code


class NotFoundError(RefusedError):
    """What a call is about does not exist."""


class ConflictError(RefusedError):
    """What a call is about changed meanwhile, or exists already."""


def refusal(code: int, message: str) -> RefusedError:
    """
    A refused call, as the kind of error that the status code stands for.

    :param code: the status code of the answer.
    :param message: why, as the orchestrator says it.
    """
    match code:
        case 404:
            return NotFoundError(message, code)
        case 409:
            return ConflictError(message, code)
        case 401:
            return RefusedError(f"The orchestrator asks for a token, or does not accept the one it was given: {message}", code)
        case _:
            return RefusedError(message, code)
