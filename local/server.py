"""MiniStack in one process with two ports: AWS's own API, and the deployed HTTP API as if it stood at the root.

Started by local.emulator under .venv/tools: `server.py <AWS port> <public port>`, 0 taking any port that is free. Says
both in one line of JSON, then serves until its standard input closes, and saves its state: it never outlives whoever
started it.
"""

import asyncio
import contextlib
import json
import os
import socket
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

Scope = dict[str, Any]
Asgi = Callable[[Scope, Any, Any], Awaitable[None]]


def main() -> None:
    aws, public = (listening(int(port)) for port in sys.argv[1:3])
    ports = {"aws": port_of(aws), "public": port_of(public)}
    os.environ["GATEWAY_PORT"] = str(ports["aws"])  # MiniStack reads it while it is imported
    asyncio.run(serving([*aws, *public], ports))


def listening(port: int) -> list[socket.socket]:
    """On 127.0.0.1, and on ::1 where there is one: `localhost` may mean either."""
    try:
        sockets = [bound(socket.AF_INET, "127.0.0.1", port)]
    except OSError as error:
        sys.exit(f"port {port}: {error.strerror}. Choose others: make run PORT=8090 AWS_PORT=4577")
    with contextlib.suppress(OSError):
        sockets.append(bound(socket.AF_INET6, "::1", port_of(sockets)))
    return sockets


def bound(family: int, host: str, port: int) -> socket.socket:
    found = socket.socket(family, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    found.bind((host, port))
    found.listen(1024)
    return found


def port_of(sockets: list[socket.socket]) -> int:
    return int(sockets[0].getsockname()[1])


async def serving(sockets: list[socket.socket], ports: dict[str, int]) -> None:
    sys.path.append(str(Path(__file__).parent))  # last, so that it hides nothing
    from gaps import mend  # type: ignore[import-not-found]  # beside this file, which runs alone
    from hypercorn.asyncio import serve
    from hypercorn.config import Config
    from ministack.app import app

    mend()
    config = Config()
    config.bind = [f"fd://{each.detach()}" for each in sockets]
    config.keep_alive_timeout = 75
    config.loglevel = "WARNING"
    print(json.dumps(ports), flush=True)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    await serve(fronted(app, ports["public"]), config, shutdown_trigger=input_closed)


def fronted(app: Asgi, public_port: int) -> Asgi:
    """What arrives at the public port goes to the one HTTP API that is deployed, whatever its id."""

    async def front(scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan" and scope["server"][1] == public_port:
            prefix = f"/_aws/execute-api/{api_id()}/$default"
            scope = {**scope, "path": prefix + scope["path"], "raw_path": prefix.encode() + scope["raw_path"]}
        await app(scope, receive, send)

    return front


def api_id() -> str:
    from ministack.services import apigateway

    return next((found for (_, _, found), _ in apigateway._apis.all_items()), "none")  # noqa: SLF001 - no listing spans accounts


async def input_closed() -> None:
    closed = asyncio.Event()

    def read() -> None:
        if not os.read(sys.stdin.fileno(), 1024):
            closed.set()

    asyncio.get_running_loop().add_reader(sys.stdin, read)
    await closed.wait()


if __name__ == "__main__":
    main()
