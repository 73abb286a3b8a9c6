# SPDX-License-Identifier: Apache-2.0
"""A small internet: providers with countries, address blocks and purposes."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from typing import NamedTuple

import numpy as np

from evaluation.traffic.rows import Flags, Numbers, Places, Rows, mix

COUNTRIES = ("DE", "FR", "NL", "GB", "PL", "ES", "IT", "US", "BR", "IN", "VN", "RU", "CN", "ID", "TR", "UA", "AT", "CH")
_HOMES = 5
"""The service sits in one of the first countries."""

_BLOCKS = 4
"""IPv4 /16 blocks of each provider."""


class Sources(NamedTuple):
    """
    Addresses to come from.

    Attributes:
        hi, lo: (n,) uint64, the halves of an IPv6 address; hi is 0 for IPv4, lo then below 2^32.
        provider: (n,) indices of providers.
    """

    hi: Numbers
    lo: Numbers
    provider: Places

    def __len__(self) -> int:
        return len(self.lo)

    def take(self, which: Places) -> Sources:
        """Return some of them, or some of them several times."""
        return Sources(self.hi[which], self.lo[which], self.provider[which])

    def write(self, rows: Rows, which: Flags | slice = slice(None)) -> None:
        """Let those rows come from here, one from each."""
        rows["hi"][which], rows["lo"][which], rows["provider"][which] = self.hi, self.lo, self.provider


def merge(*parts: Sources) -> Sources:
    """Return the addresses of all parts."""
    return Sources(
        np.concatenate([part.hi for part in parts]),
        np.concatenate([part.lo for part in parts]),
        np.concatenate([part.provider for part in parts]),
    )


class Internet:
    """
    Providers at home (isp, carrier, business, front), elsewhere (abroad), or in both (vpn, hoster).

    Args:
        seed: Another one makes other providers.
    """

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng([seed, 1])
        self.seed = seed
        self.home = int(rng.integers(_HOMES))
        away = [number for number in range(len(COUNTRIES)) if number != self.home]
        wanted = [("isp", self.home, int(rng.integers(5, 10))), ("carrier", self.home, int(rng.integers(2, 5)))]
        wanted += [("business", self.home, int(rng.integers(8, 15))), ("front", self.home, 1)]
        wanted += [("hoster", self.home, 3)]
        wanted += [("abroad", country, int(rng.integers(2, 5))) for country in away]
        wanted += [("vpn", int(country), 1) for country in rng.choice([self.home, *away[:7]], 5)]
        wanted += [("hoster", int(country), 1) for country in rng.choice(away, 14)]
        self.purpose = [purpose for purpose, _, count in wanted for _ in range(count)]
        self.country = np.array([country for _, country, count in wanted for _ in range(count)])
        size = len(self.purpose)
        self.asn = rng.choice(np.arange(1_000, 64_000), size, replace=False)
        firsts = [n for n in range(5, 223) if n not in (10, 100, 127, 169, 172, 192, 198, 203)]
        blocks = rng.choice(len(firsts) * 256, size * _BLOCKS, replace=False)
        starts = np.array(firsts)[blocks // 256] * 256 + blocks % 256
        self.blocks = starts.astype(np.uint64).reshape(size, _BLOCKS)
        self.v6 = (0x2A000000 + rng.choice(0x00FFFFFF, size, replace=False)).astype(np.uint64)

    def providers(self, purpose: str) -> Places:
        """Return the providers of one purpose."""
        return np.array([number for number, each in enumerate(self.purpose) if each == purpose])

    def v4(self, provider: Places, bits: Numbers) -> Sources:
        """Return an IPv4 address of each provider; the same bits mean the same address."""
        block = self.blocks[provider, (bits % np.uint64(_BLOCKS)).astype(np.int64)]
        host = (bits >> np.uint64(8)) % np.uint64(65_000) + np.uint64(257)
        return Sources(np.zeros(len(host), np.uint64), (block << np.uint64(16)) + host, np.asarray(provider))

    def v6_of(self, provider: Places, site: Numbers, machine: Numbers, *, subnets: int = 2) -> Sources:
        """
        Return an IPv6 address of each provider.

        Args:
            provider: (n,) providers.
            site: (n,) the same bits mean the same /56.
            machine: (n,) the same bits mean the same address within it.
            subnets: /64 subnets in use within a /56, 1-256.
        """
        upper = (self.v6[provider] << np.uint64(32)) | ((site & np.uint64(0xFFFFFF)) << np.uint64(8))
        lower = mix(self.seed, 61, machine)
        return Sources(upper | ((machine >> np.uint64(17)) % np.uint64(subnets)), lower, np.asarray(provider))

    def draw(self, rng: np.random.Generator, purpose: str, size: int, *, six: float = 0.0, few: int = 0) -> Sources:
        """
        Return random addresses of providers of one purpose.

        Args:
            rng: What draws.
            purpose: Of the providers.
            size: How many addresses.
            six: Share of IPv6 addresses, 0-1.
            few: Providers to draw from; all of them if 0.
        """
        among = self.providers(purpose)
        if few:
            among = rng.choice(among, min(few, len(among)), replace=False)
        provider = rng.choice(among, size)
        bits = rng.integers(0, 1 << 63, size).astype(np.uint64)
        four = self.v4(provider, bits)
        site = self.v6_of(provider, bits, mix(self.seed, 62, bits))
        is_six = rng.random(size) < six
        return Sources(np.where(is_six, site.hi, four.hi), np.where(is_six, site.lo, four.lo), provider)


def texts(hi: Numbers, lo: Numbers) -> list[str]:
    """
    Return addresses as text; each distinct one is formatted once.

    >>> texts(np.array([0, 0x2A00 << 48], np.uint64), np.array([0xC0000201, 1], np.uint64))
    ['192.0.2.1', '2a00::1']
    """
    pairs = np.empty(len(hi), np.dtype([("hi", "<u8"), ("lo", "<u8")]))
    pairs["hi"], pairs["lo"] = hi, lo
    distinct, back = np.unique(pairs, return_inverse=True)
    named = [
        str(IPv6Address((upper << 64) | lower)) if upper else str(IPv4Address(lower))
        for upper, lower in distinct.tolist()
    ]
    return [named[place] for place in back.tolist()]
