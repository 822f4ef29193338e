"""What a person asked of `ohmstead run`, checked before anything starts."""

import re
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from ohmstead.product.load import load, shipped
from ohmstead.product.profile import Product
from ohmstead.wire.secrets import redact_url

USUAL_PRODUCT = "sec1000-240y"
WITH_PROFILE_1 = "flagship"
"""Taken for a CSMS without TLS, which the usual one cannot have."""
_IDENTITY = re.compile(r"[A-Za-z0-9*\-_=+|@.]{1,48}")


class RunRefused(Exception):
    """The station cannot be started like this; the text says what is wrong and what would be right, in one line."""


class RunOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The options of the command line; see `ohmstead run --help`."""

    product: str
    product_given: bool = True
    """False: nobody named one, and the CSMS decided which."""
    identity: str
    security_profile: int | None = None
    hardware: str | None = None
    seed: int | None = None
    data: Path | None = None
    csms: str | None = None
    csms_root: Path | None = None
    password_file: Path | None = None
    manufacturer_root: tuple[Path, ...] = ()
    client_cert: tuple[Path, ...] = ()
    client_key: Path | None = None
    csms_port: int | None = None
    host: str = "127.0.0.1"
    port: int | None = None
    token: str | None = None
    api: bool = True
    open_page: bool = False
    follow: Path | None = None
    headless: bool = False
    log_wire: Path | None = None
    without_unbuilt: bool = False
    extensions: bool = True
    faults: bool = True
    """Of the protocol, on purpose, may be asked for."""
    verbose: bool = False

    def __repr__(self) -> str:
        return f"RunOptions(product={self.product!r}, identity={self.identity!r})"


def usual_product(csms: str | None) -> str:
    """Return the product for a CSMS where nobody has named one: one that can connect there."""
    return WITH_PROFILE_1 if csms is not None and csms.lower().startswith("ws:") else USUAL_PRODUCT


def profile_of(options: RunOptions, product: Product) -> int:
    """Return the security profile for the CSMS of somebody else: the one asked for, else by the scheme of its URL.

    0 is none of OCPP: profile 1 without its password.
    """
    if options.security_profile is not None:
        return options.security_profile
    plain = (options.csms or "").lower().startswith("ws:")
    return 1 if plain else product.security.usual_profile


def check(options: RunOptions, product: Product) -> None:
    """Check what can be checked without touching anything. Raises RunRefused."""
    if not _IDENTITY.fullmatch(options.identity):
        raise RunRefused(
            f"--identity {options.identity!r} ({len(options.identity)} characters):"
            " 1 to 48 characters of A-Z a-z 0-9 * - _ = + | @ . and no colon"
        )
    profile, known = options.security_profile, product.security.profiles
    if profile == 0 and options.csms is None:
        raise RunRefused(
            "--security-profile 0 goes with --csms ws://HOST:PORT: the embedded CSMS is never without password and TLS"
        )
    if profile and profile not in known:
        raise RunRefused(
            f"--security-profile {profile}: the product {product.name} has {_listed(known)}; "
            f"--product {_with_profile(profile)} has {profile}"
        )
    if options.api and not _is_loopback(options.host) and options.token is None:
        raise RunRefused(
            f"--host {options.host} needs --token TEXT (or OHMSTEAD_TOKEN): others than this machine could use the page"
        )
    if options.follow is not None and not options.api:
        raise RunRefused("--follow goes with the page, and --no-api serves none")
    if options.csms is None:
        _check_embedded(options)
    else:
        _check_external(options, product, options.csms)


def _check_embedded(options: RunOptions) -> None:
    for name, value in (
        ("--csms-root", options.csms_root),
        ("--password-file", options.password_file),
        ("--client-cert", options.client_cert or None),
        ("--client-key", options.client_key),
    ):
        if value is not None:
            raise RunRefused(f"{name} goes with --csms URL: the embedded CSMS makes its own certificates and password")


def _check_external(options: RunOptions, product: Product, url: str) -> None:
    profile = profile_of(options, product)
    _check_url(url)
    _check_scheme(profile, product, url)
    if profile > 1 and options.csms_root is None:
        raise RunRefused("--csms with TLS needs --csms-root FILE: the root certificates that the station trusts")
    if profile == 3 and (not options.client_cert or options.client_key is None):
        raise RunRefused("security profile 3 needs --client-cert FILE and --client-key FILE")
    if options.csms_port is not None:
        raise RunRefused("--csms-port goes with the embedded CSMS, not with --csms URL")


def _check_scheme(profile: int, product: Product, url: str) -> None:
    """Refuse a URL that does not go with the security profile, and say which product or flag would do."""
    scheme = "ws" if profile < 2 else "wss"
    known = product.security.profiles
    if not url.lower().startswith(f"{scheme}://"):
        other = "; a ws:// URL goes with --security-profile 1 or 0" if url.lower().startswith("ws:") else ""
        raise RunRefused(f"--csms {redact_url(url)}: security profile {profile} needs a {scheme}:// URL{other}")
    if profile == 1 and 1 not in known:
        raise RunRefused(
            f"--csms {redact_url(url)}: a ws:// URL is security profile 1, and the product {product.name} has "
            f"{_listed(known)}: take --product {_with_profile(1)}, a wss:// URL, or --security-profile 0 (no password, "
            "for development only)"
        )


def _listed(profiles: Sequence[int]) -> str:
    return " and ".join(map(str, profiles))


def _with_profile(profile: int) -> str:
    """Return the shipped products that have a security profile."""
    return " or ".join(name for name in shipped() if profile in load(name).security.profiles)


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
