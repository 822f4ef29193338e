"""Private keys of a station's certificates: readable by their owner only, found again, forgotten."""

import asyncio
import stat
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPrivateNumbers
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from ohmstead.edge import client_keys
from ohmstead.edge.authority import Authority
from ohmstead.edge.certificate_builder import read_key
from ohmstead.edge.client_keys import ClientKeyFiles, KeyPool, MemoryClientKeys


def test_a_key_is_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    """A02.FR.05: nobody else finds it."""
    keys = ClientKeyFiles(tmp_path / "keys")
    name = asyncio.run(keys.make())
    (file,) = (tmp_path / "keys").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert keys.names() == {name}


def test_another_process_finds_the_key_again(tmp_path: Path) -> None:
    name = asyncio.run(ClientKeyFiles(tmp_path).make())
    again = ClientKeyFiles(tmp_path)
    assert "PRIVATE KEY" in (again.key(name) or "")
    again.discard(name)
    again.discard(name)
    assert again.key(name) is None
    assert list(tmp_path.iterdir()) == []


def test_half_a_key_that_a_power_cut_left_goes(tmp_path: Path) -> None:
    """No private key lies about that nobody knows of."""
    name = asyncio.run(ClientKeyFiles(tmp_path).make())
    (tmp_path / ".new-qlnfs89a").write_text("-----BEGIN PRIVATE KEY-----")
    assert ClientKeyFiles(tmp_path).names() == {name}
    assert [file.name for file in tmp_path.iterdir()] == [f"{name}.key.pem"]


def test_no_directory_is_no_key(tmp_path: Path) -> None:
    keys = ClientKeyFiles(tmp_path / "absent")
    assert keys.names() == frozenset()
    assert keys.key("0") is None
    with pytest.raises(KeyError):
        keys.request("0", "CS-001", "Owner")


def test_without_an_organization_the_subject_has_none() -> None:
    keys = MemoryClientKeys()
    name = asyncio.run(keys.make())
    request = x509.load_pem_x509_csr(keys.request(name, "CS-001", "").encode())
    assert request.subject.rfc4514_string() == "CN=CS-001"


def test_the_certificate_for_a_request_has_no_fault() -> None:
    """A02.FR.06, as far as key, subject and use go."""
    keys = MemoryClientKeys()
    first, second = (keys.request(asyncio.run(keys.make()), "CS-001", "Owner") for _ in range(2))
    chain = Authority.generate().sign_csr(first)
    assert keys.fault(chain, first) is None
    assert keys.fault(chain, second) == "its key is not the one that was asked to be certified"


def test_a_pool_gives_each_site_the_same_keys_and_no_site_one_twice() -> None:
    pool = KeyPool()
    first, second = pool.site(), pool.site()
    keys = [first(False), first(False), first(False)]
    assert len(set(keys)) == 3
    assert [second(False), second(False)] == keys[:2]


def test_a_pool_keeps_its_source_whatever_a_wrong_station_does_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or the next station would be given a key that is another one's."""
    pool = KeyPool()
    monkeypatch.setattr(client_keys, "_generate", lambda _short: "the key of a wrong station")
    assert "PRIVATE KEY" in pool.site()(False)


def test_a_key_that_was_changed_is_validated_though_it_was_read_before() -> None:
    """RSA keys that this process knows are loaded without validation, by their whole text."""
    pem = KeyPool().site()(False)
    assert read_key(pem.encode()).public_key() == read_key(pem.encode()).public_key()
    key = read_key(pem.encode())
    assert isinstance(key, RSAPrivateKey)
    numbers = key.private_numbers()
    damaged = RSAPrivateNumbers(
        numbers.p, numbers.q, numbers.d + 2, numbers.dmp1, numbers.dmq1, numbers.iqmp, numbers.public_numbers
    )
    wrong = damaged.private_key(unsafe_skip_rsa_key_validation=True)
    text = wrong.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for _ in range(2):
        with pytest.raises(ValueError):
            read_key(text)
