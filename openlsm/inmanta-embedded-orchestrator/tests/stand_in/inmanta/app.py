"""
A server that stands in for that of inmanta, in tests of what is around a server: it starts in no time.

It takes the arguments of ``python -m inmanta.app``, answers all that it is asked with the extensions that it should have, and
has a process of its own that is as hard to end as a scheduler. With the extension ``silent`` it never answers.
"""

import configparser
import http.server
import json
import signal
import subprocess
import sys

SCHEDULER = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.pause()"


def main(config_file: str) -> None:
    """
    Serve until a signal ends it.

    :param config_file: as the embedded orchestrator writes it for the inmanta server
    """
    config = configparser.ConfigParser(interpolation=None)
    config.read(config_file)
    server = config["server"]
    extensions = [name for name in server["enabled-extensions"].split(",") if name]
    if "silent" in extensions:
        signal.pause()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"data": {"extensions": [{"name": name} for name in extensions]}}).encode()
            self.send_response(http.HTTPStatus.OK)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing: what it prints tells why it ended."""

    address = (server["bind-address"], int(server["bind-port"]))
    with http.server.ThreadingHTTPServer(address, Handler) as listening:
        subprocess.Popen([sys.executable, "-I", "-S", "-c", SCHEDULER, "scheduler"], start_new_session=True)
        listening.serve_forever()


if __name__ == "__main__":
    main(sys.argv[sys.argv.index("-c") + 1])
