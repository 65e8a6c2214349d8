"""The protocol method that gets the archive, with the path and the label that the clients and the default policy know."""

from inmanta.const import AuthorizationLabel, ClientType
from inmanta.protocol.auth.decorators import auth
from inmanta.protocol.common import ReturnValue
from inmanta.protocol.decorators import typedmethod


class SupportLabel(AuthorizationLabel):
    """What an access policy grants to those who may see everything that is on a server."""

    ARCHIVE_READ = "support.support-archive.read"


@auth(auth_label=SupportLabel.ARCHIVE_READ, read_only=True)
@typedmethod(path="/support", operation="GET", client_types=[ClientType.api], api_version=2)
def get_support_archive() -> ReturnValue[bytes]:
    """
    Get an archive with the logs and the status of the server, the versions of what is installed, and the last compiles.

    :return: a zip file
    """
    raise NotImplementedError("This declares an interface: the server handles it.")
