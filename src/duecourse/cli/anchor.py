"""``duecourse anchor``: put checkpoints of the log into a contract on a chain (EVM), and read them back."""

from __future__ import annotations

import typer

from duecourse.cli.output import Json, count, facts, note, print_json, say
from duecourse.cli.words import _
from duecourse.trouble import Exit

app = typer.Typer(help="Checkpoints of the log in a contract on a chain (EVM), where nobody can change them.")


@app.command()
def deploy(*, json: Json = False) -> None:
    """Put a new contract on the chain, whose only publisher is your account; prints its address."""
    from duecourse.app import settings
    from duecourse.casework.chain_settings import read_account, read_node

    said = settings().outside
    node, account = read_node(said), read_account(said)
    from duecourse.casework import anchoring

    receipt = anchoring.deploy(node, account)
    address = f"0x{receipt.contract.hex()}"
    if json:
        print_json({"contract": address, "block": receipt.block, "transaction": f"0x{receipt.transaction.hex()}"})
        return
    say(_("The contract stands at {address}, since block {block}.").format(address=address, block=receipt.block))
    note(_("Say its address to commands, and to everybody who shall check: DUECOURSE_ANCHOR_CONTRACT."))


@app.command()
def publish(*, json: Json = False) -> None:
    """Put the newest checkpoint into the contract and keep the receipt; what it holds already is found again."""
    from duecourse.app import now, open_desk, register_of, settings

    register = register_of(settings(), publishing=True)
    from duecourse.casework import anchoring

    with open_desk() as desk:
        made = anchoring.publish(desk.database, desk.settings.lender_id, register=register, clock=now)
    shown = {
        "size": made.size, "root": made.root.hex(), "chain": made.chain, "contract": f"0x{made.contract.hex()}",
        "transaction": f"0x{made.transaction.hex()}", "block": made.block, "at": made.at,
    }  # fmt: skip
    if json:
        print_json(shown)
        return
    say(
        _(
            "Block {block} of chain {chain} holds the checkpoint of {size} records, since {at} as the block says."
        ).format(block=made.block, chain=made.chain, size=count(made.size), at=made.at.isoformat())
    )


@app.command()
def check(*, json: Json = False) -> None:
    """Ask the node whether the chain still holds what was published, and is of this log; exit status 1 if not."""
    from duecourse.app import open_desk, register_of, settings

    register = register_of(settings())
    from duecourse.casework import anchoring

    with open_desk() as desk:
        found = list(anchoring.check(desk.database, desk.settings.lender_id, register=register))
    held = {one.size for one, wrong in found if not wrong}
    findings = [
        _("the receipt of {size} records in block {block}: {why}").format(size=one.size, block=one.block, why=wrong)
        for one, wrong in found
        if wrong and one.size not in held
    ]
    if json:
        print_json({"anchors": len(held), "newest": max(held, default=0), "findings": findings})
    else:
        facts(
            _("What the node says the chain holds"),
            [(_("Checkpoints"), len(held)), (_("The largest, in records"), max(held, default=0))],
        )
        for one in findings:
            say(one)
    if findings:
        raise typer.Exit(Exit.FOUND)
