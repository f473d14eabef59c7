"""A process that runs one tool after another for the web process that started it: a request a line in, an answer out.

Invariant: it knows no database, no secret and no organisation; it works in the folder of the request, with bounds on
memory and on the size of files, and whoever started it ends it when a tool takes too long.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import sys
from typing import Any

MEMORY = 4 * 1024**3
FILE = 64 * 1024**2
"""Bytes of address space, and of one written file."""


def _answer(asked: dict[str, Any]) -> dict[str, Any]:
    from panhuo.ground.record.errors import PanhuoError
    from panhuo.verbs.listing import verb_named

    verb = verb_named(asked["verb"])
    assert verb is not None
    os.chdir(asked["folder"])
    try:
        return {"result": verb.call(**asked["values"])}
    except PanhuoError as error:
        return error.as_json()
    except MemoryError:
        return {"large": True}
    except RecursionError:
        return {"deep": True}
    except Exception as error:
        place = error.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        where = f"{place.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{place.tb_lineno}" if place else ""
        return {"defect": type(error).__name__, "place": where}
    finally:
        os.chdir("/")


def main() -> None:
    """Serves until standard input ends."""
    for kind, bound in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_FSIZE, FILE), (resource.RLIMIT_CORE, 0)):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (bound, bound))
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    for line in sys.stdin:
        said = _answer(json.loads(line))
        try:
            text = json.dumps(said, default=str, allow_nan=False)
        except ValueError:
            text = json.dumps({"defect": "ValueError", "place": "result"})
        answers.write(text + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
