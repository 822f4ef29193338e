"""The physical side over HTTP: one route for each action of the `Hand`, and its lease."""

from typing import Annotated

import msgspec
from litestar import Controller, delete, get, post
from litestar.params import JSONBody
from msgspec import Meta

from ohmstead.web.desk import LeaseKey, TheDesk
from ohmstead.web.lease import Lease, LeaseView

EvseId = Annotated[int, Meta(ge=1, description="The EVSE, counted from 1.")]
ConnectorId = Annotated[int, Meta(ge=0, description="The connector of the EVSE; 0 is the whole EVSE.")]
Name = Annotated[str, Meta(min_length=1, max_length=64)]


class Plug(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which EV is plugged in, and where."""

    evse_id: EvseId
    connector_id: Annotated[int, Meta(ge=1)] = 1
    ev: Annotated[Name | None, Meta(description="A name of `ev_models` in the snapshot; none: the default one.")] = None


class AtEvse(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """At which EVSE."""

    evse_id: EvseId


class Present(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The token that is held against the reader."""

    id_token: Annotated[str, Meta(min_length=1, max_length=36)]
    type: Annotated[Name, Meta(description="IdTokenEnumType.")] = "ISO14443"
    evse_id: Annotated[EvseId | None, Meta(description="The reader's EVSE, where each has its own.")] = None


class Choose(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The option on the display that is pressed."""

    option: Annotated[Name, Meta(description="Its id, as the snapshot's screen gives it.")]


class Break(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What breaks."""

    evse_id: EvseId
    connector_id: ConnectorId
    code: Annotated[Name, Meta(description="One of `fault_codes` in the snapshot.")]


class Repair(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is repaired."""

    evse_id: EvseId
    connector_id: ConnectorId


class EmergencyStop(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Pressed, or released again."""

    pressed: bool


class Network(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which network interface."""

    interface: Annotated[Name | None, Meta(description="`Wired0`, `Wireless0`; none: all of them.")] = None


class TakeLease(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who wants the hand, and for how long."""

    holder: Annotated[Name, Meta(description="Who it is, as others will read it.")]
    seconds: Annotated[float, Meta(ge=1, le=86400)] = 60.0


class Done(msgspec.Struct, frozen=True):
    """The action was carried out; what follows from it shows in the snapshot."""

    done: str


class HandController(Controller):
    """What a person can do at the station. 409: it cannot be done now; 507: it cannot be kept. The error says why."""

    path = "/hand"
    tags = ("Hand",)

    @post("/plug", status_code=200, summary="Connect an EV")
    async def plug(self, desk: TheDesk, data: JSONBody[Plug], lease: LeaseKey = None) -> Done:
        """Connect an EV to a connector."""
        desk.lease.check(lease)
        await desk.hand.plug(data.evse_id, data.connector_id, data.ev)
        return Done("plug")

    @post("/unplug", status_code=200, summary="Disconnect the EV")
    async def unplug(self, desk: TheDesk, data: JSONBody[AtEvse], lease: LeaseKey = None) -> Done:
        """Take the connection to the EV away, on the EV side."""
        desk.lease.check(lease)
        await desk.hand.unplug(data.evse_id)
        return Done("unplug")

    @post("/present", status_code=200, summary="Hold a token against the reader")
    async def present(self, desk: TheDesk, data: JSONBody[Present], lease: LeaseKey = None) -> Done:
        """Hold a token against the reader."""
        desk.lease.check(lease)
        await desk.hand.present(data.id_token, data.type, data.evse_id)
        return Done("present")

    @post("/choose", status_code=200, summary="Press an option on the display")
    async def choose(self, desk: TheDesk, data: JSONBody[Choose], lease: LeaseKey = None) -> Done:
        """Press one of the options that the display shows."""
        desk.lease.check(lease)
        await desk.hand.choose(data.option)
        return Done("choose")

    @post("/arrive", status_code=200, summary="Drive into the bay")
    async def arrive(self, desk: TheDesk, data: JSONBody[AtEvse], lease: LeaseKey = None) -> Done:
        """Drive an EV into the parking bay."""
        desk.lease.check(lease)
        await desk.hand.arrive(data.evse_id)
        return Done("arrive")

    @post("/leave", status_code=200, summary="Drive out of the bay")
    async def leave(self, desk: TheDesk, data: JSONBody[AtEvse], lease: LeaseKey = None) -> Done:
        """Drive the EV out of the parking bay."""
        desk.lease.check(lease)
        await desk.hand.leave(data.evse_id)
        return Done("leave")

    @post("/suspend", status_code=200, summary="The EV suspends")
    async def suspend(self, desk: TheDesk, data: JSONBody[AtEvse], lease: LeaseKey = None) -> Done:
        """Let the EV suspend the energy transfer."""
        desk.lease.check(lease)
        await desk.hand.suspend(data.evse_id)
        return Done("suspend")

    @post("/resume", status_code=200, summary="The EV resumes")
    async def resume(self, desk: TheDesk, data: JSONBody[AtEvse], lease: LeaseKey = None) -> Done:
        """Let the EV take energy again."""
        desk.lease.check(lease)
        await desk.hand.resume(data.evse_id)
        return Done("resume")

    @post("/stop-by-ev", status_code=200, summary="The EV stops for good")
    async def stop_by_ev(self, desk: TheDesk, data: JSONBody[AtEvse], lease: LeaseKey = None) -> Done:
        """Let the EV end its charging session for good."""
        desk.lease.check(lease)
        await desk.hand.stop_by_ev(data.evse_id)
        return Done("stop-by-ev")

    @post("/fault", status_code=200, summary="Break a connector")
    async def fault(self, desk: TheDesk, data: JSONBody[Break], lease: LeaseKey = None) -> Done:
        """Break a connector."""
        desk.lease.check(lease)
        await desk.hand.fault(data.evse_id, data.connector_id, data.code)
        return Done("fault")

    @post("/clear", status_code=200, summary="Repair a connector")
    async def clear(self, desk: TheDesk, data: JSONBody[Repair], lease: LeaseKey = None) -> Done:
        """Repair a connector."""
        desk.lease.check(lease)
        await desk.hand.clear(data.evse_id, data.connector_id)
        return Done("clear")

    @post("/emergency-stop", status_code=200, summary="Press or release the emergency stop")
    async def emergency_stop(self, desk: TheDesk, data: JSONBody[EmergencyStop], lease: LeaseKey = None) -> Done:
        """Press the emergency stop, whoever holds the hand; to release it one needs the hand."""
        if data.pressed:
            desk.lease.interrupt(lease, "the emergency stop was pressed by somebody else")
        else:
            desk.lease.check(lease)
        await desk.hand.emergency_stop(data.pressed)
        return Done("emergency-stop")

    @post("/cut-power", status_code=200, summary="Cut the power")
    async def cut_power(self, desk: TheDesk, lease: LeaseKey = None) -> Done:
        """Take the mains away from the whole station, between any two instructions."""
        desk.lease.check(lease)
        await desk.hand.cut_power()
        return Done("cut-power")

    @post("/restore-power", status_code=200, summary="Restore the power")
    async def restore_power(self, desk: TheDesk, lease: LeaseKey = None) -> Done:
        """Give the mains back; the station boots."""
        desk.lease.check(lease)
        await desk.hand.restore_power()
        return Done("restore-power")

    @post("/reboot", status_code=200, summary="Press the service button")
    async def reboot(self, desk: TheDesk, lease: LeaseKey = None) -> Done:
        """Restart the station in good order."""
        desk.lease.check(lease)
        await desk.hand.reboot()
        return Done("reboot")

    @post("/cut-network", status_code=200, summary="Pull a network plug")
    async def cut_network(self, desk: TheDesk, data: JSONBody[Network], lease: LeaseKey = None) -> Done:
        """Pull the plug of a network interface."""
        desk.lease.check(lease)
        await desk.hand.cut_network(data.interface)
        return Done("cut-network")

    @post("/restore-network", status_code=200, summary="Put a network plug back")
    async def restore_network(self, desk: TheDesk, data: JSONBody[Network], lease: LeaseKey = None) -> Done:
        """Put the plug of a network interface back."""
        desk.lease.check(lease)
        await desk.hand.restore_network(data.interface)
        return Done("restore-network")

    @get("/lease", summary="Who holds the hand")
    async def lease(self, desk: TheDesk) -> LeaseView:
        """Return who holds the hand, or nobody."""
        return desk.lease.view()

    @post("/lease", status_code=200, summary="Take the hand, or renew the lease")
    async def take_lease(self, desk: TheDesk, data: JSONBody[TakeLease], lease: LeaseKey = None) -> Lease:
        """Take the hand for a while; with the key of the present lease: renew it, and learn of an interruption."""
        return desk.lease.take(data.holder, data.seconds, lease)

    @delete("/lease", summary="Give the hand back")
    async def release_lease(self, desk: TheDesk, lease: LeaseKey = None) -> None:
        """Give the hand back; it is no error if nobody held it."""
        desk.lease.release(lease)
