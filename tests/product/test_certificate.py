"""Abstracts of several stations become products; contradictions end with their line, and nothing comes out."""

import re
from pathlib import Path

import pytest

from ohmstead.product.certificate import CertificateError, CertificateReading, read, read_file
from ohmstead.product.feature_table import Feature
from ohmstead.product.features import SUITE_PAIRS
from ohmstead.product.load import load, parse
from ohmstead.product.profile import VariableSetting
from ohmstead.product.write import write

FIXTURES = Path(__file__).parent / "fixtures"
SEED = (FIXTURES / "sec1000_240y.txt").read_text(encoding="utf-8")
AC = (FIXTURES / "ac_two_sockets.md").read_text(encoding="utf-8")
FOUR = (FIXTURES / "four_evses.txt").read_text(encoding="utf-8")


def line_of(text: str, start: str) -> int:
    return next(number for number, line in enumerate(text.split("\n"), 1) if line.startswith(start))


def changed(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, f"{old!r} occurs {text.count(old)} times"
    return text.replace(old, new)


def without(text: str, *starts: str) -> str:
    return "\n".join(line for line in text.split("\n") if not line.startswith(starts))


def warnings(reading: CertificateReading) -> list[tuple[int, str]]:
    return [(note.line, note.text) for note in reading.notes if note.severity == "warning"]


def test_the_shipped_product_is_what_the_import_of_its_certificate_gives() -> None:
    product = read_file(FIXTURES / "sec1000_240y.txt").product
    assert product == load("sec1000-240y")


def test_the_text_of_the_shipped_product_is_the_one_that_is_written() -> None:
    shipped = Path(__file__).parents[2] / "src/ohmstead/product/data/sec1000-240y.toml"
    remark = "SEC1000/240Y, read from certificate OCA.0201.0167.CS."
    assert shipped.read_text(encoding="utf-8") == write(read(SEED).product, remark)


def test_every_typing_error_of_the_seed_is_reported_with_its_line_and_nothing_else() -> None:
    reading = read(SEED)
    lines = [note.line for note in reading.notes]
    starts = ("1\tDC", "C-40.1", "C-40.2", "C-40.3", "ORS-17")
    assert lines == [line_of(SEED, start) for start in starts]
    assert {note.severity for note in reading.notes} == {"note"}


def test_the_labels_of_the_measurands_are_put_right() -> None:
    notes = {note.line: note.text for note in read(SEED).notes}
    assert "SampledTxStarted" in notes[line_of(SEED, "C-40.1")]
    assert "SampledTxUpdated" in notes[line_of(SEED, "C-40.2")]
    assert "SampledTxEnded" in notes[line_of(SEED, "C-40.3")]


@pytest.mark.parametrize("ending", ["\r\n", "\r"])
def test_line_ends_and_a_byte_order_mark_do_not_matter(ending: str) -> None:
    assert read("\ufeff" + SEED.replace("\n", ending)).product == read(SEED).product


def test_tabs_and_markdown_say_the_same() -> None:
    markdown = "\n".join(f"| {line.replace(chr(9), ' | ')} |" if "\t" in line else line for line in SEED.split("\n"))
    assert read(markdown).product == read(SEED).product


def test_an_ac_station_with_two_sockets_on_one_evse() -> None:
    product = read(AC).product
    evse = product.evses[0]
    assert (evse.current, evse.phases, evse.max_power_w) == ("AC", 3, 22_080.0)
    assert [(c.id, c.type, c.cable) for c in evse.connectors] == [
        (1, "sType2", "Detachable"),
        (2, "sCEE-7-7", "Detachable"),
    ]
    assert product.hardware.max_power_w == 22_080.0
    assert product.hardware.communication == ("Wi-Fi", "Ethernet", "Mobile network")
    assert product.hardware.displays == 0
    assert product.security.profiles == (1, 2)
    assert product.identity.vendor_name == "Volt & Söhne GmbH"
    assert product.identity.firmware_version == "3.1-rc2"
    assert product.start_points == ("DataSigned", "PowerPathClosed")


def test_vendor_and_laboratory_may_name_different_measurands() -> None:
    product = read(AC).product
    assert product.measurands.tx_updated == ("Energy.Active.Import.Register", "Current.Import", "SoC")
    assert product.certificate.tested_measurands.tx_updated == ("Energy.Active.Import.Register",)


def test_lists_of_values_become_variables() -> None:
    variables = read(AC).product.variables
    assert variables["ClockCtrlr.TimeSource"] == VariableSetting(value="Heartbeat,NTP", values=("Heartbeat", "NTP"))
    assert variables["AuthCacheCtrlr.Policy"] == VariableSetting(values=("LRU", "FIFO"))
    assert variables["OCPPCommCtrlr.HeartbeatInterval"] == VariableSetting(max=86_400)
    assert variables["OCPPCommCtrlr.WebSocketPingInterval"] == VariableSetting(value=0, min=10)


def test_a_profile_of_edition_3_becomes_the_feature_of_edition_4() -> None:
    product = read(AC).product
    assert product.has(Feature.LOCAL_LIST)
    assert product.features["R-0"] is False


def test_four_evses_and_hardly_any_tables() -> None:
    reading = read(FOUR)
    product = reading.product
    assert [(evse.id, evse.current, [c.type for c in evse.connectors]) for evse in product.evses] == [
        (1, "DC", ["cCCS2", "cG105"]),
        (2, "DC", ["cCCS2"]),
        (3, "DC", ["cCCS2"]),
        (4, "AC", ["cType2"]),
    ]
    assert product.hardware.max_power_w == 400_000 + 22_080
    assert product.hardware.rfid_readers == "PerEVSE"
    assert product.identity.model == "Depot 400 with a nam"
    assert product.settings == {}
    assert product.security.profiles == (2,)
    assert [line for line, _ in warnings(reading)] == [0, 0, 0, 3, line_of(FOUR, "2\tDC")]


@pytest.mark.parametrize(
    "starts",
    [
        ("ORS-", "ID\tLimit", "ID\tSecurity", "ID\tFirmware"),
        ("AQ-",),
        ("AS-", "### Advanced Security", "ID\tCertification Profile"),
        ("R-", "DM-", "LA-", "UI-"),
        ("HFS-", "## Hardware"),
        ("C-41", "ID\tCipher"),
        ("C-40", "ID\tMetervalues"),
        ("OCPP ", "Transaction ", "Name\tM", "Communication", "## Performance"),
        ("Applied", "Tests of"),
        ("OCTT", "Firmware image"),
        ("Certification Profile", "Core\t", "Advanced Security\t", "Smart", "ISO"),
        ("#",),
    ],
)
def test_a_table_that_is_not_needed_may_be_absent(starts: tuple[str, ...]) -> None:
    product = read(without(SEED, *starts)).product
    assert [evse.connectors for evse in product.evses] == [evse.connectors for evse in load("sec1000-240y").evses]
    assert parse(write(product).encode()) == product


@pytest.mark.parametrize(
    ("starts", "reason"),
    [
        (("1\tDC", "2\tDC", "EVSE\t"), "EVSE table is missing"),
        (("C-",), "core features"),
        (("**Product Designation", "<b>Product Designation"), "Product Designation"),
        (("**Firmware", "Firmware Version"), "Firmware Version"),
        (("**Certificate Holder", "Vendor name"), "Vendor name"),
        (("C-09.",), "C-09"),
        (("C-10.",), "C-10"),
    ],
)
def test_a_table_that_is_needed_may_not(starts: tuple[str, ...], reason: str) -> None:
    with pytest.raises(CertificateError, match=reason):
        read(without(SEED, *starts))


@pytest.mark.parametrize(
    ("old", "new", "where", "reason"),
    [
        ("HFS-8\tNumber of EVSEs\t2", "HFS-8\tNumber of EVSEs\t3", "HFS-8", "the EVSE table lists 2"),
        ("HFS-10\tRFID readers\tSingle", "HFS-10\tRFID readers\tNone", "C-30", "a card without a reader"),
        ("\n2\tDC", "\n3\tDC", "1\tDC", "OCPP counts 1, 2, 3"),
        ("\n2\tDC", "\n1\tDC", "1\tDC\t\t1\tcTesla", "already in line"),
        ("\n2\tDC", "\nx\tDC", "HFS-8", "the EVSE table lists 1"),
        ("C-06.2\tThe authorization ends\tYes", "C-06.2\tThe authorization ends\tNo", "C-06.1", "at least one"),
        ("R-2\tOf any EVSE\tNo", "C-13\tResets a single EVSE\tNo", "C-13\tResets a single EVSE\tNo", "in line"),
        ("ORS-12\tMaximum HeartbeatInterval supported\t1800", "ORS-12\t\t0", "ORS-11", "above ORS-12"),
        ("ORS-16\tWebSocketPingInterval\t60", "ORS-16\tWebSocketPingInterval\t600", "ORS-16", "not between"),
        ("Firmware Version:\tV2.0.1_OCPP_104.96", "Firmware Version:\tV3", "Firmware Version:\tV3", "firmware version"),
        ("Core\tPass", "Core\tFail", "Core\tFail", "Core"),
        ("**Product Type:** Charging Station", "**Product Type:** CSMS", "**Product Type", "not of a charging station"),
        ("0.29\t41.95", "99\t41.95", "OCPP response time\t99", "smallest value"),
    ],
)
def test_a_contradiction_ends_the_import_with_its_line(old: str, new: str, where: str, reason: str) -> None:
    text = changed(SEED, old, new)
    with pytest.raises(CertificateError, match=reason) as caught:
        read(text)
    assert line_of(text, where) in [error.line for error in caught.value.errors if re.search(reason, error.text)]


@pytest.mark.parametrize(
    ("old", "new", "where", "reason"),
    [
        ("HFS-4\tCharges with DC\tYes", "HFS-4\tCharges with DC\tNo", "HFS-4", "HFS-4 is No, but EVSE 1 has DC"),
        ("HFS-3\tCharges with AC\tNo", "HFS-3\tCharges with AC\tYes", "HFS-3", "no EVSE of the table has AC"),
        ("HFS-1\tDetachable cable\tNo", "HFS-1\tDetachable cable\tYes", "HFS-1", "a detachable cable"),
        ("\t1\tcTesla\tFixed", "\t1\tcTesla\tDetachable", "HFS-1", "a detachable cable in line"),
        ("C-49\tAuthorization cache\tYes", "C-49\tAuthorization cache\tNo", "C-53", "C-49"),
        ("R-1\tOf a connector type\tNo", "R-1\tOf a connector type\tYes", "R-1", "R-0"),
        ("UI-2.4\tUTF8\tNo", "UI-2.4\tUTF8\tYes", "UI-2.4", "UI-0"),
        ("C-01\tAuthorizes transactions while offline\tYes", "C-01\tOffline\tNo", "C-02", "C-01"),
        ("AQ-9\tCharges by IEC 61851-1, mode 3\tNo", "AQ-9\tMode 3\tYes", "AQ-9", "HFS-3"),
        ("C-09.3\tDataSigned\tNo", "C-09.3\tDataSigned\tYes", "C-09.3", "C-42"),
        ("C-08\tMaster pass on a station without one\tNo", "C-08\tMaster pass\tYes", "C-08", "1 displays"),
    ],
)
def test_a_contradiction_that_leaves_one_station_is_a_warning_and_strict_refuses_it(
    old: str, new: str, where: str, reason: str
) -> None:
    """It says how it was read, and the paper's words stay in the product."""
    text = changed(SEED, old, new)
    reading = read(text)
    [note] = [note for note in reading.notes if note.contradicts and note.line == line_of(text, where)]
    assert reason in note.text
    identifier = note.text.split()[0]
    written = "Yes" if reading.product.features[identifier] is False else "No"
    assert reading.product.certificate.words[identifier] == written
    assert parse(write(reading.product).encode()) == reading.product
    with pytest.raises(CertificateError, match=reason):
        read(text, strict=True)


def test_all_that_is_wrong_is_told_at_once() -> None:
    """Each with its line, in the order of the lines."""
    text = changed(SEED, "HFS-8\tNumber of EVSEs\t2", "HFS-8\tNumber of EVSEs\t3")
    text = changed(text, "C-06.2\tThe authorization ends\tYes", "C-06.2\tThe authorization ends\tNo")
    text = changed(text, "ORS-12\tMaximum HeartbeatInterval supported\t1800", "ORS-12\t\t0")
    text = changed(text, "0.29\t41.95", "99\t41.95")
    with pytest.raises(CertificateError) as caught:
        read(without(text, "C-10."))
    found = [(error.line, error.severity) for error in caught.value.errors]
    assert len(found) == 5
    assert found == sorted(found)
    assert len(str(caught.value).splitlines()) == 5


def test_an_abstract_of_another_version_is_refused() -> None:
    with pytest.raises(CertificateError, match=r"OCPP 1\.6"):
        read(changed(SEED, "reference specification OCPP 2.0.1", "reference specification OCPP 1.6"))


@pytest.mark.parametrize(
    ("old", "new", "where", "text"),
    [
        ("C-13\tResets", "C-13a\tResets", "C-13a", "not understood"),
        ("C-13\tResets", "C-99\tResets", "C-99", "no id"),
        ("C-13\tResets a single EVSE\tYes", "C-13\tResets a single EVSE\tPerhaps", "C-13", "neither Yes nor No"),
        ("C-13\tResets a single EVSE\tYes", "C-13\tResets a single EVSE\t", "C-13", "no answer"),
        ("\t1\tcTesla", "\t1\tcFuture", "2\tDC", "taken as Unknown"),
        ("\tcTesla\tFixed Cable", "\tcTesla\tRope", "2\tDC", "cable type"),
        ("HFS-11\tDC power in kW\t240", "HFS-11\tDC power in kW\tlots", "HFS-11", "50 kW is taken"),
        ("HFS-9\tWays to reach the CSMS\tEthernet,", "HFS-9\tWays\tPowerline,", "HFS-9", "Powerline"),
        ("ORS-18\tMaxCertificateChainSize\t5600", "ORS-18\tMaxCertificateChainSize\tlong", "ORS-18", "not a number"),
        ("AS-2\tAdditional check of root certificates\tNo", "SC-2.1\tA\tWhat", "SC-2.1", "neither Yes nor No"),
        ("\t0.29\t", "\tfast\t", "OCPP response time\tfast", "figure"),
        ("Some title", "Some title\n\n## A new section", "## A new section", "section"),
        ("GCM_SHA384", "GCM_SHA384 TLS_RSA_WITH_DES", "C-41", "TLS_RSA_WITH_DES"),
    ],
)
def test_what_is_not_understood_is_a_warning_with_its_line(old: str, new: str, where: str, text: str) -> None:
    source = changed(SEED, old, new)
    found = warnings(read(source))
    assert [(line, text in what) for line, what in found] == [(line_of(source, where), True)]


def test_a_stray_line_is_a_warning() -> None:
    source = changed(SEED, "## Optional Features", "Page 3 of 7\n\n## Optional Features")
    assert warnings(read(source)) == [(line_of(source, "Page 3"), "not understood: Page 3 of 7")]


def test_a_row_whose_columns_ran_together_is_read() -> None:
    source = changed(SEED, "C-56\tSummary inventory\tNo", "C-56 Summary inventory Yes")
    reading = read(source)
    assert reading.product.has(Feature.SUMMARY_INVENTORY)
    assert line_of(source, "C-56") in {note.line for note in reading.notes}


def test_a_text_that_has_lost_its_columns_says_what_would_be_read() -> None:
    """What `pdftotext -raw` makes of a paper."""
    with pytest.raises(CertificateError, match="pdftotext -layout"):
        read(SEED.replace("\t", " "))


def test_cipher_suites_may_stand_on_several_lines() -> None:
    reading = read(changed(SEED, "GCM_SHA256 TLS_RSA", "GCM_SHA256\nTLS_RSA"))
    assert reading.product.security == load("sec1000-240y").security


@pytest.mark.parametrize(
    ("written", "pair"),
    [
        ("TLS_RSA_WITH_AES_256_GCM_SHA384", 1),
        ("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", 0),
        ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", 1),
        ("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", 0),
        ("TLS_AES_128_GCM_SHA256 TLS_AES_256_GCM_SHA384", 0),
    ],
)
def test_cipher_suites_without_a_pair_are_read_with_one(written: str, pair: int) -> None:
    """A00.FR.319: whatever else a paper lists, a station that passed TC_A_04 offers one of the two."""
    source = changed(SEED, "TLS_RSA_WITH_AES_128_GCM_SHA256 TLS_RSA_WITH_AES_256_GCM_SHA384", written)
    reading = read(source)
    suites = reading.product.security.cipher_suites
    assert set(suites) == {*written.split(), *SUITE_PAIRS[pair]}
    assert reading.product.certificate.words["C-41"] == written
    assert [(line, "A00.FR.319" in what) for line, what in warnings(reading)] == [(line_of(source, "C-41"), True)]


@pytest.mark.parametrize("written", ["c-13", "C - 13", "C–13"])
def test_another_spelling_of_an_id_is_read(written: str) -> None:
    reading = read(changed(SEED, "\nC-13\t", f"\n{written}\t"))
    assert reading.product.has(Feature.EVSE_RESET)
    assert any(f"{written} is read as C-13" in note.text for note in reading.notes)


@pytest.mark.parametrize(("written", "right"), [("cCCSl", "cCCS1"), ("CCCS1", "cCCS1"), ("CCS1", "cCCS1")])
def test_another_spelling_of_a_connector_type_is_read(written: str, right: str) -> None:
    assert read(changed(SEED, "cCCSI", written)).product.evses[0].connectors[0].type == right


def test_a_setting_goes_by_its_label() -> None:
    source = changed(SEED, "ORS-12\tMaximum", "ORS-13\tMaximum")
    assert "ORS-12" not in read(source).product.settings
    source = changed(SEED, "ORS-6\tBytesPerMessageSetVariables\t500\n", "")
    source = changed(source, "ORS-5\tBytesPerMessageGetVariables", "ORS-5\tBytesPerMessageSetVariables")
    assert set(read(source).product.settings) & {"ORS-5", "ORS-6"} == {"ORS-6"}


@pytest.mark.parametrize("text", ["", "\n\n", "just some words", "# A heading", "a\tb\n", "|||\n|-|-|"])
def test_a_text_that_is_no_abstract_is_refused(text: str) -> None:
    with pytest.raises(CertificateError, match="no abstract"):
        read(text)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "certificate.pdf"
    file.write_bytes(b"%PDF-1.7\n\xe2\xe3\xcf\xd3\n")
    with pytest.raises(CertificateError, match="the PDF"):
        read_file(file)
    file.write_bytes(b"a\nb\0")
    with pytest.raises(CertificateError, match="line 2: a zero byte"):
        read_file(file)
    with pytest.raises(CertificateError, match="cannot be read"):
        read_file(tmp_path / "nothing")
    with pytest.raises(CertificateError, match="cannot be read"):
        read_file(tmp_path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_a_text_of_any_usual_encoding_is_read(tmp_path: Path, encoding: str) -> None:
    """Windows writes UTF-16 with a mark, older programs Latin-1."""
    file = tmp_path / "certificate.txt"
    file.write_bytes(AC.replace("\n", "\r\n").encode(encoding))
    assert read_file(file).product == read(AC).product
