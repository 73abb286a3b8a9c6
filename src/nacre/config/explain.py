# SPDX-License-Identifier: Apache-2.0
"""Settings in plain English: what they do, and what looks like an oversight."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nacre.config.campaigns import Campaigns
from nacre.config.lua import Lua
from nacre.config.tree import (
    Accounts,
    Auth,
    BruteForce,
    FailureMode,
    NetworkPolicy,
    NeuralNetwork,
    Redis,
    Rule,
    RuleAction,
    Server,
    Settings,
    Subject,
    Toleration,
)
from nacre.config.warn import warnings

SHOWN = 5
"""Entries of a list that a sentence names."""

_HOST_BITS = {True: 32, False: 128}


def explain(settings: Settings) -> list[str]:
    """
    Return sentences that say what the settings do, warnings first.

    >>> print(explain(Settings())[0])
    Rule `address`: after 10 failures from one IPv4 address within 10m, attempts from it are refused for 1h; \
each repetition lasts 2 times longer, up to 24h.
    """
    rules = settings.brute_force
    return [
        *(f"Warning: {warning}." for warning in warnings(settings)),
        *(_rule(rule) for rule in rules.buckets),
        *_counting(rules),
        *_tolerations(rules),
        *_exceptions(rules, settings.server),
        *_accounts(settings.accounts),
        _network(rules.neural_network),
        _campaigns(settings.campaigns),
        _store(settings.server.redis),
        *_service(settings),
        *_access(settings.auth),
        *_scripts(settings.lua),
    ]


def _rule(rule: Rule) -> str:
    failures = f"{rule.failed_requests} failure{'s' if rule.failed_requests > 1 else ''}"
    source, target = _subject(rule)
    fate = {
        RuleAction.REFUSE: "are refused",
        RuleAction.CHALLENGE: "are challenged",
        RuleAction.DELAY: f"wait {rule.delay.spoken} each",
    }[rule.action]
    text = f"Rule `{rule.name}`: after {failures} {source} within {rule.period.spoken}, attempts {target} {fate}"
    text += f" for {rule.ban_time.spoken}"
    if rule.ban_time_factor > 1 and rule.max_ban_time > rule.ban_time:
        text += f"; each repetition lasts {rule.ban_time_factor:g} times longer, up to {rule.max_ban_time.spoken}"
    if rule.filter_by_protocol:
        text += f"; it is for {_listed(rule.filter_by_protocol)} only"
    if rule.filter_by_oidc_cid:
        text += f"; it is for OpenID Connect by {_listed(rule.filter_by_oidc_cid)} only"
    return f"{text}."


def _subject(rule: Rule) -> tuple[str, str]:
    """Return where failures come from, and where attempts then come from, as words."""
    family = "IPv4" if rule.ipv4 else "IPv6"
    place = f"one {family} address" if rule.cidr == _HOST_BITS[rule.ipv4] else f"one {family} network of /{rule.cidr}"
    return {
        Subject.SUBNET: (f"from {place}", "from it"),
        Subject.ACCOUNT: ("on one account", "on it from where its owner has not signed in before"),
        Subject.ACCOUNT_SUBNET: (
            f"on one account from {place}",
            "on this account from there, unless its owner has signed in there before,",
        ),
        Subject.CLIENT: ("from one device", "from it"),
    }[rule.subject]


def _counting(rules: BruteForce) -> Iterator[str]:
    if rules.learning:
        yield f"Wrong passwords count as failures, and so do refusals by the caller's {_listed(rules.learning)}."
    if rules.rwp_window:
        yield (
            f"The same wrong password of one account from one origin counts once within {rules.rwp_window.spoken}; "
            f"the last {_number(rules.rwp_allowed_unique_hashes, 'wrong password')} of it are remembered."
        )
    else:
        yield "Every failure counts, even if the same wrong password is sent again and again."
    yield (
        "Where an account has signed in, its owner is let in despite failures of others on the account "
        f"for {rules.known_origin_ttl.spoken}."
    )


def _tolerations(rules: BruteForce) -> Iterator[str]:
    general = Toleration(
        ip_address="::/0",
        tolerate_percent=rules.tolerate_percent,
        tolerate_ttl=rules.tolerate_ttl,
        adaptive_toleration=rules.adaptive_toleration,
        min_tolerate_percent=rules.min_tolerate_percent,
        max_tolerate_percent=rules.max_tolerate_percent,
        scale_factor=rules.scale_factor,
    )
    yield f"An address is forgiven {_terms(general)}."
    for entry in rules.custom_tolerations[:SHOWN]:
        yield f"An address of {entry.ip_address} is forgiven {_terms(entry)}."
    if len(rules.custom_tolerations) > SHOWN:
        yield f"There are {len(rules.custom_tolerations) - SHOWN} more tolerations of addresses and networks."


def _terms(entry: Toleration) -> str:
    if not entry.tolerate_ttl or not (entry.tolerate_percent or entry.adaptive_toleration):
        return "no failures for its successes"
    within = f"of its successes within {entry.tolerate_ttl.spoken}"
    if not entry.adaptive_toleration:
        return f"failures up to {entry.tolerate_percent} % {within}"
    pace = "" if entry.scale_factor == 1 else f", {entry.scale_factor:g} times as fast as usual"
    least, most = entry.min_tolerate_percent, entry.max_tolerate_percent
    return f"failures up to a share {within} that grows from {least} % to {most} % with their number{pace}"


def _exceptions(rules: BruteForce, server: Server) -> Iterator[str]:
    if server.brute_force_protocols:
        yield f"Only attempts over {_listed(server.brute_force_protocols)} are counted and refused."
    if rules.ip_whitelist:
        many = _number(rules.ip_whitelist, "address or network", "addresses and networks")
        yield f"Never counted and never refused: {many}."
    if rules.soft_whitelist:
        users = _number(list(rules.soft_whitelist), "user")
        yield f"Never counted and never refused in networks of their own: {users}."
    if server.trusted_proxies:
        many = _number(server.trusted_proxies, "address or network", "addresses and networks")
        yield f"Our own proxies, never counted and never refused: {many}."


def _accounts(accounts: Accounts) -> Iterator[str]:
    if not accounts.fold_case:
        yield "User names that differ in case are different accounts."
    if accounts.default_domain:
        yield f"A user name without a domain is one of {accounts.default_domain}."
    for alias, domain in list(accounts.domain_aliases.items())[:SHOWN]:
        yield f"Accounts of {alias} are those of {domain}."
    if accounts.strip_tag:
        yield "What follows a plus sign before the domain is not part of the account."


def _network(network: NeuralNetwork) -> str:
    if not network.enabled:
        return "No network scores attempts."
    if network.dry_run:
        return "The network scores every attempt and learns, but never acts."
    if network.policy is NetworkPolicy.WEIGHTED:
        return (
            f"The network scores every attempt; refused is what comes to {network.threshold:g} or more: "
            f"{network.static_weight:g} if a rule refuses it, and {network.ml_weight:g} times its score."
        )
    return (
        "The network scores every attempt, and acts once its model has proved itself here; of the legitimate "
        f"it may refuse {network.max_refused_logins * 100:g} % of the logins with the right password "
        f"and {network.max_refused_attempts * 100:g} % of all attempts."
    )


def _campaigns(campaigns: Campaigns) -> str:
    if not campaigns.enabled:
        return "Nobody watches for distributed attacks."
    measures = campaigns.measures
    if not measures.automatic:
        return "Distributed attacks are watched for; measures against them wait for a person's consent."
    return (
        f"Distributed attacks are watched for; measures against them begin at once, for {measures.duration.spoken} "
        f"at a time, and meet at most {measures.budget * 100:g} % of a day's good logins."
    )


def _store(redis: Redis) -> str:
    tls = " over TLS" if redis.tls.enabled else ""
    if redis.cluster.addresses:
        place = f"in the cluster found through {_listed(redis.cluster.addresses)}{tls}"
    elif redis.sentinels.addresses:
        watchers = _listed(redis.sentinels.addresses)
        place = f"at the master of `{redis.sentinels.master}` that the Sentinels {watchers} name{tls}"
    elif redis.master.address:
        place = f"at {redis.master.address}{tls}"
    else:
        return "State lives in a store that nacre starts itself, in its data directory."
    return f"State lives {place}, under keys that begin with `{redis.prefix}`."


def _service(settings: Settings) -> Iterator[str]:
    server, modes = settings.server, settings.on_store_failure
    workers = _number(server.workers, "worker process", "worker processes")
    yield f"The service listens on {server.listen} with {workers}."
    fate = {FailureMode.FAIL_OPEN: "pass unless a known block refuses them", FailureMode.FAIL_CLOSED: "are refused"}
    if modes.http is modes.python:
        yield f"While the store is away, attempts {fate[modes.http]}."
    else:
        yield f"While the store is away, attempts over HTTP {fate[modes.http]}, those over Python {fate[modes.python]}."
    if settings.spool.max_reports:
        yield f"Up to {settings.spool.max_reports:,} reports wait on disk for the store to come back."
    yield f"Decisions can be explained, and named by feedback, for {settings.decisions.keep.spoken}."


def _access(auth: Auth) -> Iterator[str]:
    keys = f", or the static key of {_listed([key.name for key in auth.api_keys])}" if auth.api_keys else ""
    yield f"Callers show a token that nacre has signed{keys}."
    if auth.jwks_file or auth.jwks_url:
        issuer = auth.issuer or "any issuer"
        yield f"Tokens of {issuer} are accepted too, if a key from {auth.jwks_file or auth.jwks_url} signed them."
    if auth.open_check_on_loopback:
        yield "Check and report need no token if they come from loopback addresses."


def _scripts(lua: Lua) -> Iterator[str]:
    if not lua.enabled:
        yield "No scripts run, and no hooks answer."
        return
    if lua.features:
        names = [script.name for script in lua.features]
        yield f"Before the decision, attempts are looked at by {_number(names, 'script')}."
    if lua.filters:
        names = [script.name for script in lua.filters]
        yield f"Before they count, outcomes are looked at by {_number(names, 'script')}."
    for action in lua.actions:
        yield f"The script {action.name} follows {action.type}."
    for hook in lua.custom_hooks:
        who = _listed(hook.roles or ("authenticate",))
        yield f"{hook.http_method} /api/v1/custom/{hook.http_location.strip('/')} is answered by a script, for {who}."
    if lua.config.allowed_hosts:
        yield f"Scripts may connect to {_listed(lua.config.allowed_hosts)}."


def _listed(items: Sequence[str]) -> str:
    shown = [str(item) for item in items[:SHOWN]]
    if len(items) > SHOWN:
        return f"{', '.join(shown)} and {len(items) - SHOWN:,} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def _number(items: int | Sequence[str], one: str, many: str = "") -> str:
    """Return how many there are, and of texts the first ones."""
    count = items if isinstance(items, int) else len(items)
    words = f"{count:,} {one if count == 1 else many or one + 's'}"
    return words if isinstance(items, int) else f"{words} ({_listed(items)})"
