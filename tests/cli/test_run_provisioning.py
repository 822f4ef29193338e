"""What `ohmstead run` reads for a CSMS of somebody else: certificates in several files, roots of the manufacturer."""

from pathlib import Path

import pytest

from ohmstead.cli.run.options import RunOptions, RunRefused
from ohmstead.cli.run.provisioning import certificates, external, manufacturer_roots
from ohmstead.edge.authority import Authority
from ohmstead.product.load import load


def test_the_certificate_that_has_the_key_goes_before_its_chain(tmp_path: Path) -> None:
    """In whichever order the files are named."""
    authority = Authority.generate()
    own, between = authority.issue_client("CS-1"), Authority.generate("An Intermediate CA")
    files = {"root.pem": authority.root, "own.pem": own.chain, "between.pem": between.root, "key.pem": own.key}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    options = RunOptions(
        product="flagship",
        identity="CS-1",
        csms="wss://csms.example",
        security_profile=3,
        csms_root=tmp_path / "root.pem",
        client_cert=(tmp_path / "between.pem", tmp_path / "own.pem"),
        client_key=tmp_path / "key.pem",
    )
    config = external(options, load("flagship"), "Wired0", lambda: "unused")
    assert config.client_certificate is not None
    assert certificates(config.client_certificate) == (*certificates(own.chain), *certificates(between.root))


def test_roots_of_the_manufacturer_from_several_files(tmp_path: Path) -> None:
    """One file may hold several."""
    roots = [Authority.generate(f"Root {number}").root for number in range(3)]
    (tmp_path / "a.pem").write_text(roots[0] + roots[1])
    (tmp_path / "b.pem").write_text(roots[2])
    options = RunOptions(
        product="flagship", identity="CS-1", manufacturer_root=(tmp_path / "a.pem", tmp_path / "b.pem")
    )
    assert manufacturer_roots(options) == tuple(certificates(root)[0] for root in roots)


def test_a_root_of_the_manufacturer_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "a.pem").write_text("no certificate")
    options = RunOptions(product="flagship", identity="CS-1", manufacturer_root=(tmp_path / "a.pem",))
    with pytest.raises(RunRefused, match=r"--manufacturer-root .*a\.pem: a root certificate cannot be read"):
        manufacturer_roots(options)
