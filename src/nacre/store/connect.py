# SPDX-License-Identifier: Apache-2.0
"""From settings to servers: which of the three arrangements, with which passwords and certificates."""

from __future__ import annotations

import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from redis.asyncio import Redis, RedisCluster, Sentinel
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from nacre.config import tree
from nacre.errors import SettingsError, StoreUnavailable
from nacre.store.cluster import Cluster
from nacre.store.lane import Command, Lane
from nacre.store.scripts import ALL
from nacre.store.topology import AWAY, Endpoint, Servers, SingleServer, host_port


def connect(settings: tree.Redis, *, socket: str | None, on_up: Callable[[], None]) -> Servers:
    """
    Return the servers that the settings mean; nothing is connected yet.

    Args:
        settings: ``server.redis``.
        socket: Path of the embedded store's unix socket, used where the settings name no server.
        on_up: Called after each connection of a lane.

    Raises:
        SettingsError: a file that the settings name cannot be read.
    """
    password = _secret(settings.master.password_file, "server.redis.master.password_file")
    user = settings.master.username
    tls = _tls(settings.tls) if settings.tls.enabled else None
    login: list[Command] = [("AUTH", user or "default", password)] if password else []
    scripts: list[Command] = [("SCRIPT", "LOAD", script.source) for script in ALL]
    select: list[Command] = [("SELECT", settings.database_number)] if settings.database_number else []
    common: dict[str, Any] = {
        "username": user or None,
        "password": password or None,
        "socket_timeout": max(float(settings.timeout), 2.0),
        "socket_connect_timeout": 2.0,
        "retry": Retry(NoBackoff(), 1),  # a person waits for what goes this way, and can ask again
    }
    secure: dict[str, Any] = (
        {
            "ssl": True,
            "ssl_ca_certs": settings.tls.ca_file or None,
            "ssl_certfile": settings.tls.cert_file or None,
            "ssl_keyfile": settings.tls.key_file or None,
        }
        if tls
        else {}
    )

    def make_lane(where: Callable[[], Awaitable[Endpoint]], *, single: bool = True) -> Lane:
        hello = [*login, *(select if single else []), *scripts]
        return Lane(where, hello=hello, timeout=float(settings.timeout), tls=tls, on_up=on_up)

    if settings.cluster.addresses:
        nodes = [ClusterNode(*host_port(address)) for address in settings.cluster.addresses]
        client: Any = RedisCluster(startup_nodes=nodes, **common, **secure)
        return Servers(Cluster(client, lambda where: make_lane(where, single=False)))
    if settings.sentinels.addresses:
        sentinel = Sentinel(  # type: ignore[no-untyped-call]
            [host_port(address) for address in settings.sentinels.addresses],
            sentinel_kwargs={
                "username": settings.sentinels.username or None,
                "password": _secret(settings.sentinels.password_file, "server.redis.sentinels.password_file") or None,
                "socket_timeout": 1.0,
                "retry": Retry(NoBackoff(), 0),  # the next Sentinel is asked instead
                **secure,
            },
        )

        async def master() -> Endpoint:
            try:
                host, port = await sentinel.discover_master(settings.sentinels.master)
            except AWAY as error:
                raise StoreUnavailable(f"no Sentinel names a master: {error}") from error
            return str(host), int(port)

        client = sentinel.master_for(settings.sentinels.master, db=settings.database_number, **common, **secure)
        return Servers(SingleServer(master, client, make_lane, guides=sentinel.sentinels))
    address = settings.master.address or socket or ""
    endpoint: Endpoint = address if address.startswith("/") else host_port(address)

    async def fixed() -> Endpoint:
        return endpoint

    if isinstance(endpoint, str):
        client = Redis(unix_socket_path=endpoint, db=settings.database_number, **common)
    else:
        client = Redis(host=endpoint[0], port=endpoint[1], db=settings.database_number, **common, **secure)
    return Servers(SingleServer(fixed, client, make_lane))


def _secret(path: str, field: str) -> str:
    if not path:
        return ""
    try:
        return Path(path).read_text().strip()
    except OSError as error:
        raise SettingsError(f"cannot be read: {error}", field=field) from error


def _tls(settings: tree.RedisTls) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=settings.ca_file or None)
        if settings.cert_file:
            context.load_cert_chain(settings.cert_file, settings.key_file or None)
    except OSError as error:
        raise SettingsError(f"cannot be used: {error}", field="server.redis.tls") from error
    return context
