# SPDX-License-Identifier: Apache-2.0
"""``nauthilus_password``: hashes of databases, policies, and the digest under which nacre knows a password."""

from __future__ import annotations

from collections.abc import Callable

from nacre.hooks.call import Module, OpenModule, Seat
from nacre.hooks.library.arguments import number, options, text
from nacre.hooks.library.hashes import UnknownHash, matches

_COUNTED: dict[str, Callable[[str], bool]] = {
    "min_upper": str.isupper,
    "min_lower": str.islower,
    "min_number": str.isdigit,
    "min_special": lambda character: not character.isalnum(),
}


def meets(policy: dict[str, float], password: str) -> bool:
    """
    Tell whether a password has what a policy asks for.

    Args:
        policy: ``min_length``, ``min_upper``, ``min_lower``, ``min_number``, ``min_special``; others are ignored.
        password: Any.

    >>> meets({"min_length": 8, "min_upper": 1, "min_special": 1}, "Passw0rd!"), meets({"min_length": 12}, "Passw0rd!")
    (True, False)
    """
    if len(password) < policy.get("min_length", 0):
        return False
    return all(sum(map(counts, password)) >= policy.get(name, 0) for name, counts in _COUNTED.items())


def password_module(digest: Callable[[str], bytes]) -> OpenModule:
    """
    Return the module.

    Args:
        digest: The keyed digest of a password.
    """

    def opened(seat: Seat) -> Module:
        def compare_passwords(stored: object, password: object) -> tuple[bool, str | None]:
            secret = text(password, 2, "compare_passwords")
            try:
                return matches(text(stored, 1, "compare_passwords"), secret), None
            except UnknownHash as error:
                return False, str(error)

        def check_password_policy(policy: object, password: object) -> bool:
            name = "check_password_policy"
            rules = {rule: number(value, 1, name) for rule, value in options(seat, policy, 1, name).items()}
            return meets(rules, text(password, 2, name))

        return {
            "compare_passwords": compare_passwords,
            "check_password_policy": check_password_policy,
            "generate_password_hash": lambda password: digest(text(password, 1, "generate_password_hash")).hex(),
        }

    return opened
