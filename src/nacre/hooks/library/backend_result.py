# SPDX-License-Identifier: Apache-2.0
"""``nauthilus_backend_result``: what a backend says of a user, as scripts put it together."""

from __future__ import annotations

from nacre.hooks.call import Module, Seat, Value
from nacre.hooks.library.arguments import Function, sequence, table, text, thing, truth

FIELDS = (
    *("authenticated", "user_found", "account_field", "totp_secret_field", "totp_recovery_field"),
    *("unique_user_id_field", "display_name_field", "attributes", "groups", "group_dns"),
)
"""Methods of a result; each sets with an argument and gets without."""

_FLAGS = frozenset({"authenticated", "user_found"})
_TABLES = frozenset({"attributes", "groups", "group_dns"})


def open_backend_result(seat: Seat) -> Module:
    """Return ``nauthilus_backend_result``: a table with ``new``, to be called with a dot or a colon."""

    def new() -> object:
        values: dict[str, object] = {}

        def field(name: str) -> Function:
            def work(_: object, *given: object) -> object:
                if not given:
                    found = values.get(name, False if name in _FLAGS else {} if name in _TABLES else "")
                    return seat.table(found)
                values[name] = _checked(seat, name, given[0])
                return None

            return work

        return thing(seat, {name: field(name) for name in FIELDS})

    return {"new": new}


def _checked(seat: Seat, name: str, value: object) -> Value:
    if name in _FLAGS:
        return truth(value)
    if name in _TABLES:
        return table(seat, value, 1, name) if name == "attributes" else sequence(seat, value, 1, name)
    return text(value, 1, name)
