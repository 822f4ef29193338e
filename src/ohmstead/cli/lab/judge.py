"""`ohmstead lab judge`: a report judged again, with its signature; `ohmstead lab key`: a key to sign with."""

from pathlib import Path
from typing import Annotated

import typer

from ohmstead.cli.terminal import say

EXAMPLE = """[bold]Example[/bold]

  ohmstead lab judge report-sec1000-240y
  ohmstead lab judge report-sec1000-240y --key laboratory.pem.pub"""
KEY_EXAMPLE = """[bold]Example[/bold]

  ohmstead lab key laboratory.pem
  ohmstead certify --product mine.toml --sign laboratory.pem"""


def judge(
    folder: Annotated[Path, typer.Argument(help="Folder of a report, with its evidence.", metavar="FOLDER")],
    key: Annotated[
        Path | None,
        typer.Option("--key", help="The report has to be signed with this key: its public part, PEM.", metavar="FILE"),
    ] = None,
) -> int:
    """Judge every case of a report again, from the wire logs, and check its signature where it has one.

    Reports of earlier versions are judged too: their verdicts, not their words. Exit code 0: the report says what
    follows from its evidence, and nothing was altered since it was signed.
    """
    from ohmstead.lab.report.judging import judge_report, unfounded, words
    from ohmstead.lab.report.model import EARLIER_FORMATS, read
    from ohmstead.lab.report.signature import check_signature, public_key

    if not (folder / "report.json").is_file():
        raise typer.BadParameter(f"{folder} is no folder of a report: it has no report.json", param_hint="FOLDER")
    signature = check_signature(folder, None if key is None else public_key(key))
    for line in signature.wrong:
        say(line)
    if signature.signed_by and not signature.wrong:
        vouched = "the key that was named" if key is not None else "compare it, or name the key with --key"
        say(f"signed with {signature.signed_by} ({vouched})")
    report = read((folder / "report.json").read_bytes())
    if report.format in EARLIER_FORMATS:
        say(f"of an earlier version ({report.made_by}): its verdicts are compared, not its words")
    count, wrong = 0, []
    for judged in judge_report(folder):
        count += 1
        if not judged.same:
            wrong.append(judged)
            say(f"{judged.reported.id}: {words(judged)}")
    say(f"{count - len(wrong)} of {count} verdicts are the same")
    false = [] if wrong else unfounded(folder)
    for line in false:
        say(line)
    return 1 if wrong or false or signature.wrong or not count else 0


def key(
    file: Annotated[Path, typer.Argument(help="The private key is written here, readable by you alone.")],
) -> int:
    """Make an Ed25519 key to sign reports with; who relies on them gets FILE.pub."""
    from ohmstead.lab.report.signature import fingerprint, make_key, public_key

    public = make_key(file)
    say(f"private key {file}: keep it; certify --sign {file}")
    say(f"public key {public}: give it to those who rely on the report; lab judge --key {public}")
    say(f"its fingerprint: {fingerprint(public_key(public))}")
    return 0
