"""``panhuo verify``: checks a receipt with a key the verifier trusts."""

from __future__ import annotations

from typing import Any

from panhuo.verbs.declaration import Argument, Verb

VERB = Verb(
    name="verify",
    zh="验证收据：用你信任的公钥，而不是收据自带的。",
    en="Verifies a receipt, with a key you trust and never one the receipt brings.",
    arguments=(
        Argument("receipt", "path", "收据文件（- 为标准输入）", "the receipt (- for standard input)"),
        Argument(
            "key", "path", "公钥文件或 keys 文件夹", "public key file, or a keys folder", option=True, required=False
        ),
        Argument("book", "path", "台账（用其 keys/）", "a book, to use its keys/", option=True, required=False),
    ),
    run="panhuo.verbs.verify:run",
    show="panhuo.verbs.verify:show",
    example="panhuo verify d123.json --key book/keys",
)


def run(receipt: str, key: str | None = None, book: str | None = None) -> dict[str, Any]:
    """``valid``, ``reason``, ``key`` (fingerprint trusted), and what was proved."""
    import sys
    from pathlib import Path

    from panhuo.ground.record.errors import InvalidInput, NotFound
    from panhuo.trust.evidence.keys import trusted_keys
    from panhuo.trust.evidence.receipts import verify

    if receipt == "-":
        data = sys.stdin.buffer.read()
    else:
        if not Path(receipt).exists():
            raise NotFound(f"no receipt {receipt}")
        data = Path(receipt).read_bytes()
    keys = trusted_keys(Path(key) if key else None, Path(book) if book else None)
    if not keys:
        raise InvalidInput(
            "no key to trust was given", remedy="give --key FILE, the organisation's public key, or --book BOOK"
        )
    verdict = verify(data, keys)
    result: dict[str, Any] = {"valid": verdict.valid, "reason": verdict.reason, "key": verdict.key}
    if verdict.entry is not None:
        result |= {"time": verdict.time, "entry": verdict.entry}
    return {**result, "exit_code": 0 if verdict.valid else 1}


def show(result: dict[str, Any], language: str) -> str:
    """What a person reads."""
    zh = language == "zh"
    if not result["valid"]:
        return ("无效：" if zh else "NOT VALID: ") + result["reason"]
    entry = result["entry"]
    lines = [("有效：" if zh else "valid: ") + result["reason"]]
    lines.append(("公钥指纹 " if zh else "key ") + result["key"])
    lines.append(("签名时间 " if zh else "signed at ") + result["time"])
    lines.append(f"{entry['kind']} {entry.get('name', '')} {entry['org']} {entry['root']}")
    return "\n".join(lines)
