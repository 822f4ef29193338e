"""`ohmstead lab list`: the official cases, and which of them apply to a product."""

from typing import Annotated

import typer

from ohmstead.cli import campaign_flags
from ohmstead.cli.terminal import say, say_own

EXAMPLE = """[bold]Example[/bold]

  ohmstead lab list --block G

In a pipe each case is one line."""
Block = Annotated[str | None, typer.Option("--block", help="Only this functional block: a letter.", metavar="LETTER")]


def list_(product: campaign_flags.ProductName = campaign_flags.OWN_PRODUCT, block: Block = None) -> None:
    """List the official cases, whether they apply to a product and why, and which of them are implemented."""
    # Neither rich nor a case is imported: both take longer than all that is said here.
    from ohmstead.cli.plain_table import table
    from ohmstead.lab.selection import check_block, rows, select, titles
    from ohmstead.product.load import load

    chosen = load(product)
    implemented = titles()
    if block is not None:
        check_block(block)
    letters = None if block is None else block.upper()
    listed = [one for one in dict.fromkeys(row.id for row in rows()) if letters is None or one[3] in letters]
    found = {identifier: select(identifier, chosen) for identifier in listed}
    cells = [
        (
            identifier,
            implemented.get(identifier, ""),
            "yes" if applies.applies else "no",
            applies.reason,
            "yes" if identifier in implemented else "",
        )
        for identifier, applies in found.items()
    ]
    say(f"Cases for {chosen.name}")
    columns = ("Case", "Title", "Applies", "Because", "Written")
    say_own(table(columns, cells, faint=[not applies.applies for applies in found.values()]))
    applying = [identifier for identifier, applies in found.items() if applies.applies]
    written = sum(identifier in implemented for identifier in applying)
    say(f"{len(applying)} of {len(listed)} cases apply, {written} of them are implemented")
