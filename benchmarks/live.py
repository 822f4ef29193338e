"""A station that lives, in a process of its own, over TLS on loopback: answers, and what a plug-in costs."""

import asyncio
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from benchmarks.csms import BenchCsms, Connected
from benchmarks.measure import Figure, figure, figure_of_rounds
from benchmarks.report import Row

SECTION = "A station that lives, over TLS on loopback"
GET = '{"getVariableData":[{"component":{"name":"OCPPCommCtrlr"},"variable":{"name":"HeartbeatInterval"}}]}'
PAUSE = 0.02
"""Seconds between two actions, so that each finds a station at rest."""
ROUND_TRIP_MS, ROUND_TRIP_TIMES, PLUG_IN_MS = 1.5, 3.0, 4.0
"""What is to be reached: milliseconds, times as fast as the package with validation, milliseconds."""


@asynccontextmanager
async def process(*command: str, stdin: int = DEVNULL, stdout: int = DEVNULL) -> AsyncIterator[Process]:
    """Run a program for as long as the body lasts."""
    child = await asyncio.create_subprocess_exec(*command, stdin=stdin, stdout=stdout)
    try:
        yield child
    finally:
        if child.returncode is None:
            child.terminate()
        await child.wait()


def module(name: str, *arguments: str) -> tuple[str, ...]:
    """Return the command of a module of this package."""
    return (sys.executable, "-m", f"benchmarks.{name}", *arguments)


def station_command(csms: BenchCsms, identity: str, folder: Path, *more: str) -> tuple[str, ...]:
    """Return the command of a headless station that belongs to this CSMS."""
    return (
        *(
            str(Path(sys.executable).with_name("ohmstead")),
            "run",
            "--headless",
            "--identity",
            identity,
            "--data",
            str(folder / identity),
        ),
        *("--csms", csms.url, "--csms-root", str(folder / "root.pem"), "--password-file", str(folder / "password")),
        *more,
    )


async def measure(csms: BenchCsms, folder: Path, *, rounds: int, calls: int, plugs: int) -> list[Row]:
    """Measure both; the stations of the round trip take turns."""
    async with (
        process(*station_command(csms, "OURS", folder, "--no-api")),
        process(*module("ocpp_point", csms.url, "VALIDATING", str(folder / "root.pem"), "on")),
        process(*module("ocpp_point", csms.url, "TRUSTING", str(folder / "root.pem"), "off")),
    ):
        ours = await csms.station("OURS")
        await ours.arrival("StatusNotification")
        await ours.arrival("StatusNotification")
        stations = (ours, await csms.station("VALIDATING"), await csms.station("TRUSTING"))
        rows = _round_trips(await _take_turns(stations, rounds, calls))
    return [*rows, await _plug_in(csms, folder, rounds, plugs)]


async def _take_turns(stations: tuple[Connected, ...], rounds: int, calls: int) -> list[list[list[float]]]:
    """Return milliseconds: for each station its rounds, and the calls of each."""
    times: list[list[list[float]]] = [[] for _ in stations]
    for station in stations:
        for _ in range(20):
            await station.call("GetVariables", GET)
    for _ in range(rounds):
        for station, taken in zip(stations, times, strict=True):
            taken.append([(await station.call("GetVariables", GET))[0] / 1e6 for _ in range(calls)])
    return times


def _round_trips(times: list[list[list[float]]]) -> list[Row]:
    ours, validating, trusting = (figure_of_rounds(rounds, "ms") for rounds in times)

    def ratio(peer: list[list[float]]) -> Figure:
        pairs = zip(times[0], peer, strict=True)
        return figure([figure(theirs, "").median / figure(mine, "").median for mine, theirs in pairs], "x")

    checked = ratio(times[1])
    return [
        Row(
            section=SECTION,
            what="GetVariables of one item, request to response; peer validates too",
            ours=ours,
            peer=validating,
            ratio=checked,
            target=f"< {ROUND_TRIP_MS:g} ms and >= {ROUND_TRIP_TIMES:g}x",
            passed=ours.median < ROUND_TRIP_MS and checked.median >= ROUND_TRIP_TIMES,
        ),
        Row(
            section=SECTION,
            what="the same; peer does not validate",
            ours=ours,
            peer=trusting,
            ratio=ratio(times[2]),
        ),
    ]


async def _plug_in(csms: BenchCsms, folder: Path, rounds: int, plugs: int) -> Row:
    """Measure from the hand to the arrival of the TransactionEvent, which leaves after the commit."""
    async with process(*module("plugged_station", csms.url, "PLUGGED", str(folder)), stdin=PIPE, stdout=PIPE) as child:
        station = await csms.station("PLUGGED")
        await station.arrival("StatusNotification")
        await station.arrival("StatusNotification")
        await _set(station, "TxStartPoint", "EVConnected")
        await _set(station, "TxStopPoint", "EVConnected")
        found = figure_of_rounds([[await _plug(child, station) for _ in range(plugs)] for _ in range(rounds)], "ms")
    return Row(
        section=SECTION,
        what="plug-in, to the committed TransactionEvent at the CSMS",
        ours=found,
        target=f"< {PLUG_IN_MS:g} ms",
        passed=found.median < PLUG_IN_MS,
    )


async def _plug(child: Process, station: Connected) -> float:
    """Plug in and out again; returns the milliseconds of the plug-in."""
    acted = await _act(child, "plug")
    event = await station.arrival("TransactionEvent")
    assert event.payload["eventType"] == "Started"
    await asyncio.sleep(PAUSE)
    await _act(child, "unplug")
    await station.arrival("TransactionEvent")
    await asyncio.sleep(PAUSE)
    return (event.at - acted) / 1e6


async def _act(child: Process, word: str) -> int:
    """Let the hand act; returns when it did."""
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write(f"{word}\n".encode())
    return int(await child.stdout.readline())


async def _set(station: Connected, variable: str, value: str) -> None:
    datum = {"attributeValue": value, "component": {"name": "TxCtrlr"}, "variable": {"name": variable}}
    _, answer = await station.call("SetVariables", json.dumps({"setVariableData": [datum]}))
    if '"attributeStatus":"Accepted"' not in answer:
        raise RuntimeError(f"{variable} cannot be set: {answer}")
