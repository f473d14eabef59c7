"""The library's tools as endpoints, from their one declaration: what ``--json`` prints is what is answered.

Invariant: a caller never names a path of the server: what a tool reads is content of the request, laid into a folder of
its own that is gone afterwards; what it writes comes back in the answer. Time, memory and size are bounded.
"""

from __future__ import annotations

import atexit
import base64
import binascii
import contextlib
import json
import logging
import os
import re
import select
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from panhuo.ground.record import errors as family
from panhuo.ground.record.errors import InvalidInput, PanhuoError, Unavailable
from panhuo.verbs.declaration import Argument, Verb
from panhuo.verbs.listing import verb_named, verb_names
from panhuo_server.api.errors import defect

SECONDS = 30.0
"""A tool that takes longer is ended; the command line has no such bound."""
AT_ONCE = 2
"""Tools a web process runs at a time; others wait as long as one may take."""
MOST_ANSWER = 16 * 1024 * 1024
_LOG = logging.getLogger("panhuo_server.api")
_RUNS = 500
WRITTEN = {"out": {"score": "scores.csv", "train": "model.json"}}
"""Path arguments a tool writes to -> the file's name where the tool must have one."""
LEFT_OUT = ("receipt",)
"""Receipts of the server are those of the organisation's log."""
_ENDINGS = (".csv", ".tsv", ".parquet", ".xlsx", ".xls", ".json", ".jsonl", ".toml", ".csv.gz", ".tsv.gz", ".json.gz")
_NAME = re.compile(r"[0-9A-Za-z\u4e00-\u9fff][0-9A-Za-z_.\u4e00-\u9fff-]{0,80}\Z")
_HIDDEN = ("PANHUO_DATA", "PANHUO_HOME", "DATABASE_URL", "DJANGO_SETTINGS_MODULE", "PROMETHEUS_MULTIPROC_DIR")
_KINDS = {kind.kind: kind for kind in vars(family).values() if isinstance(kind, type) and issubclass(kind, PanhuoError)}


class _File(msgspec.Struct, forbid_unknown_fields=True):
    file_name: str
    base64: str


def tools() -> dict[str, Verb]:
    """The verbs that need no book."""
    found = {name: verb_named(name) for name in verb_names()}
    return {name: verb for name, verb in found.items() if verb is not None and verb.said}


def arguments_of(verb: Verb) -> list[Argument]:
    """What a caller gives of a tool's arguments."""
    return [argument for argument in verb.arguments if argument.name not in LEFT_OUT]


def _wrong(argument: str, what: str, remedy: str = "") -> InvalidInput:
    return InvalidInput(what, where=argument, remedy=remedy, code="invalid-input/argument")


def _ending(argument: str, name: str) -> str:
    found = next((e for e in sorted(_ENDINGS, key=len, reverse=True) if name.lower().endswith(e)), None)
    if found is None:
        raise _wrong(argument, "a file of unknown kind", "name it with one of " + " ".join(_ENDINGS))
    return found


def _content(argument: str, raw: bytes) -> tuple[str, bytes]:
    # (ending, content) of a path argument in a JSON body: a file in base64, text of a table, or JSON as it stands
    if raw[:1] == b'"':
        return ".csv", msgspec.json.decode(raw, type=str).encode()
    try:
        file = msgspec.json.decode(raw, type=_File)
    except msgspec.MsgspecError:
        return ".json", raw
    try:
        return _ending(argument, file.file_name), base64.b64decode(file.base64, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _wrong(argument, "not base64") from error


def _written(verb: Verb, argument: Argument, value: Any) -> str | None:
    if value is None:
        return WRITTEN[argument.name].get(verb.name) if argument.required else None
    if not isinstance(value, str) or not _NAME.match(value):
        raise _wrong(argument.name, "not a plain file name", "such as out.csv; what is written comes in the answer")
    _ending(argument.name, value)
    return "made-" + value


def _plain(argument: Argument, value: Any) -> Any:
    kind = argument.kind
    if kind == "choice":
        if value not in argument.choices:
            raise _wrong(argument.name, "not one of the choices", ", ".join(argument.choices))
    elif kind == "flag":
        if not isinstance(value, bool):
            raise _wrong(argument.name, "true or false is needed")
    elif kind == "int":
        if isinstance(value, bool) or not isinstance(value, int) or not -(2**31) <= value < 2**31:
            raise _wrong(argument.name, "a whole number is needed")
    elif kind == "float":
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise _wrong(argument.name, "a number is needed")
    elif not isinstance(value, str) or len(value) > 1000 or "\x00" in value:
        raise _wrong(argument.name, "text of at most 1,000 characters is needed")
    return value


def _of_form(argument: Argument, text: str) -> Any:
    if argument.kind in ("int", "float", "flag"):
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text


def _given(request: Any, verb: Verb) -> tuple[dict[str, Any], dict[str, tuple[str, bytes]]]:
    # (plain values, content of the arguments that are files)
    arguments = {argument.name: argument for argument in arguments_of(verb)}
    values: dict[str, Any] = {}
    files: dict[str, tuple[str, bytes]] = {}
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    raw: Mapping[str, Any]
    if kind == "multipart/form-data":
        uploads = {name: request.FILES[name] for name in request.FILES}
        raw = {name: request.POST[name] for name in request.POST}
        names = {*uploads, *raw}
    elif kind in ("application/json", ""):
        try:
            request.body.decode()
            raw = msgspec.json.decode(request.body, type=dict[str, msgspec.Raw])
        except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
            raise InvalidInput(
                "the body is not a JSON object of the tool's arguments",
                where=verb.name,
                remedy="arguments: " + ", ".join(arguments),
                code="invalid-input/json",
            ) from error
        uploads, names = {}, set(raw)
    else:
        raise InvalidInput(
            "a body of that kind is not read",
            where=kind,
            remedy="application/json or multipart/form-data",
            code="invalid-input/content-type",
        )
    unknown = sorted(names - set(arguments))
    if unknown:
        raise _wrong(unknown[0][:100], "the tool has no such argument", "arguments: " + ", ".join(arguments))
    for name, argument in arguments.items():
        if name in uploads:
            if argument.kind != "path" or name in WRITTEN:
                raise _wrong(name, "this argument is not a file")
            files[name] = (_ending(name, uploads[name].name or ""), uploads[name].read())
            continue
        given: Any = None
        if name in raw:
            if uploads or isinstance(raw[name], str):
                given = _of_form(argument, raw[name])
                if argument.kind == "path" and name not in WRITTEN:
                    files[name] = (".json" if given.lstrip()[:1] in ("{", "[") else ".csv", given.encode())
                    continue
            elif argument.kind == "path" and name not in WRITTEN:
                content = bytes(raw[name])
                if content != b"null":
                    files[name] = _content(name, content)
                    continue
            else:
                try:
                    given = msgspec.json.decode(raw[name])
                except (msgspec.MsgspecError, RecursionError) as error:
                    raise _wrong(name, "not JSON") from error
        if name in WRITTEN:
            given = _written(verb, argument, given)
            if given is not None:
                values[name] = given
        elif given is not None:
            values[name] = _plain(argument, given)
        elif argument.required and argument.default is None:
            raise _wrong(name, "this argument is needed", argument.en)
    return values, files


class _Process:
    """One worker process."""

    def __init__(self) -> None:
        environment = {name: value for name, value in os.environ.items() if name not in _HIDDEN}
        self.home = tempfile.TemporaryDirectory(prefix="panhuo-tool-")
        environment["PANHUO_HOME"] = self.home.name
        self.running = subprocess.Popen(
            [sys.executable, "-m", "panhuo_server.api.tool_worker"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd="/", env=environment, start_new_session=True,
        )  # fmt: skip
        self.done = 0

    def ask(self, asked: dict[str, Any], seconds: float) -> dict[str, Any] | None:
        """Its answer; None when it took too long or died."""
        assert self.running.stdin is not None and self.running.stdout is not None
        until = time.monotonic() + seconds
        try:
            self.running.stdin.write(json.dumps(asked).encode() + b"\n")
            self.running.stdin.flush()
        except OSError:
            return None
        place, said = self.running.stdout.fileno(), bytearray()
        while not said.endswith(b"\n"):
            ready, _, _ = select.select([place], [], [], max(0.0, until - time.monotonic()))
            part = os.read(place, 1 << 16) if ready else b""
            if not part or len(said) > MOST_ANSWER:
                return None
            said += part
        self.done += 1
        found: dict[str, Any] = json.loads(said)
        return found

    def end(self) -> None:
        """Ends it at once."""
        with contextlib.suppress(OSError):
            self.running.kill()
        self.running.wait()
        for pipe in (self.running.stdin, self.running.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        with contextlib.suppress(OSError):
            self.home.cleanup()


class Workers:
    """The worker processes of this web process, made when first needed."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._free: list[_Process] = []
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(at_once)

    def ask(self, asked: dict[str, Any], seconds: float) -> dict[str, Any] | None:
        """The answer of a free worker; None when it took too long or needed too much.

        Raises:
            Unavailable: when none became free in that time.
        """
        if not self._places.acquire(timeout=seconds):
            raise Unavailable("every worker is busy", remedy="try again in a minute")
        try:
            with self._lock:
                worker = self._free.pop() if self._free else None
            worker = worker or _Process()
            said = None
            try:
                said = worker.ask(asked, seconds)
            finally:
                if said is None or worker.done >= _RUNS:
                    worker.end()
                else:
                    with self._lock:
                        self._free.append(worker)
            return said
        finally:
            self._places.release()

    def close(self) -> None:
        """Ends the workers that are free."""
        with self._lock:
            held, self._free = self._free, []
        for worker in held:
            worker.end()


WORKERS = Workers()
atexit.register(WORKERS.close)


def run_tool(request: Any, verb: Verb) -> dict[str, Any]:
    """Runs a tool on what the request holds; the object its ``--json`` prints, and ``files`` it wrote in base64.

    Raises:
        InvalidInput: when the arguments are wrong, or it took too long or too much memory.
        PanhuoError: what the tool itself says.
    """
    values, files = _given(request, verb)
    with tempfile.TemporaryDirectory(prefix="panhuo-call-") as held:
        folder = Path(held)
        for name, (ending, content) in files.items():
            values[name] = name + ending
            (folder / values[name]).write_bytes(content)
        came = {path.name for path in folder.iterdir()}
        said = WORKERS.ask({"verb": verb.name, "values": values, "folder": held}, SECONDS)
        if said is None or "large" in said or "deep" in said:
            raise InvalidInput(
                f"the tool did not finish within {SECONDS:.0f} s and its bounds of memory",
                where=verb.name,
                remedy="send less, or use the command line",
                code="invalid-input/too-much",
            )
        if said.get("defect") in ("TypeError", "AttributeError", "KeyError", "IndexError", "ValueError"):
            # A tool reads its input's shape as it goes: what it stumbles over is the input's, logged as ours too.
            _LOG.error("a tool stumbled over its input", extra={"error": said["defect"], "part": verb.name})
            raise InvalidInput(
                "the input has not the shape this tool reads",
                where=verb.name,
                remedy="see the example in the description",
            )
        if "defect" in said:
            _LOG.error("a defect of a tool", extra={"tool": verb.name, "error": said["defect"], "place": said["place"]})
            raise defect()
        if "error" in said:
            error = said["error"]
            if error["kind"] in ("not-found", "defect"):
                error = {**error, "kind": "invalid-input" if error["kind"] == "not-found" else "defect"}
                error["code"] = error["code"].replace("not-found", "invalid-input")
            raise _KINDS[error["kind"]](error["what"], where=error["where"], remedy=error["remedy"], code=error["code"])
        made: dict[str, str] = {}
        size = 0
        for path in sorted(folder.iterdir()):
            if path.is_file() and path.name not in came:
                size += path.stat().st_size
                if size > MOST_ANSWER:
                    raise InvalidInput("what the tool wrote is too large to answer", code="invalid-input/too-much")
                made[path.name.removeprefix("made-")] = base64.b64encode(path.read_bytes()).decode()
        result: dict[str, Any] = said["result"]
        for name in WRITTEN:
            if isinstance(result.get(name), str):
                result[name] = result[name].removeprefix("made-")
        return {**result, "files": made} if made else result
