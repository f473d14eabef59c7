"""Files to grids: bytes of any supported kind become named columns and row numbers.

Invariant: nothing is interpreted here beyond compression and encoding; a file no reader knows is an `InvalidInput`.
"""

from __future__ import annotations

import sys
import zlib
from pathlib import Path

from panhuo.ground.book.reading import bounds
from panhuo.ground.book.reading.grid import Grid, HeaderScore
from panhuo.ground.book.reading.separated import separated_grid
from panhuo.ground.book.reading.structured import json_grid, like_json, parquet_grid, workbook_grid
from panhuo.ground.record.errors import InvalidInput, NotFound

_LARGEST = 4 << 30


def open_grid(
    source: str | Path | bytes, *, name: str = "", sheet: str | None = None, score: HeaderScore | None = None
) -> Grid:
    """The grid of a file, of standard input (``-``), or of bytes.

    Args:
        source: a path, ``-``, or the bytes themselves.
        name: what to call it in problems; the file's name unless given.
        sheet: which sheet of a workbook; the one whose header fits best unless given.
        score: rates a row as header; without it the first row that is about as wide as the data.

    Raises:
        NotFound: when there is no such file.
        InvalidInput: when the bytes cannot be read as CSV, a workbook, Parquet or JSON.
    """
    data, name = _bytes_of(source, name)
    truncated = False
    if data[:2] == b"\x1f\x8b":
        data, truncated = _gunzip(data, name)
        name = name.removesuffix(".gz")
    if not data.strip():
        raise InvalidInput("the file is empty", where=name, remedy="fetch the file again")
    if data[:4] == b"PAR1":
        return parquet_grid(data, name)
    if data[:2] == b"PK" or data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return workbook_grid(data, name, sheet, score)
    text, damaged = _decode(data, name)
    if text.lstrip()[:1] in ("[", "{") and (name.lower().endswith((".json", ".jsonl", ".ndjson")) or like_json(text)):
        return json_grid(text, name)
    return separated_grid(text, name, score, truncated, damaged)


def _bytes_of(source: str | Path | bytes, name: str) -> tuple[bytes, str]:
    if isinstance(source, bytes):
        return source, name or "bytes"
    if str(source) == "-":
        return sys.stdin.buffer.read(), name or "stdin"
    path = Path(source)
    if not path.exists():
        raise NotFound(f"there is no file {path}", where=str(path), remedy="check the path")
    if path.is_dir():
        raise InvalidInput(f"{path} is a folder", where=str(path), remedy="name one file")
    try:
        if path.stat().st_size > _LARGEST:
            raise InvalidInput("the file is larger than 4 GB", where=path.name, remedy="split it, or use Parquet parts")
        return path.read_bytes(), name or path.name
    except OSError as error:
        raise InvalidInput(f"the file cannot be opened: {error}", where=str(path), remedy="check its rights") from error


def _gunzip(data: bytes, name: str) -> tuple[bytes, bool]:
    out: list[bytes] = []
    rest, room = data, bounds.MOST_UNPACKED
    truncated = False
    while rest[:2] == b"\x1f\x8b":
        machine = zlib.decompressobj(wbits=31)
        try:
            out.append(machine.decompress(rest, room + 1))
        except zlib.error:
            out.append(_recover(rest, room, name))
            truncated = True
            break
        room -= len(out[-1])
        if room < 0:
            raise bounds.unpacks_to_too_much(name)
        if not machine.eof:
            truncated = True
            break
        rest = machine.unused_data
    whole = b"".join(out)
    if not whole:
        raise InvalidInput("the compressed file is damaged", where=name, remedy="fetch the file again")
    return whole, truncated


def _recover(data: bytes, room: int, name: str) -> bytes:
    machine = zlib.decompressobj(wbits=31)
    out = []
    try:
        for start in range(0, len(data), 4096):
            out.append(machine.decompress(data[start : start + 4096], room + 1))
            room -= len(out[-1])
            if room < 0:
                raise bounds.unpacks_to_too_much(name)
    except zlib.error:
        pass  # what came out before the damage is what there is
    return b"".join(out)


def _decode(data: bytes, name: str) -> tuple[str, bool]:
    """(text, whether some bytes could not be decoded). UTF-8, UTF-16 by their marks, else GB18030."""
    if data[:3] == b"\xef\xbb\xbf":
        data = data[3:]
    elif data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = data.decode("utf-16", "replace")
        return _plain(text, name), "�" in text
    elif len(data) >= 4 and data[1:200:2].count(0) > len(data[1:200:2]) * 0.7:
        text = data.decode("utf-16-le", "replace")
        return _plain(text, name), "�" in text
    try:
        return _plain(data.decode("utf-8"), name), False
    except UnicodeDecodeError:
        pass
    loose = data.decode("utf-8", "replace")
    lost = loose.count("�")
    wide = len(data) - len(data.translate(None, bytes(range(128, 256))))
    try:
        chinese = data.decode("gb18030")
    except UnicodeDecodeError:
        chinese = data.decode("gb18030", "replace")
    # In GB18030 text nearly every pair of high bytes breaks UTF-8; in damaged UTF-8 only a few do.
    if lost * 8 > wide:
        return _plain(chinese, name), "�" in chinese
    return _plain(loose, name), True


def _plain(text: str, name: str) -> str:
    sample = text[:20000]
    strange = sum(1 for c in sample if ord(c) < 32 and c not in "\t\n\r\x0b\x0c\x1a")
    strange += sample.count("�")
    if strange > max(2, len(sample) // 20):
        raise InvalidInput(
            "the file is not text, and no workbook, Parquet or JSON either",
            where=name,
            remedy="export it as CSV, Excel, Parquet or JSON",
        )
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.replace("﻿", "").rstrip("\x1a")
