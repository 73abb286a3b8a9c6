# SPDX-License-Identifier: Apache-2.0
"""``nacre blocks``: who is refused, why, and until when; and letting them in again."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from nacre.cli.exits import ExitCode
from nacre.cli.installation import ask, who
from nacre.cli.options import AsJson, Config, DataDir, Ip, Yes, examples, group
from nacre.cli.output import count, moment, note, show, show_json, show_table

if TYPE_CHECKING:
    from nacre.decision import Block
    from nacre.desk import BlockQuery
    from nacre.service import Guard

app = group("See who is blocked, and lift blocks.")

OfIp = Annotated[str, typer.Option("--ip", help="Blocks of any subnet that holds this address, or of accounts there.")]
OfSubnet = Annotated[str, typer.Option("--subnet", help="Blocks of exactly this subnet, or of accounts there.")]
OfAccount = Annotated[str, typer.Option("--account", help="Blocks of this account, from wherever.")]
OfClient = Annotated[str, typer.Option("--client", help="Blocks of this device, the client id as it was sent.")]
OfRule = Annotated[str, typer.Option("--rule", help="Blocks of this rule; '*' is every rule.")]
Search = Annotated[str, typer.Option("--search", help="Text in the subject or in the name of the rule.")]
Limit = Annotated[int, typer.Option("--limit", min=1, help="How many to print.")]


@app.command("list", epilog=examples("nacre blocks list", "nacre blocks list --ip 192.0.2.7 --json"))
def list_(
    *,
    ip: OfIp = "",
    subnet: OfSubnet = "",
    account: OfAccount = "",
    client: OfClient = "",
    rule: OfRule = "",
    search: Search = "",
    limit: Limit = 1000,
    as_json: AsJson = False,
    config: Config = None,
    data_dir: DataDir = None,
) -> ExitCode:
    """List the blocks in force, the newest first."""
    from nacre.desk import BlockQuery

    query = _usable(BlockQuery(ip=ip, subnet=subnet, account=account, client=client, rule=rule, search=search))
    found = _find(query, config, data_dir)
    _show(found[:limit], len(found), as_json=as_json)
    return ExitCode.DONE


@app.command("search", epilog=examples("nacre blocks search erika"))
def search_(
    text: Annotated[str, typer.Argument(help="Part of an address, an account, a device or the name of a rule.")],
    *,
    limit: Limit = 1000,
    as_json: AsJson = False,
    config: Config = None,
    data_dir: DataDir = None,
) -> ExitCode:
    """List the blocks whose subject or rule holds a text."""
    from nacre.desk import BlockQuery

    found = _find(BlockQuery(search=text), config, data_dir)
    _show(found[:limit], len(found), as_json=as_json)
    return ExitCode.DONE


@app.command(epilog=examples("nacre blocks check 192.0.2.7 || echo blocked"))
def check(ip: Ip, *, as_json: AsJson = False, config: Config = None, data_dir: DataDir = None) -> ExitCode:
    """Ask which rules block an address; the exit code tells whether any does."""
    from nacre.desk import BlockQuery

    if not ip:
        raise typer.BadParameter("an address is needed", param_hint="IP")
    _usable(BlockQuery(ip=ip))

    async def question(guard: Guard) -> list[str] | None:
        return guard.desk.blocked(ip)

    rules = ask(config, data_dir, question)
    if as_json:
        show_json({"buckets": rules})
    elif rules:
        show(f"{ip} is blocked by {', '.join(rules)}.")
    else:
        show(f"{ip} is not blocked.")
    return ExitCode.REFUSED if rules else ExitCode.DONE


@app.command(epilog=examples("nacre blocks lift --ip 192.0.2.7", "nacre blocks lift --all --yes"))
def lift(
    *,
    ip: OfIp = "",
    subnet: OfSubnet = "",
    account: OfAccount = "",
    client: OfClient = "",
    rule: OfRule = "",
    search: Search = "",
    everything: Annotated[bool, typer.Option("--all", help="Every block.")] = False,
    yes: Yes = False,
    as_json: AsJson = False,
    config: Config = None,
    data_dir: DataDir = None,
) -> ExitCode:
    """Lift blocks, and forget what led to them."""
    from nacre.api.bodies import BlockBody, Lifted
    from nacre.desk import BlockQuery

    query = _usable(BlockQuery(ip=ip, subnet=subnet, account=account, client=client, rule=rule, search=search))
    if everything and query.names_something:
        raise typer.BadParameter("--all lifts every block; leave the other options out")
    if everything or query == BlockQuery(rule="*"):
        query = BlockQuery(rule="*")
        if not yes:
            _confirm(len(_find(query, config, data_dir)))
    elif not query.names_something:
        raise typer.BadParameter(
            "name what to lift: --ip, --subnet, --account, --client, --rule or --search; --all lifts all"
        )
    lifted = ask(config, data_dir, lambda guard: guard.desk.lift_blocks(query, who=who()))
    if as_json:
        show_json(Lifted(len(lifted), [BlockBody.of(block) for block in lifted]))
    elif lifted:
        show_table(["lifted", "rule"], [(block.subject, block.rule) for block in lifted])
    else:
        note("No block is in force." if query == BlockQuery(rule="*") else "There is no such block.")
    return ExitCode.DONE if lifted else ExitCode.ABSENT


def _usable(query: BlockQuery) -> BlockQuery:
    try:
        query.matcher(str)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--ip" if query.ip and not query.subnet else None) from None
    return query


def _find(query: BlockQuery, config: Config, data_dir: DataDir) -> Sequence[Block]:
    async def question(guard: Guard) -> Sequence[Block]:
        return guard.desk.find_blocks(query)

    return ask(config, data_dir, question)


def _show(blocks: Sequence[Block], total: int, *, as_json: bool) -> None:
    if as_json:
        from nacre.api.bodies import BlockBody, BlockList

        show_json(BlockList([BlockBody.of(block) for block in blocks], total))
        return
    if not total:
        note("No block is in force.")
        return
    rows = [(each.subject, each.rule, moment(each.since), moment(each.until), each.reason) for each in blocks]
    show_table(["blocked", "rule", "since", "until", "reason"], rows)
    if total > len(blocks):
        note(f"{count(len(blocks), 'block')} of {total:,}; --limit {total} shows all.")


def _confirm(number: int) -> None:
    if not sys.stdin.isatty():
        raise typer.BadParameter("this lifts every block and nobody is there to confirm it; say --yes if you mean it")
    typer.confirm(f"Lift all {count(number, 'block')} and forget what led to them?", abort=True, err=True)
