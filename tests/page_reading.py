"""Reads the report's page into a small tree, with the standard library alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"meta", "line", "rect", "circle", "link", "br", "input", "img", "path", "i"})


@dataclass
class Node:
    """An element: its tag, attributes, children and the text directly in it, in order."""

    tag: str
    attributes: dict[str, str]
    parent: Node | None = None
    inside: list[Node | str] = field(default_factory=list)

    def walk(self) -> Iterator[Node]:
        """The element and everything in it."""
        yield self
        for child in self.inside:
            if isinstance(child, Node):
                yield from child.walk()

    def all(self, tag: str, kind: str = "") -> list[Node]:
        """Elements of a tag (and class) in it."""
        return [n for n in self.walk() if n.tag == tag and (not kind or kind in n.get("class").split())]

    def get(self, name: str) -> str:
        """An attribute, empty when absent."""
        return self.attributes.get(name, "")

    def text(self, language: str = "zh") -> str:
        """What a reader of a language sees."""
        if self.get("lang") not in ("", language) or self.tag in ("script", "style", "title"):
            return ""
        return "".join(c if isinstance(c, str) else c.text(language) for c in self.inside)

    def text_outside_links(self, language: str = "zh") -> str:
        """The same without what opens."""
        if self.get("lang") not in ("", language) or (self.tag == "a" and self.get("href").startswith("#w")):
            return ""
        return "".join(c if isinstance(c, str) else c.text_outside_links(language) for c in self.inside)

    def within(self, *kinds: str) -> bool:
        """Whether it stands in an element of one of the classes or tags."""
        node: Node | None = self
        while node is not None:
            if node.tag in kinds or set(node.get("class").split()) & set(kinds):
                return True
            node = node.parent
        return False


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.at = self.root = Node("root", {})
        self.unclosed: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs}, self.at)
        self.at.inside.append(node)
        if tag not in VOID:
            self.at = node

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if self.at.tag != tag:
            self.unclosed.append(f"{self.at.tag} before /{tag}")
        if self.at.parent is not None:
            self.at = self.at.parent

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.at.inside.append(Node(tag, {name: value or "" for name, value in attrs}, self.at))

    def handle_data(self, data: str) -> None:
        self.at.inside.append(data)


def read_page(text: str) -> tuple[Node, list[str]]:
    """The page as a tree, and what was not closed."""
    reader = _Reader()
    reader.feed(text)
    if reader.at is not reader.root:
        reader.unclosed.append(reader.at.tag)
    return reader.root, reader.unclosed
