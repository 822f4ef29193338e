"""What the wire logs of a campaign say about a station beyond the verdicts: handshakes, identity, EVSEs, measurands."""

from collections.abc import Iterable, Iterator

import msgspec

from ohmstead.lab.campaign import Seen
from ohmstead.lab.tape import Kind, read
from ohmstead.ports.link import Handshake
from ohmstead.wire import codec, frames
from ohmstead.wire import messages as wire
from ohmstead.wire.actions import ACTIONS
from ohmstead.wire.base import Request, Response
from ohmstead.wire.errors import CallError
from ohmstead.wire.messages import ReadingContextEnum, TransactionEventEnum

REGISTER = "Energy.Active.Import.Register"
"""What a sampled value without a measurand is."""


def observe(tapes: Iterable[str]) -> Seen:
    """Read all tapes (empty ones are passed over) and return what they show."""
    eye = _Eye()
    for text in tapes:
        if text:
            eye.read(text)
    return eye.seen()


class _Eye:
    def __init__(self) -> None:
        self.frames = 0
        self.found: dict[str, set[str]] = {}
        self.places: set[tuple[int, int]] = set()
        self.booted = False

    def read(self, text: str) -> None:
        _, entries = read(text)
        self.booted = False
        for entry in entries:
            if entry.text is not None:
                self.frames += 1
            if entry.kind is not Kind.Came:
                continue
            if entry.what.startswith("link "):
                _, handshake = msgspec.json.decode(entry.value, type=tuple[int, Handshake])
                if handshake.tls is not None:
                    self._add("suite", handshake.tls.cipher_suite)
                    self._add("tls", handshake.tls.version)
            elif entry.what.startswith("frame ") and entry.text is not None:
                self._frame(entry.text)

    def seen(self) -> Seen:
        lists = ("tx_started", "tx_updated", "tx_ended", "aligned", "aligned_tx_ended")
        return Seen(
            cipher_suites=self._all("suite"),
            tls_versions=self._all("tls"),
            vendors=self._all("vendor"),
            models=self._all("model"),
            firmware_versions=self._all("firmware"),
            evses=tuple(sorted({evse for evse, _ in self.places})),
            connectors=tuple(f"{evse}/{connector}" for evse, connector in sorted(self.places)),
            measurands={name: self._all(name) for name in lists if name in self.found},
            frames=self.frames,
        )

    def _add(self, kind: str, value: str) -> None:
        self.found.setdefault(kind, set()).add(value)

    def _all(self, kind: str) -> tuple[str, ...]:
        return tuple(sorted(self.found.get(kind, ())))

    def _frame(self, text: str) -> None:
        message = _message(text)
        match message:
            # Only of the first boot: the case may put other firmware on the station later.
            case wire.BootNotificationRequest(charging_station=station) if not self.booted:
                self.booted = True
                self._add("vendor", station.vendor_name)
                self._add("model", station.model)
                self._add("firmware", station.firmware_version or "")
            case wire.StatusNotificationRequest():
                self.places.add((message.evse_id, message.connector_id))
            case wire.MeterValuesRequest(meter_value=values):
                self._values("aligned", values)
            case wire.TransactionEventRequest():
                self._event(message)

    def _event(self, event: wire.TransactionEventRequest) -> None:
        ended = event.event_type is TransactionEventEnum.Ended
        for value in event.meter_value or ():
            for context, measurand in _measurands(value):
                match context:
                    case ReadingContextEnum.Transaction_Begin:
                        self._add("tx_started", measurand)
                    case ReadingContextEnum.Sample_Clock:
                        self._add("aligned_tx_ended" if ended else "aligned", measurand)
                    case _ if ended:
                        self._add("tx_ended", measurand)
                    case ReadingContextEnum.Sample_Periodic:
                        self._add("tx_updated", measurand)

    def _values(self, name: str, values: Iterable[wire.MeterValue]) -> None:
        for value in values:
            for context, measurand in _measurands(value):
                if context is ReadingContextEnum.Sample_Clock:
                    self._add(name, measurand)


def _measurands(value: wire.MeterValue) -> Iterator[tuple[ReadingContextEnum, str]]:
    for sample in value.sampled_value:
        context = sample.context or ReadingContextEnum.Sample_Periodic
        yield context, sample.measurand.value if sample.measurand else REGISTER


def _message(text: str) -> Request[Response] | None:
    """Return a CALL that can be read; what cannot is the cases' affair."""
    try:
        frame = frames.parse(text)
        if isinstance(frame, frames.Call) and frame.action in ACTIONS:
            return codec.decode(ACTIONS[frame.action][0], frame.payload)
    except (frames.FrameError, CallError):
        pass
    return None
