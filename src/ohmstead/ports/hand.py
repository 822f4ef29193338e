"""Everybody who touches the physical side uses the same hand: lab, web page, tests and scripts.

What a hand can do is a type of this file, and nothing else: `KINDS` has them all, whoever is a `Hand` performs them.
An action travels as its name and a JSON object of its arguments (control API, adapter), or as its name and a JSON array
of them (evidence).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, ClassVar, Literal, Protocol, get_args

import msgspec
from msgspec import Meta

from ohmstead.wire.secrets import HIDDEN

EvseId = Annotated[int, Meta(ge=1, description="The EVSE, counted from 1.")]
ConnectorId = Annotated[int, Meta(ge=0, description="The connector of the EVSE; 0 is the whole EVSE.")]
Name = Annotated[str, Meta(min_length=1, max_length=64)]
FAULT_CODE = "^[A-Za-z][A-Za-z0-9_.-]{0,49}$"
"""What the code of a fault looks like: `fault_codes` of the snapshot, and whatever else a machine may say."""
KEY_CODE = "KeyCode"
"""The type of a token that is typed in."""
PRESENTED = {
    KEY_CODE: "Type the code *{id_token}* at the keypad",
    "MacAddress": "Let the EV with the MAC address *{id_token}* identify itself at the cable",
    "Local": "Start *without a card*, so that the station makes an id of its own (a ticket, a terminal, a button),",
    "NoAuthorization": "Press *the start or stop button*",
}
"""Type of a token -> what a person does with it; any other is a card."""


class HandRefused(Exception):
    """The action cannot be done now; the text says why and what would be right."""


class NotKept(HandRefused):
    """What was done, or should have been, cannot be kept: the station's memory does not take it, and it says why."""


class WrongAction(ValueError):
    """There is no such action, or its arguments are wrong; the text says which."""


class HandAction(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What all actions have in common. The docstring of each is what the control API says of it.

    Attributes:
        name: in logs and evidence, and of the method of `HandMethods`.
        summary: a heading of few words.
        ask: what a person is asked to do, with `words` for the braces; what matters most stands between asterisks.
        undone_by: name of the action that brings the station back to what it was before; empty: none is needed.
        fleeting: the machine shows nothing of it afterwards, so that only the station can remember it.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    ask: ClassVar[str]
    undone_by: ClassVar[str] = ""
    fleeting: ClassVar[bool] = False

    @classmethod
    def path(cls) -> str:
        """Return its name as the control API and adapters spell it."""
        return cls.name.replace("_", "-")

    def arguments(self) -> tuple[object, ...]:
        """Return its arguments in order."""
        return msgspec.structs.astuple(self)

    def logged(self) -> tuple[object, ...]:
        """Return those arguments that stand in a log."""
        return self.arguments()

    def sentence(self) -> str:
        """Return `ask`, or what asks better for an action with just these arguments."""
        return self.ask

    def words(self) -> dict[str, object]:
        """Return what stands in the braces of `sentence`."""
        return msgspec.structs.asdict(self)

    def undo(self) -> "Action | None":
        """Return what undoes it; None: nothing has to."""
        kind = KINDS.get(self.undone_by)
        if kind is None:
            return None
        fields = {name: getattr(self, name) for name in kind.__struct_fields__}
        return kind(**fields)


class Plug(HandAction, frozen=True):
    """Connect an EV to a connector; at a socket with a cable that is put in first, where none lies in it."""

    name = "plug"
    summary = "Connect an EV"
    ask = "Connect an EV to *EVSE {evse_id}*, connector {connector_id}."
    undone_by = "unplug"

    evse_id: EvseId
    connector_id: Annotated[int, Meta(ge=1)] = 1
    ev: Annotated[Name | None, Meta(description="A name of `ev_models` in the snapshot; none: the default one.")] = None

    def logged(self) -> tuple[object, ...]:
        """Return the place; which EV it is, only our own simulator is told."""
        return self.evse_id, self.connector_id


class Unplug(HandAction, frozen=True):
    """Take the connection to the EV away, on the EV side, and the cable out of its socket where no lock holds it."""

    name = "unplug"
    summary = "Disconnect the EV"
    ask = (
        "Disconnect the EV from *EVSE {evse_id}*; where its cable lies in a socket that lets it go, take it out there."
    )

    evse_id: EvseId


class InsertCable(HandAction, frozen=True):
    """Put a cable into a socket of the station; its other end stays free."""

    name = "insert_cable"
    summary = "Put a cable into the socket"
    ask = "Put a cable into connector {connector_id} of *EVSE {evse_id}*; leave the *EV side* free."
    undone_by = "remove_cable"

    evse_id: EvseId
    connector_id: Annotated[int, Meta(ge=1)] = 1
    rating: Annotated[Literal[13, 20, 32, 63] | None, Meta(description="Amperes that it carries; none: 32.")] = None

    def sentence(self) -> str:
        """Say what the cable has to carry, if that is asked for."""
        return self.ask if self.rating is None else self.ask.replace("a cable", "a cable for {rating} A")

    def logged(self) -> tuple[object, ...]:
        """Return the place; which cable it is, only our own simulator is told."""
        return self.evse_id, self.connector_id


class RemoveCable(HandAction, frozen=True):
    """Pull the cable out of the socket of the station; a lock that is shut keeps it there."""

    name = "remove_cable"
    summary = "Pull the cable out of the socket"
    ask = "Pull the cable out of *EVSE {evse_id}*, on the side of the *station*."

    evse_id: EvseId


class ConnectEv(HandAction, frozen=True):
    """Plug the free end of a cable into an EV: a fixed cable, or one that lies in the socket."""

    name = "connect_ev"
    summary = "Plug the cable into the EV"
    ask = "Plug the cable of *EVSE {evse_id}*, connector {connector_id}, into an EV."
    undone_by = "disconnect_ev"

    evse_id: EvseId
    connector_id: Annotated[int, Meta(ge=1)] = 1
    ev: Annotated[Name | None, Meta(description="A name of `ev_models` in the snapshot; none: the default one.")] = None

    def logged(self) -> tuple[object, ...]:
        """Return the place; which EV it is, only our own simulator is told."""
        return self.evse_id, self.connector_id


class DisconnectEv(HandAction, frozen=True):
    """Pull the cable out of the EV, and leave its other end where it is."""

    name = "disconnect_ev"
    summary = "Pull the cable out of the EV"
    ask = "Pull the cable of *EVSE {evse_id}* out of the EV; leave it in the *station*."

    evse_id: EvseId


class Present(HandAction, frozen=True):
    """Identify a driver by a token: a card, a key code, the car, or a button that needs none."""

    name = "present"
    summary = "Present a token"
    ask = "Hold the token *{id_token}* ({type}) against the reader."
    fleeting = True

    id_token: Annotated[
        str, Meta(max_length=36, description="Empty for the types that a button stands for, Local and NoAuthorization.")
    ]
    type: Annotated[Name, Meta(description="IdTokenEnumType.")] = "ISO14443"
    evse_id: Annotated[
        EvseId | None,
        Meta(description="The EVSE of the reader or keypad where each has its own, of the car, the button."),
    ] = None

    def logged(self) -> tuple[object, ...]:
        """Return them without a key code (C04.FR.04)."""
        return (HIDDEN if self.type == KEY_CODE else self.id_token), self.type, self.evse_id

    def sentence(self) -> str:
        """Return what to do with a token of that type, and where."""
        what = PRESENTED.get(self.type, self.ask.removesuffix("."))
        return f"{what}." if self.evse_id is None else f"{what} of EVSE {{evse_id}}."


class Choose(HandAction, frozen=True):
    """Press one of the options that the display shows, or the button of an EVSE that has to be chosen first (AQ-8)."""

    name = "choose"
    summary = "Press an option on the display"
    ask = "Choose on the display of the station: *{option}*."
    fleeting = True

    option: Annotated[
        Name,
        Meta(
            description="Its id, as the snapshot's screen gives it: `evse-1` and `all` answer a question, `select-1`"
            " chooses EVSE 1 for the token that follows."
        ),
    ]


class Arrive(HandAction, frozen=True):
    """Drive an EV into the parking bay."""

    name = "arrive"
    summary = "Drive into the bay"
    ask = "Drive an EV into the bay of *EVSE {evse_id}*; do not connect it yet."
    undone_by = "leave"

    evse_id: EvseId


class Leave(HandAction, frozen=True):
    """Drive the EV out of the parking bay."""

    name = "leave"
    summary = "Drive out of the bay"
    ask = "Drive the EV out of the bay of *EVSE {evse_id}*."

    evse_id: EvseId


class Suspend(HandAction, frozen=True):
    """Let the EV suspend the energy transfer; one in the bay that is not plugged in yet will take none."""

    name = "suspend"
    summary = "The EV suspends"
    ask = "Let the EV at *EVSE {evse_id}* take no energy, now or when it is offered some."

    evse_id: EvseId


class Resume(HandAction, frozen=True):
    """Let the EV take energy again."""

    name = "resume"
    summary = "The EV resumes"
    ask = "Let the EV at *EVSE {evse_id}* take energy again."

    evse_id: EvseId


class StopByEv(HandAction, frozen=True):
    """Let the EV end its charging session for good."""

    name = "stop_by_ev"
    summary = "The EV stops for good"
    ask = "Let the EV at *EVSE {evse_id}* end its charging session for good."

    evse_id: EvseId


class Fault(HandAction, frozen=True):
    """Break a connector."""

    name = "fault"
    summary = "Break a connector"
    ask = "Make connector {connector_id} of *EVSE {evse_id}* fail: {code}."
    undone_by = "clear"

    evse_id: EvseId
    connector_id: ConnectorId
    code: Annotated[Name, Meta(description="One of `fault_codes` in the snapshot, or another short name.")]


class Clear(HandAction, frozen=True):
    """Repair a connector."""

    name = "clear"
    summary = "Repair a connector"
    ask = "Repair connector {connector_id} of *EVSE {evse_id}*."

    evse_id: EvseId
    connector_id: ConnectorId


class EmergencyStop(HandAction, frozen=True):
    """Press the emergency stop, whoever holds the hand; to release it one needs the hand."""

    name = "emergency_stop"
    summary = "Press or release the emergency stop"
    ask = "{verb} the emergency stop."
    undone_by = "emergency_stop"

    pressed: bool

    def words(self) -> dict[str, object]:
        """Return what is done to it."""
        return {"verb": "Press" if self.pressed else "Release"}

    def undo(self) -> "Action | None":
        """Return that it is released, if it was pressed."""
        return EmergencyStop(pressed=False) if self.pressed else None


class RemoveCertificate(HandAction, frozen=True):
    """Remove the charging station certificate, which no message of OCPP does (M04.FR.06)."""

    name = "remove_certificate"
    summary = "Remove the certificate of the station"
    ask = "Remove the charging station certificate by the maker's tool."
    fleeting = True


class CutPower(HandAction, frozen=True):
    """Take the mains away from the whole station, between any two instructions."""

    name = "cut_power"
    summary = "Cut the power"
    ask = "Take the mains away from the whole station."
    undone_by = "restore_power"


class RestorePower(HandAction, frozen=True):
    """Give the mains back; the station boots."""

    name = "restore_power"
    summary = "Restore the power"
    ask = "Give the mains back to the station."


class Reboot(HandAction, frozen=True):
    """Restart the station in good order."""

    name = "reboot"
    summary = "Press the service button"
    ask = "Restart the station by its service button."


class _AtInterface(HandAction, frozen=True):
    interface: Annotated[Name | None, Meta(description="`Wired0`, `Wireless0`; none: all of them.")] = None

    def words(self) -> dict[str, object]:
        """Return the interface, or that it is each."""
        return {"interface": "of every interface" if self.interface is None else self.interface}


class CutNetwork(_AtInterface, frozen=True):
    """Pull the plug of a network interface."""

    name = "cut_network"
    summary = "Pull a network plug"
    ask = "Pull the network plug {interface}."
    undone_by = "restore_network"


class RestoreNetwork(_AtInterface, frozen=True):
    """Put the plug of a network interface back."""

    name = "restore_network"
    summary = "Put a network plug back"
    ask = "Put the network plug {interface} back."


Action = (
    Plug
    | Unplug
    | InsertCable
    | RemoveCable
    | ConnectEv
    | DisconnectEv
    | Present
    | Choose
    | Arrive
    | Leave
    | Suspend
    | Resume
    | StopByEv
    | Fault
    | Clear
    | EmergencyStop
    | RemoveCertificate
    | CutPower
    | RestorePower
    | Reboot
    | CutNetwork
    | RestoreNetwork
)
KINDS: Mapping[str, type[Action]] = MappingProxyType({kind.name: kind for kind in get_args(Action)})
"""Every action by its name."""


def as_json(action: Action) -> bytes:
    """Return the arguments of an action as a JSON object."""
    return msgspec.json.encode(action)


def from_json(name: str, arguments: bytes | str) -> Action:
    """Return an action from its name, in either spelling, and a JSON object of its arguments. Raises WrongAction."""
    kind = KINDS.get(name.replace("-", "_"))
    if kind is None:
        raise WrongAction(f"there is no action {name!r}, but {', '.join(each.path() for each in KINDS.values())}")
    try:
        return msgspec.json.decode(arguments or b"{}", type=kind)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise WrongAction(f"{kind.path()}: {error}") from None


class Hand(Protocol):
    """What a person (or a robot) does at a station."""

    async def perform(self, action: Action) -> None:
        """Do it. Raises HandRefused when it is impossible now."""
        ...
