"""The EVSE that a driver chooses before a token is shown, where the product wants that (AQ-8)."""

from ohmstead.blocks.context import Charging, World
from ohmstead.blocks.work import Timer, Work
from ohmstead.model.events import EvseChosen, Notice
from ohmstead.product.profile import Product

CHOICE_TIME = 60.0
"""Seconds that a choice waits for a token."""


def select(evse_id: int) -> str:
    """Return the id of the option that chooses an EVSE before a token is shown."""
    return f"select-{evse_id}"


def selectable(charging: Charging, product: Product) -> list[int]:
    """Return the EVSEs that a driver can choose: to charge where somebody may, or to stop where somebody does."""
    standing, sessions = charging.standing, charging.sessions
    return [evse.id for evse in product.evses if standing.obstacle(evse.id, session=sessions.at(evse.id)) is None]


class Selection:
    """What was chosen at the display, or by the buttons beside the EVSEs where there is none; one token uses it up.

    An EVSE that a reader, a button or a plugged car names needs no choice, and neither does a single one.

    Attributes:
        enforced: nobody is asked about a token before its EVSE is known.
    """

    def __init__(self, work: Work, charging: Charging, world: World) -> None:
        self._work = work
        self._charging = charging
        self._world = world
        self._chosen: int | None = None
        self._forgets: Timer | None = None
        self.enforced = world.product.chooses_evse

    def choose(self, option: str) -> None:
        """Keep what was chosen for the next token; the same again takes it back."""
        found = next((each for each in selectable(self._charging, self._world.product) if option == select(each)), None)
        if not self.enforced or found is None:
            return
        again = found == self._chosen
        self._keep(None if again else found)
        if not again:
            self._work.announce(Notice(f"EVSE {found}: now your card, please."))
            self._forgets = self._work.later(CHOICE_TIME, lambda: self._keep(None))

    def take(self) -> int | None:
        """Return what was chosen, once."""
        chosen = self._chosen
        if chosen is not None:
            self._keep(None)
        return chosen

    def _keep(self, evse_id: int | None) -> None:
        if self._forgets is not None:
            self._forgets.cancel()
            self._forgets = None
        self._chosen = evse_id
        self._work.announce(EvseChosen(evse_id))
