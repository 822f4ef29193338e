"""What everything that hands do at the simulated machine needs: its parts, and how a change of them is observed."""

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

from ohmstead.edge.simulator.drive import Drive
from ohmstead.edge.simulator.ev import Ev
from ohmstead.edge.simulator.evse import SimulatedEvse
from ohmstead.ports.hand import HandRefused, NotKept
from ohmstead.ports.hardware import Observation
from ohmstead.product.profile import Product, ProductConnector


class AtMachine:
    """Somebody who stands at the machine; what it does not have is refused in words."""

    def __init__(self, product: Product, drive: Drive, random: Random) -> None:
        self._product = product
        self._drive = drive
        self._machine = drive.machine
        self._random = random

    @contextmanager
    def _acting(self) -> Iterator[tuple[float, list[Observation]]]:
        """Change the machine inside the block. Raises NotKept after it, where the change could not be written down."""
        with self._drive.acting() as acted:
            yield acted
        self._need_memory("it is done, but forgotten if the process ends now")

    def _need_memory(self, consequence: str) -> None:
        fault = self._machine.memory_fault
        if fault is not None:
            raise NotKept(f"nothing can be written down ({fault}): {consequence}")

    def _outlet(self, evse_id: int | None) -> SimulatedEvse:
        outlet = self._machine.outlets.get(evse_id or 0)
        if outlet is None:
            known = ", ".join(str(number) for number in self._machine.outlets)
            raise HandRefused(f"there is no EVSE {evse_id}; name one of {known}")
        return outlet

    def _connector(self, outlet: SimulatedEvse, connector_id: int) -> ProductConnector:
        for connector in outlet.evse.connectors:
            if connector.id == connector_id:
                return connector
        known = ", ".join(str(connector.id) for connector in outlet.evse.connectors)
        raise HandRefused(f"EVSE {outlet.evse.id} has no connector {connector_id}; name one of {known}")

    def _plugged(self, evse_id: int) -> tuple[SimulatedEvse, Ev]:
        outlet = self._outlet(evse_id)
        self._drive.catch_up()
        if outlet.ev is None:
            raise HandRefused(f"no EV is plugged in at EVSE {evse_id}")
        return outlet, outlet.ev

    def _need_mains(self, consequence: str) -> None:
        if not self._machine.mains:
            raise HandRefused(f"the station has no power: {consequence}")
