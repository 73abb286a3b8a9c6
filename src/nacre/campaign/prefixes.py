# SPDX-License-Identifier: Apache-2.0
"""
The fewest prefixes that hold an attack and harm hardly anybody.

The addresses of the attack are the leaves of a binary trie; every inner node is the longest prefix that its leaves
share.  Any prefix of a solution can be shortened to such a node without harming more.  So the best choice for a node
and a number of harmed logins is either the node itself or the best of its two sides, for some division of that number:
a knapsack over the trie, exact.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from nacre.address import Subnet

HOST = {4: 32, 16: 64}
"""Bits of an address that are told apart; an IPv6 customer has the others to choose from."""

_UNCOVERED = 1 << 40
"""What an attempt that stays uncovered costs, in prefixes."""

_ITSELF = -1


class Cover(NamedTuple):
    """
    Prefixes against an attack.

    Attributes:
        subnets: As few as will do, sorted.
        covered: Weight of the attack's addresses in them.
        harmed: Good logins in them.
    """

    subnets: tuple[Subnet, ...]
    covered: int
    harmed: int


def cover(attack: Mapping[bytes, int], good: Iterable[bytes], *, budget: int, widest: Mapping[int, int]) -> Cover:
    """
    Return the fewest prefixes that cover as much of an attack as can be without harming more good logins.

    Args:
        attack: Attempts by address, 4 or 16 packed bytes.
        good: Addresses of good logins, each as often as it signed in.
        budget: Good logins that may lie in the prefixes.
        widest: Shortest prefix by length of the address in bytes.

    >>> from nacre.address import parse_address
    >>> attack = Counter(parse_address(f"192.0.2.{host}") for host in (4, 5, 6, 7, 64))
    >>> [str(each) for each in cover(attack, [], budget=0, widest={4: 16, 16: 32}).subnets]
    ['192.0.2.0/25']
    >>> good = [parse_address("192.0.2.50")]
    >>> [str(each) for each in cover(attack, good, budget=0, widest={4: 16, 16: 32}).subnets]
    ['192.0.2.4/30', '192.0.2.64/32']
    """
    known = list(good)
    tries = [_Trie(size, attack, known, budget, widest[size]) for size in (4, 16)]
    roots = [(trie, node) for trie in tries for node in trie.roots]
    best = [0]
    splits: list[list[int]] = []
    for trie, node in roots:
        best, split = _beside(best, trie.nodes[node].best, budget)
        splits.append(split)
    harm = best.index(best[-1])  # no more than is needed
    chosen: list[Subnet] = []
    left = harm
    for (trie, node), split in zip(reversed(roots), reversed(splits), strict=True):
        before = split[left]
        chosen += trie.chosen(node, left - before)
        left = before
    harmed = sum(trie.good_in(subnet) for trie in tries for subnet in chosen if len(subnet.network) == trie.size)
    total = sum(trie.weight for trie in tries)
    return Cover(tuple(sorted(chosen)), total - best[-1] // _UNCOVERED, harmed)


def _beside(left: list[int], right: list[int], budget: int) -> tuple[list[int], list[int]]:
    """Return the least cost of two sides together by harmed logins, and how many of these fall to the left side."""
    best: list[int] = []
    split: list[int] = []
    for harmed in range(min(len(left) + len(right) - 2, budget) + 1):
        cost, share = min(
            (left[share] + right[harmed - share], share)
            for share in range(max(harmed - len(right) + 1, 0), min(harmed, len(left) - 1) + 1)
        )
        best.append(cost)
        split.append(share)
    return best, split


class _Node(NamedTuple):
    """
    The longest prefix of some addresses.

    Attributes:
        network, prefix: As numbers.
        sides: Numbers of the two nodes below, ``None`` for one address.
        best: Least cost by harmed logins; more of these than it has entries change nothing.
        split: By harmed logins how many fall to the first side, :data:`_ITSELF` where the node is taken.
    """

    network: int
    prefix: int
    sides: tuple[int, int] | None
    best: list[int]
    split: list[int]


class _Trie:
    """Attack and good logins of one kind of address, and the best choice for every node and number of harmed logins."""

    def __init__(self, size: int, attack: Mapping[bytes, int], good: list[bytes], budget: int, widest: int) -> None:
        self.size, self._bits, self._budget = size, HOST[size], budget
        weights: Counter[int] = Counter()
        for address, weight in attack.items():
            if len(address) == size:
                weights[self._key(address)] += weight
        self._keys = sorted(weights)
        self._weights = weights
        self.weight = weights.total()
        self._good = sorted(self._key(address) for address in good if len(address) == size)
        self.nodes: list[_Node] = []
        self.roots: list[int] = []
        low = 0
        while low < len(self._keys):
            end = ((self._keys[low] >> (self._bits - widest)) + 1) << (self._bits - widest)
            high = bisect_left(self._keys, end, low)
            self.roots.append(self._solve(low, high))
            low = high

    def _key(self, address: bytes) -> int:
        return int.from_bytes(address[: self._bits // 8], "big")

    def _count(self, network: int, prefix: int) -> int:
        span = 1 << (self._bits - prefix)
        low = bisect_left(self._good, network)
        return bisect_left(self._good, network + span, low) - low

    def good_in(self, subnet: Subnet) -> int:
        """Return how many good logins lie in a subnet."""
        return self._count(self._key(subnet.network), subnet.prefix)

    def _solve(self, low: int, high: int) -> int:
        """Solve for the keys from *low* to before *high*; returns the number of their node."""
        first, last = self._keys[low], self._keys[high - 1]
        prefix = self._bits - (first ^ last).bit_length()
        shift = self._bits - prefix
        network = first >> shift << shift
        good = self._count(network, prefix)
        if low + 1 == high:
            sides, best, split = None, [self._weights[first] * _UNCOVERED], [0]
        else:
            middle = bisect_left(self._keys, network + (1 << (shift - 1)), low, high)
            sides = self._solve(low, middle), self._solve(middle, high)
            best, split = _beside(self.nodes[sides[0]].best, self.nodes[sides[1]].best, self._budget)
        if good <= self._budget:
            missing = max(good + 1 - len(best), 0)
            best = [*(best + best[-1:] * missing)[:good], *[1] * (max(len(best), good + 1) - good)]
            split = [*(split + split[-1:] * missing)[:good], *[_ITSELF] * (len(best) - good)]
        self.nodes.append(_Node(network, prefix, sides, best, split))
        return len(self.nodes) - 1

    def chosen(self, number: int, harmed: int) -> list[Subnet]:
        """Return the prefixes of the best choice for a node and so many harmed logins."""
        node = self.nodes[number]
        harmed = min(harmed, len(node.best) - 1)
        share = node.split[harmed]
        if share == _ITSELF:
            network = node.network << (8 * self.size - self._bits)
            return [Subnet(network.to_bytes(self.size, "big"), node.prefix)]
        if node.sides is None:
            return []
        return self.chosen(node.sides[0], share) + self.chosen(node.sides[1], harmed - share)
