"""A station of somebody else that is only talked to: where the lab listens, what is printed, how the talk ends."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import msgspec
from rich.console import Console

from ohmstead.cli import interruption
from ohmstead.cli.lab.provided import provided
from ohmstead.cli.lab.waiting import WaitingDisplay
from ohmstead.cli.run.data import default_folder
from ohmstead.cli.run.options import RunRefused
from ohmstead.cli.terminal import escape
from ohmstead.edge.private_files import private_directory
from ohmstead.lab.describe.inquiry import Inquiry
from ohmstead.lab.rigs.external import ExternalRig
from ohmstead.lab.rigs.hand import LeasableHand
from ohmstead.lab.rigs.listen_address import ListenAddress
from ohmstead.product.profile import Product

T = TypeVar("T")


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """Where a station is waited for."""

    listen: str
    names: tuple[str, ...] = ()
    identity: str = "CS-001"
    password_file: Path | None = None
    security_profile: int | None = None
    within: float = 3600.0
    """Seconds for which it is waited for."""
    folder: Path | None = None
    tolerance: float = 1.0
    """Seconds by two thirds of which a quiet station is done with what it had to say."""

    @property
    def profile(self) -> int:
        """The security profile, by the scheme unless it is given."""
        return self.security_profile or (2 if self.listen.startswith("wss:") else 1)


def visit(
    console: Console,
    place: Visit,
    product: Product,
    hand: Callable[[], LeasableHand],
    talk: Callable[[Inquiry, ExternalRig], Awaitable[T]],
) -> T:
    """Wait for the station, talk to it, and let it go; return what the talk returns.

    Raises PlaceError, RunRefused where no station came, OSError where the port cannot be had.
    """
    address = ListenAddress.parse(place.listen, place.names)
    folder = place.folder or default_folder("lab")
    private_directory(folder)
    provisioning = provided(place.identity, place.password_file, place.profile)

    async def talking() -> T:
        rig = ExternalRig(product, address, hand(), provisioning, folder, tolerance=place.tolerance)
        await rig.listen()
        display = WaitingDisplay(console, rig)
        try:
            display.introduce()
            inquiry = Inquiry(rig, product, lambda text: console.print(f"[dim]{escape(text)}[/]"))
            rig.admission.waiting = True
            async with display.watching():
                if not await inquiry.meet(place.within):
                    raise RunRefused(_nobody(rig, place.within))
            # Connections that end and come again from here on are the lab's own doing.
            rig.admission.waiting = False
            rig.admission.told = lambda _attempt: None
            return await talk(inquiry, rig)
        finally:
            await rig.close()

    return asyncio.run(interruption.cancelled_by_signal(talking()))


def _nobody(rig: ExternalRig, within: float) -> str:
    last = f"; the last that tried: {rig.admission.last_wrong}" if rig.admission.last_wrong else ""
    return f"no station connected within {within:g} s{last}"
