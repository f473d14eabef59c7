"""Merkle trees of RFC 9162 section 2.1: roots, inclusion and consistency paths.

Invariant: leaf hashes go in, and what comes out depends on them and their order alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """SHA-256(00 || data)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class MerkleTree:
    """A tree over given leaf hashes, all levels kept: root O(1), paths O(log n) once built."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        level = list(leaves)
        self.size = len(level)
        self.levels = [level]
        sha256 = hashlib.sha256
        while len(level) > 1:
            above = [sha256(b"\x01" + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)]
            if len(level) % 2:
                # The last, lone node is promoted unchanged: the same tree as RFC 9162's recursive split.
                above.append(level[-1])
            self.levels.append(above)
            level = above

    @property
    def root(self) -> bytes:
        """The tree head's hash."""
        return self.levels[-1][0] if self.size else EMPTY_ROOT

    def inclusion_path(self, index: int) -> list[bytes]:
        """PATH(index, D[size]) of RFC 9162 section 2.1.3.1, leaf to root.

        Raises:
            IndexError: when `index` is not a leaf.
        """
        if not 0 <= index < self.size:
            raise IndexError(f"leaf {index} of {self.size}")
        path = []
        for level in self.levels[:-1]:
            sibling = index ^ 1
            if sibling < len(level):
                path.append(level[sibling])
            index >>= 1
        return path

    def _range_root(self, start: int, end: int) -> bytes:
        if end - start == 1:
            return self.levels[0][start]
        size = end - start
        split = 1 << ((size - 1).bit_length() - 1)
        if start % (2 * split) == 0 and size == 2 * split:
            return self.levels[(size - 1).bit_length()][start >> (size - 1).bit_length()]
        return node_hash(self._range_root(start, start + split), self._range_root(start + split, end))

    def consistency_path(self, old_size: int) -> list[bytes]:
        """PROOF(old_size, D[size]) of RFC 9162 section 2.1.4.1."""
        if not 0 < old_size <= self.size:
            raise IndexError(f"size {old_size} of {self.size}")

        def subproof(m: int, start: int, end: int, whole: bool) -> list[bytes]:
            if m == end - start:
                return [] if whole else [self._range_root(start, end)]
            split = 1 << ((end - start - 1).bit_length() - 1)
            if m <= split:
                return [*subproof(m, start, start + split, whole), self._range_root(start + split, end)]
            return [*subproof(m - split, start + split, end, False), self._range_root(start, start + split)]

        return subproof(old_size, 0, self.size, True)


class Frontier:
    """The right edge of a growing tree: what is needed to append and to state the root, O(log n) hashes.

    Peaks are the roots of the whole subtrees of RFC 9162's split, largest first: one for each set bit of the size.
    """

    def __init__(self, size: int = 0, peaks: Sequence[bytes] = ()) -> None:
        if len(peaks) != size.bit_count():
            raise ValueError(f"a tree of {size} has {size.bit_count()} peaks, not {len(peaks)}")
        self.size = size
        self.peaks = list(peaks)

    def append(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """Adds a leaf hash at the end; returns the nodes that became whole by it, as (level, number in it, hash)."""
        size, level, whole = self.size, 0, [(0, self.size, leaf)]
        while size & 1:
            leaf = node_hash(self.peaks.pop(), leaf)
            size >>= 1
            level += 1
            whole.append((level, size, leaf))
        self.peaks.append(leaf)
        self.size += 1
        return whole

    @property
    def root(self) -> bytes:
        """The tree head's hash, equal to `MerkleTree`'s over the same leaves."""
        return joined(self.peaks) if self.peaks else EMPTY_ROOT


def _split(size: int) -> int:
    # The largest power of two below `size`: where RFC 9162 splits a tree.
    return 1 << ((size - 1).bit_length() - 1)


def _whole_parts(start: int, end: int) -> list[tuple[int, int]]:
    # The whole nodes, as (level, number), that a subtree over leaves start..end of a larger tree consists of.
    size = end - start
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return [(level, start >> level)]
    middle = start + _split(size)
    return [*_whole_parts(start, middle), *_whole_parts(middle, end)]


def path_parts(index: int, size: int) -> list[list[tuple[int, int]]]:
    """What the inclusion path of leaf `index` in a tree of `size` is made of, leaf to root.

    For each hash of the path: the whole nodes, as (level, number in it), that give it by `joined`. A log that keeps its
    whole nodes proves any entry from O(log n) of them.

    Raises:
        IndexError: when `index` is not a leaf.
    """
    if not 0 <= index < size:
        raise IndexError(f"leaf {index} of {size}")
    parts: list[list[tuple[int, int]]] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            parts.append(_whole_parts(middle, end))
            end = middle
        else:
            parts.append(_whole_parts(start, middle))
            start = middle
    return parts[::-1]


def joined(hashes: Sequence[bytes]) -> bytes:
    """One hash of whole neighbours, largest first: what `Frontier` does with its peaks."""
    value = hashes[-1]
    for one in reversed(hashes[:-1]):
        value = node_hash(one, value)
    return value


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over `leaves` without keeping the levels."""
    return MerkleTree(leaves).root


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether `path` leads from leaf hash `leaf` at `index` to `root` of a tree of `size` (RFC 9162, 2.1.3.2)."""
    if index < 0 or size <= 0 or index >= size or any(len(h) != 32 for h in (leaf, root, *path)):
        return False
    fn, sn, value = index, size - 1, leaf
    for part in path:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            value = node_hash(part, value)
            if not fn & 1:
                while fn and not fn & 1:
                    fn >>= 1
                    sn >>= 1
        else:
            value = node_hash(value, part)
        fn >>= 1
        sn >>= 1
    return sn == 0 and value == root


def verify_consistency(old_size: int, new_size: int, path: Sequence[bytes], old_root: bytes, new_root: bytes) -> bool:
    """Whether the tree of `new_size` begins with the tree of `old_size` (RFC 9162, 2.1.4.2)."""
    if old_size <= 0 or new_size < old_size:
        return False
    if old_size == new_size:
        return not path and old_root == new_root
    if any(len(h) != 32 for h in (old_root, new_root, *path)):
        return False
    parts = list(path)
    if old_size & (old_size - 1) == 0:
        parts.insert(0, old_root)
    if not parts:
        return False
    fn, sn = old_size - 1, new_size - 1
    while fn & 1:
        fn >>= 1
        sn >>= 1
    old = new = parts[0]
    for part in parts[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            old = node_hash(part, old)
            new = node_hash(part, new)
            while fn and not fn & 1:
                fn >>= 1
                sn >>= 1
        else:
            new = node_hash(new, part)
        fn >>= 1
        sn >>= 1
    return sn == 0 and old == old_root and new == new_root
