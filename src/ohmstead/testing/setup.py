"""What a test says of the station that it wants, checked before anything starts."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from ohmstead.edge.tls import client_context
from ohmstead.ports.link import Credentials, Target
from ohmstead.product.load import load, shipped
from ohmstead.product.profile import Product
from ohmstead.runtime.config import StationConfig
from ohmstead.wire.secrets import redact_url

IDENTITY = "OHM-0001"
_IDENTITY = re.compile(r"[A-Za-z0-9*\-_=+|@.]{1,48}")
_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"


class SetupError(ValueError):
    """Such a station cannot be made; the text says what is wrong and what would be right."""


class StationSetup(msgspec.Struct, frozen=True, kw_only=True):
    """The station that is wanted.

    Attributes:
        csms_url: `ws://` or `wss://`, without the identity.
        product: name of a shipped product, or the path of a product file; None: one that can connect there.
        identity: of the station.
        password: of HTTP Basic authentication; None: with `ws://` it shows none, for a CSMS that asks for none.
        csms_root: PEM text, or path of a file, of the root certificates that it trusts; with `wss://`.
        client_cert: PEM text, or path, of its certificate and chain; with it security profile 3.
        client_key: PEM text, or path, of the key of that certificate.
        security_profile: None: what follows from URL, password and certificate.
        seed: of cars, ids and jitter; None: another one each time.
        patience: seconds for which `wire.expect` waits unless told otherwise.
    """

    csms_url: str
    product: str | Path | None = None
    identity: str = IDENTITY
    password: str | None = None
    csms_root: str | Path | None = None
    client_cert: str | Path | None = None
    client_key: str | Path | None = None
    security_profile: int | None = None
    seed: int | None = None
    patience: float = 10.0

    def __repr__(self) -> str:
        return f"StationSetup(identity={self.identity!r}, csms_url={redact_url(self.csms_url)!r})"

    def loaded(self) -> Product:
        """Return the product. Raises ProductError, SetupError."""
        _check_url(self.csms_url)
        if self.product is not None:
            return load(self.product)
        return load("flagship" if self._plain else "sec1000-240y")

    @property
    def _plain(self) -> bool:
        return self.csms_url.lower().startswith("ws:")

    @property
    def profile(self) -> int:
        """The security profile; 0, which is none of OCPP, is 1 without a password."""
        if self.security_profile is not None:
            return self.security_profile
        if self._plain:
            return 0 if self.password is None else 1
        return 2 if self.client_cert is None else 3

    def config(self, product: Product) -> StationConfig:
        """Return who the station is and how it reaches its CSMS. Raises SetupError."""
        self._check(product)
        config = StationConfig(
            identity=self.identity,
            csms_url=self.csms_url,
            security_profile=max(self.profile, 1),
            password=self.password,
            without_password=self.profile == 0,
            client_certificate=_pem("client_cert", self.client_cert),
            client_key=_pem("client_key", self.client_key),
            roots=_certificates(_pem("csms_root", self.csms_root) or ""),
        )
        self._check_trust(config)
        return config

    def _check(self, product: Product) -> None:
        profile, known = self.profile, product.security.profiles
        if not _IDENTITY.fullmatch(self.identity):
            raise SetupError(f"identity {self.identity!r}: 1 to 48 characters of A-Z a-z 0-9 * - _ = + | @ . are right")
        if profile not in (0, 1, 2, 3):
            raise SetupError(f"security_profile {profile}: right would be 1, 2, 3, or 0 for 1 without a password")
        if (profile < 2) is not self._plain:
            scheme = "ws" if profile < 2 else "wss"
            raise SetupError(f"csms_url {redact_url(self.csms_url)}: profile {profile} needs a {scheme}:// URL")
        if profile and profile not in known:
            others = " or ".join(name for name in shipped() if profile in load(name).security.profiles)
            raise SetupError(f"the product {product.name} has no security profile {profile}; {others} has it")
        if profile in (1, 2) and not self.password:
            raise SetupError(f"security profile {profile} needs a password")
        if profile > 1 and self.csms_root is None:
            raise SetupError("a wss:// URL needs csms_root: the root certificates that the station trusts")
        if profile == 3 and (self.client_cert is None or self.client_key is None):
            raise SetupError("security profile 3 needs client_cert and client_key")

    def _check_trust(self, config: StationConfig) -> None:
        """Refuse certificates that no attempt could use, rather than let the station try for ever."""
        shown = Credentials(client_certificate=config.client_certificate, client_key=config.client_key)
        target = Target(
            url="", identity="", security_profile=config.security_profile, credentials=shown, roots=config.roots
        )
        if config.security_profile > 1:
            try:
                client_context(target)
            except ValueError as error:
                raise SetupError(f"csms_root, client_cert, client_key: {error}") from None


def _check_url(url: str) -> None:
    right = "right would be ws://HOST:PORT/PATH or wss://HOST:PORT/PATH, without the identity"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise SetupError(f"csms_url {redact_url(url)}: not a URL; {right}") from None
    if parts.scheme.lower() not in ("ws", "wss") or not host or parts.fragment or any(map(str.isspace, url)):
        raise SetupError(f"csms_url {redact_url(url)}: {right}")
    if parts.username is not None or parts.password is not None:
        raise SetupError("csms_url must not contain a password: password= takes it")


def _pem(name: str, given: str | Path | None) -> str | None:
    """Return PEM text, which is given or lies in a file."""
    if given is None or (isinstance(given, str) and "-----BEGIN" in given):
        return given
    try:
        return Path(given).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "no text in UTF-8"
        raise SetupError(
            f"{name}: neither PEM text nor a file that can be read ({reason}): {str(given)[:80]}"
        ) from None


def _certificates(text: str) -> tuple[str, ...]:
    parts = [part.partition(_END)[0] for part in text.split(_BEGIN)[1:]]
    return tuple(f"{_BEGIN}{part}{_END}\n" for part in parts) or ((text,) if text else ())
