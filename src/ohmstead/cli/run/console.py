"""What `ohmstead run` says: to a person where things are and what to try, headless one JSON line."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec

from ohmstead.cli.run.options import USUAL_PRODUCT, RunOptions
from ohmstead.cli.terminal import say, warn
from ohmstead.product.profile import Product
from ohmstead.runtime.config import StationConfig
from ohmstead.wire.printable import json_line, printable
from ohmstead.wire.secrets import redact_url

if TYPE_CHECKING:
    from ohmstead.ports.bench import Backoffice


class Console:
    """Speaks to whoever started the program."""

    def __init__(self, options: RunOptions, product: Product, extensions: Sequence[str] = ()) -> None:
        self._options = options
        self._product = product
        self._extensions = list(extensions)

    def note(self, text: str) -> None:
        """Say one line; headless it goes to stderr, where no script reads."""
        say(f"ohmstead: {text}", err=True)

    def begin(self, config: StationConfig) -> None:
        """Say, before anything is dialed, what nobody asked for in so many words."""
        options = self._options
        if not options.product_given and self._product.name != USUAL_PRODUCT:
            self.note(
                f"a ws:// URL is security profile 1, which {USUAL_PRODUCT} does not have: this station is "
                f"{self._product.name} (--product takes another one)"
            )
        if config.without_password:
            warn(
                "ohmstead: security profile 0: no password and no TLS. Anybody can read along, and play this "
                "station or its "
                "CSMS. For development only."
            )

    def ready(self, config: StationConfig, data: Path, url: str | None, csms: "Backoffice | None") -> None:
        """Say that everything runs, and where."""
        if self._options.headless:
            api = url.rstrip("/") if url else None
            line: dict[str, object] = {"api": api, "identity": config.identity, "csms": redact_url(config.csms_url)}
            line |= {"data": str(data), "extensions": self._extensions}
            say(json_line(msgspec.json.encode(line)).decode())
        else:
            self._introduce(config, data, url, csms)

    def stopping(self) -> None:
        """Say that the end has begun."""
        if not self._options.headless:
            say("stopping ...")

    @staticmethod
    def _profile(config: StationConfig) -> str:
        return "0, no password" if config.without_password else str(config.security_profile)

    def _introduce(self, config: StationConfig, data: Path, url: str | None, csms: "Backoffice | None") -> None:
        from rich.console import Console as Terminal
        from rich.table import Table
        from rich.text import Text

        identity = self._product.identity
        terminal = Terminal(highlight=False, soft_wrap=True, markup=False)  # names and paths may have brackets
        facts = Table.grid(padding=(0, 2))
        facts.add_column(style="dim")
        facts.add_column(overflow="fold")
        if url:
            token = f"?token={quote(self._options.token, safe='')}" if self._options.token else ""
            facts.add_row("Page", Text(f"{url}{token}", style="bold cyan"))
            facts.add_row("Control API", f"{url}docs{token}")
        facts.add_row("Station", printable(f"{config.identity}, {identity.model} by {identity.vendor_name}"))
        kind = "embedded" if csms is not None else "external"
        facts.add_row(
            "CSMS", printable(f"{redact_url(config.csms_url)} ({kind}, security profile {self._profile(config)})")
        )
        if (
            csms is None
            and not config.without_password
            and self._options.password_file is None
            and config.security_profile < 3
        ):
            facts.add_row("Password", printable(f"the CSMS must know the one in {data / 'password'}"))
        if csms is not None:
            cards = "\n".join(printable(f"{card.id_token}  {card.label}, {card.status}") for card in csms.tokens())
            facts.add_row("Cards", cards)
        if self._extensions:
            facts.add_row("Extensions", printable(", ".join(self._extensions)))
        facts.add_row("Data", printable(str(data)))
        terminal.print(facts)
        if url and csms is not None:
            terminal.print("Plug a car in and hold Ada's card to the reader.", end=" ")
        terminal.print("Ctrl+C stops the station.")
