"""Where the station connects: the network profiles in their order, with what the station shows of itself there."""

from collections.abc import Callable, Iterator

from ohmstead.model.credentials import StationCredentials
from ohmstead.model.device import DeviceModel, OCPPCommCtrlr
from ohmstead.model.events import Connected, ConnectionRefused, Event
from ohmstead.model.network import TLS_PROFILES, NetworkSlots, Slot, walk
from ohmstead.model.trust_store import TrustStore
from ohmstead.ports.link import Credentials, Link, LinkRefused, Refusal, Target
from ohmstead.product.feature_table import Feature
from ohmstead.product.profile import Product
from ohmstead.runtime.config import StationConfig
from ohmstead.runtime.connection import Retry
from ohmstead.wire.messages import NetworkConnectionProfile, OCPPInterfaceEnum, OCPPTransportEnum, OCPPVersionEnum


def provisioned(config: StationConfig, product: Product, device: DeviceModel) -> NetworkConnectionProfile:
    """Return the provisioning as a network connection profile."""
    return NetworkConnectionProfile(
        ocpp_version=OCPPVersionEnum.OCPP20,
        ocpp_transport=OCPPTransportEnum.JSON,
        ocpp_csms_url=config.csms_url,
        message_timeout=device.ocpp_comm.trait(OCPPCommCtrlr.message_timeout).default,
        security_profile=config.security_profile,
        ocpp_interface=OCPPInterfaceEnum(config.interface or next(iter(product.interfaces))),
    )


class StationRoute:
    """Goes through the slots: after a boot from the first one on, after a loss from the one that was in use (B10).

    Attributes:
        moved: the present link goes over another profile than the one before it (B10.FR.10).
    """

    def __init__(
        self,
        config: StationConfig,
        product: Product,
        device: DeviceModel,
        network: NetworkSlots,
        credentials: StationCredentials,
        trust: TrustStore,
        announce: Callable[[Event], None],
    ) -> None:
        self._config = config
        self._product = product
        self._device = device
        self._network = network
        self._station_credentials = credentials
        self._trust = trust
        self._announce = announce
        self._walk: Iterator[Slot] | None = None
        self._slot = network.active
        self._tried: set[int] = set()
        self._by_fallback = False
        self._booting = True
        self.moved = False

    def target(self) -> Target:
        """Return the target of the next attempt."""
        if self._walk is None:
            self._walk = self._begin()
            self._slot = next(self._walk)
            self._tried = {self._slot.number}
        profile = self._slot.profile
        return Target(
            url=profile.ocpp_csms_url,
            identity=self._config.identity,
            security_profile=profile.security_profile,
            credentials=self._credentials(profile.security_profile),
            without_password=self._config.without_password,
            roots=self._trust.csms_roots(fallback=self._by_fallback),
            cipher_suites=self._product.security.cipher_suites,
            allow_wildcards=self._device.security.allow_csms_tls_wildcards,
            interface=profile.ocpp_interface.value,
            timeout=float(profile.message_timeout),
            max_size=self._config.max_frame,
        )

    def _credentials(self, security_profile: int) -> Credentials:
        if security_profile < 3:
            return Credentials(password=self._station_credentials.password)
        return Credentials(
            client_certificate=self._station_credentials.client_certificate,
            client_key=self._station_credentials.client_key,
        )

    def _begin(self) -> Iterator[Slot]:
        """Begin with the first slot after a boot (B10.FR.04), else with the one in use, the others behind it."""
        settings = self._device.ocpp_comm
        slots = self._network.in_order(settings.network_configuration_priority)
        active = self._network.active
        if not self._booting:
            slots = [active, *(slot for slot in slots if slot.number != active.number)]
        return walk(
            slots or [active],
            attempts=lambda: settings.network_profile_connection_attempts,
            fallback=self._network.proven if self._product.has(Feature.NETWORK_PROFILE_FALLBACK) else None,
            patience=lambda: settings.retry_back_off_repeat_times + 1,
        )

    def refused(self, refusal: LinkRefused) -> Retry:
        """Take note of an attempt that failed, and move on."""
        assert self._walk is not None, "refused before it was dialed"
        if self._try_fallback_root(refusal):
            return Retry.AtOnce
        self._by_fallback = False
        if refusal.refusal is Refusal.Unauthorized and self._slot.security_profile < 3:
            self._station_credentials.refuse()
        self._announce(ConnectionRefused(refusal.refusal.value, refusal.detail))
        self._slot = next(self._walk)
        if self._slot.number in self._tried:
            return Retry.Later
        self._tried.add(self._slot.number)
        return Retry.Anew

    def _try_fallback_root(self, refusal: LinkRefused) -> bool:
        """A CSMS that the new root does not vouch for may still be the one of the old root (M05.FR.14, M05.FR.16).

        One that the station migrates to has to do with the new one (M05.FR.15).
        """
        if self._by_fallback or refusal.refusal is not Refusal.InvalidCsmsCertificate:
            return False
        known = self._network.proven or self._network.provisioned
        if self._slot != known or not self._trust.csms_roots(fallback=True):
            return False
        self._by_fallback = True
        return True

    def reached(self, link: Link) -> None:
        """Take note of an attempt that succeeded."""
        self.moved = self._slot != self._network.active
        self._network.active = self._slot
        self._walk = None
        self._booting = False
        checked = link.handshake.tls is not None and self._slot.security_profile in TLS_PROFILES
        self._announce(Connected(new_root=checked and not self._by_fallback))
        self._by_fallback = False
