"""Block A, credentials: a new password proves itself (A01), and what is wrong with a CSMS is told once (A00)."""

from functools import partial

from ohmstead.blocks.context import Context
from ohmstead.blocks.hooks import hears
from ohmstead.model.credentials import KEY, KIND, Passwords
from ohmstead.model.device import SecurityCtrlr, changed
from ohmstead.model.events import Connected, ConnectionRefused, SecurityEvent
from ohmstead.ports.link import Refusal
from ohmstead.ports.store import Put

EVENTS = {
    Refusal.InvalidCsmsCertificate.value: "InvalidCsmsCertificate",
    Refusal.InvalidTLSVersion.value: "InvalidTLSVersion",
    Refusal.InvalidTLSCipherSuite.value: "InvalidTLSCipherSuite",
}
"""Refusal -> security event (A00.FR.310, A00.FR.316, A00.FR.323); of other failures the log knows."""
BASIC_PROFILES = (1, 2)


class ACredentials:
    """Looks after the password, and after the security events of the connection."""

    def __init__(self, station: Context) -> None:
        self.station = station
        self._told: set[str] = set()

    def start(self) -> None:
        """Keep what the provisioning, or a change just before a power cut, made of the passwords."""
        passwords = self.station.keyring.passwords
        if self.station.store.get(KIND, KEY) != passwords.row():
            self.station.write(Put(KIND, KEY, passwords.row()))

    @changed(SecurityCtrlr.basic_auth_password)
    def renew_password(self) -> None:
        """Connect with the new password once the response is out; the old one stays until that works (A01.FR.03)."""
        renewed = self.station.keyring.passwords.renewed(self.station.device.security.basic_auth_password)
        with self.station.unit():
            self._keep(renewed)
            self.station.announce(SecurityEvent("ReconfigurationOfSecurityParameters", "BasicAuthPassword"))
        if renewed.candidate is not None and self._shows_password():
            self.station.reconnect("new password")

    @hears(Connected)
    def when_connected(self, _connected: Connected) -> None:
        """The CSMS took the password; from now on its faults are told anew."""
        self._told.clear()
        keyring = self.station.keyring
        if not self._shows_password():
            return
        passwords = keyring.passwords.taken(keyring.password)
        if passwords != keyring.passwords:
            self._keep(passwords)

    @hears(ConnectionRefused)
    def when_connection_refused(self, refused: ConnectionRefused) -> None:
        """Tell a fault of certificate, version or suite once, however often it repeats (A00.FR.316)."""
        event = EVENTS.get(refused.refusal)
        if event is None or event in self._told:
            return
        self.station.after(partial(self._told.add, event))
        self.station.announce(SecurityEvent(event, refused.detail[:255]))

    def _shows_password(self) -> bool:
        return self.station.network.active.security_profile in BASIC_PROFILES

    def _keep(self, passwords: Passwords) -> None:
        self.station.write(Put(KIND, KEY, passwords.row()))
        self.station.after(partial(self.station.keyring.adopt, passwords))
