"""Where the station connects: the active network profile as a target for the next attempt."""

from ohmstead.model.device import DeviceModel
from ohmstead.ports.link import Credentials, Link, LinkRefused, Target
from ohmstead.product.profile import Product
from ohmstead.runtime.config import StationConfig


class StationRoute:
    """Dials the CSMS of the provisioning."""

    def __init__(self, config: StationConfig, product: Product, device: DeviceModel) -> None:
        self._config = config
        self._product = product
        self._device = device

    def target(self) -> Target:
        """Return the target of the next attempt."""
        config = self._config
        profile = config.security_profile
        password = self._device.security.basic_auth_password or config.password
        certified = profile == 3
        return Target(
            url=config.csms_url,
            identity=config.identity,
            security_profile=profile,
            credentials=Credentials(
                password=None if certified else password,
                client_certificate=config.client_certificate if certified else None,
                client_key=config.client_key if certified else None,
            ),
            roots=config.roots,
            cipher_suites=self._product.security.cipher_suites,
            allow_wildcards=self._device.security.allow_csms_tls_wildcards,
            interface=config.interface,
            timeout=float(self._device.ocpp_comm.message_timeout),
            max_size=config.max_frame,
        )

    def refused(self, refusal: LinkRefused) -> None:
        """There is one way only; the next attempt goes there again."""

    def reached(self, link: Link) -> None:
        """Nothing to remember."""
