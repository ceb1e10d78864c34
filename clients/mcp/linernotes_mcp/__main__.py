"""``linernotes-mcp``: serve an assistant over stdio, or many over HTTP."""

from __future__ import annotations

import argparse
import logging

from linernotes_mcp import __version__
from linernotes_mcp.server import make_server
from linernotes_mcp.settings import SettingsError, read_settings
from linernotes_mcp.web import serve

TRANSPORTS = ("stdio", "streamable-http")


def main(arguments: list[str] | None = None) -> None:
    """Serve until the assistant goes, or the process is ended."""
    parser = argparse.ArgumentParser("linernotes-mcp", description="Tools for assistants over a Linernotes site.")
    parser.add_argument("--transport", choices=TRANSPORTS, default="stdio")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on, over HTTP")
    parser.add_argument("--port", type=int, default=8012, help="port to listen on, over HTTP")
    parser.add_argument("--version", action="version", version=__version__)
    options = parser.parse_args(arguments)
    try:
        settings = read_settings()
    except SettingsError as error:
        parser.error(str(error))
    # It logs each address that it asks.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    server = make_server(settings)
    if options.transport == "stdio":
        server.run("stdio")
    else:
        serve(server, settings, options.host, options.port)


if __name__ == "__main__":
    main()
