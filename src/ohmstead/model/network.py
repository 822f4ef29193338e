"""Network connection profiles: which slots there are, which one works, and in which order they are tried (B09, B10)."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from urllib.parse import urlsplit

import msgspec

from ohmstead.product.profile import Product
from ohmstead.wire.codec import decode, encode
from ohmstead.wire.hosts import wrong_host
from ohmstead.wire.messages import (
    NetworkConnectionProfile,
    OCPPTransportEnum,
    OCPPVersionEnum,
    SetNetworkProfileRequest,
)

KIND = "slot"
"""The kind of the stored rows; the key is the number of a slot, or one of the two below."""
PROVEN = "proven"
PROVISIONED = "provisioned"
FIRST = 1
"""The slot that the provisioning fills."""
TLS_PROFILES = (2, 3)
LONGEST_TIMEOUT = 3600
"""Seconds that a profile may let a message wait for its answer: one CALL waits for the other."""
"""Security profiles that check the certificate of the CSMS."""


class Slot(msgspec.Struct, frozen=True):
    """One network connection profile in its slot."""

    number: int
    profile: NetworkConnectionProfile

    def __repr__(self) -> str:
        return f"<slot {self.number}: {self.profile.ocpp_csms_url} over {self.profile.ocpp_interface}>"

    @property
    def security_profile(self) -> int:
        """The security profile that it asks for."""
        return self.profile.security_profile

    def row(self) -> bytes:
        """Return the bytes of its row."""
        return encode(SetNetworkProfileRequest(configuration_slot=self.number, connection_data=self.profile))

    @classmethod
    def of(cls, row: bytes) -> "Slot":
        """Read a stored slot; an earlier version may have accepted a longer time-out."""
        stored = decode(SetNetworkProfileRequest, row)
        timeout = min(stored.connection_data.message_timeout, LONGEST_TIMEOUT)
        return cls(stored.configuration_slot, msgspec.structs.replace(stored.connection_data, message_timeout=timeout))


class NetworkSlots:
    """The slots of a station as they are committed, and the one that is in use.

    Attributes:
        slots: by number.
        proven: the last one over which a CSMS accepted the station, as it was then; None: never yet.
        active: the one of the present or the last link; before the first link the one that is proven.
        reprovisioned: the provisioning is another than in the run before, or this run is the first.
    """

    def __init__(self, rows: Iterable[tuple[str, bytes]], provisioned: NetworkConnectionProfile) -> None:
        """Read the stored slots; a provisioning that has changed is the word of a technician and goes first."""
        stored = {key: Slot.of(row) for key, row in rows}
        first = Slot(FIRST, provisioned)
        self.provisioned = first
        self.reprovisioned = stored.pop(PROVISIONED, None) != first
        proven = stored.pop(PROVEN, None)
        self.slots = {slot.number: slot for slot in stored.values()}
        if self.reprovisioned:
            self.slots[FIRST] = first
        self.proven = None if self.reprovisioned else proven
        self.active = self.proven or first

    @property
    def security_profile(self) -> int:
        """The security profile that the station has reached; OCPP never lowers it (A00.FR.005, A05.FR.06)."""
        return (self.proven or self.provisioned).security_profile

    def usable(self, number: int) -> Slot | None:
        """Return a slot that holds a profile which does not lower the security, else None."""
        slot = self.slots.get(number)
        return slot if slot is not None and slot.security_profile >= self.security_profile else None

    def below(self, security_profile: int) -> tuple[int, ...]:
        """Return the slots with a lower security profile (A05.FR.06)."""
        return tuple(n for n, slot in sorted(self.slots.items()) if slot.security_profile < security_profile)

    def in_order(self, priority: Iterable[str]) -> list[Slot]:
        """Return the usable slots of NetworkConfigurationPriority."""
        slots = [self.usable(int(number)) for number in priority]
        return [slot for slot in slots if slot is not None]


def walk(
    slots: Sequence[Slot], attempts: Callable[[], int], fallback: Slot | None, patience: Callable[[], int]
) -> Iterator[Slot]:
    """Yield the slot of each connection attempt, for ever.

    Args:
        slots: in the order in which they are tried; at least one.
        attempts: NetworkProfileConnectionAttempts, asked anew for each attempt (B10.FR.03).
        fallback: the last good one, once all attempts have failed (B10.FR.07); None: the slots from the start
            (B10.FR.08).
        patience: attempts with the last good one before all the others get another chance (B10.FR.09).
    """
    while True:
        for slot in slots:
            yield from _repeat(slot, attempts)
        if fallback is not None:
            yield from _repeat(fallback, patience)


def _repeat(slot: Slot, times: Callable[[], int]) -> Iterator[Slot]:
    done = 0
    while done < max(1, times()):
        done += 1
        yield slot


def wrong_profile(profile: NetworkConnectionProfile, product: Product) -> str | None:
    """Say what a station of the product cannot use in a profile (B09.FR.02), or return None."""
    if profile.ocpp_version is not OCPPVersionEnum.OCPP20:
        return f"this station speaks OCPP20, not {profile.ocpp_version}"
    if profile.ocpp_transport is not OCPPTransportEnum.JSON:
        return f"this station speaks JSON, not {profile.ocpp_transport}"
    if profile.security_profile not in product.security.profiles:
        return f"security profile {profile.security_profile} is not supported"
    if profile.ocpp_interface not in product.interfaces:
        return f"there is no interface {profile.ocpp_interface}"
    if not 1 <= profile.message_timeout <= LONGEST_TIMEOUT:
        return f"messageTimeout must be 1 to {LONGEST_TIMEOUT} s"
    return _wrong_url(profile.ocpp_csms_url, "wss" if profile.security_profile in TLS_PROFILES else "ws")


def _wrong_url(url: str, scheme: str) -> str | None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "ocppCsmsUrl is not a URL"
    if not url.isprintable() or " " in url or not parts.hostname or port == 0:
        return "ocppCsmsUrl is not a URL"
    wrong = wrong_host(parts.hostname)
    if wrong is not None:
        return f"ocppCsmsUrl: {wrong}"
    if parts.username is not None or parts.password is not None:
        return "ocppCsmsUrl must not name a user"
    if parts.fragment:
        return "ocppCsmsUrl must not have a fragment"
    return None if parts.scheme == scheme else f"ocppCsmsUrl must begin with {scheme}:// for this security profile"
