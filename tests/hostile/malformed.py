"""Requests that are none, as bytes: kind -> name -> request. What is legal HTTP and has an answer is not in here."""

from collections.abc import Mapping
from types import MappingProxyType

HOST = b"Host: localhost\r\n"
JSON = b"Content-Type: application/json\r\n"
PLUG = b"/api/v1/hand/plug"
HEALTH = b"/api/v1/health"
Requests = dict[str, bytes]


def request(
    target: bytes, fields: bytes = b"", *, method: bytes = b"GET", host: bytes = HOST, version: bytes = b"HTTP/1.1"
) -> bytes:
    """Return a request without a body."""
    return b"%b %b %b\r\n%b%b\r\n" % (method, target, version, host, fields)


def sending(target: bytes, body: bytes, fields: bytes = JSON, *, method: bytes = b"POST", host: bytes = HOST) -> bytes:
    """Return a request with a body."""
    return request(target, b"%bContent-Length: %d\r\n" % (fields, len(body)), method=method, host=host) + body


def named(values: list[bytes]) -> dict[str, bytes]:
    """Return each under a name that can be read."""
    return {f"{number} {value[:20]!r}": value for number, value in enumerate(values)}


NO_PLACES = [
    *(b"[", b"]", b"[]", b"[::1", b"::1]", b"[::1]x", b"[::1]]", b"[v1.x]", b"[fe80::1%25eth0]", b"[12345::]"),
    *(b"[::1]:x", b"localhost:x", b"localhost:99999", b"localhost:-1", b"localhost:80:80"),
    *(b"localhost:" + b"9" * 5000, b"user:password@localhost", b"a@b@localhost", b"localhost/x", b"localhost#x"),
    *(b"localhost?x", b"localhost\\x", b"localhost localhost", b"localhost,localhost", b"\xff\xfe", b"localhost\x00"),
    *(b"localhost\xe2\x80\xa8", "½".encode(), "ℓocalhost".encode(), "localhost／x".encode(), b"<script>", b"a" * 300),
    *(b"..", b"127.1", b""),
]
OTHER_PLACES = (b"localhost,localhost", b"a" * 300, b"..", b"127.1", b"")
"""What is a place, and not this one."""
TARGETS = [
    *(b"*", b"", b"?", b"health", b"localhost:80", b"http://localhost/api/v1/health", b"http://[/x"),
    *(b"//evil.example/x", b"/" + b"a" * 20_000, b"/" + b"a/" * 5000, b"/" + b"%41" * 5000, b"/a b", b"/\x00"),
    *(b"/\xff", b"\xff", b"/%", b"/%z", b"/%zz", b"/%ff%fe", b"/%00", b"/%e2%80%a8", b"/%1b%5b31m", b"/%ed%a0%80"),
    *(b"/%c0%ae%c0%ae/", b"/../../etc/passwd", b"/static/../app.py", b"/static/%2e%2e%2fapp.py"),
    *(b"/static/..%5capp.py", b"/static/%00", b"/static/%ff", b"/static/%e2%80%a8%1b%5bx", b"/static/{name}"),
    *(b"/{name}", b"/api/v1/health%23", b"/api/v1/%2e%2e", b"/api/v1/trace?since=", b"/api/v1/trace?since=x"),
    *(b"/api/v1/trace?since=-1", b"/api/v1/trace?since=1e400", b"/api/v1/trace?since=" + b"9" * 5000),
    *(b"/api/v1/trace?limit=0", b"/api/v1/trace?limit=%ff%00", b"/api/v1/trace.jsonl?since=x"),
    *(b"/api/v1/csms/trace?limit=99999", b"/api/v1/events?trace=%ff%00%e2%80%a8", b"/api/v1/station/evses/x/curve"),
    *(b"/api/v1/station/evses/-1/curve", b"/api/v1/station/evses/0/curve", b"/api/v1/station/evses/3/curve"),
    *(b"/api/v1/station/evses/1_0/curve", b"/api/v1/station/evses/1.0/curve"),
    *(b"/api/v1/station/evses/" + b"9" * 5000 + b"/curve", b"/api/v1/station/evses/%00/curve"),
    *(b"/api/v1/campaign/cases/%ff", b"/api/v1/campaign/cases/%2e%2e", b"/api/v1/csms/%ff/%ff", b"/api/v1/hand/plug"),
]
NO_STATIONS = [b"/ocpp/", b"/ocpp//", b"/ocpp/../CS-1", b"/"]
LINES = [
    *(b"GET", b"GET /", b"GET  / HTTP/1.1", b"GET\t/\tHTTP/1.1", b"GET / HTTP/1.1 x", b"GET / FTP/1.1"),
    *(b"GET / HTTP/x.y", b"\x16\x03\x01\x02\x00\x01\x00", b"\x00" * 20, b"SSH-2.0-x", b"PRI * HTTP/2.0"),
    *(b" / HTTP/1.1", b"G\xffT / HTTP/1.1", b"\r\n\r\nGET / HTTP/1.1", b"GET / HTTP/1.1\rX", b"x" * 20_000),
]
METHODS = [b"BREW", b"TRACE", b"CONNECT", b"PATCH", b"PUT", b"DELETE", b"get", b"X" * 9000, b"PRI"]
FIELDS = [
    *(b"X: \x00", b"X: a\rb", b"X y: z", b": z", b"X", b"\xff: y", b"X: y\r\n\x00: z", b"Host: localhost"),
    *(b"X: " + b"y" * 40_000, b"\r\n".join([b"X-Field: of many"] * 3000), b"Authorization: Basic c2VjcmV0\x00"),
]
LENGTHS = [
    *(b"Content-Length: 1\r\nContent-Length: 2", b"Content-Length: 1, 2", b"Content-Length: -1"),
    *(b"Content-Length: +1", b"Content-Length: x", b"Content-Length:", b"Content-Length: 1e3"),
    *(b"Content-Length: \xd9\xa1", b"Content-Length: 0x10", b"Content-Length: " + b"9" * 5000),
    *(b"Content-Length: 99999999999999999999", b"Content-Length: 1_0", b"Transfer-Encoding: gzip"),
    *(b"Transfer-Encoding: chunked, chunked", b"Transfer-Encoding: \xff"),
    *(b"Transfer-Encoding: chunked\r\nContent-Length: 3", b"Transfer-Encoding: chunked"),
]
BODIES = {
    "open arrays": b"[" * 100_000,
    "open objects": b'{"a":' * 40_000,
    "closed arrays": b"[" * 50_000 + b"]" * 50_000,
    "closed objects": b'{"a":' * 25_000 + b"1" + b"}" * 25_000,
    "deep in a field": b'{"evse_id":1,"ev":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    "deep customData": b'{"vendorId":"v","customData":{"vendorId":"v","x":' + b"[" * 50_000 + b"]" * 50_000 + b"}}",
    "a number of 5000 digits": b'{"evse_id":' + b"9" * 5000 + b"}",
    "a number beyond 64 bits": b'{"evse_id":99999999999999999999999}',
    "1e400": b'{"evse_id":1e400}',
    "NaN": b'{"evse_id":NaN}',
    "Infinity": b'{"evse_id":-Infinity}',
    "no UTF-8": b'{"evse_id":1,"ev":"\xff"}',
    "no UTF-8 in a key": b'{"\xff":1}',
    "UTF-8 of a surrogate": b'{"evse_id":1,"ev":"\xed\xa0\x80"}',
    "half a surrogate pair": b'{"evse_id":1,"ev":"\\ud800"}',
    "the other half": b'{"evse_id":1,"ev":"\\udc00x"}',
    "a raw NUL": b'{"evse_id":1,"ev":"\x00"}',
    "an escaped NUL": b'{"evse_id":1,"ev":"\\u0000\\u001b[31m\\u2028\\u202e"}',
    "UTF-16": '{"evse_id":1}'.encode("utf-16"),
    "with a BOM": b'\xef\xbb\xbf{"evse_id":1}',
    "nothing": b"",
    "blanks": b"   ",
    "null": b"null",
    "an array": b"[]",
    "a string": b'"x"',
    "a number": b"1",
    "a truth": b"true",
    "more than one": b'{"evse_id":1}{}',
    "a comment": b"/**/{}",
    "no such escape": b'{"evse_id":1,"ev":"\\x"}',
    "half an escape": b'{"evse_id":1,"ev":"\\u12"}',
    "no such field": b'{"no_such_field":1}',
    "a field with an escape sequence": b'{"\\u001b[31m\\u2028":1}',
}
TYPES = [
    *(b"text/plain", b"application/xml", b"application/x-www-form-urlencoded", b"multipart/form-data", b"\xff", b""),
    *(b";", b"multipart/form-data; boundary=x", b"application/json; charset=utf-16"),
    *(b"application/json; charset=nope", b"application/msgpack", b"application/json; ="),
    *(b"multipart/form-data; boundary=", b"multipart/form-data; boundary=\xff"),
]
AT_THE_CONTROL_API: dict[str, Requests] = {
    "Host": {name: request(HEALTH, host=b"Host: %b\r\n" % value) for name, value in named(NO_PLACES).items()}
    | {"none": request(HEALTH, host=b""), "two": request(HEALTH, host=HOST + HOST)},
    "Origin": {
        name: sending(PLUG, b'{"evse_id": 1}', JSON + b"Origin: http://%b\r\n" % value)
        for name, value in named(NO_PLACES).items()
    },
    "target": {name: request(value) for name, value in named(TARGETS).items() if value != b"?"},
    "request line": {name: value + b"\r\n" + HOST + b"\r\n" for name, value in named(LINES).items()},
    "method": {
        f"{name} {target!r}": request(target, method=value)
        for name, value in named(METHODS).items()
        for target in (HEALTH, b"/", b"/static/app.js", b"/nowhere")
    },
    "header": {name: request(HEALTH, value + b"\r\n") for name, value in named(FIELDS).items()},
    "length": {
        f"{name} {target!r}": request(target, JSON + value + b"\r\n", method=b"POST") + b"zz\r\n{}\r\n"
        for name, value in named(LENGTHS).items()
        for target in (PLUG, b"/api/v1/csms/OHM-0001/Reset")
    },
    "content type": {
        f"{name} {target!r}": sending(target, b"--x\r\n\r\nevse_id=1", b"Content-Type: %b\r\n" % value)
        for name, value in named(TYPES).items()
        for target in (PLUG, b"/api/v1/csms/OHM-0001/Reset")
    },
}
UPGRADE = {
    b"Host": b"localhost",
    b"Upgrade": b"websocket",
    b"Connection": b"Upgrade",
    b"Sec-WebSocket-Version": b"13",
    b"Sec-WebSocket-Key": b"AAAAAAAAAAAAAAAAAAAAAA==",
    b"Sec-WebSocket-Protocol": b"ocpp2.0.1",
}


def upgrade(
    target: bytes = b"/ocpp/CS-1",
    more: bytes = b"",
    method: bytes = b"GET",
    other: Mapping[bytes, bytes | None] = MappingProxyType({}),
) -> bytes:
    """Return a handshake with other fields; None leaves one out."""
    told = [name + b": " + value for name, value in {**UPGRADE, **other}.items() if value is not None]
    return method + b" " + target + b" HTTP/1.1\r\n" + b"\r\n".join(told) + b"\r\n" + more + b"\r\n"


HANDSHAKE_FIELDS: dict[bytes, list[bytes | None]] = {
    b"Upgrade": [None, b"h2c", b"\xff", b""],
    b"Connection": [None, b";;", b"close", b"\xff"],
    b"Sec-WebSocket-Version": [None, b"x", b"99", b"\xff", b"8"],
    b"Sec-WebSocket-Key": [None, b"x", b"\xff", b"AAAA", b"A" * 9000],
    b"Sec-WebSocket-Protocol": [b",,", b"a b", b"\xff", b'"', b"<script>\xe2\x80\xa8"],
}
AT_A_LISTENER: dict[str, Requests] = {
    "Host": {
        name: upgrade(other={b"Host": value}) for name, value in named(NO_PLACES).items() if value not in OTHER_PLACES
    }
    | {"none": upgrade(other={b"Host": None}), "two": upgrade(more=b"Host: localhost\r\n")},
    "target": {name: upgrade(value) for name, value in named([*TARGETS, *NO_STATIONS]).items()},
    "request line": {name: value + b"\r\n" + HOST + b"\r\n" for name, value in named(LINES).items()},
    "method": {name: upgrade(method=value) for name, value in named([*METHODS, b"POST", b"HEAD", b""]).items()},
    "header": {name: upgrade(more=value + b"\r\n") for name, value in named(FIELDS).items()},
    "handshake": {
        f"{name!r} {value!r:.30}": upgrade(other={name: value})
        for name, values in HANDSHAKE_FIELDS.items()
        for value in values
    },
    "handshake, twice": {
        f"{name!r} {value!r:.30}": upgrade(more=name + b": " + value + b"\r\n")
        for name, values in HANDSHAKE_FIELDS.items()
        for value in values
        if value is not None and name != b"Connection"
    },
    "body": {name: upgrade(more=value + b"\r\n") for name, value in named(LENGTHS).items()},
}
