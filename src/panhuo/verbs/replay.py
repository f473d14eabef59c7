"""``panhuo replay``: computes a receipted outcome again."""

from __future__ import annotations

from typing import Any

from panhuo.verbs.declaration import Argument, Verb

VERB = Verb(
    name="replay",
    zh="按收据重算：同样的事实、规则和模型，是否得到同样的字节。",
    en="Computes it again: do the same facts, rules and models give the same bytes?",
    arguments=(
        Argument("receipt", "path", "收据文件", "the receipt"),
        Argument("book", "path", "台账文件夹", "the book it was made from", option=True, required=False),
        Argument(
            "input",
            "path",
            "无台账的工具收据：当时的输入文件（score 先模型后数据）",
            "for a tool's receipt without a book: the file it was given (score: --input MODEL --input DATA)",
            option=True,
            required=False,
            multiple=True,
        ),
        Argument(
            "key",
            "path",
            "公钥（默认用台账的 keys/，或你自己的公钥）",
            "public key; default: the book's, or your own",
            option=True,
            required=False,
        ),
    ),
    run="panhuo.verbs.replay:run",
    show="panhuo.verbs.replay:show",
    example="panhuo replay result/receipts/classes.json --book book\npanhuo replay apr.receipt.json --input flows.json",
)


def run(receipt: str, book: str | None = None, input: tuple[str, ...] = (), key: str | None = None) -> dict[str, Any]:
    """``same`` and ``how`` (``same``, ``different``, ``erased under RULE``); the receipt is verified first.

    Raises:
        InvalidInput: when it does not verify, or neither the book nor the input it names was given.
        NotFound: when there is no such receipt.
    """
    from pathlib import Path

    from panhuo.ground.book.folder import Book
    from panhuo.ground.record.errors import InvalidInput, NotFound
    from panhuo.trust.evidence.keys import own_keys, trusted_keys
    from panhuo.trust.evidence.receipts import row_of, verify

    if not Path(receipt).exists():
        raise NotFound(f"no receipt {receipt}")
    opened = Book(Path(book)) if book else None
    keys = trusted_keys(Path(key) if key else None, opened.folder if opened else None)
    verdict = verify(Path(receipt).read_bytes(), keys or own_keys())
    if not verdict.valid or verdict.entry is None:
        remedy = "" if key else "name the public key to trust: --key FILE"
        raise InvalidInput(f"the receipt does not verify: {verdict.reason}", where=receipt, remedy=remedy)
    found = _again(verdict.entry, opened, input, row_of(Path(receipt).read_bytes()))
    return {
        "same": found.same,
        "how": found.how,
        "note": found.note,
        "root": found.root,
        "stated": verdict.entry["root"],
        "exit_code": 0 if found.same else 1,
    }


def _again(entry: dict[str, Any], book: Any, files: tuple[str, ...], row: bytes | None) -> Any:
    from panhuo.ground.record.errors import InvalidInput
    from panhuo.journey.sealing import replay
    from panhuo.journey.tool_receipts import compare, is_of_a_tool
    from panhuo.verbs.declaration import resolve
    from panhuo.verbs.listing import verb_named

    if not is_of_a_tool(entry):
        if book is None:
            raise InvalidInput("the receipt is of a book", remedy="give the book it was made from: --book BOOK")
        return replay(book, entry, row)
    verb = verb_named(entry["lineage"]["verb"])
    if verb is None or not verb.said:
        raise InvalidInput(f"no tool here is called {entry['lineage']['verb']}", remedy="use the version that made it")
    wanted = [argument.name for argument in verb.arguments if not argument.option]
    if len(files) != len(wanted):
        named = " ".join(f"--input {name.upper()}" for name in wanted)
        raise InvalidInput(
            "the receipt is of a file without a book", remedy=f"give what {verb.name} was given: {named}"
        )
    said = resolve(verb.said)(**dict(zip(wanted, files, strict=True)), **entry["lineage"]["parameters"])
    return compare(entry, said)


def show(result: dict[str, Any], language: str) -> str:
    """What a person reads."""
    words = {"same": ("相同", "same"), "different": ("不同", "different")}
    rule = result["how"].removeprefix("erased under ")
    zh, en = words.get(result["how"], (f"已依 {rule} 删除", result["how"]))
    return f"{zh if language == 'zh' else en}: {result['note']}\n{result['stated']} -> {result['root']}"
