# SPDX-License-Identifier: Apache-2.0
"""
Scripts beside check and report: features, filters, actions.

Features look at an attempt before the decision, filters at its outcome before it counts; a login waits for
both.  Actions follow, and nobody waits for them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping

import structlog

from nacre.attempt import Attempt
from nacre.config.lua import ActionType, LuaConfig, OnError
from nacre.decision import Block, Decision
from nacre.errors import HookError, HooksBusy
from nacre.hooks.call import Call, Value
from nacre.hooks.heard import Heard, Hearing, Said, after_error, refusal, with_features
from nacre.hooks.host import Host
from nacre.hooks.request import Request, carried, refusal_fields, request_of
from nacre.hooks.script import Script
from nacre.hooks.state import State
from nacre.record import Receipt, Record

log = structlog.get_logger(__name__)

_FEATURE, _NEURAL = "nauthilus_call_feature", "nauthilus_call_neural_network"
_FILTER, _ACTION = "nauthilus_call_filter", "nauthilus_call_action"
_WAITING = 10_000
"""Attempts whose context, or pairs for the log, wait for what comes next."""
_BY_FEATURE = {kind.value: kind for kind in (ActionType.RBL, ActionType.TLS_ENCRYPTION, ActionType.RELAY_DOMAINS)}
_NOT_NEW = frozenset({"reported_before", "refused_before"})


class Guests:
    """
    Lets the scripts of a host look on.

    Args:
        host: Runs them.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._lines: dict[str, Mapping[str, Value]] = {}
        self._contexts: dict[str, dict[str, Value]] = {}

    # -- check

    @property
    def hears(self) -> bool:
        """Whether there are features."""
        return bool(self._host.shelf.book.features)

    def hear(self, attempt: Attempt) -> Hearing[tuple[Attempt, Decision | None]]:
        """
        Have the features look at an attempt.

        Returns:
            What is awaited for the attempt with the additional features that scripts gave it, and a refusal if one of
            them, or a failure of one, asks for it.
        """
        scripts = self._host.shelf.book.features

        def work(state: State, call: Call, request: Request) -> Heard:
            for script in scripts:
                stop = self._feature(state, script, request, call)
                if stop is not None:
                    return stop
            return Heard("", "", call)

        return Hearing(self._begun("feature", attempt, work), lambda said: self._heard(attempt, said))

    def _heard(self, attempt: Attempt, said: Said) -> tuple[Attempt, Decision | None]:
        heard = self._settled("feature", attempt, said, self._shared.on_feature_error)
        if heard.call.custom_log:
            _keep(self._lines, attempt.request_id, heard.call.custom_log)
        if heard.call.features:
            attempt = with_features(attempt, heard.call)
        return attempt, refusal(attempt, heard) if heard.by else None

    def _feature(self, state: State, script: Script, request: Request, call: Call) -> Heard | None:
        """Run one feature; return what ends the list, or ``None``."""
        call.script = script.name
        try:
            found = self._host.run(state, script, _FEATURE, request, call=call, results=3, first=_NEURAL)
        except HookError as error:
            return after_error(error, self._shared.on_feature_error, call)
        trigger, abort, result = found
        if result not in (None, 0, False):
            log.warning("lua_script_gave_up", script=script.name, session=call.session)
        if trigger not in (None, False):
            return Heard(script.name, "", call)
        return Heard("", "", call) if abort not in (None, False) else None

    def decided(self, attempt: Attempt, decision: Decision) -> None:
        """Let the actions run that follow a refusal."""
        if not decision.refused or not self._host.shelf.book.actions:
            return
        known = refusal_fields(decision)
        if any(reason.code == "lua" for reason in decision.reasons):
            self._follow(ActionType.LUA, attempt, known)
        elif known.get("repeating"):  # what begins a block is told of it by `banned`
            self._follow(ActionType.BRUTE_FORCE, attempt, known)
        self._follow(ActionType.POST, attempt, known)

    def banned(self, block: Block, attempt: Attempt) -> None:
        """Let the actions run that follow the begin of a block."""
        network = block.subject if block.kind == "subnet" else ""
        known: dict[str, Value] = {"client_net": network, "brute_force_bucket": block.rule, "feature": "brute_force"}
        self._follow(ActionType.BRUTE_FORCE, attempt, known)

    def line_of(self, request_id: str) -> Mapping[str, Value]:
        """Return, once, the pairs that scripts add to the line of a decision."""
        return self._lines.pop(request_id, {}) if self._lines else {}

    # -- report

    @property
    def awaits(self) -> bool:
        """Whether filters or actions look at reports."""
        book = self._host.shelf.book
        return bool(book.filters or book.actions)

    async def report(
        self,
        count: Callable[..., Awaitable[Receipt]],
        record: Record | None,
        attempt: Attempt | None,
        *,
        accepted: bool,
        feature: str,
    ) -> Receipt:
        """
        Let the filters look at an outcome, have it counted, and let the actions run that follow.

        Args:
            count: Counts it; is told ``success`` and ``feature``.
            record: What the check decided, as far as it is known.
            attempt: What was tried, if *record* does not tell.
            accepted: What the backend said.
            feature: The check that turned the attempt away, if it was not the backend.

        Returns:
            The receipt; of a login that a filter rejects, it says so.
        """
        attempt = record.attempt if record is not None else attempt
        if attempt is None or _is_old(record):
            return await count(success=accepted, feature=feature)
        rejected = accepted if await self._filtered(attempt, accepted=accepted, feature=feature) else False
        if rejected:
            accepted, feature = False, ActionType.LUA.value
        receipt = await count(success=accepted, feature=feature)
        if receipt.why in _NOT_NEW:
            return receipt
        self._reported(attempt, receipt, accepted=accepted, feature=feature)
        return receipt._replace(why="rejected_by_script") if rejected else receipt

    async def _filtered(self, attempt: Attempt, *, accepted: bool, feature: str) -> str:
        """Return the name of the filter that rejects an outcome, ``""`` if none does."""
        scripts = self._host.shelf.book.filters
        if not scripts:
            return ""
        known = _outcome_fields(attempt, accepted=accepted, feature=feature)

        def work(state: State, call: Call, request: Request) -> Heard:
            for script in scripts:
                stop = self._filter(state, script, request, call)
                if stop is not None:
                    return stop
            return Heard("", "", call)

        policy = self._shared.on_filter_error
        begun = self._begun("filter", attempt, work, **known)
        return await Hearing(begun, lambda said: self._settled("filter", attempt, said, policy).by)

    def _filter(self, state: State, script: Script, request: Request, call: Call) -> Heard | None:
        call.script = script.name
        try:
            reject, _ = self._host.run(state, script, _FILTER, request, call=call, results=2)
        except HookError as error:
            return after_error(error, self._shared.on_filter_error, call)
        return Heard(script.name, "", call) if reject not in (None, False) else None

    def _reported(self, attempt: Attempt, receipt: Receipt, *, accepted: bool, feature: str) -> None:
        """Let the actions run that follow a report."""
        known = _outcome_fields(attempt, accepted=accepted, feature=feature)
        if not accepted and feature in _BY_FEATURE:
            self._follow(_BY_FEATURE[feature], attempt, known)
        if not accepted and receipt.counted:
            self._follow(ActionType.LEARNING, attempt, known)
        self._follow(ActionType.POST, attempt, known)
        self._contexts.pop(attempt.request_id, None)

    # -- around them

    def _follow(self, kind: ActionType, attempt: Attempt, known: Mapping[str, Value]) -> None:
        """Let the actions of a type run, while nobody waits."""
        seconds = float(self._shared.limits.action_time)
        context = self._contexts.get(attempt.request_id, {})
        for script in self._host.shelf.book.actions.get(kind, ()):

            def work(state: State, script: Script = script) -> None:
                call = self._call("action", attempt, seconds)
                call.script, call.context = script.name, context
                try:
                    self._host.run(state, script, _ACTION, self._request(attempt, **known), call=call, results=1)
                except HookError as error:
                    log.error("lua_action_failed", script=script.name, error=str(error))  # noqa: TRY400

            try:
                self._host.lane("actions").post(work, seconds)
            except HooksBusy:
                self._host.metrics.count(script.name, "busy")

    def _begun(
        self, kind: str, attempt: Attempt, work: Callable[[State, Call, Request], Heard], **known: Value
    ) -> asyncio.Future[Heard]:
        """Have scripts run whose login waits; return the future of what they say."""
        seconds = float(self._shared.limits.login_time)
        deadline = time.monotonic() + seconds
        context = self._contexts.get(attempt.request_id, {}) if self._contexts else {}

        def make() -> Callable[[State], Heard]:
            call = Call("", kind, attempt.request_id, http=carried(attempt), context=context, deadline=deadline)
            request = self._request(attempt, **known)
            return lambda state: work(state, call, request)

        return self._host.lane("logins").begin(make, seconds)

    def _settled(self, kind: str, attempt: Attempt, said: Said, policy: OnError) -> Heard:
        """Return what scripts said; if they could not be run, what the settings say of that."""
        if isinstance(said, HooksBusy):
            self._host.metrics.count("", "busy")
            return Heard("scripts" if policy is OnError.REFUSE else "", str(said), Call("", kind))
        if isinstance(said, HookError):
            gone = Call("", kind)  # the other one is still in the hands of a thread
            return after_error(said, policy, gone) or Heard("", "", gone)
        if said.call.context:
            _keep(self._contexts, attempt.request_id, said.call.context)
        return said

    def _call(self, kind: str, attempt: Attempt, seconds: float) -> Call:
        deadline = time.monotonic() + seconds
        return Call("", kind, session=attempt.request_id, http=carried(attempt), deadline=deadline)

    def _request(self, attempt: Attempt, **known: Value) -> Request:
        return request_of(attempt, log_level=self._host.log_level, password=self._shared.password, **known)

    @property
    def _shared(self) -> LuaConfig:
        return self._host.settings.config


def _outcome_fields(attempt: Attempt, *, accepted: bool, feature: str) -> dict[str, Value]:
    return {"authenticated": accepted, "user_found": accepted or bool(attempt.known_user), "feature": feature}


def _is_old(record: Record | None) -> bool:
    """Whether a report of an attempt changes nothing: it was reported before, or refused."""
    return record is not None and (record.accepted is not None or record.decision.refused)


def _keep(
    kept: dict[str, dict[str, Value]] | dict[str, Mapping[str, Value]], name: str, value: dict[str, Value]
) -> None:
    while len(kept) >= _WAITING:
        del kept[next(iter(kept))]
    kept[name] = value
