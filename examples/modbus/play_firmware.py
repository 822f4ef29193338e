"""The firmware of one module that is played: two places, a bootloader, and what can go wrong with it."""

import asyncio
import struct
from zlib import crc32

from examples.modbus.firmware import HEADER, MAGIC
from examples.modbus.registers import BLOCK_HEAD, Command, FirmwareInputs, FirmwareState

RESTART = 3.0
"""Seconds that a module is away while it switches."""


class PlayedFirmware:
    """What a module has received and runs.

    Attributes:
        runs: the version that runs.
        dead: what was staged last does not come up.
        restarts: how often it has restarted.
    """

    def __init__(self) -> None:
        self.runs = (1, 0)
        self.dead = False
        self.restarts = 0
        self._before = self.runs
        self._file = bytearray()
        self._length = 0
        self._state = FirmwareState.Idle
        self._staged = (0, 0)
        self._away_until = 0.0

    @property
    def away(self) -> bool:
        """Say whether it restarts just now, and answers nothing."""
        return asyncio.get_running_loop().time() < self._away_until

    @property
    def bootloader(self) -> bool:
        """Say whether only the bootloader answers."""
        return self._state is FirmwareState.Failed

    def inputs(self) -> FirmwareInputs:
        """Return what the input registers say."""
        return FirmwareInputs(state=self._state, runs=self.runs, staged=self._staged, received=len(self._file))

    def command(self, words: list[int]) -> None:
        """Do what holding registers 16 to 18 say."""
        command, argument = words[0], words[1] << 16 | words[2]
        if command == Command.Begin:
            self._file, self._length, self._state = bytearray(), argument, FirmwareState.Receiving
        elif command == Command.Check:
            self._check(argument)
        elif command == Command.Activate and self._state is FirmwareState.Staged:
            self._before = self.runs
            self._state = FirmwareState.Failed if self.dead else FirmwareState.OnTrial
            self.runs = self.runs if self.dead else self._staged
            self._restart()
        elif command == Command.RollBack:
            if self._state in (FirmwareState.OnTrial, FirmwareState.Failed):
                self.runs = self._before
                self._restart()
            self._state = FirmwareState.Idle

    def block(self, words: list[int]) -> None:
        """Take the holding registers from 32 on."""
        packed = struct.pack(f">{len(words)}H", *words)
        offset, length = BLOCK_HEAD.unpack_from(packed)
        self._file[offset : offset + length] = packed[BLOCK_HEAD.size : BLOCK_HEAD.size + length]

    def _check(self, checksum: int) -> None:
        whole = len(self._file) == self._length and crc32(self._file) == checksum
        if not whole or not self._file.startswith(MAGIC):
            self._state = FirmwareState.Broken
            return
        _, major, minor = HEADER.unpack_from(self._file)
        self._staged, self._state = (major, minor), FirmwareState.Staged

    def _restart(self) -> None:
        self.restarts += 1
        self._away_until = asyncio.get_running_loop().time() + RESTART
