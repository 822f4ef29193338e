"""The listener of the embedded CSMS: every suite that a CSMS supports, whatever the station's product (A00.FR.318)."""

import asyncio
from pathlib import Path

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from ohmstead.cli.run.data import DataFolder
from ohmstead.cli.run.embedded_csms import REQUIRED_SUITES, RunningCsms, open_csms, signer
from ohmstead.cli.run.options import RunOptions
from ohmstead.edge.authority import Authority
from ohmstead.edge.certificate_builder import KeyKind, new_key, subject
from ohmstead.edge.interfaces import Interfaces
from ohmstead.edge.websocket_dialer import WebSocketDialer
from ohmstead.ports.link import Credentials, LinkRefused, Target
from ohmstead.product.load import load
from ohmstead.product.profile import VariableSetting


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    """Return a data folder whose authority is made."""
    data = DataFolder(tmp_path_factory.mktemp("data"))
    Authority.create(data.csms)
    return data


async def opened(data: DataFolder, product: str, security_profile: int = 2) -> RunningCsms:
    options = RunOptions(product=product, identity="CS-1", csms_port=0, security_profile=security_profile)
    return await open_csms(options, load(product), data, "Wired0", lambda _: None)


@pytest.mark.parametrize("product", ["sec1000-240y", "flagship"])
@pytest.mark.parametrize("suite", REQUIRED_SUITES)
def test_a_station_with_one_suite_of_the_four_connects(folder: DataFolder, product: str, suite: str) -> None:
    async def main() -> None:
        office = await opened(folder, product)
        target = Target(
            url=office.config.csms_url,
            identity="CS-1",
            security_profile=2,
            credentials=Credentials(password=office.config.password),
            roots=office.config.roots,
            cipher_suites=(suite,),
        )
        link = await WebSocketDialer(Interfaces()).dial(target)
        assert link.handshake.tls is not None
        assert (link.handshake.tls.version, link.handshake.tls.cipher_suite) == ("TLSv1.2", suite)
        await link.close()
        await office.close()

    asyncio.run(main())


def test_a_suite_that_is_no_ones_is_refused(folder: DataFolder) -> None:
    async def main() -> None:
        office = await opened(folder, "sec1000-240y")
        target = Target(
            url=office.config.csms_url,
            identity="CS-1",
            security_profile=2,
            credentials=Credentials(password=office.config.password),
            roots=office.config.roots,
            cipher_suites=("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",),
        )
        with pytest.raises(LinkRefused, match="InvalidTLSCipherSuite"):
            await WebSocketDialer(Interfaces()).dial(target)
        await office.close()

    asyncio.run(main())


def test_the_certificates_of_both_kinds_are_kept(folder: DataFolder) -> None:
    async def main() -> dict[str, bytes]:
        await (await opened(folder, "flagship")).close()
        return {name: (folder.csms / name).read_bytes() for name in ("server.pem", "server-ec.pem")}

    first, second = asyncio.run(main()), asyncio.run(main())
    assert first == second
    kinds = [type(x509.load_pem_x509_certificate(text).public_key()).__name__ for text in first.values()]
    assert kinds == ["RSAPublicKey", "ECPublicKey"]
    assert all((Path(folder.csms) / name).stat().st_mode & 0o777 == 0o600 for name in first)


def test_the_station_of_an_organization_gets_a_certificate_in_its_name(folder: DataFolder) -> None:
    async def main() -> str:
        office = await opened(folder, "flagship", security_profile=3)
        await office.close()
        certificate = x509.load_pem_x509_certificate((office.config.client_certificate or "").encode())
        return certificate.subject.rfc4514_string()

    assert asyncio.run(main()) == "O=Ohmstead,CN=CS-1"
    folder.csms_settings.write_text('organizations = ["Volt"]')
    try:
        assert asyncio.run(main()) == "O=Volt,CN=CS-1"
    finally:
        folder.csms_settings.unlink()


def test_who_takes_no_long_chain_gets_short_ones(tmp_path: Path) -> None:
    """MaxCertificateChainSize 1000 (A02): the authority, the certificate that is shown, and each new one are of EC."""
    product, data, room = load("flagship"), DataFolder(tmp_path), 1000
    limit = {**product.variables, "SecurityCtrlr.MaxCertificateChainSize": VariableSetting(value=room)}
    options = RunOptions(product="flagship", identity="CS-1", csms_port=0, security_profile=3)

    async def main() -> RunningCsms:
        limited = msgspec.structs.replace(product, variables=limit)
        office = await open_csms(options, limited, data, "Wired0", lambda _: None)
        await office.close()
        return office

    office = asyncio.run(main())
    assert len(office.config.client_certificate or "x" * 2000) <= room
    authority = Authority.load(data.csms / "short")
    assert office.config.roots == (authority.root,)
    key = new_key(KeyKind.EC)
    request = (
        x509.CertificateSigningRequestBuilder().subject_name(subject("CS-1", "Ohmstead")).sign(key, hashes.SHA256())
    )
    renewed = signer(authority, room)(request.public_bytes(Encoding.PEM).decode())
    assert len(renewed) <= room
