# SPDX-License-Identifier: Apache-2.0
"""What must hold between settings that are each good by themselves."""

from __future__ import annotations

from collections.abc import Iterable

from nacre.config.shapes import Unusable
from nacre.config.tree import Redis, Rule, Settings, Subject

WITH_SUBNET = frozenset({Subject.SUBNET, Subject.ACCOUNT_SUBNET})
_IPV4_BITS = 32


def check(settings: Settings) -> None:
    """
    Check what no field can check alone.

    Raises:
        Unusable: the settings contradict each other.

    >>> from nacre.config.duration import Duration
    >>> from nacre.config.tree import BruteForce
    >>> check(Settings(brute_force=BruteForce(buckets=(Rule(name="a", period=Duration(60), failed_requests=5),))))
    Traceback (most recent call last):
    ...
    nacre.config.shapes.Unusable: brute_force.buckets[0].cidr: rule 'a' counts subnets; say how long their prefix is
    """
    rules = settings.brute_force.buckets
    _unique((rule.name for rule in rules), "brute_force.buckets")
    for index, rule in enumerate(rules):
        _check_rule(rule, f"brute_force.buckets[{index}]")
    _check_redis(settings.server.redis)
    _unique((key.name for key in settings.auth.api_keys), "auth.api_keys")
    for index, key in enumerate(settings.auth.api_keys):
        if not key.roles:
            raise Unusable(f"auth.api_keys[{index}].roles", f"key {key.name!r} may do nothing; name a role")


def _unique(names: Iterable[str], path: str) -> None:
    seen: dict[str, int] = {}
    for index, name in enumerate(names):
        if name in seen:
            raise Unusable(f"{path}[{index}].name", f"{name!r} is the name of {path}[{seen[name]}] already; rename one")
        seen[name] = index


def _check_rule(rule: Rule, path: str) -> None:
    if rule.subject not in WITH_SUBNET:
        for name, value in (("cidr", rule.cidr), ("ipv4", rule.ipv4), ("ipv6", rule.ipv6)):
            if value:
                problem = f"rule {rule.name!r} counts by {rule.subject}, whatever the address; leave `{name}` out"
                raise Unusable(f"{path}.{name}", problem)
        return
    if rule.cidr is None:
        raise Unusable(f"{path}.cidr", f"rule {rule.name!r} counts subnets; say how long their prefix is")
    if rule.ipv4 == rule.ipv6:
        problem = "both `ipv4` and `ipv6`" if rule.ipv4 else "neither `ipv4` nor `ipv6`"
        raise Unusable(f"{path}.ipv4", f"rule {rule.name!r} says {problem}; set exactly one of them to `true`")
    if rule.ipv4 and rule.cidr > _IPV4_BITS:
        raise Unusable(f"{path}.cidr", f"{rule.cidr} is longer than an IPv4 address; take 1 to {_IPV4_BITS}")


def _check_redis(redis: Redis) -> None:
    chosen = {
        "master.address": bool(redis.master.address),
        "sentinels.addresses": bool(redis.sentinels.addresses),
        "cluster.addresses": bool(redis.cluster.addresses),
    }
    used = [name for name, is_set in chosen.items() if is_set]
    if len(used) > 1:
        both = " and ".join(f"`{name}`" for name in used)
        raise Unusable(f"server.redis.{used[1]}", f"{both} are set; state lives in one place, so keep one of them")
    if redis.sentinels.addresses and not redis.sentinels.master:
        raise Unusable("server.redis.sentinels.master", "Sentinels watch several groups; name the one to use")
    if redis.cluster.addresses and redis.database_number:
        raise Unusable("server.redis.database_number", f"a cluster has database 0 only, not {redis.database_number}")
    _check_tls(redis, encrypted=bool(used) and not redis.master.address.startswith("/"))


def _check_tls(redis: Redis, *, encrypted: bool) -> None:
    tls, path = redis.tls, "server.redis.tls"
    if tls.enabled and not encrypted:
        raise Unusable(f"{path}.enabled", "a store on a unix socket, as the embedded one, speaks no TLS; leave it out")
    named = next((name for name in ("ca_file", "cert_file", "key_file") if getattr(tls, name)), None)
    if named and not tls.enabled:
        raise Unusable(f"{path}.{named}", f"`{named}` is set, but TLS is off; set `enabled: true`")
    if tls.key_file and not tls.cert_file:
        raise Unusable(f"{path}.key_file", "a key without its certificate; set `cert_file` too")
