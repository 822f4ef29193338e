"""What happens between a station and the CSMS of somebody else, for whoever started it: connected, registered, "
"refused."""

from collections.abc import Callable

from ohmstead.blocks.context import Registration
from ohmstead.ports.link import Link
from ohmstead.runtime.host import Host
from ohmstead.wire.secrets import redact_url

_ANSWERED = {
    Registration.Accepted: "registered: the CSMS has accepted {identity}",
    Registration.Pending: "not registered yet: the CSMS has answered Pending to {identity}, and may configure it now",
    Registration.Rejected: "not registered: the CSMS has answered Rejected to {identity}; it is asked again",
}


class ConnectionLines:
    """Says one line for each step; attempts that fail and links that are lost are lines of the log."""

    def __init__(self, host: Host, say: Callable[[str], None]) -> None:
        self._host = host
        self._say = say
        self._link: Link | None = None
        self._registration = Registration.Unknown

    def look(self) -> None:
        """Look at the station, which may have changed."""
        station = self._host.station
        link = station.connection.link if station is not None else None
        if link is not self._link:
            self._link = link
            if link is not None:
                self._say(f"connected to {redact_url(link.handshake.url)}{_over(link)}")
        registration = station.csms.registration if station is not None else Registration.Unknown
        if registration is not self._registration:
            self._registration = registration
            if registration in _ANSWERED:
                self._say(_ANSWERED[registration].format(identity=self._host.config.identity))


def _over(link: Link) -> str:
    tls = link.handshake.tls
    return f" ({tls.version}, {tls.cipher_suite})" if tls is not None else " (no TLS)"
