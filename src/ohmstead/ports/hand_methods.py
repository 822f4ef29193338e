"""A method for each action of the hand, for those who write `hand.plug(1)`: cases, scripts, tests."""

from abc import ABC, abstractmethod
from collections.abc import Coroutine
from typing import Generic, Literal, TypeVar

from ohmstead.ports import hand

R_co = TypeVar("R_co", covariant=True)
Awaited = Coroutine[object, object, None]
"""What a hand returns whose actions are waited for."""


class HandMethods(ABC, Generic[R_co]):
    """Performs the action of a method's name; whoever derives from it says how, once for all of them."""

    @abstractmethod
    def perform(self, action: hand.Action) -> R_co:
        """Do it. Raises HandRefused when it is impossible now."""

    def plug(self, evse_id: int, connector_id: int = 1, ev: str | None = None) -> R_co:
        """Connect an EV (a named model of the simulator, None: the default one) to a connector."""
        return self.perform(hand.Plug(evse_id, connector_id, ev))

    def unplug(self, evse_id: int) -> R_co:
        """Take the connection to the EV away, and the cable out of its socket where no lock holds it."""
        return self.perform(hand.Unplug(evse_id))

    def insert_cable(self, evse_id: int, connector_id: int = 1, rating: Literal[13, 20, 32, 63] | None = None) -> R_co:
        """Put a cable into a socket of the station; its other end stays free."""
        return self.perform(hand.InsertCable(evse_id, connector_id, rating))

    def remove_cable(self, evse_id: int) -> R_co:
        """Pull the cable out of the socket of the station."""
        return self.perform(hand.RemoveCable(evse_id))

    def connect_ev(self, evse_id: int, connector_id: int = 1, ev: str | None = None) -> R_co:
        """Plug the free end of a cable into an EV."""
        return self.perform(hand.ConnectEv(evse_id, connector_id, ev))

    def disconnect_ev(self, evse_id: int) -> R_co:
        """Pull the cable out of the EV, and leave its other end where it is."""
        return self.perform(hand.DisconnectEv(evse_id))

    def present(self, id_token: str, type: str = "ISO14443", evse_id: int | None = None) -> R_co:
        """Identify a driver: by a card, a key code, the car, or a button (at an EVSE, where each has its own)."""
        return self.perform(hand.Present(id_token, type, evse_id))

    def choose(self, option: str) -> R_co:
        """Press one of the options that the display shows, by its id."""
        return self.perform(hand.Choose(option))

    def arrive(self, evse_id: int) -> R_co:
        """Drive an EV into the parking bay."""
        return self.perform(hand.Arrive(evse_id))

    def leave(self, evse_id: int) -> R_co:
        """Drive the EV out of the parking bay."""
        return self.perform(hand.Leave(evse_id))

    def suspend(self, evse_id: int) -> R_co:
        """Let the EV suspend the energy transfer."""
        return self.perform(hand.Suspend(evse_id))

    def resume(self, evse_id: int) -> R_co:
        """Let the EV take energy again."""
        return self.perform(hand.Resume(evse_id))

    def stop_by_ev(self, evse_id: int) -> R_co:
        """Let the EV end its charging session for good."""
        return self.perform(hand.StopByEv(evse_id))

    def fault(self, evse_id: int, connector_id: int, code: str) -> R_co:
        """Break a connector."""
        return self.perform(hand.Fault(evse_id, connector_id, code))

    def clear(self, evse_id: int, connector_id: int) -> R_co:
        """Repair a connector."""
        return self.perform(hand.Clear(evse_id, connector_id))

    def emergency_stop(self, pressed: bool) -> R_co:
        """Press or release the emergency stop."""
        return self.perform(hand.EmergencyStop(pressed))

    def remove_certificate(self) -> R_co:
        """Remove the charging station certificate by the maker's tool."""
        return self.perform(hand.RemoveCertificate())

    def cut_power(self) -> R_co:
        """Take the mains away from the whole station, between any two instructions."""
        return self.perform(hand.CutPower())

    def restore_power(self) -> R_co:
        """Give the mains back; the station boots."""
        return self.perform(hand.RestorePower())

    def reboot(self) -> R_co:
        """Press the service button that restarts the station in good order."""
        return self.perform(hand.Reboot())

    def cut_network(self, interface: str | None = None) -> R_co:
        """Pull the plug of a network interface (`Wired0`, `Wireless0`); None: of all."""
        return self.perform(hand.CutNetwork(interface))

    def restore_network(self, interface: str | None = None) -> R_co:
        """Put it back."""
        return self.perform(hand.RestoreNetwork(interface))
