"""The certificate authority: what it issues, what it keeps, and what it refuses to sign."""

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtensionOID, NameOID

from ohmstead.edge.authority import Authority, CsrRefused
from ohmstead.edge.certificate_builder import DAY, Issued, KeyKind, Validity, new_key, read_key, subject
from ohmstead.edge.private_files import write_new, write_private
from tests.edge.websocket_bench import authority

NOW = datetime.now(UTC).replace(microsecond=0)  # noqa: TID251  (dates of certificates are the operating system's)


def parsed(pem: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pem.encode())


def common_name(certificate: x509.Certificate) -> object:
    return certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value


def request(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, name: str = "SN-1") -> str:
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject(name, "Acme"))
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


@pytest.mark.parametrize("kind", list(KeyKind))
def test_a_server_certificate_is_as_the_specification_wants_it(kind: KeyKind) -> None:
    issued = authority().issue_server(["csms.example.com", "b.example.com"], ["192.0.2.1"], kind=kind)
    certificate = parsed(issued.chain)
    certificate.verify_directly_issued_by(parsed(authority().root))
    assert common_name(certificate) == "csms.example.com"
    assert certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    assert isinstance(certificate.signature_hash_algorithm, hashes.SHA256)
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.digital_signature
    assert usage.key_encipherment == (kind is KeyKind.RSA)
    kinds = {extension.oid for extension in certificate.extensions}
    assert ExtensionOID.EXTENDED_KEY_USAGE not in kinds
    assert read_key(issued.key.encode()).public_key() == certificate.public_key()


def test_a_client_certificate_carries_the_serial_number_and_no_host_name() -> None:
    certificate = parsed(authority().issue_client("SN-0815", "Acme").chain)
    assert certificate.subject == subject("SN-0815", "Acme")
    assert ExtensionOID.SUBJECT_ALTERNATIVE_NAME not in {extension.oid for extension in certificate.extensions}


def test_validity_and_names_are_what_is_asked_for() -> None:
    validity = Validity(NOW - 10 * DAY, 3 * DAY)
    certificate = parsed(authority().issue_server(["a"], common_name="b", san=False, validity=validity).chain)
    assert (certificate.not_valid_before_utc, certificate.not_valid_after_utc) == (NOW - 10 * DAY, NOW - 7 * DAY)
    assert common_name(certificate) == "b"
    assert ExtensionOID.SUBJECT_ALTERNATIVE_NAME not in {extension.oid for extension in certificate.extensions}


@pytest.mark.parametrize("kind", list(KeyKind))
def test_a_signing_request_keeps_its_subject_and_key(kind: KeyKind) -> None:
    key = new_key(kind)
    certificate = parsed(authority().sign_csr(request(key)))
    certificate.verify_directly_issued_by(parsed(authority().root))
    assert certificate.subject == subject("SN-1", "Acme")
    assert certificate.public_key() == key.public_key()
    assert not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def forged() -> str:
    """Return a request whose subject was changed after it had been signed."""
    signed = x509.load_pem_x509_csr(request(new_key(), "SN-1").encode()).public_bytes(serialization.Encoding.DER)
    changed = x509.load_der_x509_csr(signed.replace(b"SN-1", b"SN-2"))
    return changed.public_bytes(serialization.Encoding.PEM).decode()


def of_another_kind() -> str:
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject("SN-1", "Acme"))
    signed = builder.sign(ed25519.Ed25519PrivateKey.generate(), None)
    return signed.public_bytes(serialization.Encoding.PEM).decode()


def weak() -> str:
    return request(rsa.generate_private_key(public_exponent=65537, key_size=1024))


@pytest.mark.parametrize("csr", ["nonsense", "", forged(), of_another_kind(), weak(), request(new_key())[:-60]])
def test_a_request_that_is_not_in_order_is_refused(csr: str) -> None:
    with pytest.raises(CsrRefused):
        authority().sign_csr(csr)


def test_an_authority_is_made_once_and_kept(tmp_path: Path) -> None:
    made = Authority.load_or_create(tmp_path / "ca")
    assert Authority.load_or_create(tmp_path / "ca").root == made.root
    assert Authority.create(tmp_path / "ca").root == made.root
    assert (tmp_path / "ca" / "root.pem").read_text() == made.root


def test_what_it_keeps_is_for_its_owner_only(tmp_path: Path) -> None:
    directory = tmp_path / "state" / "ca"
    Authority.load_or_create(directory).server_certificate(directory, ["localhost"])
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in directory.iterdir()}
    assert modes == {"authority.pem": 0o600, "root.pem": 0o600, "server.pem": 0o600}


def test_a_missing_copy_of_the_root_is_written_again(tmp_path: Path) -> None:
    made = Authority.create(tmp_path)
    (tmp_path / "root.pem").unlink()
    Authority.load(tmp_path)
    assert (tmp_path / "root.pem").read_text() == made.root


def test_a_damaged_authority_is_an_error_and_is_not_replaced(tmp_path: Path) -> None:
    Authority.create(tmp_path)
    (tmp_path / "authority.pem").write_text("damaged")
    with pytest.raises(ValueError, match=r"."):
        Authority.load_or_create(tmp_path)
    assert (tmp_path / "authority.pem").read_text() == "damaged"


def test_certificate_and_key_must_belong_together(tmp_path: Path) -> None:
    Authority.create(tmp_path)
    other = authority().issue_client("SN-1")
    write_private(tmp_path / "authority.pem", other.key + authority().root)
    with pytest.raises(ValueError, match="belong together"):
        Authority.load(tmp_path)


def kept(tmp_path: Path, issued: Issued) -> None:
    write_private(tmp_path / "server.pem", issued.key + issued.chain)


def test_a_server_certificate_is_kept_until_there_is_a_reason(tmp_path: Path) -> None:
    made = authority().server_certificate(tmp_path, ["localhost"], ["127.0.0.1"])
    assert authority().server_certificate(tmp_path, ["localhost"], ["127.0.0.1"]) == made
    assert authority().server_certificate(tmp_path, ["localhost", "csms"], ["127.0.0.1"]) != made


@pytest.mark.parametrize(
    "validity",
    [Validity(NOW - 10 * DAY, DAY), Validity(NOW - 10 * DAY, 20 * DAY), Validity(NOW + DAY)],
    ids=["expired", "nearly expired", "not yet valid"],
)
def test_a_server_certificate_out_of_time_is_made_anew(tmp_path: Path, validity: Validity) -> None:
    old = authority().issue_server(["localhost"], validity=validity)
    kept(tmp_path, old)
    assert authority().server_certificate(tmp_path, ["localhost"]) != old


def test_a_server_certificate_of_another_authority_is_made_anew(tmp_path: Path) -> None:
    old = Authority.generate().issue_server(["localhost"])
    kept(tmp_path, old)
    assert authority().server_certificate(tmp_path, ["localhost"]) != old


def test_a_damaged_server_certificate_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "server.pem").write_text("damaged")
    issued = authority().server_certificate(tmp_path, ["localhost"])
    assert authority().server_certificate(tmp_path, ["localhost"]) == issued


def test_a_key_does_not_show_in_a_repr() -> None:
    assert "PRIVATE" not in repr(authority().issue_client("SN-1"))


def test_of_two_writers_of_a_new_file_one_wins(tmp_path: Path) -> None:
    assert write_new(tmp_path / "file", "first")
    assert not write_new(tmp_path / "file", "second")
    assert (tmp_path / "file").read_text() == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
