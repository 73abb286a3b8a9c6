# SPDX-License-Identifier: Apache-2.0
"""What a replay found, for people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from nacre.cli.output import count, show, show_table
from nacre.config.duration import Duration
from nacre.decision import Action
from nacre.replay.record import Tally
from nacre.replay.refusers import Refuser
from nacre.replay.summary import Summary


def report(summary: Summary, *, zone: dt.tzinfo, top: int) -> None:
    """
    Print what a replay found.

    Args:
        summary: What it found.
        zone: Of the times.
        top: How many sources, and how many logins, to list.
    """
    for sentence in sentences(summary, zone):
        show(sentence)
    _refusers(summary)
    _sources(summary, top)
    _logins(summary, zone, top)
    _left_out(summary.read)


def sentences(summary: Summary, zone: dt.tzinfo) -> Iterator[str]:
    """Yield what matters most, as sentences."""
    if not summary.attempts:
        yield f"No attempts in {count(summary.read.lines, 'line')}."
        return
    days = (summary.ended - summary.began) / 86_400
    span = count(round(days), "day") if days >= 1 else Duration(round(summary.ended - summary.began)).spoken
    yield (
        f"{count(summary.attempts, 'attempt')} from {_time(summary.began, zone)} to {_time(summary.ended, zone)}, "
        f"{span}: {summary.successes:,} accepted, {summary.failures:,} rejected by the backend."
    )
    actions = ", ".join(f"{name} {number:,}" for name, number in summary.actions.items() if number)
    yield f"nacre would have answered: {actions}."
    stopped = summary.failures - summary.failures_let_through
    yield f"Of {count(summary.failures, 'failed guess', 'failed guesses')} it would have stopped {stopped:,}."
    if summary.successes:
        yield (
            f"Of {count(summary.successes, 'accepted login')} it would have refused {summary.successes_refused:,}"
            f"{_looks(summary)}."
        )


def _looks(summary: Summary) -> str:
    """Return how many refused logins matter, where there is any."""
    if not summary.successes_refused:
        return ""
    return f", {summary.legitimate_looking_refused or 'none'} of which look like their owner's"


def _refusers(summary: Summary) -> None:
    """Print what refused: rules, then measures against campaigns and the network, which begin no blocks."""
    rules = [(name, *_figures(rule.refused, rule.blocks, rule.sources)) for name, rule in summary.rules.items()]
    others = [
        (str(Refuser(part, name)), f"{other.refused:,}", "", f"{other.sources:,}")
        for part, names in summary.others.items()
        for name, other in names.items()
    ]
    if not rules and not others:
        return
    show("")
    columns = ["refused by", "refused", "blocks", "sources"]
    show_table(columns, [*rules, *others], numbers=columns[1:])
    if _attributed(summary) > summary.actions.get(Action.REFUSE.value, 0):
        show("An attempt that several refused counts for each of them.")


def _attributed(summary: Summary) -> int:
    others = [other.refused for names in summary.others.values() for other in names.values()]
    return sum(rule.refused for rule in summary.rules.values()) + sum(others)


def _sources(summary: Summary, top: int) -> None:
    shown = summary.sources[:top]
    if not shown:
        return
    show("")
    columns = ["source", "attempts", "failed", "refused", "guesses let through", "accepted but refused", "accounts"]
    rows = [
        (
            source.address,
            *_figures(source.attempts, source.failures, source.refused),
            *_figures(source.failures_let_through, source.successes_refused, source.accounts),
        )
        for source in shown
    ]
    show_table(columns, rows, numbers=columns[1:])
    _more(len(summary.sources) - len(shown), "source")


def _logins(summary: Summary, zone: dt.tzinfo, top: int) -> None:
    logins = sorted(summary.refused_logins, key=lambda each: (not each.legitimate_looking, each.time))
    shown = logins[:top]
    if not shown:
        return
    show("")
    columns = ["accepted but refused", "account", "source", "refused by", "failures before", "looks like"]
    rows = [
        (
            _time(login.time, zone),
            login.account,
            login.address,
            ", ".join((*login.rules, *login.others)),
            login.failures_before,
            "its owner" if login.legitimate_looking else "a guess",
        )
        for login in shown
    ]
    show_table(columns, rows, numbers=["failures before"])
    _more(summary.successes_refused - len(shown), "login")


def _left_out(tally: Tally) -> None:
    show("")
    show(f"{count(tally.lines, 'line')} read.")
    for reason, omission in tally.skipped.items():
        show(f"  skipped {omission.count:,}: {reason}")
    if tally.not_understood.count:
        show(f"  not understood {tally.not_understood.count:,}, such as:")
        for example in tally.not_understood.examples:
            show(f"    {example.file}:{example.line}: {example.text}")
    for warning in tally.warnings:
        show(f"  warning: {warning}")


def _more(number: int, what: str) -> None:
    if number > 0:
        show(f"and {count(number, f'more {what}')}; --top lists them")


def _figures(*numbers: int) -> list[str]:
    return [f"{number:,}" for number in numbers]


def _time(seconds: float, zone: dt.tzinfo) -> str:
    return f"{dt.datetime.fromtimestamp(seconds, zone):%Y-%m-%d %H:%M:%S %Z}"
