# SPDX-License-Identifier: Apache-2.0
"""What the watch makes of the sightings: the threat, accounts under attack, campaigns."""

from __future__ import annotations

import enum

import msgspec


class CampaignKind(enum.StrEnum):
    """How a campaign attacks; MITRE ATT&CK's techniques are in :data:`TECHNIQUES`."""

    GUESSING = "guessing"
    SPRAYING = "spraying"
    STUFFING = "stuffing"
    ENUMERATION = "enumeration"


TECHNIQUES = {
    CampaignKind.GUESSING: "T1110.001",
    CampaignKind.SPRAYING: "T1110.003",
    CampaignKind.STUFFING: "T1110.004",
    CampaignKind.ENUMERATION: "T1589",
}


class Signals(msgspec.Struct, frozen=True):
    """
    What came within one window.

    Attributes:
        window: Seconds.
        attempts, failures: Of attempts.
        addresses, subnets, asns, countries, accounts: Distinct ones; approximate beyond some hundred.
        unknown_accounts: Share of the attempts that named an account that does not exist, 0-1.
    """

    window: int
    attempts: int
    failures: int
    addresses: int
    subnets: int
    asns: int
    countries: int
    accounts: int
    unknown_accounts: float

    @property
    def attempts_per_ip(self) -> float:
        """Attempts per distinct address, 0 without any."""
        return self.attempts / self.addresses if self.addresses else 0.0

    @property
    def attempts_per_user(self) -> float:
        """Attempts per distinct account, 0 without any."""
        return self.attempts / self.accounts if self.accounts else 0.0

    @property
    def ips_per_user(self) -> float:
        """Distinct addresses per distinct account, 0 without any."""
        return self.addresses / self.accounts if self.accounts else 0.0


class AttackedAccount(msgspec.Struct, frozen=True):
    """
    An account under attack.

    Attributes:
        account: Canonical user name.
        score: Distinct origins within an hour.
        failures: Within an hour.
        ratio: Origins per failure.
        new_share: Share of the origins from which it never signed in, 0-1.
        since: Unix seconds.
        origins: Some of the addresses, as text.
    """

    account: str
    score: int
    failures: int
    ratio: float
    new_share: float
    since: float
    origins: tuple[str, ...] = ()


class Taken(msgspec.Struct, frozen=True):
    """
    A success among a campaign's attempts: the account is probably in other hands.

    Attributes:
        account: Canonical user name.
        address: As text.
        time: Unix seconds.
        request_id: Names the attempt.
    """

    account: str
    address: str
    time: float
    request_id: str


class Campaign(msgspec.Struct, frozen=True, kw_only=True):
    """
    Sources that attack together.

    Attributes:
        id: Names it.
        kind: How it attacks.
        since, last: Unix seconds of its first and last attempt.
        attempts: So far.
        sources, subnets, accounts: Distinct addresses, subnets, targets; approximate beyond some hundred.
        shares: What its sources have in common, as sentences.
        targets: The accounts it tries most, at most 100.
        taken: Successes among its attempts.
        ended: Unix seconds at which it was over, 0 while it runs.
    """

    id: str
    kind: CampaignKind
    since: float
    last: float
    attempts: int
    sources: int
    subnets: int
    accounts: int
    shares: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    taken: tuple[Taken, ...] = ()
    ended: float = 0.0

    @property
    def technique(self) -> str:
        """MITRE ATT&CK's number of the technique."""
        return TECHNIQUES[self.kind]


class Threat(msgspec.Struct, frozen=True):
    """
    How grave it is.

    Attributes:
        level: 0-1.
        band: ``normal``, ``moderate``, ``high`` or ``severe``.
        reasons: As sentences.
    """

    level: float = 0.0
    band: str = "normal"
    reasons: tuple[str, ...] = ()


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """
    All of it, at one time.

    Attributes:
        time: Unix seconds.
        threat: How grave it is.
        signals: By window, the shortest first.
        accounts: Under attack, the worst first.
        campaigns: That run, or ended within a day.
    """

    time: float = 0.0
    threat: Threat = Threat()
    signals: tuple[Signals, ...] = ()
    accounts: tuple[AttackedAccount, ...] = ()
    campaigns: tuple[Campaign, ...] = ()
