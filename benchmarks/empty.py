# SPDX-License-Identifier: Apache-2.0
"""The limit: the same HTTP server with a handler that does nothing but answer."""

from __future__ import annotations

import socket
import sys
from typing import Any

import uvicorn
import uvloop

from nacre.worker import die_with, http_config

ANSWER = (
    b'{"request_id":"0000000000000000-0","action":"allow","delay":0.0,'
    b'"score":null,"rules":[],"reasons":[],"message":""}'
)
_START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(ANSWER))],
}
_BODY = {"type": "http.response.body", "body": ANSWER}


async def answer(scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG001  the body is parsed, nobody reads it
    """Answer any request at once."""
    await send(_START)
    await send(_BODY)


def main() -> None:
    """Serve on the socket whose number is the first argument, until the parent (the second) ends."""
    die_with(int(sys.argv[2]))
    config = http_config(answer, http="httptools")
    uvloop.run(uvicorn.Server(config).serve(sockets=[socket.socket(fileno=int(sys.argv[1]))]))


if __name__ == "__main__":
    main()
