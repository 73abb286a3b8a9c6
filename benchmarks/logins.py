# SPDX-License-Identifier: Apache-2.0
"""
Who signs in, and what is said about it over HTTP.

User *n* lives at address *n*; both are drawn from a seed, the addresses from the whole space, so that nearly every
address has a /24 network of its own.  One login in four is rejected, with a password never tried before.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from benchmarks.load import Talk, Unexpected
from nacre.address import format_address

_ACCEPTED = 3
"""Logins accepted for one that is rejected."""


def dice(seed: int) -> random.Random:
    """Return what draws the same each time."""
    return random.Random(seed)  # noqa: S311  nothing is secret here


class User(NamedTuple):
    """
    Somebody who signs in.

    Attributes:
        name: User name.
        address: As text.
    """

    name: str
    address: str


class Population:
    """
    Users that can be made again from a seed.

    Args:
        size: How many.
        seed: Another one makes other users.
    """

    def __init__(self, size: int, seed: int) -> None:
        # Neither loopback (127) nor this network (0): attempts from there are exempt.
        self._addresses = dice(seed).sample(range(128 << 24, 224 << 24), size)
        self._seed = seed

    def __len__(self) -> int:
        return len(self._addresses)

    def __iter__(self) -> Iterator[User]:
        return map(self.__getitem__, range(len(self)))

    def __getitem__(self, number: int) -> User:
        address = self._addresses[number].to_bytes(4, "big")
        return User(f"user{number}.{self._seed}@example.org", format_address(address))


class Clerk:
    """
    Formats requests.

    Args:
        token: Is shown with each of them.
        seed: Draws who comes next.
    """

    def __init__(self, token: str, seed: int) -> None:
        self._token = token
        self._draw = dice(seed)
        self._passwords = itertools.count()

    def post(self, path: str, body: bytes) -> bytes:
        """Return a request."""
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self._token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    def fields(self, user: User) -> dict[str, object]:
        """Return the fields of an attempt as a mail server sends them."""
        return {
            "client_ip": user.address,
            "username": user.name,
            "protocol": "imap",
            "method": "plain",
            "service": "dovecot",
            "session": f"s{self._draw.getrandbits(48):012x}",
            "password": f"secret-{next(self._passwords)}",
        }

    def anyone(self, population: Population) -> User:
        """Return one of them."""
        return population[self._draw.randrange(len(population))]

    def checks(self, population: Population, count: int, path: str = "/api/v1/check") -> list[bytes]:
        """Return checks of logins."""
        encode = msgspec.json.encode
        return [self.post(path, encode(self.fields(self.anyone(population)))) for _ in range(count)]

    def reports(self, population: Population, count: int) -> list[bytes]:
        """Return reports that carry the fields of the login."""
        encode = msgspec.json.encode
        return [
            self.post("/api/v1/report", encode(self.fields(self.anyone(population)) | {"success": accepted}))
            for accepted in itertools.islice(outcomes(), count)
        ]

    def failure_of(self, user: User) -> bytes:
        """Return the report of a rejected login."""
        return self.post("/api/v1/report", msgspec.json.encode(self.fields(user) | {"success": False}))

    def failure_at(self, user: User, at: float, password: str) -> bytes:
        """Return the report of a rejected login of that time; only operators may say when it was."""
        fields = self.fields(user) | {"time": at, "password": password, "success": False}
        return self.post("/api/v1/report", msgspec.json.encode(fields))

    def logins(self, checks: Iterator[bytes], *, once: bool = False, rejects: bool = True) -> Talk:
        """Check, then report under the id that was answered."""
        yes = self.post("/api/v1/report", b'{"request_id":"%b","success":true}')
        no = self.post("/api/v1/report", b'{"request_id":"%b","success":false}')
        for check, accepted in zip(checks, outcomes(), strict=False):
            answer = yield check
            if b'"action":"allow"' not in answer:
                raise Unexpected(answer.decode(errors="replace"))
            template = yes if accepted or not rejects else no
            yield filled(template, request_id(answer))
            if once:
                return


def outcomes() -> Iterator[bool]:
    """Return what becomes of one login after the other."""
    return itertools.cycle([True] * _ACCEPTED + [False])


def saying(requests: Iterator[bytes], expected: bytes) -> Talk:
    """Make one request after the other, and see that each answer holds what it should."""
    for request in requests:
        answer = yield request
        if expected not in answer:
            raise Unexpected(answer.decode(errors="replace"))


def request_id(answer: bytes) -> bytes:
    """Return the request id in an answer."""
    at = answer.index(b'"request_id":"') + 14
    return answer[at : answer.index(b'"', at)]


def filled(template: bytes, named: bytes) -> bytes:
    """Put a request id into a report, and its length into the head."""
    head, _, body = template.partition(b"\r\n\r\n")
    body = body.replace(b"%b", named)
    return head[: head.rindex(b" ") + 1] + b"%d\r\n\r\n" % len(body) + body
