# SPDX-License-Identifier: Apache-2.0
"""
What the settings mean for attempts, compiled once.

A policy is replaced as a whole when the settings are read again; nobody changes one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from copy import copy
from functools import lru_cache

from nacre.account import AccountNames
from nacre.address import Subnet, SubnetSet, is_local
from nacre.attempt import Attempt
from nacre.config.tree import BruteForce, Feature, Settings
from nacre.config.tree import Toleration as TolerationSetting
from nacre.owner import SECONDS_PER_DAY
from nacre.rules.rule import RuleBook
from nacre.rules.toleration import Terms, Toleration, Tolerations
from nacre.window import Shape

EXEMPT = {
    "local_address": "the address is not known, or is our own loopback",
    "proxy": "the address is one of our own proxies",
    "allowlisted": "the address is in `ip_whitelist`",
    "soft_allowlisted": "the user is in `soft_whitelist` for this address",
    "protocol_not_guarded": "the protocol is not in `brute_force_protocols`",
}
"""Why an attempt is neither counted nor refused."""


class Policy:
    """
    The settings, ready to be asked.

    Args:
        settings: The whole tree.
        runtime: Tolerations that were set at run time.
    """

    def __init__(self, settings: Settings, runtime: Iterable[Toleration] = ()) -> None:
        self.settings = settings
        rules = settings.brute_force
        accounts = settings.accounts
        self.names = AccountNames(
            fold_case=accounts.fold_case,
            default_domain=accounts.default_domain,
            domain_aliases=accounts.domain_aliases,
            strip_tag=accounts.strip_tag,
        )
        self.tolerations = _tolerations(rules, runtime)
        self.book = RuleBook(rules.buckets, origin_prefix6=rules.ip_scoping.tolerations_ipv6_cidr)
        self.learning = frozenset(rules.learning)
        self.repeat_memory = float(rules.rwp_window)
        self.repeats_allowed = rules.rwp_allowed_unique_hashes
        self.repeat_prefix6 = max(rules.ip_scoping.rwp_ipv6_cidr, rules.ip_scoping.tolerations_ipv6_cidr)
        self.known_ttl = float(rules.known_origin_ttl)
        self._allowed = SubnetSet(rules.ip_whitelist)
        self._proxies = SubnetSet(settings.server.trusted_proxies)
        soft: defaultdict[str, list[str]] = defaultdict(list)
        for name, networks in rules.soft_whitelist.items():
            soft[self.names.canonical(name)] += networks
        self._soft = {account: SubnetSet(networks) for account, networks in soft.items()}
        self._protocols = frozenset(settings.server.brute_force_protocols)
        self.exempts_some = bool(self._allowed or self._proxies or self._soft or self._protocols)

    def with_tolerations(self, runtime: Iterable[Toleration]) -> Policy:
        """Return the same policy with other tolerations set at run time; those of the settings stay."""
        other = copy(self)
        other.tolerations = _tolerations(self.settings.brute_force, runtime)
        return other

    def toleration_shape(self, packed: bytes) -> Shape:
        """
        Return how successes and failures of an address are kept: as long as any toleration of it looks back.

        It is a day at least, so that a toleration that is set now knows of this morning's logins.
        """
        return _smooth(max(self.tolerations.longest_ttl(packed), float(SECONDS_PER_DAY)))

    def exemption(self, attempt: Attempt) -> str | None:
        """
        Return why an attempt is neither counted nor refused, a key of :data:`EXEMPT`, or ``None``.

        >>> from nacre.attempt import AttemptFields, admit
        >>> from nacre.identity import Identity
        >>> fields = AttemptFields(client_ip="127.0.0.1", username="erika")
        >>> policy = Policy(Settings())
        >>> attempt = admit(fields, names=policy.names, identity=Identity(b"k" * 32), now=0.0, request_id="r")
        >>> policy.exemption(attempt)
        'local_address'
        """
        address = attempt.address
        if is_local(address):
            return "local_address"
        if not self.exempts_some:
            return None
        soft = self._soft.get(attempt.account)
        applies = {
            "proxy": address in self._proxies,
            "allowlisted": address in self._allowed,
            "soft_allowlisted": soft is not None and address in soft,
            "protocol_not_guarded": self._protocols and attempt.protocol not in self._protocols,
        }
        return next((reason for reason, holds in applies.items() if holds), None)

    def learns_from(self, feature: str) -> bool:
        """Whether refusals by this check count as failures; the backend's own (``""``) always do."""
        return not feature or feature in self.learning

    @property
    def learns_from_refusals(self) -> bool:
        """Whether attempts that we refused ourselves count as failures."""
        return Feature.BRUTE_FORCE in self.learning


_smooth = lru_cache(maxsize=1024)(Shape.smooth)


def _tolerations(rules: BruteForce, runtime: Iterable[Toleration]) -> Tolerations:
    return Tolerations(_general(rules), [*map(_configured, rules.custom_tolerations), *runtime])


def _general(rules: BruteForce) -> Terms:
    return Terms(
        rules.tolerate_percent,
        float(rules.tolerate_ttl),
        rules.adaptive_toleration,
        rules.min_tolerate_percent,
        rules.max_tolerate_percent,
        rules.scale_factor,
    )


def _configured(entry: TolerationSetting) -> Toleration:
    terms = Terms(
        entry.tolerate_percent,
        float(entry.tolerate_ttl),
        entry.adaptive_toleration,
        entry.min_tolerate_percent,
        entry.max_tolerate_percent,
        entry.scale_factor,
    )
    return Toleration(Subnet.parse(entry.ip_address), terms)
