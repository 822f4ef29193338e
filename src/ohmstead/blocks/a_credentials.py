"""Block A, credentials: a new password proves itself (A01), and what is wrong with a CSMS is told once (A00)."""

from functools import partial

from ohmstead.blocks.context import Access, Csms, World
from ohmstead.blocks.hooks import hears
from ohmstead.blocks.work import Work
from ohmstead.model.credentials import KEY, KIND, Passwords
from ohmstead.model.device import DeviceModel, SecurityCtrlr, changed
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

    def __init__(self, work: Work, csms: Csms, device: DeviceModel, access: Access, world: World) -> None:
        self._work = work
        self._csms = csms
        self._device = device
        self._access = access
        self._world = world
        self._told: set[str] = set()

    def start(self) -> None:
        """Keep what the provisioning, or a change just before a power cut, made of the passwords."""
        passwords = self._access.credentials.passwords
        if self._world.store.get(KIND, KEY) != passwords.row():
            self._work.write(Put(KIND, KEY, passwords.row()))

    @changed(SecurityCtrlr.basic_auth_password)
    def renew_password(self) -> None:
        """Connect with the new password once the response is out; the old one stays until that works (A01.FR.03)."""
        renewed = self._access.credentials.passwords.renewed(self._device.security.basic_auth_password)
        with self._work.unit():
            self._keep(renewed)
            self._work.announce(SecurityEvent("ReconfigurationOfSecurityParameters", "BasicAuthPassword"))
        if renewed.candidate is not None and self._shows_password():
            self._csms.reconnect("new password")

    @hears(Connected)
    def when_connected(self, _connected: Connected) -> None:
        """The CSMS took the password; from now on its faults are told anew."""
        self._told.clear()
        credentials = self._access.credentials
        if not self._shows_password():
            return
        passwords = credentials.passwords.taken(credentials.password)
        if passwords != credentials.passwords:
            self._keep(passwords)

    @hears(ConnectionRefused)
    def when_connection_refused(self, refused: ConnectionRefused) -> None:
        """Tell a fault of certificate, version or suite once, however often it repeats (A00.FR.316)."""
        event = EVENTS.get(refused.refusal)
        if event is None or event in self._told:
            return
        self._work.after(partial(self._told.add, event))
        self._work.announce(SecurityEvent(event, refused.detail[:255]))

    def _shows_password(self) -> bool:
        return self._access.network.active.security_profile in BASIC_PROFILES

    def _keep(self, passwords: Passwords) -> None:
        self._work.write(Put(KIND, KEY, passwords.row()))
        self._work.after(partial(self._access.credentials.adopt, passwords))
