"""What was done at stations and what they told their CSMS, as a scenario that does it again.

What the hand did becomes a step, and the time between two of them `sleep`. What must come of it: the events of
transactions but those of the clock, boots, and the status of connectors before the next step. What the CSMS asked
becomes `command`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from ohmstead.ports.bench import HandLine, TraceLine
from ohmstead.scenario.duration import LONGEST
from ohmstead.scenario.matching import MISSING, find
from ohmstead.scenario.steps import BARE
from ohmstead.wire.secrets import HIDDEN

LEAST_PAUSE = 0.2
"""Seconds between two actions that are worth a step."""
LEAST_PATIENCE = 300
"""Seconds for a message: a station that has lost its link tries again when its back-off is over."""
BY_THE_CLOCK = ("MeterValuePeriodic", "MeterValueClock")
"""Triggers of events that come and go with the intervals of a station."""
BY_ITSELF = ("CostUpdated", "CertificateSigned")
"""What the embedded CSMS sends in its own time, again in the next run."""
OWN_VARIABLES = ("MasterPassGroupId", "ItemsPerMessage", "BytesPerMessage")
"""Variables that it sets and reads without being asked."""
_TOLD = ("eventType", "triggerReason", "offline", "transactionInfo.stoppedReason")

Moment = TraceLine | HandLine


class NothingRecorded(ValueError):
    """There is nothing that could be done again; the text says what is missing."""


class RecordedStep(msgspec.Struct, frozen=True, kw_only=True):
    """One step, as a file has it."""

    station: str
    verb: str
    arguments: Mapping[str, object]


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """What a scenario file needs of it."""

    stations: tuple[str, ...]
    steps: tuple[RecordedStep, ...]
    tokens: tuple[Mapping[str, object], ...]
    """As the embedded CSMS takes them."""
    patience: int
    """Seconds for a message."""
    left_out: tuple[str, ...]
    """What could not be recorded, a sentence each."""


def recording_of(moments: Sequence[Moment]) -> Recording:
    """Return what is to be done again; the moments in the order of time. Raises NothingRecorded."""
    return _Recorder(moments).recording()


class _Recorder:
    def __init__(self, moments: Sequence[Moment]) -> None:
        self._moments = _placed(moments)
        frames = [one for one in self._moments if isinstance(one, TraceLine)]
        self._answers = {
            (one.station, one.message_id): msgspec.json.decode(one.payload)
            for one in frames
            if one.kind == "CALLRESULT"
        }
        self._steps: list[RecordedStep] = []
        self._statuses: dict[str, dict[str, object]] = {}
        self._tokens: dict[str, Mapping[str, object]] = {}
        self._events: set[tuple[object, ...]] = set()
        self._left_out: list[str] = []
        self._booted: set[str] = set()
        self._touched: set[str] = set()
        self._last: datetime | None = None
        self._longest = 0.0

    def recording(self) -> Recording:
        """Go through it all once."""
        for moment in self._moments:
            if isinstance(moment, HandLine):
                self._hand(moment)
            elif moment.kind == "CALL" and (payload := _object(moment.payload)) is not None:
                self._call(moment, payload)
        self._check_statuses()
        if not self._touched:
            raise NothingRecorded("no hand has done anything here, so there is nothing to be done again")
        return Recording(
            stations=tuple(dict.fromkeys(moment.station for moment in self._moments)),
            steps=tuple(self._steps),
            tokens=tuple(self._tokens.values()),
            patience=min(max(LEAST_PATIENCE, int(2 * self._longest) + 1), int(LONGEST)),
            left_out=tuple(self._left_out),
        )

    def _hand(self, line: HandLine) -> None:
        self._check_statuses()
        self._pause(line)
        if HIDDEN in str(line.payload):
            self._left_out.append(f"{line.action} at {line.at:%H:%M:%S}: what is hidden in it has to be written there")
        bare = BARE.get(line.action)
        arguments: Mapping[str, object] = {bare: line.payload} if bare else _given(line.payload)
        self._steps.append(RecordedStep(station=line.station, verb=line.action, arguments=arguments))
        self._touched.add(line.station)
        self._last = line.at

    def _call(self, line: TraceLine, payload: Mapping[str, object]) -> None:
        answer = self._answers.get((line.station, line.message_id))
        if line.direction == "received":
            if line.station in self._booted | self._touched and not _by_itself(line, payload):
                self._command(line, payload, answer)
            return
        if answer is not None:
            self._note_token(payload, answer)
        if line.action == "BootNotification":
            self._boot(line, payload, answer)
        elif line.action == "StatusNotification" and line.station in self._touched:
            place = f"evses[{_index(payload, 'evseId')}].connectors[{_index(payload, 'connectorId')}].status"
            self._statuses.setdefault(line.station, {})[place] = payload.get("connectorStatus")
        elif line.action == "TransactionEvent" and line.station in self._touched:
            self._event(line, payload)

    def _boot(self, line: TraceLine, payload: Mapping[str, object], answer: object) -> None:
        """A boot that is accepted; the first one of a station is over when a scenario begins."""
        if find(answer, "status") != "Accepted":
            return
        if line.station in self._booted | self._touched:
            self._wait_for(line, {"reason": payload.get("reason")})
        self._booted.add(line.station)

    def _event(self, line: TraceLine, payload: Mapping[str, object]) -> None:
        event = (line.station, find(payload, "transactionInfo.transactionId"), payload.get("seqNo"))
        if event in self._events or payload.get("triggerReason") in BY_THE_CLOCK:
            return  # what got no answer goes again
        self._events.add(event)
        told = (*_TOLD, *_of_state(payload))
        found = {path: find(payload, path) for path in told}
        self._wait_for(line, {path: value for path, value in found.items() if value not in (MISSING, False)})

    def _wait_for(self, line: TraceLine, fields: Mapping[str, object]) -> None:
        if self._last is not None:
            self._longest = max(self._longest, (line.at - self._last).total_seconds())
        arguments = {"action": line.action, "fields": fields}
        self._steps.append(RecordedStep(station=line.station, verb="wait_for", arguments=arguments))
        self._last = line.at

    def _command(self, line: TraceLine, payload: Mapping[str, object], answer: object) -> None:
        why = ""
        if HIDDEN in line.payload:
            why = "something in it is hidden"
        elif '"transactionId"' in line.payload:
            why = "it names a transaction, which has another id each time"
        if why:
            self._left_out.append(f"{line.action} of the CSMS at {line.at:%H:%M:%S}: {why}")
            return
        status = find(answer, "status")
        arguments: dict[str, object] = {"action": line.action, "payload": payload}
        if status is not MISSING:
            arguments["answer"] = {"status": status}
        self._check_statuses()
        self._pause(line)
        self._steps.append(RecordedStep(station=line.station, verb="command", arguments=arguments))
        self._touched.add(line.station)
        self._last = line.at

    def _pause(self, line: Moment) -> None:
        pause = 0.0 if self._last is None else round((line.at - self._last).total_seconds(), 1)
        if (pause := min(pause, LONGEST)) >= LEAST_PAUSE:
            self._steps.append(RecordedStep(station=line.station, verb="sleep", arguments={"seconds": pause}))

    def _note_token(self, payload: Mapping[str, object], answer: object) -> None:
        token, status = find(payload, "idToken.idToken"), find(answer, "idTokenInfo.status")
        if isinstance(token, str) and isinstance(status, str) and token not in ("", HIDDEN):
            told = {"id_token": token, "type": find(payload, "idToken.type"), "status": status}
            group = find(answer, "idTokenInfo.groupIdToken.idToken")
            self._tokens.setdefault(token, told | ({"group": group} if isinstance(group, str) else {}))

    def _check_statuses(self) -> None:
        """Want of each connector the status that it has told last, before anything else is done."""
        for station, fields in self._statuses.items():
            self._steps.append(RecordedStep(station=station, verb="check", arguments={"fields": fields}))
        self._statuses = {}


def _placed(moments: Sequence[Moment]) -> list[Moment]:
    """Put what a hand did behind the last frame before it: it is written down when it has been done.

    A log goes on where its program is started again, and counts from 1 there: what lies between is a power cut.
    """
    lives = _Lives()
    placed: list[tuple[tuple[str, int], int, Moment]] = []
    for moment in moments:
        life = lives.of(moment)
        number = moment.after if isinstance(moment, HandLine) else moment.number
        if isinstance(moment, TraceLine) and lives.begins:
            for action in ("cut_power", "restore_power"):
                placed.append(
                    (life, 0, HandLine(after=0, at=moment.at, station=moment.station, action=action, payload={}))
                )
        placed.append((life, number, moment))
    behind: dict[tuple[tuple[str, int], int], list[Moment]] = {}
    frames = {(life, number) for life, number, moment in placed if isinstance(moment, TraceLine)}
    for life, number, moment in placed:
        if isinstance(moment, HandLine) and (life, number) in frames:
            behind.setdefault((life, number), []).append(moment)
    found: list[Moment] = []
    for life, number, moment in placed:
        if isinstance(moment, TraceLine):
            found += [moment, *behind.get((life, number), ())]
        elif (life, number) not in frames:
            found.append(moment)
    return found


class _Lives:
    """Which life of its program, for each station, a line was written in.

    Attributes:
        begins: the line asked for last is the first of another life than the first one.
    """

    def __init__(self) -> None:
        self._number: dict[str, int] = {}
        self._life: dict[str, int] = {}
        self.begins = False

    def of(self, moment: Moment) -> tuple[str, int]:
        """Return its life; to be asked in the order of the lines."""
        station = moment.station
        life = self._life.setdefault(station, 0)
        if isinstance(moment, TraceLine):
            self.begins = moment.number <= self._number.get(station, 0)
            self._life[station] = life = life + self.begins
            self._number[station] = moment.number
        return station, life


def _of_state(payload: Mapping[str, object]) -> tuple[str, ...]:
    """A charging state is told again with many events, and only this one says that it has changed."""
    return ("transactionInfo.chargingState",) if payload.get("triggerReason") == "ChargingStateChanged" else ()


def _given(arguments: Mapping[str, object]) -> Mapping[str, object]:
    return {name: value for name, value in arguments.items() if value is not None}


def _by_itself(line: TraceLine, payload: Mapping[str, object]) -> bool:
    """Say whether the embedded CSMS has sent something that nobody has asked for."""
    items = payload.get("setVariableData") or payload.get("getVariableData")
    names = [find(item, "variable.name") for item in items] if isinstance(items, list) else []
    return line.action in BY_ITSELF or (bool(names) and all(name in OWN_VARIABLES for name in names))


def _index(payload: Mapping[str, object], name: str) -> int:
    number = payload.get(name)
    return number - 1 if isinstance(number, int) else 0


def _object(text: str) -> Mapping[str, object] | None:
    value: object = msgspec.json.decode(text)
    return value if isinstance(value, Mapping) else None
