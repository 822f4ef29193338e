"""The lab reads certificates by itself; here its reading is held against the station's and against OpenSSL's names."""

import asyncio
import hashlib

import pytest

from ohmstead.edge.authority import Authority
from ohmstead.edge.client_keys import MemoryClientKeys
from ohmstead.edge.x509 import X509Reader
from ohmstead.lab.cases.parsed_certificates import hash_data, issued_by, names_same, read_certificate, read_request
from ohmstead.lab.rig import SigningFault
from ohmstead.lab.rigs.authorities import LabCertificates
from ohmstead.lab.rigs.external import ExternalCertificates
from ohmstead.product.load import load
from ohmstead.wire.messages import HashAlgorithmEnum, InstallCertificateUseEnum

CSMS = InstallCertificateUseEnum.CSMSRootCertificate


def lab(product: str = "sec1000-240y") -> LabCertificates:
    return LabCertificates(load(product))


@pytest.mark.parametrize("algorithm", list(HashAlgorithmEnum))
def test_hash_data_are_those_of_the_station(algorithm: HashAlgorithmEnum) -> None:
    root = lab().csms_root
    named, own = hash_data(root, algorithm=algorithm), X509Reader().identifiers(root, root)
    assert named.issuer_name_hash == hashlib.new(algorithm.value, own.issuer_name).hexdigest()
    assert named.issuer_key_hash == hashlib.new(algorithm.value, own.issuer_key).hexdigest()
    assert int(named.serial_number, 16) == own.serial_number
    assert names_same(named, hash_data(root, algorithm=algorithm))


def test_another_csms_root_is_signed_by_the_first_where_the_product_asks_for_that() -> None:
    plain, checked = lab(), lab("flagship")
    assert not issued_by(plain.another_root(CSMS), plain.csms_root)
    assert issued_by(checked.another_root(CSMS), checked.csms_root)


def test_a_signed_certificate_has_key_and_name_of_the_request() -> None:
    csr = signing_request()
    certificate = read_certificate(lab().sign(csr))
    asked = read_request(csr)
    assert (certificate.public_key, certificate.common_name) == (asked.public_key, "CS-001")
    assert issued_by(lab().sign(csr), lab().csms_root)


def test_each_fault_is_one() -> None:
    csr = signing_request()
    assert not issued_by(lab().sign(csr, SigningFault.UnknownRoot), lab().csms_root)
    other = read_certificate(lab().sign(csr, SigningFault.OtherKey))
    assert other.public_key != read_request(csr).public_key


@pytest.mark.parametrize("fault", [None, SigningFault.OtherKey, SigningFault.Expired])
def test_a_station_of_somebody_else_finds_one_fault_and_not_an_unknown_root(fault: SigningFault | None) -> None:
    given = ExternalCertificates(load("sec1000-240y"), Authority.generate())
    assert issued_by(given.sign(signing_request(), fault), given.csms_root)


def test_another_csms_root_is_signed_by_the_one_that_somebody_elses_station_was_given() -> None:
    given = ExternalCertificates(load("flagship"), Authority.generate())
    assert issued_by(given.another_root(CSMS), given.csms_root)


def test_what_is_no_request_is_refused() -> None:
    with pytest.raises(ValueError, match="not a certificate signing request"):
        lab().sign("nonsense")


def signing_request() -> str:
    keys = MemoryClientKeys()
    return keys.request(asyncio.run(keys.make()), "CS-001", "Lab")
