"""The embedded CSMS: its authority, its listener on loopback, and the station that it knows."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature

from ohmstead.cli.run.data import DataFolder
from ohmstead.cli.run.files import RunFiles
from ohmstead.cli.run.options import RunOptions, RunRefused
from ohmstead.cli.run.passwords import check_password
from ohmstead.csms.backoffice import EmbeddedCsms
from ohmstead.csms.settings import CsmsSettings, KnownStation, check, load_settings
from ohmstead.csms.station_passwords import KIND, PasswordRow
from ohmstead.edge.authority import ORGANIZATION, RENEWAL, Authority, CsrRefused
from ohmstead.edge.certificate_builder import Issued, KeyKind, new_key
from ohmstead.edge.clock import LoopClock
from ohmstead.edge.firmware_package import FirmwareKeys, NoKeys
from ohmstead.edge.private_files import write_private
from ohmstead.edge.received_logs import LogFolder
from ohmstead.edge.sources import real
from ohmstead.edge.store_sqlite import SqliteStore
from ohmstead.edge.tls import server_context
from ohmstead.edge.websocket_listener import WebSocketListener, listen
from ohmstead.lab.prerequisites import chain_room
from ohmstead.product.profile import Product
from ohmstead.runtime.config import StationConfig
from ohmstead.wire.rows import from_row

HOST = "127.0.0.1"
PORT = 9443
PATH = "/ocpp"
REQUIRED_SUITES = (
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_RSA_WITH_AES_256_GCM_SHA384",
)
"""What every CSMS supports, whatever the product of the station (A00.FR.318, A00.FR.421)."""
ROOM_FOR_RSA = 2000
"""Bytes of a chain (MaxCertificateChainSize) from which on an RSA certificate under an RSA root has room."""
OF_SHORT_CHAINS = "short"
"""The folder, in that of the CSMS, of the authority of an elliptic curve, whose signatures are short."""


class RunningCsms:
    """A running embedded CSMS; made by `open_csms`."""

    def __init__(
        self,
        csms: EmbeddedCsms,
        listener: WebSocketListener,
        store: SqliteStore,
        config: StationConfig,
        files: RunFiles,
    ) -> None:
        self.csms = csms
        self.config = config
        """How the station reaches it."""
        self.files = files
        self._listener = listener
        self._store = store

    async def close(self) -> None:
        """Stop listening, end every link, release the store."""
        await self.files.close()
        await self._listener.close()
        self._store.close()


async def open_csms(
    options: RunOptions, product: Product, data: DataFolder, interface: str, note: Callable[[str], None]
) -> RunningCsms:
    """Start the CSMS of a data folder, with the authority that is made at its first start.

    Args:
        options: identity, security profile and port.
        product: its cipher suites are those that the listener prefers.
        data: where authority, passwords and `csms.toml` are.
        interface: the network interface that the station uses.
        note: told, in one line, what a person should know.

    Raises:
        RunRefused, SettingsError, StoreUnusable: each text says what is wrong.
    """
    authority = await asyncio.to_thread(_authority, data, product, note)
    keys = None if options.manufacturer_root or options.hardware else await asyncio.to_thread(_firmware_keys, data)
    station, settings = _settings(options.identity, data, product)
    store = SqliteStore(data.csms / "csms.db")
    profile = _profile(options, product, store)
    if profile < 3 and not station.password:
        raise RunRefused(
            f"{data.csms_settings}: {options.identity} has no password, security profile {profile} needs one"
        )
    csms = EmbeddedCsms(
        settings, clock=LoopClock(), sources=real(), sign_csr=signer(authority, chain_room(product)), store=store
    )
    secure = await asyncio.to_thread(_context, authority, data, product) if profile > 1 else None
    listener = await _listen(
        options.csms_port,
        lambda port: listen(HOST, port, admit=csms.admit, serve=csms.serve, ssl_context=secure, path=PATH),
        note,
    )
    csms.listens_at(listener.url)
    shown = (
        _client_certificate(authority, data, options.identity, settings.organizations, product)
        if profile == 3
        else None
    )
    config = StationConfig(
        identity=options.identity,
        csms_url=listener.url,
        security_profile=profile,
        password=station.password or None,
        client_certificate=shown.chain if shown else None,
        client_key=shown.key if shown else None,
        roots=(authority.root,),
        manufacturer_roots=(keys.root,) if keys is not None else (),
        interface=interface,
    )
    files = RunFiles(
        product,
        LogFolder(data.csms / "logs"),
        lambda: authority.server_certificate(data.csms, ["localhost"], [HOST]),
        keys,
        _not_signed(options),
        csms.file_jobs,
        LoopClock().now,
    )
    return RunningCsms(csms, listener, store, config, files)


def _firmware_keys(data: DataFolder) -> FirmwareKeys:
    """Return what signs firmware that is made here; its root is given to the station with its other certificates."""
    folder = data.csms / "manufacturer"
    try:
        return FirmwareKeys.load(folder)
    except NoKeys:
        keys = FirmwareKeys.generate("Ohmstead run")
        keys.save(folder)
        return keys


def _not_signed(options: RunOptions) -> str:
    """Say why no firmware is made here; empty: it is."""
    if options.hardware:
        return "the machine of --hardware takes the firmware of its vendor; sign that with: ohmstead firmware sign"
    if options.manufacturer_root:
        return (
            "the station trusts the manufacturer of --manufacturer-root, whose key is not here; "
            "sign with it: ohmstead firmware sign"
        )
    return ""


def _context(authority: Authority, data: DataFolder, product: Product) -> ssl.SSLContext:
    """Return the TLS settings: the product's suites first, and a certificate for each kind of key (A00.FR.318)."""
    rsa, ec = (authority.server_certificate(data.csms, ["localhost"], [HOST], kind=kind) for kind in KeyKind)
    suites = tuple(dict.fromkeys((*product.security.cipher_suites, *REQUIRED_SUITES)))
    return server_context(
        rsa.chain, rsa.key, others=((ec.chain, ec.key),), cipher_suites=suites, client_roots=(authority.root,)
    )


def _authority(data: DataFolder, product: Product, note: Callable[[str], None]) -> Authority:
    if not data.csms.exists():
        note("making the certificates of the embedded CSMS (once) ...")
    try:
        kind = root_kind(product)
        return Authority.load_or_create(data.csms if kind is KeyKind.RSA else data.csms / OF_SHORT_CHAINS, kind)
    except (OSError, ValueError) as error:
        raise RunRefused(f"{data.csms} is damaged ({error}): move it away to start with a new CSMS") from None


def _settings(identity: str, data: DataFolder, product: Product) -> tuple[KnownStation, CsmsSettings]:
    """Return the station, and the settings that know it."""
    settings = load_settings(data.csms_settings) if data.csms_settings.exists() else CsmsSettings()
    for known in settings.stations:
        if known.identity == identity:
            if known.password:
                check_password(known.password, f"{data.csms_settings}: {identity}", product)
            return known, settings
    password = data.password()
    check_password(password, f"{data.path / 'password'} (without the file one is made)", product)
    station = KnownStation(identity=identity, password=password)
    settings = msgspec.structs.replace(settings, stations=(*settings.stations, station))
    check(settings)
    return station, settings


def _profile(options: RunOptions, product: Product, store: SqliteStore) -> int:
    """Return the security profile: the one asked for, not below the one that the station has proven (A05.FR.07)."""
    stored = store.get(KIND, options.identity)
    proven = from_row(stored, PasswordRow).lowest_profile if stored is not None else 1
    wanted = options.security_profile
    if wanted is None:
        return max(proven, product.security.usual_profile)
    if wanted < proven:
        raise RunRefused(
            f"--security-profile {wanted}: {options.identity} has used {proven} here, and a lower one is refused"
            " (A05.FR.07); another --data folder starts anew"
        )
    return wanted


async def _listen(
    port: int | None, open_at: Callable[[int], Awaitable[WebSocketListener]], note: Callable[[str], None]
) -> WebSocketListener:
    """Take the port that was asked for; if none was, the usual one or else a free one."""
    try:
        return await open_at(PORT if port is None else port)
    except OSError as error:
        if port is not None:
            raise RunRefused(f"--csms-port {port}: {error.strerror or error}") from None
    note(f"port {PORT} is taken: the CSMS listens on a free one")
    return await open_at(0)


def root_kind(product: Product) -> KeyKind:
    """Return the kind of key of who signs a product's certificates: RSA where its signatures have room."""
    return KeyKind.RSA if chain_room(product) >= ROOM_FOR_RSA else KeyKind.EC


def signer(authority: Authority, room: int) -> Callable[[str], str]:
    """Return what signs the requests of stations that take chains of so many bytes; it raises ValueError."""

    def sign(csr: str) -> str:
        try:
            return authority.sign_csr(csr, room=room)
        except CsrRefused as refused:
            raise ValueError(str(refused)) from None

    return sign


def _client_certificate(
    authority: Authority, data: DataFolder, identity: str, organizations: tuple[str, ...], product: Product
) -> Issued:
    """Return the client certificate of the station; a new one if there is none that is good for a while."""
    path = data.csms / f"client-{quote(identity, safe='')}.pem"
    owners = organizations or (ORGANIZATION,)
    kept = _kept_certificate(path, authority, owners)
    if kept is not None:
        return kept
    key = new_key(root_kind(product))
    issued = authority.issue_client(identity, owners[0], key=key, room=chain_room(product))
    write_private(path, issued.key + issued.chain)
    return issued


def _kept_certificate(path: Path, authority: Authority, owners: tuple[str, ...]) -> Issued | None:
    try:
        text = path.read_text()
        certificate = x509.load_pem_x509_certificate(text.encode())
        certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(authority.root.encode()))
    except (FileNotFoundError, ValueError, TypeError, InvalidSignature):
        return None
    named = [name.value for name in certificate.subject.get_attributes_for_oid(x509.NameOID.ORGANIZATION_NAME)]
    if certificate.not_valid_after_utc - RENEWAL < datetime.now(UTC) or not set(named) & set(owners):
        return None
    key, _, chain = text.partition("-----BEGIN CERTIFICATE-----")
    return Issued("-----BEGIN CERTIFICATE-----" + chain, key)
