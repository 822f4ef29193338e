"""How a URL stands in a log or in an answer: without what may be a secret."""

import pytest

from ohmstead.ports.files import shown

SECRET = "Hunter2-is-the-secret"


@pytest.mark.parametrize(
    "url",
    [
        f"https://user:{SECRET}@host/file",
        f"https://user:p@{SECRET}@host/file",
        f"https://user:p://{SECRET}@host/file",
        f"https://user%3A{SECRET}%40host/file",
        f"https://host/file?sig={SECRET}",
        f"https://host/file%3Fsig={SECRET}",
        f"https://host/file%3fsig={SECRET}",
        f"https://host/file#{SECRET}",
        f"https:\\\\user:{SECRET}@host/file",
        f"ftp:user:{SECRET}@host/file",
        f"ftp:/user:{SECRET}@host/file",
        f"mailto:{SECRET}@host",
        f"user:{SECRET}@host/file",
        f"//user:{SECRET}@host/file",
        SECRET,
    ],
)
def test_no_way_of_writing_a_url_shows_its_credentials_or_query(url: str) -> None:
    assert SECRET.lower() not in shown(url).lower()


def test_what_says_where_it_leads_stays() -> None:
    assert shown("ftp://user:secret@host:21/logs/a%40b.log?x") == "ftp://host:21/logs/a%40b.log"
