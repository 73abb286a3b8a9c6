# SPDX-License-Identifier: Apache-2.0
"""
Which attempts are kept as samples, in a store of fixed size that no source can fill and no flood can flush.

Three bounds: an attempt of a busy network or account is kept with a chance that falls with what came from there;
every kind of attempt has places of its own; and every day has.  Chance comes from the digest of the
request id alone, so that every instance decides alike.  A row stands for itself: the chance that it was kept with
is never turned into a weight, or the sources that were held back would be back.
"""

from __future__ import annotations

import enum
from typing import NamedTuple

from nacre.learning.event import Flag

NETWORK_CAP, ACCOUNT_CAP, PROVIDER_CAP = 60.0, 60.0, 2_000.0
"""Attempts in 24 hours beyond which those of a network, an account, a provider are thinned out."""
_ALL = 1 << 64


class Stratum(enum.IntEnum):
    """Kinds of attempts that have places of their own."""

    GUESS = 0
    FAILURE = 1
    NOVEL = 2
    ROUTINE = 3


SHARES = {Stratum.GUESS: 0.4, Stratum.FAILURE: 0.25, Stratum.NOVEL: 0.15, Stratum.ROUTINE: 0.2}
"""Share of the places that each kind has."""


def inclusion(network: float, account: float, provider: float = 0.0) -> float:
    """
    Return the chance with which an attempt is kept.

    A source that goes on keeps ``cap x (1 + ln(attempts / cap))`` rows a day: a million attempts of one network
    leave some 640.

    Args:
        network: Attempts of its network in the last 24 hours, this one too.
        account: Attempts on its account, likewise.
        provider: Attempts of its client at its provider, likewise; 0 where that is not known.

    >>> inclusion(10, 2), inclusion(120, 2), inclusion(120, 6000)
    (1.0, 0.5, 0.01)
    """
    return min(
        1.0,
        NETWORK_CAP / max(network, 1.0),
        ACCOUNT_CAP / max(account, 1.0),
        PROVIDER_CAP / max(provider, 1.0),
    )


def kept(digest: int, chance: float) -> bool:
    """
    Whether an attempt is kept.

    Args:
        digest: Of its request id, 64 bits, keyed: whoever chooses request ids must not choose this.
        chance: From :func:`inclusion`.

    >>> kept(2**63, 0.6), kept(2**63, 0.4)
    (True, False)
    """
    return digest < chance * _ALL


def stratum(flags: int, *, asn: int = 0, client: int = 0, country: int = 0) -> Stratum:
    """
    Return the kind of an attempt.

    Args:
        flags: A :class:`~nacre.learning.event.Flag`.
        asn: Digest as in EVENT, 0 where nothing is known: what is not known is not novel.
        client: Likewise.
        country: Likewise.

    >>> stratum(Flag.ORPHAN | Flag.FRESH).name, stratum(Flag.TRIED).name, stratum(Flag.SUCCESS).name
    ('GUESS', 'FAILURE', 'NOVEL')
    >>> stratum(Flag.SUCCESS | Flag.SEEN_NET | Flag.SEEN_ASN, asn=7).name
    'ROUTINE'
    """
    if not flags & _SUCCESS:
        return Stratum.GUESS if flags & _ORPHAN else Stratum.FAILURE
    expected = (
        _SEEN_NET | (_SEEN_ASN if asn else 0) | (_SEEN_CLIENT if client else 0) | (_SEEN_COUNTRY if country else 0)
    )
    return Stratum.ROUTINE if flags & expected == expected else Stratum.NOVEL


# Plain numbers: an operation on two of an enumeration's takes a microsecond.
_SUCCESS, _ORPHAN, _SEEN_NET = Flag.SUCCESS.value, Flag.ORPHAN.value, Flag.SEEN_NET.value
_SEEN_ASN, _SEEN_CLIENT, _SEEN_COUNTRY = Flag.SEEN_ASN.value, Flag.SEEN_CLIENT.value, Flag.SEEN_COUNTRY.value


class Slice(NamedTuple):
    """
    The places of one kind on one day.

    Attributes:
        day: Days since the epoch.
        stratum: The kind.
    """

    day: int
    stratum: Stratum


def capacity(kind: Stratum, *, total: int, days: int) -> int:
    """
    Return the places of a slice.

    Args:
        kind: The kind of attempts.
        total: Places of the whole store.
        days: Days that rows are kept.

    >>> sum(capacity(kind, total=60_000, days=30) for kind in Stratum) * 30
    60000
    """
    return int(total * SHARES[kind] / days)


def place(digest: int, before: int, places: int) -> int | None:
    """
    Return where a kept attempt goes in its slice: behind the last row, over an older one, or nowhere.

    Whatever order they come in, each of a slice's attempts ends up in it with the same chance.

    Args:
        digest: Of its request id, 64 bits.
        before: Kept attempts that came to this slice before it, also those that have no place any more.
        places: From :func:`capacity`.

    Returns:
        A place below *places*, equal to *before* while there is room; ``None``: the row is dropped.

    Source:
        J. S. Vitter, "Random sampling with a reservoir", ACM Transactions on Mathematical Software 11, 1985,
        algorithm R.

    >>> [place(digest=2**60, before=before, places=3) for before in (0, 1, 2)]
    [0, 1, 2]
    """
    if before < places:
        return before
    found = (_mixed(digest) * (before + 1)) >> 64
    return found if found < places else None


def drawn(digest: int) -> float:
    """
    Return the number between 0 and 1 by which :func:`place` chooses, for those who choose elsewhere.

    >>> 0.0 <= drawn(2**60) < 1.0
    True
    """
    return (_mixed(digest) >> 11) / (1 << 53)


def _mixed(digest: int) -> int:
    """
    Return 64 bits that tell nothing of whether :func:`kept` kept the attempt.

    Source:
        G. L. Steele, D. Lea, C. H. Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
    """
    mixed = (digest + 0x9E3779B97F4A7C15) % _ALL
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9 % _ALL
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB % _ALL
    return mixed ^ mixed >> 31
