# SPDX-License-Identifier: Apache-2.0
"""Settings of operators' own scripts."""

from __future__ import annotations

import enum
from typing import Annotated

from msgspec import Meta

from nacre.config.duration import Duration
from nacre.config.forms import Also, Span
from nacre.config.section import HOUR, MINUTE, SECOND, Section

Name = Annotated[str, Meta(min_length=1, max_length=128)]
Path = Annotated[str, Meta(min_length=1, max_length=4096)]
Word = Annotated[str, Meta(min_length=1, max_length=256)]
Bytes = Annotated[int, Meta(ge=2**16, le=2**31)]
Threads = Annotated[int, Meta(ge=1, le=64)]


class OnError(enum.StrEnum):
    """What becomes of an attempt whose script failed."""

    IGNORE = "ignore"
    REFUSE = "refuse"
    ALLOW = "allow"


class ActionType(enum.StrEnum):
    """When an action runs."""

    BRUTE_FORCE = "brute_force"
    LEARNING = "learning"
    RBL = "rbl"
    TLS_ENCRYPTION = "tls_encryption"
    RELAY_DOMAINS = "relay_domains"
    LUA = "lua"
    POST = "post"


class Method(enum.StrEnum):
    """A method of HTTP that a hook may have."""

    GET = "GET"
    HEAD = "HEAD"
    POST = "POST"
    PUT = "PUT"
    PATCH = "PATCH"
    DELETE = "DELETE"


class LuaScript(Section, frozen=True):
    """A script."""

    name: Annotated[Name, Meta(description="Name in logs, errors and metrics.", examples=["blocklist"])]
    script_path: Annotated[
        Path, Meta(description="File that holds it.", examples=["/etc/nacre/lua/features/blocklist.lua"])
    ]


class LuaAction(Section, frozen=True):
    """A script that something is followed by."""

    type: Annotated[
        ActionType,
        Meta(
            description="What it follows: `brute_force` a refusal by rule and a block, `lua` a refusal by a feature, "
            "`rbl`, `tls_encryption` and `relay_domains` a report that names this check, `learning` a failure that "
            "counts, `post` everything.",
            examples=["post"],
        ),
    ]
    name: Annotated[Name, Meta(description="Name in logs, errors and metrics.", examples=["telegram"])]
    script_path: Annotated[
        Path, Meta(description="File that holds it.", examples=["/etc/nacre/lua/actions/telegram.lua"])
    ]


class CustomHook(Section, frozen=True):
    """A script that answers over HTTP."""

    http_location: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=256,
            pattern=r"^[!-~]+$(?!\n)",
            description="Its place below `/api/v1/custom/`; one that nacre brings gives way.",
            examples=["status"],
        ),
    ]
    script_path: Annotated[Path, Meta(description="File that holds it.", examples=["/etc/nacre/lua/hooks/status.lua"])]
    http_method: Annotated[Method, Meta(description="Its method; what answers GET answers POST, too.")] = Method.GET
    content_type: Annotated[Word, Meta(description="Media type of what it writes itself; tables are JSON.")] = (
        "application/json"
    )
    roles: Annotated[
        tuple[Word, ...], Meta(description="Who may call it: one of these roles; empty means `authenticate`.")
    ] = ()


class LuaLimits(Section, frozen=True):
    """How much a script may take."""

    memory_bytes: Annotated[Bytes, Meta(description="Memory that the scripts of one thread may hold.")] = 32 * 2**20
    compute: Annotated[
        Duration, Span(MINUTE), Meta(description="Processor time of one run; what a script waits for is not in it.")
    ] = Duration(1)
    login_time: Annotated[
        Duration, Span(MINUTE), Meta(description="Time for all features, or filters, of one attempt together.")
    ] = 3 * SECOND
    action_time: Annotated[Duration, Span(HOUR), Meta(description="Time for one action.")] = MINUTE
    hook_time: Annotated[
        Duration, Span(HOUR), Meta(description="Time for one custom hook, or script at the start.")
    ] = 2 * MINUTE
    output_bytes: Annotated[
        Bytes, Meta(description="Size of a value that passes between a script and the service, an answer too.")
    ] = 2**20
    queue: Annotated[
        int, Meta(ge=1, le=100_000, description="Runs that wait for a thread, for each of the three kinds of threads.")
    ] = 2_000


class LuaConfig(Section, frozen=True):
    """What all scripts share."""

    init_script_path: Annotated[str, Meta(description="Script that runs once, when a worker starts.")] = ""
    init_script_paths: Annotated[tuple[Path, ...], Meta(description="Further ones, in this order.")] = ()
    package_path: Annotated[
        str,
        Meta(
            max_length=4096,
            description="Where `require` looks for modules written in Lua: patterns with `?`, with `;` between them.",
        ),
    ] = ""
    number_of_workers: Annotated[
        Threads,
        Also(("feature_vm_pool_size", "filter_vm_pool_size", "backend_number_of_workers")),
        Meta(description="Threads for features and filters, in each worker process."),
    ] = 2
    action_number_of_workers: Annotated[
        Threads, Also(("max_action_workers",)), Meta(description="Threads for actions.")
    ] = 2
    hook_number_of_workers: Annotated[
        Threads, Also(("hook_vm_pool_size",)), Meta(description="Threads for custom hooks.")
    ] = 4
    environment: Annotated[
        tuple[Word, ...], Meta(description="Variables of the environment that `os.getenv` tells scripts.")
    ] = ()
    allowed_hosts: Annotated[
        tuple[Word, ...],
        Meta(
            description="Where scripts may connect to: host names, `*.example.org`, addresses or networks, each with "
            "`:port` if only that is meant; nacre itself never."
        ),
    ] = ()
    password: Annotated[
        bool,
        Meta(
            description="Give scripts the keyed digest of the password as `request.password`, 16 hexadecimal digits; "
            "the password itself is never kept."
        ),
    ] = False
    redis_prefix: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=64,
            description="Begins the keys of scripts in nacre's own store, so that they reach no other.",
        ),
    ] = "lua:"
    on_feature_error: Annotated[
        OnError,
        Meta(
            description="What a failed feature does: `ignore` goes on, `refuse` refuses the attempt, `allow` lets it "
            "pass the features that are left."
        ),
    ] = OnError.IGNORE
    on_filter_error: Annotated[
        OnError, Meta(description="The same for filters; `refuse` makes the login a failure that does not count.")
    ] = OnError.IGNORE
    limits: Annotated[LuaLimits, Meta(description="How much a script may take.")] = LuaLimits()
    backend_script_path: Annotated[
        str, Meta(description="Accepted for compatibility and without effect: nacre has no backends.")
    ] = ""
    cache_flush_script_path: Annotated[
        str, Meta(description="Accepted for compatibility and without effect: there is no such cache.")
    ] = ""


class Lua(Section, frozen=True):
    """Operators' own scripts; the names are Nauthilus'."""

    enabled: Annotated[
        bool, Meta(description="Run the scripts that are named here, and the hooks that nacre brings.")
    ] = True
    features: Annotated[
        tuple[LuaScript, ...], Meta(description="Scripts that look at an attempt before the decision, in this order.")
    ] = ()
    filters: Annotated[
        tuple[LuaScript, ...], Meta(description="Scripts that look at its outcome before it counts, in this order.")
    ] = ()
    actions: Annotated[
        tuple[LuaAction, ...], Meta(description="Scripts that follow something, while nobody waits for them.")
    ] = ()
    custom_hooks: Annotated[
        tuple[CustomHook, ...], Also(("hooks",)), Meta(description="Scripts that answer over HTTP.")
    ] = ()
    own_hooks: Annotated[
        bool, Meta(description="Serve the hooks that nacre brings to those who have the role `admin`.")
    ] = True
    config: Annotated[LuaConfig, Meta(description="What all scripts share.")] = LuaConfig()
