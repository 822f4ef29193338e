"""What a person asked of `ohmstead run`, checked before anything starts."""

import re
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from ohmstead.product.profile import Product
from ohmstead.wire.secrets import redact_url

_IDENTITY = re.compile(r"[A-Za-z0-9*\-_=+|@.]{1,48}")


class RunRefused(Exception):
    """The station cannot be started like this; the text says what is wrong and what would be right, in one line."""


class RunOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The options of the command line; see `ohmstead run --help`."""

    product: str
    identity: str
    security_profile: int | None = None
    hardware: str | None = None
    seed: int | None = None
    data: Path | None = None
    csms: str | None = None
    csms_root: Path | None = None
    password_file: Path | None = None
    client_cert: Path | None = None
    client_key: Path | None = None
    csms_port: int | None = None
    host: str = "127.0.0.1"
    port: int | None = None
    token: str | None = None
    api: bool = True
    open_page: bool = False
    headless: bool = False
    log_wire: Path | None = None
    without_unbuilt: bool = False
    extensions: bool = True
    verbose: bool = False

    def __repr__(self) -> str:
        return f"RunOptions(product={self.product!r}, identity={self.identity!r})"


def check(options: RunOptions, product: Product) -> None:
    """Check what can be checked without touching anything. Raises RunRefused."""
    if not _IDENTITY.fullmatch(options.identity):
        raise RunRefused(
            f"--identity {options.identity!r}: 1 to 48 characters of A-Z a-z 0-9 * - _ = + | @ . and no colon"
        )
    profile, known = options.security_profile, product.security.profiles
    if profile is not None and profile not in known:
        listed = " and ".join(map(str, known))
        raise RunRefused(f"--security-profile {profile}: the product {product.name} has {listed}")
    if options.api and not _is_loopback(options.host) and options.token is None:
        raise RunRefused(
            f"--host {options.host} needs --token TEXT (or OHMSTEAD_TOKEN): others than this machine could use the page"
        )
    if options.csms is None:
        _check_embedded(options)
    else:
        _check_external(options, product, options.csms)


def _check_embedded(options: RunOptions) -> None:
    for name, value in (
        ("--csms-root", options.csms_root),
        ("--password-file", options.password_file),
        ("--client-cert", options.client_cert),
        ("--client-key", options.client_key),
    ):
        if value is not None:
            raise RunRefused(f"{name} goes with --csms URL: the embedded CSMS makes its own certificates and password")


def _check_external(options: RunOptions, product: Product, url: str) -> None:
    profile = options.security_profile or product.security.usual_profile
    scheme = "ws" if profile == 1 else "wss"
    if not url.startswith(f"{scheme}://"):
        raise RunRefused(f"--csms {redact_url(url)}: security profile {profile} needs a {scheme}:// URL")
    _check_url(url)
    if profile != 1 and options.csms_root is None:
        raise RunRefused("--csms with TLS needs --csms-root FILE: the root certificates that the station trusts")
    if profile == 3 and (options.client_cert is None or options.client_key is None):
        raise RunRefused("security profile 3 needs --client-cert FILE and --client-key FILE")
    if options.csms_port is not None:
        raise RunRefused("--csms-port goes with the embedded CSMS, not with --csms URL")


def _check_url(url: str) -> None:
    right = "right would be wss://HOST[:PORT]/PATH"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:  # whose text may repeat user and password
        raise RunRefused(f"--csms {redact_url(url)}: not a URL; {right}") from None
    if parts.username is not None or parts.password is not None:
        raise RunRefused(f"--csms must not contain a password: that goes into --password-file FILE; {right}")
    if not host:
        raise RunRefused(f"--csms {redact_url(url)}: it names no host; {right}")
    if any(character.isspace() for character in url) or parts.fragment:
        raise RunRefused(f"--csms {redact_url(url)}: no blanks and no fragment; {right}")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
