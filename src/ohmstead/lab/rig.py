"""What the lab needs of a place to test in: one station to start, a hand at it, and endpoints for it to dial."""

from enum import StrEnum
from typing import Protocol, runtime_checkable

import msgspec

from ohmstead.lab.client_hello import ClientHello
from ohmstead.ports.clock import Clock
from ohmstead.ports.firmware import FirmwareKind as FirmwareKind
from ohmstead.ports.hand import Hand
from ohmstead.ports.hardware import Screen
from ohmstead.ports.link import Admit, Serve
from ohmstead.wire.messages import InstallCertificateUseEnum


class Accept(msgspec.Struct, frozen=True, omit_defaults=True):
    """Let connection attempts through to the handshake."""

    next_root: bool = False
    """The certificate comes from the root that follows, which is `Certificates.another_root` of the CSMS (M_30)."""
    plain: bool = False
    """Without TLS, and so is the URL of the endpoint from then on (security profile 1)."""


class RefuseTcp(msgspec.Struct, frozen=True):
    """Refuse the TCP connection."""


class Hold(msgspec.Struct, frozen=True):
    """Take the TCP connection and stay silent (B_46)."""


class RejectUpgrade(msgspec.Struct, frozen=True):
    """Answer the HTTP upgrade with this status."""

    status: int = 503


class ServerFault(StrEnum):
    """What is wrong with the TLS of an endpoint."""

    Expired = "Expired"
    NotYetValid = "NotYetValid"
    UnknownRoot = "UnknownRoot"
    """Signed by somebody whose root the station does not have."""
    WrongName = "WrongName"
    """For another host."""
    Wildcard = "Wildcard"
    """For every host of a domain, that of the endpoint among them."""
    Tls10 = "Tls10"
    """Speaks TLS 1.0 only."""
    Tls11 = "Tls11"


class Pretend(msgspec.Struct, frozen=True):
    """Go through the TLS handshake with a fault; whoever accepts it is served as usual."""

    fault: ServerFault


ConnectionPolicy = Accept | RefuseTcp | Hold | RejectUpgrade | Pretend
"""What an endpoint does with connection attempts."""


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One connection attempt of the station."""

    at: float
    """When it began (or was seen first), seconds of the loop."""
    outcome: str
    """`open`, or what became of it."""
    url: str = ""
    hello: ClientHello | None = None
    """What the station offered, where there was a TLS handshake on a socket."""


class ListenEndpoint(Protocol):
    """One endpoint as the rig offers it."""

    @property
    def url(self) -> str:
        """What a station dials, without its identity."""
        ...

    @property
    def root(self) -> str:
        """PEM root of the endpoint's certificate; empty where any station trusts it."""
        ...

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """The attempts at this endpoint so far, oldest first."""
        ...

    def set_policy(self, policy: ConnectionPolicy) -> None:
        """Treat connection attempts by this policy from now on."""
        ...


class Provisioning(msgspec.Struct, frozen=True, kw_only=True):
    """What the station knows before its first boot."""

    identity: str = "CS-001"
    password: str = "correct-horse-battery-staple"
    security_profile: int = 2


class PersistentStation(msgspec.Struct, frozen=True, kw_only=True):
    """What a case has to know of a station that was there before it and stays after it."""

    number: int
    """Of the case in its campaign; the ids of its messages and requests begin with it."""
    provisioning: Provisioning
    """What the station was given, whatever the case would give it."""
    attended: bool = False
    """Somebody can provision the station again after a case that cannot be undone."""


class FileServer(Protocol):
    """Where the station puts its logs and gets its firmware; what it does can be changed while a transfer runs."""

    def offer(self, path: str, content: bytes) -> str:
        """Let a file be downloaded, and return its URL."""
        ...

    def place(self, path: str) -> str:
        """Take uploads below a path, and return its URL, with a slash at the end."""
        ...

    @property
    def uploads(self) -> tuple[tuple[str, bytes], ...]:
        """(URL, content) of every upload that arrived, oldest first."""
        ...

    @property
    def attempts(self) -> tuple[str, ...]:
        """URL of every transfer that was begun, oldest first."""
        ...

    def hold(self, held: bool) -> None:
        """Stay silent, or answer again."""
        ...

    def throttle(self, bytes_per_second: float) -> None:
        """Move no more than this; 0: as fast as it goes."""
        ...

    def refuse(self, refused: bool) -> None:
        """Answer every transfer with "not found", or serve again."""
        ...


class FirmwareImage(msgspec.Struct, frozen=True, kw_only=True):
    """A firmware image that lies on the file server."""

    url: str
    certificate: str
    """PEM of the signing certificate."""
    signature: str
    """Base64."""
    root: str
    """PEM root of good signers, to install as ManufacturerRootCertificate."""
    version: str


class SigningFault(StrEnum):
    """What is wrong with a charging station certificate that the lab sends."""

    UnknownRoot = "UnknownRoot"
    """Signed by somebody whose root the station does not have."""
    OtherKey = "OtherKey"
    """For another key than the one of the signing request."""
    Expired = "Expired"


class Certificates(Protocol):
    """The authorities of the lab. PEM text in and out."""

    @property
    def csms_root(self) -> str:
        """The CSMS root that the station is born with; it also signs charging station certificates."""
        ...

    def another_root(self, use: InstallCertificateUseEnum) -> str:
        """Return a root for a use that no station is born with, but every station has to take.

        A CSMS root is signed by the first one where the station asks for that (AdditionalRootCertificateCheck).
        """
        ...

    def expired_root(self) -> str:
        """Return a root whose time is over."""
        ...

    def sign(self, csr: str, fault: SigningFault | None = None) -> str:
        """Sign a signing request and return the certificate; with a fault, one that a station has to refuse.

        Raises ValueError for what is no signing request.
        """
        ...


class Rig(Protocol):
    """A place for one run of one case; the station is fresh."""

    @property
    def name(self) -> str:
        """`memory`, `wire` ..."""
        ...

    @property
    def hand(self) -> Hand:
        """The hand at the station."""
        ...

    @property
    def clock(self) -> Clock:
        """The lab's own wall clock; what the CSMS tells as the time."""
        ...

    @property
    def tolerance(self) -> float:
        """Seconds by which an instant may be off."""
        ...

    @property
    def patience(self) -> float:
        """Seconds for which an expected message is waited for, unless the case says otherwise."""
        ...

    async def open(self, number: int, admit: Admit, serve: Serve, *, own_root: bool = False) -> ListenEndpoint:
        """Open an endpoint. Number 1 is the one that the station is provisioned for.

        Args:
            number: of the endpoint in this case.
            admit: decides about each handshake.
            serve: serves each accepted link.
            own_root: its certificate comes from a root that the station does not know yet.
        """
        ...

    async def start(self, provisioning: Provisioning) -> None:
        """Give a factory-fresh station its provisioning and its power; it dials endpoint 1."""
        ...

    @property
    def files(self) -> FileServer:
        """The file server of the lab."""
        ...

    def firmware(self, kind: FirmwareKind) -> FirmwareImage:
        """Put a firmware image on the file server."""
        ...

    @property
    def certificates(self) -> Certificates:
        """The authorities of the lab."""
        ...

    async def screens(self) -> tuple[Screen, ...]:
        """Return what the displays of the station show now."""
        ...


@runtime_checkable
class PersistentRig(Protocol):
    """What a rig offers besides `Rig` if its station outlives cases: they are persistent stations."""

    @property
    def persistent(self) -> PersistentStation:
        """How the present case is run."""
        ...

    async def lend(self) -> None:
        """Hand the connection of the station to the case: its handshake, then the link; or the next one, if none is."""
        ...

    def is_calm(self) -> bool:
        """Say whether the station was seen to have nothing more to say, and has not connected anew since."""
        ...
