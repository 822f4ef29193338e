"""The odd URLs and answers of file servers, each with how a log and a firmware end there."""

from tests.hostile.file_talk import END, GREETING

Ending = tuple[str, str]
DONE: Ending = ("Uploaded", "InvalidSignature")
"""The file traveled; what came down is no firmware that is signed."""
FAILED: Ending = ("UploadFailure", "DownloadFailed")
BAD: Ending = ("BadMessage", "DownloadFailed")
DENIED: Ending = ("PermissionDenied", "DownloadFailed")
UNKNOWN: Ending = ("NotSupportedOperation", "DownloadFailed")
SCHEMES = ("http", "https", "ftp", "ftps")

REFUSED = {
    scheme: [
        f"{scheme}{rest}"
        for rest in (
            *("", ":", ":/", "://", ":///", ":///a", ":a", "//127.0.0.1/a", "://:80/a", "://u:p@/a", "://u:p@:80/a"),
            *("://[/a", "://]/a", "://[]/a", "://[::1/a", "://[::1]x/a", "://[12345::]/a"),
            *(
                "://127.0.0.1:0/a",
                "://127.0.0.1:00000/a",
                "://127.0.0.1:99999/a",
                "://127.0.0.1:65536/a",
                "://127.0.0.1:-1/a",
            ),
            *("://a..b/a", "://.invalid/a", "://xn--/a", "://\u2603..b/a", "://256.256.256.256/a"),
            f"://{'a' * 100}.invalid/a",
            *("://127.0.0.1:port/a", "://127.0.0.1:1:2/a", "://127.0.0.1:1_0/a", "://127.0.0.1:\u0661/a"),
            *("://127.0.0.1/a b", "://127.0.0.1/a\tb", "://127.0.0.1/a\nb", "://127.0.0.1/a\x00", "://127. 0.0.1/a"),
            *(
                "://u :p@127.0.0.1/a",
                "://127.0.0.1/\x7f",
                "://127.0.0.1/\u2028",
                "://127.0.0.1/\x85",
                "://\u202e127.0.0.1/",
            ),
        )
    ]
    for scheme in SCHEMES
} | {
    "other schemes": [
        "",
        "a",
        "//127.0.0.1/a",
        "file:///etc/passwd",
        "gopher://x/",
        "javascript:alert(1)",
        "sftp://x/a",
    ]
}
URLS: dict[str, dict[str, Ending]] = {
    "hosts": {
        f"{scheme}://{host}/a": FAILED
        for scheme in SCHEMES
        for host in (
            "xn--a",
            "a_b.invalid",
            "b\u00fccher.invalid",
            "[::1]:1",
            "[::ffff:127.0.0.1]:1",
            "127.0.0.1:1",
        )
    },
    "paths": {
        "ftp://u:p@127.0.0.1:FTP": DONE,
        "ftp://u:p@127.0.0.1:FTP/": DONE,
        "ftp://u:p@127.0.0.1:FTP/a%20b": DONE,
        "ftp://u:p@127.0.0.1:FTP/%zz%": DONE,
        "ftp://u:p@127.0.0.1:FTP/%ff": DONE,
        "ftp://u:p@127.0.0.1:FTP/b\u00fccher/\u2603": DONE,
        "ftp://u:p@127.0.0.1:FTP/a;type=a": DONE,
        "ftp://u:p@127.0.0.1:FTP/a?x#y": DONE,
        "ftp://u:p@127.0.0.1:FTP/%00": FAILED,
        "ftp://u:p@127.0.0.1:FTP/%0d%0aDELE%20x": FAILED,
        "http://127.0.0.1:HTTP": DONE,
        "http://127.0.0.1:HTTP?x": DONE,
        "http://127.0.0.1:HTTP/%zz%": DONE,
        "http://127.0.0.1:HTTP/%00": DONE,
        "http://127.0.0.1:HTTP/b\u00fccher/\u2603": DONE,
        "http://127.0.0.1:HTTP/../../a": DONE,
        "http://127.0.0.1:HTTP/a#fragment": DONE,
    },
    "credentials": {
        f"{place.format(user)}": FAILED if "%0" in user and place.startswith("ftp") else DONE
        for place in ("ftp://{}127.0.0.1:FTP/a", "http://{}127.0.0.1:HTTP/a")
        for user in (
            "",
            ":@",
            "u@",
            "u:@",
            ":p@",
            "@",
            "u@x:p@y@",
            "u:p:q@",
            "%zz:%@",
            "\u00fc:\u2603@",
            "%ff:%fe@",
            "%00:p@",
            "u%0d%0aX:p%0a@",
            f"{'u' * 100}:{'p' * 100}@",
        )
    },
}
TEXT = "Gr\u00fc\u00dfe".encode("latin-1")
CODES = {
    GREETING: b"220",
    "USER": b"331",
    "PASS": b"230",
    "TYPE": b"200",
    "PWD": b'257 "/"',
    "CWD": b"550",
    "STOR": b"150",
    "RETR": b"150",
    END: b"226",
    "QUIT": b"221",
}
UP, DOWN = ("PWD", "CWD", "STOR"), ("RETR",)
"""What is said only where a file goes up, or comes down."""
FtpCells = dict[str, tuple[dict[str, bytes], Ending]]


def _fine(text: bytes, apart: tuple[str, ...] = ()) -> FtpCells:
    """An answer that is odd, and says what it has to: `CODE` is replaced."""
    return {verb: ({verb: text.replace(b"CODE", code)}, DONE) for verb, code in CODES.items() if verb not in apart}


def _bad(text: bytes, ending: Ending, apart: tuple[str, ...] = ("QUIT",)) -> FtpCells:
    """An answer that ends the transfer wherever it comes; after the last one nobody minds."""
    return {
        verb: ({verb: text}, (DONE[0] if verb in DOWN else ending[0], DONE[1] if verb in UP else ending[1]))
        for verb in CODES
        if verb not in apart
    }


FTP_REPLIES: dict[str, FtpCells] = {
    "Latin-1": _fine(b"CODE " + TEXT),
    "several lines": _fine(b"CODE-a\r\n 500 b\r\n500 c\r\nCODE-d\r\n\r\nCODE e", ("PWD",))
    | _fine(b"CODE- " + TEXT + b"\r\nCODE", ("PWD",)),
    "no text": _fine(b"CODE"),
    "line feeds": _fine(b"CODE-a\nb\nCODE c", ("PWD",)),
    "control characters": _fine(b"CODE \x00\x1b[31m\xe2\x80\xa8\x85\xe2\x80\xae"),
    "bytes": _bad(b"\x00\xff\xfe\x01", BAD),
    "HTTP": _bad(b"HTTP/1.1 400 Bad Request", BAD),
    "an empty line": _bad(b"", BAD),
    "a code of three letters": _bad(b"abc def", BAD),
    "a digit of another script": _bad("\u0662\u0662\u0660 ok".encode(), BAD),
    "530": _bad(b"530 " + TEXT, DENIED, ("QUIT", "CWD")),
    "421": _bad(b"421 " + TEXT, FAILED),
    "502": _bad(b"502 " + TEXT, UNKNOWN, ("QUIT", "CWD")),
    "552": _bad(b"552-a\r\n552 " + TEXT, FAILED, ("QUIT", "CWD")),
    "999": _bad(b"999 " + TEXT, BAD),
    "a password echoed": _bad(b"530 u:p is wrong", DENIED, ("QUIT", "CWD")),
    "a data port": {
        "no numbers": ({"PASV": b"227 ok"}, BAD),
        "five numbers": ({"PASV": b"227 (127,0,0,1,1)"}, BAD),
        "large numbers": ({"PASV": b"227 (999,0,0,1,999,999)"}, FAILED),
        "endless numbers": ({"PASV": b"227 (127,0,0,1," + b"9" * 5000 + b",1)"}, BAD),
        "zero": ({"PASV": b"227 (127,0,0,1,0,0)"}, FAILED),
        "nobody there": ({"PASV": b"227 (127,0,0,1,0,1)"}, FAILED),
        "refused": ({"PASV": b"425 " + TEXT}, FAILED),
        "unknown": ({"PASV": b"502 " + TEXT}, UNKNOWN),
    },
    "sizes and times": {
        "no number": ({"SIZE": b"213 x"}, (DONE[0], FAILED[1])),
        "none": ({"SIZE": b"213"}, (DONE[0], FAILED[1])),
        "negative": ({"SIZE": b"213 -1"}, (DONE[0], FAILED[1])),
        "endless": ({"SIZE": b"213 " + b"9" * 5000}, (DONE[0], FAILED[1])),
        "large": ({"SIZE": b"213 " + b"9" * 20}, (DONE[0], FAILED[1])),
        "another": ({"SIZE": b"213 2"}, (DONE[0], FAILED[1])),
        "right": ({"SIZE": b"213 1"}, DONE),
        "a time that is none": ({"SIZE": b"213 1", "MDTM": b"213 " + TEXT + b"\x00\x1b[31m"}, DONE),
    },
    "the end of a transfer": {
        "broken off": ({END: b"426 " + TEXT}, FAILED),
        "no room": ({END: b"452 " + TEXT}, FAILED),
        "forgotten": ({"STOR": b"553 " + TEXT, "RETR": b"550 " + TEXT}, FAILED),
        "an account is wanted": ({"PASS": b"332 " + TEXT}, UNKNOWN),
        "a folder without quotes": ({"PWD": b"257 /"}, DONE),
        "a folder with a line": ({"PWD": b'257 "/\x00"'}, DONE),
    },
}


def _http(head: bytes, body: bytes = b"x") -> bytes:
    return b"HTTP/1.1 " + head + b"\r\n\r\n" + body


def _moved(location: bytes, status: bytes = b"307") -> bytes:
    return _http(status + b" .\r\nContent-Length: 0\r\nConnection: close\r\nLocation: " + location, b"")


BROKEN_DOWN: Ending = (DONE[0], FAILED[1])
"""What comes after the head of an answer is read only where a file comes down."""
ANSWERS: dict[str, dict[str, tuple[bytes, Ending]]] = {
    "no HTTP": {
        "nothing": (b"", FAILED),
        "zeros": (bytes(500), FAILED),
        "FTP": (b"220 ready\r\n", FAILED),
        "ICY": (b"ICY 200 OK\r\n\r\nx", FAILED),
        "another version": (b"HTTP/9.9 200 OK\r\nContent-Length: 1\r\n\r\nx", DONE),
        "a body alone": (b"x" * 5000, FAILED),
        "half a head": (b"HTTP/1.1 200 OK\r\nContent-Le", FAILED),
    },
    "status": {
        "letters": (_http(b"abc OK"), FAILED),
        "none": (_http(b""), FAILED),
        "999": (_http(b"999 x\r\nContent-Length: 1"), FAILED),
        "099": (_http(b"099 x\r\nContent-Length: 1"), FAILED),
        "2000": (_http(b"2000 x\r\nContent-Length: 1"), FAILED),
        "100 and no more": (_http(b"100 Continue", b""), FAILED),
        "101": (_http(b"101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade", b""), FAILED),
        "204": (_http(b"204 No Content", b""), DONE),
        "206 unasked": (_http(b"206 Partial Content\r\nContent-Range: bytes 0-0/1\r\nContent-Length: 1"), DONE),
        "304": (_http(b"304 Not Modified", b""), BAD),
        "401 with Digest": (
            _http(b'401 .\r\nWWW-Authenticate: Digest realm="\x85\xff", nonce=\r\nContent-Length: 0', b""),
            DENIED,
        ),
        "401 with u:p": (_http(b"401 u:p is wrong\r\nContent-Length: 0", b""), DENIED),
        "a reason in Latin-1": (_http(b"200 " + TEXT + b"\r\nContent-Length: 1"), DONE),
        "500 in Latin-1": (_http(b"500 " + TEXT + b"\r\nContent-Length: 0", b""), FAILED),
        "503 with an escape": (_http(b"503 \x1b[31m\r\nContent-Length: 0", b""), FAILED),
    },
    "fields": {
        "no colon": (_http(b"200 OK\r\nX"), FAILED),
        "a NUL": (_http(b"200 OK\r\nX: \x00"), FAILED),
        "Latin-1": (_http(b"200 OK\r\nX: " + TEXT + b"\r\nContent-Length: 1"), DONE),
        "an ETag in Latin-1": (_http(b'200 OK\r\nETag: "' + TEXT + b'"\r\nContent-Length: 1'), DONE),
        "two lengths": (_http(b"200 OK\r\nContent-Length: 1\r\nContent-Length: 2"), FAILED),
        "a negative length": (_http(b"200 OK\r\nContent-Length: -1"), FAILED),
        "a length that is none": (_http(b"200 OK\r\nContent-Length: one"), FAILED),
        "an endless length": (_http(b"200 OK\r\nContent-Length: " + b"9" * 5000), FAILED),
        "a large length": (_http(b"200 OK\r\nContent-Length: " + b"9" * 19), BROKEN_DOWN),
        "more than comes": (_http(b"200 OK\r\nContent-Length: 2"), BROKEN_DOWN),
        "another coding": (_http(b"200 OK\r\nTransfer-Encoding: gzip"), FAILED),
        "a chunk that is none": (_http(b"200 OK\r\nTransfer-Encoding: chunked", b"zz\r\nx"), BROKEN_DOWN),
        "packed": (_http(b"200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1"), DONE),
        "until the end": (_http(b"200 OK"), DONE),
    },
    "redirects": {
        **{
            name: (_moved(location), FAILED)
            for name, location in {
                "nowhere": b"",
                "to itself": b"/a",
                "to itself by name": b"http://127.0.0.1:PORT/a",
                "to what is no URL": b"http://[/",
                "to no host": b"http:///a",
                "to two slashes": b"//",
                "to a file": b"file:///etc/passwd",
                "to FTP": b"ftp://127.0.0.1:PORT/a",
                "to another scheme": b"gopher://127.0.0.1/",
                "to TLS that is none": b"https://127.0.0.1:PORT/a",
                "to port 0": b"http://127.0.0.1:0/a",
                "to a port beyond": b"http://127.0.0.1:99999/a",
                "to a long place": b"/" + b"a" * 3000,
                "to a place in Latin-1": b"/" + TEXT,
                "to a script": b"javascript:alert(1)",
                "with an escape": b"http://\x1b[31m/",
                "to credentials": b"http://u:p@127.0.0.1:PORT/a",
            }.items()
        },
        "to a punycode that is none": (_moved(b"http://xn--/"), BAD),
        "300": (_moved(b"/a", b"300"), BAD),
        "without a place": (_http(b"307 .\r\nContent-Length: 0", b""), BAD),
        "303 of an upload": (_moved(b"/a", b"303"), (BAD[0], FAILED[1])),
    },
}
