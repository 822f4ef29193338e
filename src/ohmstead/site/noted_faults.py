"""Faults of the protocol whose begin and end are written down."""

from collections.abc import Callable

import msgspec

from ohmstead.ports.protocol_faults import ActiveFault, ProtocolFaults
from ohmstead.wire.secrets import Redactor

BEGINS, ALL_END = "protocol_fault", "clear_protocol_faults"
"""How they are written down: as the steps of a scenario that do the same."""

Note = Callable[[str, dict[str, object]], object]
"""Writes down what somebody did: its name and its arguments."""


def note_faults(faults: ProtocolFaults, note: Note) -> None:
    """Write down from now on what faults somebody adds and clears; one that has acted often enough ends by itself."""
    known: dict[int, ActiveFault] = {}

    def look() -> None:
        now = {one.number: one for one in faults.active}
        ended = {one.number for one in faults.spent if one.number in known and one.applied != one.fault.times}
        stay = [one for number, one in now.items() if number in known]
        if ended - now.keys():
            note(ALL_END, {})
            for one in stay:
                note(BEGINS, _arguments(one))
        for number, one in now.items():
            if number not in known:
                note(BEGINS, _arguments(one))
        known.clear()
        known.update(now)

    faults.watch(look)


def _arguments(one: ActiveFault) -> dict[str, object]:
    """Return what was asked for, without what is so by itself, and without secrets."""
    usual = {field.encode_name: field.default for field in msgspec.structs.fields(one.fault)}
    shown = Redactor().payload(msgspec.json.encode(one.fault).decode())
    given: object = msgspec.json.decode(shown)
    if not isinstance(given, dict):
        return {"kind": one.fault.__struct_config__.tag}  # nested too deeply to be searched for secrets
    return {name: value for name, value in given.items() if name not in usual or usual[name] != value}
