"""A new firmware on trial: until the CSMS has accepted it, the one that worked is there to come back (L01)."""

import logging
from collections.abc import Callable

from ohmstead.blocks.context import Csms, Registration, World
from ohmstead.blocks.work import Lifetime, Work
from ohmstead.ports.firmware import KIND, Image, NotInstalled, Slots
from ohmstead.ports.store import Put
from ohmstead.wire.messages import BootReasonEnum
from ohmstead.wire.rows import from_row, to_row

CONFIRM = 300.0
"""Seconds in which a new firmware must have been accepted by the CSMS; then the old one comes back."""

_log = logging.getLogger(__name__)


class FirmwareTrial:
    """Says which firmware has worked and which has to prove itself, and lets the machine run it.

    Attributes:
        running: this run of the station is the first one, or one of the first, of a new firmware.
        settled: the machine runs what the slots say; one without a firmware of its own always does.
    """

    def __init__(self, work: Work, csms: Csms, world: World, concluded: Callable[[], None]) -> None:
        self._work = work
        self._csms = csms
        self._world = world
        self._concluded = concluded
        self.running = self._slots().candidate is not None
        self.settled = world.firmware is None

    def start(self, *, expected: bool) -> None:
        """A firmware on trial has some time to prove itself; a machine's is switched to, or back.

        Args:
            expected: an update has rebooted for it.
        """
        if self.running:
            self._work.later(CONFIRM, self._give_up)
        if not self.settled and (self.running or expected):
            self._work.spawn("machine firmware", self._settle, Lifetime.Job, self._settle_anyway)

    async def _settle(self) -> None:
        """Let the machine run what the slots say."""
        try:
            await self.switch_machine()
        except NotInstalled as failure:
            _log.error("the new firmware does not run: %s", failure)
            with self._work.unit():
                self.back()
            return
        with self._work.unit():
            self._has_settled()

    async def switch_machine(self) -> None:
        """Let it run the firmware on trial, or the old one again. Raises NotInstalled for the one on trial."""
        firmware = self._world.firmware
        if firmware is not None and self._slots().candidate is not None:
            await firmware.activate()
        elif firmware is not None:
            try:
                await firmware.roll_back()
            except NotInstalled as failure:
                _log.error("the old firmware does not come back: %s", failure)

    def _settle_anyway(self) -> None:
        """The machine's own mistakes keep it from either: one on trial has failed, an old one is taken to be back."""
        if self.running:
            self.back()
        else:
            self._has_settled()

    def _has_settled(self) -> None:
        self.settled = True
        self._concluded()

    def choose(self, image: Image) -> None:
        """Put a firmware on trial at the next boot."""
        self._put_slots(Slots(proven=self._slots().proven, candidate=image))

    def drop(self) -> None:
        """No firmware is on trial any more."""
        self._put_slots(Slots(proven=self._slots().proven))

    def prove(self) -> bool:
        """The firmware that runs works; say whether that had to be proven."""
        candidate = self._slots().candidate if self.running else None
        if candidate is None:
            return False
        self._put_slots(Slots(proven=candidate))
        return True

    def _give_up(self) -> None:
        """Nobody has accepted the new firmware: back to the one that worked."""
        if self._slots().candidate is None:
            return
        if self._csms.registration is Registration.Pending:
            self._work.later(CONFIRM, self._give_up)
            return
        _log.error("the new firmware was not accepted within %g s: the old one comes back", CONFIRM)
        self.back()

    def back(self) -> None:
        """The next run is one of the old firmware."""
        self.drop()
        self._world.reboot(BootReasonEnum.FirmwareUpdate)

    def _slots(self) -> Slots:
        row = self._world.store.get(KIND, "")
        return Slots() if row is None else from_row(row, Slots)

    def _put_slots(self, slots: Slots) -> None:
        self._work.write(Put(KIND, "", to_row(slots)))
