"""A marked secret goes in at every door, and is in nothing that was written, shown, answered or uploaded.

Exempt are the stores and key files of the data folder, which are for their owner alone (0600).
"""

import base64
import json
import socketserver
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.e2e.running import Json, Running

MARK = "MARKEDsecret"
KEPT = ("station.db", "csms.db", "password", "csms.toml")
"""Stores, and what somebody keeps passwords in."""


def secret(door: str) -> str:
    """Return a secret that says by which door it came: long enough for a password, short enough for an APN."""
    return f"{MARK}-{door}"[:20].ljust(16, "x")


class _Server(BaseHTTPRequestHandler):
    uploads: list[bytes]

    def do_PUT(self) -> None:
        self.uploads.append(self.rfile.read(int(self.headers.get("Content-Length", "0"))))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *_arguments: object) -> None:
        """Say nothing."""


class _Echo(socketserver.StreamRequestHandler):
    """An FTP server that says again what it was told, in its greeting too."""

    told: list[bytes]

    def handle(self) -> None:
        self.told = getattr(self.server, "told", [])
        self.wfile.write(b"220-" + b" ".join(self.told) + b"\r\n220 .\r\n")
        for line in self.rfile:
            self.told.append(line.strip())
            code = b"331" if line.startswith(b"USER") else b"530"
            self.wfile.write(code + b"-" + line.strip() + b"\r\n" + code + b" " + b" ".join(self.told) + b"\r\n")


@contextmanager
def echoing() -> Iterator[tuple[str, list[bytes]]]:
    """Run an FTP server that echoes; yields its place, and what it was told."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Echo) as server:
        told: list[bytes] = []
        server.told = told  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_address[1]}", told
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def log_server() -> Iterator[tuple[str, list[bytes]]]:
    """Run a server that takes uploads."""
    uploads: list[bytes] = []
    handler = type("Handler", (_Server,), {"uploads": uploads})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}", uploads
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def setting(name: str, value: str, component: str = "SecurityCtrlr") -> Json:
    data = {"attributeValue": value, "component": {"name": component}, "variable": {"name": name}}
    return {"setVariableData": [data]}


def commands(place: str, echo: str) -> list[tuple[str, Json]]:
    """Return commands of a CSMS with a secret in each field that can hold one."""
    profile = {
        "ocppVersion": "OCPP20",
        "ocppTransport": "JSON",
        "ocppCsmsUrl": f"wss://u:{secret('csms')}@csms.example/ocpp?sig={secret('q')}",
        "messageTimeout": 30,
        "securityProfile": 2,
        "ocppInterface": "Wired0",
        "apn": {
            "apn": "internet",
            "apnUserName": secret("apnuser"),
            "apnPassword": secret("apnpass"),
            "apnAuthentication": "AUTO",
        },
        "vpn": {
            "server": "vpn.example",
            "user": secret("vpnuser"),
            "password": secret("vpnpass"),
            "key": secret("vpnkey"),
            "type": "IPSec",
        },
    }
    custom = {"vendorId": "v", "apiToken": secret("custom"), "deep": [{"password": secret("deep")}]}
    location = f"http://u:p@{secret('user')}@{place}/logs/?sig={secret('sig')}"
    log = {"requestId": 1, "log": {"remoteLocation": location}, "logType": "DiagnosticsLog"}
    firmware = {"location": f"ftp://u:{secret('ftp')}@127.0.0.1:1/f", "retrieveDateTime": "2026-01-01T00:00:00Z"}
    repeated = {"remoteLocation": f"ftp://u:{secret('echo')}@{echo}/logs/"}
    return [
        ("GetLog", {"requestId": 3, "log": repeated, "logType": "SecurityLog", "retries": 1, "retryInterval": 1}),
        ("SetVariables", setting("BasicAuthPassword", secret("short")[:15])),
        ("SetVariables", setting("BasicAuthPassword", secret("long") * 4)),
        ("SetVariables", setting("basicauthpassword", secret("case") + "\n")),
        ("SetVariables", {**setting("HeartbeatInterval", "60", "OCPPCommCtrlr"), "customData": custom}),
        ("SetNetworkProfile", {"configurationSlot": 1, "connectionData": profile}),
        (
            "SetNetworkProfile",
            {"configurationSlot": 1, "connectionData": {**profile, "basicAuthPassword": secret("b")}},
        ),
        ("DataTransfer", {"vendorId": "v", "data": json.dumps({"password": secret("data")})}),
        ("DataTransfer", {"vendorId": "v", "data": {"passwords": [secret("list"), {"x": secret("inner")}]}}),
        ("DataTransfer", {"vendorId": "v", "data": f"Authorization: Bearer {secret('bearer')}"}),
        ("GetLog", log),
        ("UpdateFirmware", {"requestId": 2, "firmware": firmware, "retries": 0}),
        ("NoSuchAction", {"password": secret("action")}),
        ("SetVariables", {"setVariableData": secret("type"), "password": secret("field")}),
        ("SetVariables", setting("BasicAuthPassword", secret("good"))),
    ]


def asked(station: Running, path: str, body: bytes | None = None, method: str = "", **headers: str) -> str:
    """Ask the API anything; return what it answers, errors too."""
    request = urllib.request.Request(f"{station.api}/{path}", body, method=method or ("POST" if body else "GET"))
    for name, value in {"content-type": "application/json", **headers}.items():
        request.add_header(name, value)
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            answer: bytes = response.read()
            return str(dict(response.headers)) + answer.decode()
    except urllib.error.HTTPError as error:
        return str(dict(error.headers)) + error.read().decode()


GET_LOG = "api/v1/csms/OHM-0001/GetLog"


def _accepted(answer: str) -> bool:
    """Say whether the station took it; its answer is JSON within JSON."""
    return r"\"Accepted\"" in answer


READ = [
    *("station", "trace", "trace.jsonl", "variables", "csms", "csms/stations", "csms/trace", "csms/trace.jsonl"),
    *("csms/tokens", "csms/transactions", "csms/commands", "scenario.yaml"),
]


def test_no_secret_comes_out_of_a_running_station(tmp_path: Path) -> None:
    data, wire_log, errors = tmp_path / "data", tmp_path / "wire.jsonl", tmp_path / "stderr"
    out: dict[str, str] = {}
    options = ("--data", str(data), "--log-wire", str(wire_log), "-v")
    with log_server() as (place, uploads), echoing() as (echo, told), errors.open("wb") as written:
        station = Running(*options, errors=written.fileno())
        try:
            for number, (action, payload) in enumerate(commands(place, echo)):
                out[f"{number} {action}"] = asked(
                    station, f"api/v1/csms/OHM-0001/{action}", json.dumps(payload).encode()
                )
            broken = f'{{"password": "{secret("json")}"'.encode()
            out["broken JSON"] = asked(station, "api/v1/csms/OHM-0001/DataTransfer", broken)
            local = {"component": "SecurityCtrlr", "variable": "BasicAuthPassword", "value": secret("local") * 4}
            out["PUT"] = asked(station, "api/v1/variables", json.dumps(local).encode(), "PUT")
            query = urllib.parse.urlencode({"token": secret("query")})
            out["query"] = asked(station, f"api/v1/station?{query}", Authorization=f"Bearer {secret('header')}")
            station.until("the server has echoed twice", lambda: len([one for one in told if b"PASS" in one]) == 2)
            log = commands(place, echo)[[name for name, _ in commands(place, echo)].index("GetLog", 1)]
            station.until(
                "another log is taken", lambda: _accepted(asked(station, GET_LOG, json.dumps(log[1]).encode()))
            )
            station.until("the log is uploaded", lambda: bool(uploads))
            for path in READ:
                out[path] = asked(station, f"api/v1/{path}")
            station.stop()
        finally:
            if station.process.poll() is None:
                station.kill()
    assert station.process.stdout is not None
    out["stdout"] = station.process.stdout.read()
    out["stderr"] = errors.read_text("utf-8")
    out["--log-wire"] = wire_log.read_text("utf-8")
    for number, upload in enumerate(uploads):
        out[f"upload {number}"] = upload.decode("utf-8", "replace")
    for file in data.rglob("*"):
        if file.is_file() and not file.name.startswith(KEPT) and "key" not in file.name:
            out[str(file.relative_to(data))] = file.read_bytes().decode("latin-1")
        elif file.is_file():
            assert file.stat().st_mode & 0o077 == 0, f"{file} is exempt, and can be read by others"
    leaks = {name: text for name, text in out.items() if _holds(text)}
    assert not leaks, {name: text[max(0, text.find(MARK) - 200) :][:400] for name, text in leaks.items()}
    assert '"action":"SetVariables"' in out["--log-wire"]
    assert uploads


def _holds(text: str) -> bool:
    """Say whether a text has a marked secret in it, in whatever way it is written."""
    encoded = [base64.b64encode(b"x" * skip + MARK.encode()).decode()[4:-4] for skip in range(3)]
    return MARK in text.replace("\\u004d", "M") or any(one in text for one in encoded)
