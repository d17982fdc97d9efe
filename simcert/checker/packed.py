"""Rows of residues packed into one integer: slot k holds entry k in w bits, so that a multiple of a row, or a sum of rows, is one operation."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import gcd
from struct import Struct

_WORDS = 1 << 14  # up to so many slots, a format of one machine word for each packs them at once


@lru_cache(maxsize=256)
def _words(word: str, count: int) -> Struct:
    return Struct("<" + word * count)


class Slots:
    """Rows of `count` residues modulo m; slots that hold at most m + `terms`·m² are reduced all at once.

    Every second slot is reduced at a time, so that there is room for a product with the inverse of m.
    """

    def __init__(self, count: int, modulus: int, terms: int) -> None:
        size = modulus.bit_length()
        self.count, self.modulus, self._bits = count, modulus, (modulus + terms * modulus**2).bit_length()
        self._bytes = max((self._bits + 7) // 8, 4)
        self.width, self._length = 8 * self._bytes, self._bytes * count
        self.ones = int.from_bytes((b"\1" + bytes(self._bytes - 1)) * count, "little")
        even = int.from_bytes((b"\1" + bytes(2 * self._bytes - 1)) * ((count + 1) // 2), "little")
        self._even = even * ((1 << self.width) - 1)
        self._quotient = (1 << self._bits) // modulus
        self._low = even * ((1 << 2 * self.width - self._bits) - 1)
        self._carry = size + 1
        self._complement = self.ones * ((1 << self._carry) - modulus)
        word = "I" if modulus < 1 << 32 else "Q"
        self._word = f"{word}{self._bytes - 4 if word == 'I' else self._bytes - 8}x" if modulus < 1 << 64 else ""

    def _quotients(self, row: int) -> int:
        """For the even slots, where the odd ones are 0, the quotient by m from its approximate inverse: right, or 1 too small (Barrett)."""
        return row * self._quotient >> self._bits & self._low

    def reduce(self, row: int) -> int:
        """Every slot modulo m."""
        row -= (self._quotients(row & self._even) | self._quotients(row >> self.width & self._even) << self.width) * self.modulus
        return row - (row + self._complement >> self._carry & self.ones) * self.modulus

    def pack(self, values: Sequence[int]) -> int:
        if self._word and len(values) <= _WORDS:
            return int.from_bytes(_words(self._word, len(values)).pack(*values), "little")
        return int.from_bytes(b"".join(v.to_bytes(self._bytes, "little") for v in values), "little")

    def unpack(self, row: int, count: int = -1) -> Sequence[int]:
        """The residues in the first slots, as many as `count`, of all by default."""
        n, count = self._bytes, self.count if count < 0 else count
        data = (row & (1 << count * self.width) - 1).to_bytes(count * n, "little")
        if self._word and count <= _WORDS:
            return _words(self._word, count).unpack(data)
        return [int.from_bytes(data[k : k + n], "little") for k in range(0, len(data), n)]

    def entries(self, row: int, columns: Sequence[int]) -> list[int]:
        """The residues in the slots with these numbers."""
        values = self.unpack(row, max(columns) + 1)
        return [values[c] for c in columns]

    def unit(self, values: Sequence[int]) -> int | None:
        """The place of the first unit."""
        return next((c for c, v in enumerate(values) if v and gcd(v, self.modulus) == 1), None)


@lru_cache(maxsize=16)
def slots(count: int, modulus: int, terms: int) -> Slots:
    """The slots of these sizes, made once."""
    return Slots(count, modulus, terms)
