# SPDX-License-Identifier: Apache-2.0
"""Settings that are allowed and yet hardly meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nacre.address import Subnet, is_local, parse_address
from nacre.config.forms import host_port
from nacre.config.lua import Lua
from nacre.config.tree import Auth, BruteForce, FailureMode, Redis, Role, Rule, Settings, Subject

WIDE4, WIDE6 = 8, 24
"""Longest prefixes at which a network holds very many strangers."""

CUSTOMER6 = 64
"""Prefix length of the network that one IPv6 customer has at least."""

REMEMBERED = 32
"""Wrong passwords that one origin remembers over all accounts."""


def warnings(settings: Settings) -> list[str]:
    """
    Return what an operator should look at again, the weightiest first.

    >>> warnings(Settings())
    []
    >>> warnings(Settings(brute_force=BruteForce(buckets=())))
    ['there are no rules, so nothing is ever refused']
    """
    rules = settings.brute_force
    return [
        *_about_coverage(settings),
        *_about_whitelists(settings),
        *(warning for rule in rules.buckets for warning in _about_rule(rule)),
        *_about_tolerations(rules),
        *_about_access(settings),
        *_about_store(settings.server.redis),
        *_about_failure(settings),
        *_about_scripts(settings.lua),
        *_about_nothing(rules),
    ]


def covers_everything(networks: Iterable[str]) -> bool:
    """
    Whether networks together hold all of IPv4 or all of IPv6.

    >>> covers_everything(["10.0.0.0/8"]), covers_everything(["0.0.0.0/1", "128.0.0.0/1"])
    (False, True)
    """
    reached = {4: 0, 16: 0}
    for subnet in sorted(Subnet.parse(text) for text in networks):
        size = len(subnet.network)
        start = int.from_bytes(subnet.network, "big")
        if start <= reached[size]:
            reached[size] = max(reached[size], start + (1 << (8 * size - subnet.prefix)))
    return any(reach >= 1 << (8 * size) for size, reach in reached.items())


def _about_coverage(settings: Settings) -> Iterator[str]:
    rules = settings.brute_force.buckets
    if not rules:
        yield "there are no rules, so nothing is ever refused"
        return
    if all(rule.filter_by_protocol for rule in rules):
        protocols = sorted({name for rule in rules for name in rule.filter_by_protocol})
        yield f"every rule is for {', '.join(protocols)} only; failures over other protocols count nowhere"
    by_address = [rule for rule in rules if rule.subject is Subject.SUBNET]
    if by_address and not any(rule.ipv6 for rule in by_address):
        yield "no rule counts IPv6 addresses; whoever has one is limited by no rule for addresses"
    if by_address and not any(rule.ipv4 for rule in by_address):
        yield "no rule counts IPv4 addresses; whoever has one is limited by no rule for addresses"
    guarded = settings.server.brute_force_protocols
    for rule in rules:
        if guarded and rule.filter_by_protocol and not set(rule.filter_by_protocol) & set(guarded):
            yield f"rule `{rule.name}` never counts: none of its protocols is in `server.brute_force_protocols`"


def _about_whitelists(settings: Settings) -> Iterator[str]:
    if covers_everything(settings.brute_force.ip_whitelist):
        yield "`brute_force.ip_whitelist` covers every address of a family, so none of it is ever refused"
    if covers_everything(settings.server.trusted_proxies):
        yield "`server.trusted_proxies` covers every address of a family, so none of it is ever refused"
    for user, networks in settings.brute_force.soft_whitelist.items():
        if covers_everything(networks):
            yield f"`brute_force.soft_whitelist` lets {user!r} in from everywhere, whoever guesses the password"


def _about_rule(rule: Rule) -> Iterator[str]:
    if rule.cidr and rule.cidr <= (WIDE4 if rule.ipv4 else WIDE6):
        yield f"rule `{rule.name}` counts networks of /{rule.cidr}: strangers in great number share one limit"
    if rule.cidr and rule.ipv6 and rule.cidr > CUSTOMER6 and rule.subject is Subject.SUBNET:
        yield (
            f"rule `{rule.name}` counts IPv6 networks of /{rule.cidr}, and one customer has a /{CUSTOMER6} or more: "
            "a new address for every guess stays below any limit"
        )
    pace = rule.period / rule.failed_requests
    if rule.ban_time < pace:
        yield (
            f"rule `{rule.name}` blocks for {rule.ban_time}, which is less than it has for one failure "
            f"({rule.period} for {rule.failed_requests}): the block slows nobody down"
        )


def _about_tolerations(rules: BruteForce) -> Iterator[str]:
    if (rules.tolerate_percent or rules.adaptive_toleration) and not rules.tolerate_ttl:
        yield "`brute_force.tolerate_ttl` is 0, so tolerations forgive nothing"
    seen: set[Subnet] = set()
    for entry in rules.custom_tolerations:
        subnet = Subnet.parse(entry.ip_address)
        if subnet.prefix <= (WIDE4 if len(subnet.network) == len(b"IPv4") else WIDE6):
            yield f"the toleration of {subnet} holds for strangers in great number"
        if subnet in seen:
            yield f"there are two tolerations of {subnet}; the later one holds"
        seen.add(subnet)
    if rules.rwp_allowed_unique_hashes > REMEMBERED:
        yield (
            f"`brute_force.rwp_allowed_unique_hashes` is {rules.rwp_allowed_unique_hashes}, "
            f"but an origin remembers {REMEMBERED} wrong passwords at most"
        )


def _about_access(settings: Settings) -> Iterator[str]:
    auth: Auth = settings.auth
    host, _ = host_port(settings.server.listen)
    if not _on_this_machine(host):
        yield f"the service listens on {settings.server.listen} and speaks plain HTTP: put a proxy with TLS before it"
    if auth.open_check_on_loopback:
        yield "check and report need no token from this machine, nor from anywhere through a proxy on it"
    if (auth.jwks_file or auth.jwks_url) and not (auth.issuer and auth.audience):
        yield "`auth.issuer` or `auth.audience` is empty: tokens that these keys signed for others are accepted too"


def _about_store(redis: Redis) -> Iterator[str]:
    addresses = (redis.master.address, *redis.sentinels.addresses, *redis.cluster.addresses)
    servers = [address for address in addresses if address and not address.startswith("/")]
    away = next((each for each in servers if not _on_this_machine(host_port(each)[0])), None)
    if away and not redis.tls.enabled:
        yield f"the store at {away} is reached without TLS: whoever listens sees who signs in from where"


def _about_failure(settings: Settings) -> Iterator[str]:
    modes = settings.on_store_failure
    closed = [name for name in ("http", "python") if getattr(modes, name) is FailureMode.FAIL_CLOSED]
    if closed:
        where = " and ".join(f"`on_store_failure.{name}`" for name in closed)
        yield f"{where}: nobody can sign in while the store is away"
    if not settings.spool.max_reports:
        yield "`spool.max_reports` is 0: failures made while the store is away never count"


def _about_scripts(lua: Lua) -> Iterator[str]:
    for name in ("backend_script_path", "cache_flush_script_path"):
        if getattr(lua.config, name):
            yield f"`lua.config.{name}` is not used: nacre asks no backends, its callers do"
    known = {role.value for role in Role}
    for hook in lua.custom_hooks:
        unknown = [role for role in hook.roles if role not in known]
        if unknown:
            yield (
                f"hook `{hook.http_location}` is for {', '.join(unknown)}, which nobody can be here: "
                f"roles are {', '.join(sorted(known))}"
            )


def _about_nothing(rules: BruteForce) -> Iterator[str]:
    scoping = rules.ip_scoping
    if scoping.rwp_ipv6_cidr < scoping.tolerations_ipv6_cidr:
        yield (
            f"`rwp_ipv6_cidr` is {scoping.rwp_ipv6_cidr}, but what one origin remembers reaches no further than "
            f"`tolerations_ipv6_cidr`: {scoping.tolerations_ipv6_cidr} is taken for both"
        )
    for name in ("pw_history_for_known_accounts", "cold_start_grace_enabled"):
        if getattr(rules, name):
            yield f"`brute_force.{name}` has no effect; leave it out, or as it is for Nauthilus"


def _on_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        packed = parse_address(host)
    except ValueError:
        return False
    return is_local(packed) and any(packed)
