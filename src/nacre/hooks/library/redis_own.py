# SPDX-License-Identifier: Apache-2.0
"""
Connections of scripts to nacre's own store.

Every key that a script names gets a prefix.  Where nacre starts the store itself, the server sees to it as well:
connections of scripts belong to a user of their own who may touch nothing else, so that even a script that runs
inside the store and makes up a key reaches none of ours.
"""

from __future__ import annotations

from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import redis
from redis.cluster import ClusterNode, RedisCluster
from redis.sentinel import Sentinel

from nacre.config import tree
from nacre.hooks.library.redis_given import escaped
from nacre.hooks.library.redis_pools import Pool, common
from nacre.store.topology import host_port

RIGHTS = ("+@all", "-@admin", "-@dangerous", "-@pubsub", "-script", "+script|load", "-function", "-select", "+keys")
"""What the user of scripts may do with its keys; KEYS is there for those who know what they do."""

USUAL = (b"ntc:", b"nauthilus:")
"""How plug-ins begin keys; one that reaches a script in the store among its arguments gets no prefix, and may."""


def own_pool(settings: tree.Redis, socket: str | None, prefix: str) -> Pool:
    """
    Return the pool of nacre's own store.

    Args:
        settings: ``server.redis``.
        socket: Path of the embedded store's unix socket, used where the settings name no server.
        prefix: Begins every key, so that scripts cannot touch what nacre keeps there.
    """
    return Pool(lambda: _own_client(settings, socket, prefix.encode()), prefix.encode())


def _own_client(settings: tree.Redis, socket: str | None, prefix: bytes) -> Any:
    shared = {
        **common(float(settings.timeout)),
        "username": settings.master.username or None,
        "password": _secret(settings.master.password_file),
    }
    if settings.tls.enabled:
        shared |= {"ssl": True, "ssl_ca_certs": settings.tls.ca_file or None}
        shared |= {"ssl_certfile": settings.tls.cert_file or None, "ssl_keyfile": settings.tls.key_file or None}
    if settings.cluster.addresses:
        nodes = [
            ClusterNode(*host_port(address))  # type: ignore[no-untyped-call]
            for address in settings.cluster.addresses
        ]
        return RedisCluster(startup_nodes=nodes, **shared)
    database = settings.database_number
    if settings.sentinels.addresses:
        login = {
            "username": settings.sentinels.username or None,
            "password": _secret(settings.sentinels.password_file),
        }
        guides = [host_port(address) for address in settings.sentinels.addresses]
        sentinel: Any = Sentinel(guides, sentinel_kwargs={**shared, **login})  # type: ignore[no-untyped-call]
        return sentinel.master_for(settings.sentinels.master, db=database, **shared)
    if not settings.master.address:
        return redis.Redis(unix_socket_path=socket, redis_connect_func=partial(_confine, prefix), **shared)
    if settings.master.address.startswith("/"):
        return redis.Redis(unix_socket_path=settings.master.address, db=database, **shared)
    host, port = host_port(settings.master.address)
    return redis.Redis(host=host, port=port, db=database, **shared)


def own_places(settings: tree.Redis) -> list[tuple[str, int]]:
    """Return hosts and ports of nacre's own store, as far as it is reached by these."""
    named = settings.cluster.addresses or settings.sentinels.addresses or (settings.master.address,)
    return [host_port(address) for address in named if address and not address.startswith("/")]


def _confine(prefix: bytes, connection: Any) -> None:
    """Make a connection that of a user who has keys with a prefix and no others."""
    connection.on_connect()
    user = f"nacre-lua-{sha256(prefix).hexdigest()[:8]}"
    keys = [b"~" + escaped(begin) + b"*" for begin in (prefix, *USUAL)]
    for words in (("ACL", "SETUSER", user, "reset", "on", "nopass", *keys, *RIGHTS), ("AUTH", user, "none")):
        connection.send_command(*words)
        connection.read_response()


def _secret(path: str) -> str | None:
    return Path(path).read_text(encoding="utf-8").strip() if path else None
