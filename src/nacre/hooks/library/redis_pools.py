# SPDX-License-Identifier: Apache-2.0
"""
Connections of scripts to stores: to nacre's own, and to others that they register.

A script runs in a thread of its own, so these clients block; each answer has a time limit.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable
from contextlib import suppress
from threading import Lock
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.cluster import ClusterNode, RedisCluster
from redis.retry import Retry
from redis.sentinel import MasterNotFoundError, Sentinel, SlaveNotFoundError

from nacre.hooks.call import Value
from nacre.hooks.library.arguments import text_or
from nacre.hooks.library.reach import Reach
from nacre.hooks.library.redis_scripts import Scripts
from nacre.store.topology import host_port

MOST_POOLS = 32
MODES = ("standalone", "sentinel", "sentinel_replica", "cluster")


class Pool:
    """
    Connections to one store.

    Args:
        make: Makes the client when it is first needed.
        prefix: Begins every key.

    Attributes:
        prefix: As given.
        scripts: What was uploaded.
    """

    def __init__(self, make: Callable[[], Any], prefix: bytes = b"") -> None:
        self.prefix = prefix
        self.scripts = Scripts()
        self._make = make
        self._made: Any = None
        self._lock = Lock()

    @property
    def client(self) -> Any:
        """The client of redis-py."""
        if self._made is None:
            with self._lock:
                if self._made is None:
                    self._made = self._make()
        return self._made

    def close(self) -> None:
        """Close the connections."""
        with self._lock:
            made, self._made = self._made, None
        if made is not None:
            made.close()


class Pools:
    """
    The pools of a process, by name.

    Args:
        default: Nacre's own store.
        reach: Decides where others may be.
        own: Where nacre's own store is; who registers it anew gets the prefix there too.
    """

    def __init__(self, default: Pool, reach: Reach, own: Iterable[tuple[str, int]] = ()) -> None:
        self._pools = {"default": default}
        self._own = frozenset(own)
        self._reach = reach
        self._lock = Lock()

    def find(self, name: str) -> Pool | None:
        """Return a pool, ``None`` if nobody registered one under this name."""
        return self._pools.get(name)

    def register(self, name: str, mode: str, options: dict[str, Value]) -> bool:
        """
        Keep a pool under a name, in the place of another one; tells whether there was one.

        Raises:
            ValueError: the mode is unknown, the options do not say where, or the settings do not allow it.
        """
        where = _places(mode, options)
        for place in where:
            self._reach.vet(*place)
        prefix = self._pools["default"].prefix if _same(where, self._own) else b""
        pool = Pool(_maker(mode, where, options, self._reach), prefix)
        with self._lock:
            before = self._pools.get(name)
            if name == "default":
                raise ValueError("the pool 'default' is the server's own")
            if before is None and len(self._pools) > MOST_POOLS:
                raise ValueError(f"{MOST_POOLS} pools are registered, and no more can be")
            self._pools[name] = pool
        if before is not None:
            pool.scripts = before.scripts
            before.close()
        return before is not None

    def close(self) -> None:
        """Close all connections."""
        for pool in self._pools.values():
            pool.close()


def _places(mode: str, options: dict[str, Value]) -> list[tuple[str, int]]:
    if mode not in MODES:
        raise ValueError(f"Unknown mode: {mode}")
    named = options.get("addresses") or options.get("address") or []
    addresses = [text_or(item, "") for item in (named if isinstance(named, list) else [named])]
    if not addresses or not all(addresses):
        raise ValueError("a pool needs an address, or addresses")
    if any(address.startswith("/") for address in addresses):
        raise ValueError("a pool is reached by host and port, not through a unix socket")
    return [host_port(address) for address in addresses]


def _same(where: Iterable[tuple[str, int]], own: Iterable[tuple[str, int]]) -> bool:
    """Tell whether two lists name one server, by whatever names."""

    def ends(places: Iterable[tuple[str, int]]) -> set[tuple[str, int]]:
        found = set()
        for host, port in places:
            with suppress(OSError):
                found |= {(str(to[0]), port) for *_, to in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
        return found

    own = list(own)
    return bool(own) and not ends(where).isdisjoint(ends(own))


def _maker(mode: str, where: list[tuple[str, int]], options: dict[str, Value], reach: Reach) -> Callable[[], Any]:
    shared = {
        **common(reach.patience),
        "username": text_or(options.get("username"), "") or None,
        "password": text_or(options.get("password"), "") or None,
        **_tls(options),
    }
    most = options.get("pool_size")
    if isinstance(most, int | float) and most >= 1:
        shared["max_connections"] = int(most)
    number = options.get("db")
    database = int(number) if isinstance(number, int | float) else 0
    if mode == "cluster":
        nodes = [ClusterNode(host, port) for host, port in where]  # type: ignore[no-untyped-call]

        def vetted(node: tuple[str, int]) -> tuple[str, int]:
            return reach.vet(*node)

        return lambda: RedisCluster(startup_nodes=nodes, address_remap=vetted, **shared)
    if mode == "standalone":
        return lambda: _reaching(_always(where[0]), reach, shared, database)
    group = text_or(options.get("master_name"), "")
    guide = {
        **shared,
        "username": text_or(options.get("sentinel_username"), "") or None,
        "password": text_or(options.get("sentinel_password"), "") or None,
    }

    def named() -> tuple[str, int]:
        guides = [_reaching(_always(one), reach, guide, 0) for one in where]
        return _named(guides, group, replica=mode != "sentinel")

    return lambda: _reaching(named, reach, shared, database)


def _named(guides: list[redis.Redis], group: str, *, replica: bool) -> tuple[str, int]:
    """Return where the server of a group is, by what Sentinels say, and hang up on them."""
    sentinel: Any = Sentinel([])  # type: ignore[no-untyped-call]
    sentinel.sentinels = guides
    try:
        if replica:
            found = sentinel.discover_slaves(group)
            if found:
                return _name(found[0][0]), int(found[0][1])
        host, port = sentinel.discover_master(group)
    except (MasterNotFoundError, SlaveNotFoundError) as error:
        raise redis.ConnectionError(str(error)) from error
    finally:
        for guide in guides:
            guide.close()
    return _name(host), int(port)


def _always(place: tuple[str, int]) -> Callable[[], tuple[str, int]]:
    return lambda: place


def _name(host: object) -> str:
    return host.decode() if isinstance(host, bytes) else str(host)


def _reaching(
    where: Callable[[], tuple[str, int]], reach: Reach, options: dict[str, Any], database: int
) -> redis.Redis:
    """Return a client each of whose connections goes where *reach* lets it."""

    class Plain(redis.Connection):
        def _connect(self) -> Any:
            self.host, self.port = where()
            try:
                return reach.connect(self.host, self.port, reach.patience)
            except PermissionError as error:
                raise redis.ConnectionError(str(error)) from error

    class Secure(redis.SSLConnection, Plain):
        pass

    most = {"max_connections": options["max_connections"]} if "max_connections" in options else {}
    link = {name: value for name, value in options.items() if name not in {"ssl", "max_connections"}}
    kind = Secure if options.get("ssl") else Plain
    make: Any = redis.BlockingConnectionPool
    pool = make(connection_class=kind, timeout=reach.patience, db=database, **({"max_connections": 50} | most), **link)
    return redis.Redis.from_pool(pool)  # which it closes with itself


def common(timeout: float) -> dict[str, Any]:
    """Return the options that all clients have; *timeout* is in seconds."""
    return {
        "protocol": 2,
        "socket_timeout": max(timeout, 1.0),
        "socket_connect_timeout": max(timeout, 1.0),
        "retry": Retry(NoBackoff(), 1),
    }


def _tls(options: dict[str, Value]) -> dict[str, Any]:
    if not options.get("tls_enabled"):
        return {}
    return {
        "ssl": True,
        "ssl_certfile": text_or(options.get("tls_cert_file"), "") or None,
        "ssl_keyfile": text_or(options.get("tls_key_file"), "") or None,
    }
