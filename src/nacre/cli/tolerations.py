# SPDX-License-Identifier: Apache-2.0
"""``nacre tolerations``: failures forgiven beside the successes of an address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from nacre.cli.exits import ExitCode
from nacre.cli.installation import ask, who
from nacre.cli.options import AsJson, Config, DataDir, Ip, Network, examples, group
from nacre.cli.output import moment, note, show, show_json, show_table

if TYPE_CHECKING:
    from nacre.rules.toleration import Toleration
    from nacre.service import Guard

app = group("Forgive failures beside the successes of an address or network.")


@app.command("list", epilog=examples("nacre tolerations list"))
def list_(*, as_json: AsJson = False, config: Config = None, data_dir: DataDir = None) -> ExitCode:
    """List the tolerations in force: those of the settings, and those set at run time."""

    async def question(guard: Guard) -> list[Toleration]:
        return guard.desk.tolerations()

    found = ask(config, data_dir, question)
    if as_json:
        _show_json(found)
    elif found:
        _show(found)
    else:
        note("There is none beside the general one, brute_force.tolerate_percent.")
    return ExitCode.DONE


@app.command("set", epilog=examples("nacre tolerations set 198.51.100.0/24 --percent 30 --ttl 24h"))
def set_(
    network: Network,
    *,
    percent: Annotated[
        int, typer.Option("--percent", min=0, max=100, help="Failures forgiven, in percent of the successes.")
    ],
    ttl: Annotated[str, typer.Option("--ttl", help="How far back logins count, and how long this stands.")] = "24h",
    as_json: AsJson = False,
    config: Config = None,
    data_dir: DataDir = None,
) -> ExitCode:
    """Set the toleration of an address or network, on all instances at once."""
    from nacre.config.duration import Duration
    from nacre.desk import toleration_of

    try:
        entry = toleration_of(network, percent, float(Duration.parse(ttl)))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None

    async def question(guard: Guard) -> list[Toleration]:
        await guard.desk.set_tolerations([entry], replace=False, who=who())
        return [each for each in guard.desk.tolerations() if each.subnet == entry.subnet]

    stands = ask(config, data_dir, question)
    if as_json:
        _show_json(stands)
    else:
        _show(stands)
    return ExitCode.DONE


@app.command(epilog=examples("nacre tolerations delete 198.51.100.0/24"))
def delete(network: Network, *, as_json: AsJson = False, config: Config = None, data_dir: DataDir = None) -> ExitCode:
    """Delete a toleration that was set at run time; those of the settings stay."""
    from nacre.address import Subnet

    try:
        subnet = Subnet.parse(network)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="NETWORK") from None
    gone = ask(config, data_dir, lambda guard: guard.desk.delete_toleration(subnet, who=who()))
    if as_json:
        show_json({"deleted": gone})
    elif gone:
        show(f"The toleration of {subnet} is gone.")
    else:
        note(f"No toleration of {subnet} was set at run time.")
    return ExitCode.DONE if gone else ExitCode.ABSENT


@app.command(epilog=examples("nacre tolerations counters 192.0.2.7"))
def counters(ip: Ip, *, as_json: AsJson = False, config: Config = None, data_dir: DataDir = None) -> ExitCode:
    """Ask how many logins of an address succeeded and failed, within the ttl of its toleration."""
    from nacre.address import parse_address

    try:
        known = parse_address(ip)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="IP") from None
    if not known:
        raise typer.BadParameter("an address is needed", param_hint="IP")
    found = ask(config, data_dir, lambda guard: guard.desk.toleration_counters(ip))
    if as_json:
        show_json(found)
    else:
        names = ["address", *found]
        show_table(names, [[ip, *found.values()]], numbers=names[1:])
    return ExitCode.DONE


def _show_json(entries: list[Toleration]) -> None:
    from nacre.api.bodies import TolerationEntry, TolerationList

    show_json(TolerationList([TolerationEntry.of(entry) for entry in entries]))


def _show(entries: list[Toleration]) -> None:
    from nacre.config.duration import Duration

    def percent(entry: Toleration) -> str:
        terms = entry.terms
        return f"{terms.least}-{terms.most}%" if terms.adaptive else f"{terms.percent}%"

    rows = [
        (
            entry.subnet,
            percent(entry),
            Duration(entry.terms.ttl).spoken,
            moment(entry.expires or 0.0) or "in the settings",
        )
        for entry in entries
    ]
    show_table(["network", "forgiven", "ttl", "until"], rows, numbers=["forgiven"])
