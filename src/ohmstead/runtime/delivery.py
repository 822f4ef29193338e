"""Delivery of the outbox: the head goes until it is answered, retried or discarded."""

import asyncio
import logging
from collections.abc import Callable

import msgspec

from ohmstead.model.device import DeviceModel
from ohmstead.model.events import TransactionEventDelivered
from ohmstead.ports.calls import CallFailed, CallTimeout
from ohmstead.ports.link import LinkLost
from ohmstead.ports.store import Delete, StoreFailed, StoreSevered
from ohmstead.runtime.calls import StationCalls, rank_of
from ohmstead.runtime.counts import StationCounts
from ohmstead.runtime.outbox import KIND, Outbox, OutboxEntry
from ohmstead.runtime.unit import Units
from ohmstead.wire.base import Response
from ohmstead.wire.codec import InvalidMessage
from ohmstead.wire.errors import CallError
from ohmstead.wire.messages import TransactionEventRequest, TransactionEventResponse

STUMBLED = 10.0
"""Seconds until delivery goes on after an error of our own."""

_log = logging.getLogger(__name__)


class Delivery:
    """Sends the entries of an outbox in their order, one at a time."""

    def __init__(
        self,
        outbox: Outbox,
        calls: StationCalls,
        device: DeviceModel,
        units: Units,
        changed: Callable[[], None],
        counts: StationCounts,
    ) -> None:
        self._outbox = outbox
        self._calls = calls
        self._device = device
        self._units = units
        self._changed = changed
        self._counts = counts
        self.open = asyncio.Event()
        """Set while the CSMS accepts the station and the link is up."""
        self._settled = asyncio.Event()

    async def run(self) -> None:
        """Deliver for as long as the station runs."""
        outbox = self._outbox
        while True:
            await self.open.wait()
            if not outbox.entries:
                outbox.wake.clear()
                await outbox.wake.wait()
                continue
            try:
                await self._attempt(outbox.entries[0])
            except (StoreFailed, StoreSevered):
                raise
            except Exception:
                _log.exception("delivery stumbled")
                await asyncio.sleep(STUMBLED)

    async def _attempt(self, entry: OutboxEntry) -> None:
        rpc = self._calls.rpc
        if rpc is None:
            self.open.clear()
            return
        entry = msgspec.structs.replace(entry, sent=True)
        self._outbox.replace(entry)
        self._outbox.in_flight = entry
        self._settled.clear()
        try:
            request = entry.request()
            response = await rpc.call(request, message_id=entry.message_id, rank=rank_of(request), stored=True)
        except LinkLost:
            if self._calls.rpc in (rpc, None):
                self.open.clear()
        except (CallFailed, CallTimeout, InvalidMessage) as failure:
            await self._failed(entry, failure)
        except (StoreFailed, StoreSevered):
            raise
        except Exception as mistake:
            # A message that we cannot send must not keep back all others for ever.
            _log.exception("delivery stumbled over %s", entry.action)
            await self._failed(entry, mistake)
        else:
            self.settle(entry, response)
        finally:
            self._outbox.in_flight = None

    def settle(self, entry: OutboxEntry, response: Response) -> None:
        """Delete a delivered entry and apply its response in one commit (decided case 8)."""
        request = entry.request()
        try:
            with self._units.open():
                self._units.write(Delete(KIND, entry.key))
                if isinstance(request, TransactionEventRequest) and isinstance(response, TransactionEventResponse):
                    self._units.announce(TransactionEventDelivered(request, response))
        except (StoreFailed, StoreSevered):
            raise
        except Exception:
            # What the CSMS has acknowledged must not go again because we stumble over its answer.
            _log.exception("the answer to %s could not be applied", entry.action)
            self._units.write(Delete(KIND, entry.key))
        self._outbox.remove(entry)
        self._settled.set()
        self._changed()

    def late(self, message_id: str, outcome: Response | CallError) -> None:
        """A late response settles the attempt that had timed out (decided case 9)."""
        head = self._outbox.entries[0] if self._outbox.entries else None
        if head is not None and head.message_id == message_id and isinstance(outcome, Response):
            self.settle(head, outcome)

    async def _failed(self, entry: OutboxEntry, failure: Exception) -> None:
        """Wait interval times the preceding attempts, or give up after the last one (E13.FR.02, E13.FR.03)."""
        attempts = entry.attempts + 1
        _log.warning("%s: attempt %d failed: %s", entry.action, attempts, str(failure) or repr(failure))
        if attempts >= self._device.ocpp_comm.message_attempts:
            _log.error("%s is discarded after %d attempts (%s)", entry.action, attempts, entry.message_id)
            with self._units.open():
                self._units.write(Delete(KIND, entry.key))
            self._outbox.remove(entry)
            self._counts.discarded += 1
            self._changed()
            return
        counted = msgspec.structs.replace(entry, attempts=attempts)
        with self._units.open():
            self._units.write(counted.put())
        self._outbox.replace(counted)
        self._changed()
        try:
            async with asyncio.timeout(self._device.ocpp_comm.message_attempt_interval * attempts):
                await self._settled.wait()
        except TimeoutError:
            return
