"""What a station of `ohmstead run` is given for a CSMS that is not ours: files read, and tried before it starts."""

from collections.abc import Callable

import msgspec

from ohmstead.cli.run.data import DataFolder, read_text
from ohmstead.cli.run.options import RunOptions, RunRefused, profile_of
from ohmstead.cli.run.passwords import check_password
from ohmstead.edge.tls import client_context
from ohmstead.ports.link import Credentials, Target
from ohmstead.product.profile import Product
from ohmstead.runtime.config import StationConfig

_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"


def external(options: RunOptions, product: Product, interface: str, password: Callable[[], str]) -> StationConfig:
    """Return how to reach a CSMS that is not ours. Raises RunRefused for files that are of no use.

    Args:
        options: what was asked for.
        product: what the station is.
        interface: its network interface that is used first.
        password: returns that of the station; asked where one is shown.
    """
    profile = profile_of(options, product)
    key = read_text(options.client_key) if options.client_key else None
    config = StationConfig(
        identity=options.identity,
        csms_url=options.csms or "",
        security_profile=max(profile, 1),
        password=password() if profile in (1, 2) else None,
        without_password=profile == 0,
        client_certificate=_chain(options, key),
        client_key=key,
        roots=certificates(read_text(options.csms_root)) if options.csms_root else (),
        interface=interface,
    )
    _check_trust(options, config, product.security.cipher_suites)
    return config


def manufacturer_roots(options: RunOptions) -> tuple[str, ...]:
    """Return the roots of who signs firmware. Raises RunRefused for files that hold none."""
    found: list[str] = []
    for path in options.manufacturer_root:
        roots = certificates(read_text(path))
        try:
            client_context(_target(roots))
        except ValueError as error:
            raise RunRefused(f"--manufacturer-root {path}: {error}") from None
        found += roots
    return tuple(dict.fromkeys(found))


def certificates(text: str) -> tuple[str, ...]:
    """Return the certificates of a PEM text one by one; a text that holds none as it is."""
    parts = [part.partition(_END)[0] for part in text.split(_BEGIN)[1:]]
    return tuple(f"{_BEGIN}{part}{_END}\n" for part in parts) or (text,)


def own_password(options: RunOptions, product: Product, data: DataFolder) -> str:
    """Return the password of the station of a data folder. Raises RunRefused."""
    password = read_text(options.password_file).strip() if options.password_file else data.password()
    where = options.password_file or data.path / "password"
    if not password:
        raise RunRefused(f"{where} is empty: it should hold the password of {options.identity}")
    check_password(password, str(where), product)
    return password


def _chain(options: RunOptions, key: str | None) -> str | None:
    """Return the client certificate and its chain, from however many files: the one that has the key goes first."""
    if not options.client_cert:
        return None
    texts = [read_text(path) for path in options.client_cert]
    if key is None or len(texts) == 1:
        return "".join(texts)
    found = tuple(dict.fromkeys(one for text in texts for one in certificates(text)))
    return "".join(sorted(found, key=lambda one: not _belongs(one, key)))


def _belongs(certificate: str, key: str) -> bool:
    """Say whether a certificate is that of a key; what cannot be read is for the check that follows."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        own = load_pem_private_key(key.encode(), None).public_key()
        return x509.load_pem_x509_certificate(certificate.encode()).public_key() == own
    except (ValueError, TypeError):
        return False


def _check_trust(options: RunOptions, config: StationConfig, cipher_suites: tuple[str, ...]) -> None:
    """Refuse certificates that no attempt could use, rather than let the station try for ever."""
    target = msgspec.structs.replace(_target(config.roots), cipher_suites=cipher_suites)
    shown = Credentials(client_certificate=config.client_certificate, client_key=config.client_key)
    files = str(options.csms_root)
    try:
        client_context(target)
        if config.security_profile == 3:
            files = f"{' and '.join(map(str, options.client_cert))} and {options.client_key}"
            client_context(msgspec.structs.replace(target, security_profile=3, credentials=shown))
    except ValueError as error:
        raise RunRefused(f"{files}: {error}") from None


def _target(roots: tuple[str, ...]) -> Target:
    return Target(url="", identity="", security_profile=2, credentials=Credentials(), roots=roots)
