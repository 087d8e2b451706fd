"""Open the studio: make, see, play and mend maps in the browser. Works offline."""

import argparse
import secrets
import socket
import webbrowser
from pathlib import Path
from threading import Timer

from beatheritage.commands.console import say
from beatheritage.errors import OptionError, OutputError

DEFAULT_PORT = 7270
OPEN_AFTER_S = 0.5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="default %(default)s")
    parser.add_argument(
        "--host", default="127.0.0.1", help="default %(default)s: this machine only"
    )
    parser.add_argument("--data", metavar="DIR", type=Path, help="where songs and maps are kept")
    parser.add_argument("--open", action="store_true", help="open it in the browser")
    parser.add_argument("--quiet", action="store_true", help="no remarks")


def run(arguments: argparse.Namespace) -> int:
    try:
        import uvicorn

        from beatheritage.serve.app import create_app
    except ModuleNotFoundError as error:
        raise OptionError(
            f"the studio needs {error.name}", mend="pip install 'beatheritage[studio]'"
        ) from None
    from beatheritage.serve.database import open_studio, usual_folder
    from beatheritage.serve.guard import Door
    from beatheritage.serve.worker import Worker

    studio = open_studio(arguments.data or usual_folder())
    listener = listen(arguments.host, arguments.port)
    door = Door(
        host=arguments.host, port=listener.getsockname()[1], token=secrets.token_urlsafe(24)
    )
    app = create_app(studio, door)
    worker = Worker(studio)
    say(f"the studio is at {address(door)} (Ctrl-C ends it)", quiet=arguments.quiet)
    if arguments.open:
        Timer(OPEN_AFTER_S, webbrowser.open, [address(door)]).start()
    worker.start()
    try:
        config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=2)
        uvicorn.Server(config).run(sockets=[listener])
    finally:
        worker.stop()
    return 0


def listen(host: str, port: int) -> socket.socket:
    """A socket on the port, 0 for any that is free. Raises OutputError where it is taken."""
    if not 0 <= port <= 65_535:
        raise OptionError(f"there is no port {port}", mend="0 to 65535")
    try:
        return socket.create_server((host, port))
    except OSError as error:
        raise OutputError(
            "cannot be listened on", where=f"{host}:{port}", mend=error.strerror or "another --port"
        ) from error


def address(door) -> str:
    """Where a browser finds the studio; with the token where others could come too."""
    host = door.host if door.is_local else socket.gethostname()
    token = "" if door.is_local else f"?token={door.token}"
    return f"http://{host}:{door.port}/{token}"
