"""Kernel 3: a hundred rules on one application, and the same rules over columns.

The rules are those of the published measurement: one to three numeric comparisons each, every third with an ``in``
list. Ours keeps the audit trail: which rules fired and which could not be evaluated, over (value, known) pairs.
"""

from __future__ import annotations

import random
import sys
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import harness
from panhuo.ground.rules.compile import CompiledRules, compile_rule_set
from panhuo.ground.rules.rule_set import read_rule_set

COLUMNS = 20
RULES = 100
ROWS = 1_000_000

Test = tuple[int, str, Any]


def make_rules(seed: int = 3) -> list[list[Test]]:
    """A hundred rules over columns c0 .. c19, each a list of tests joined by and."""
    chance = random.Random(seed)
    rules: list[list[Test]] = []
    for n in range(RULES):
        tests: list[Test] = []
        for _ in range(chance.randint(1, 3)):
            operator = chance.choice([">", ">=", "<", "<="])
            tests.append((chance.randrange(COLUMNS), operator, chance.randrange(1000)))
        if n % 3 == 0:
            tests.append((chance.randrange(COLUMNS), "in", tuple(chance.sample(range(1000), 5))))
        rules.append(tests)
    return rules


def compiled_rules(rules: list[list[Test]]) -> CompiledRules:
    """The rules as a rule file, read and compiled."""
    lines = ['name = "bench"\nzh = "测"\nen = "bench"\nsubject = "bench"\ndated_by = "day"\n']
    lines.append('[columns.day]\ntype = "date"\nzh = "日"\nen = "day"\n')
    for c in range(COLUMNS):
        lines.append(f'[columns.c{c}]\ntype = "int"\nzh = "列"\nen = "column"\n')
    lines.append('[outputs.any]\ntype = "bool"\nzh = "任一"\nen = "any"\n')
    for n, tests in enumerate(rules):
        condition = " and ".join(f"c{c} {operator} {value}" for c, operator, value in tests)
        lines.append(
            f'[[rules]]\nid = "BEN-{n}"\nzh = "测"\nen = "bench"\ninstrument = "bench"\narticle = ""\n'
            f'grade = {{ effect = "A", citation = "A" }}\neffective_from = 2020-01-01\ncondition = "{condition}"\n'
            'effect = { kind = "flag", column = "any" }\n'
        )
    return compile_rule_set(read_rule_set("".join(lines), "bench.toml"))


def expected(rules: list[list[Test]], row: list[int]) -> list[int]:
    """What fires, by brute force."""

    def holds(c: int, operator: str, value: Any) -> bool:
        x = row[c]
        return {
            ">": lambda: x > value, ">=": lambda: x >= value, "<": lambda: x < value, "<=": lambda: x <= value,
            "in": lambda: x in value,
        }[operator]()  # fmt: skip

    return [n for n, tests in enumerate(rules) if all(holds(*t) for t in tests)]


def one_application(rules: list[list[Test]], compiled: CompiledRules, rows: list[list[int]]) -> list[harness.Ratio]:
    """3a: one application a call, from a dict of plain values to the list of rules that fired."""
    row_type = namedtuple("Row", ["day", *(f"c{c}" for c in range(COLUMNS))])
    judge = compiled.judge_rules
    applications = [{f"c{c}": v for c, v in enumerate(row)} for row in rows]
    names = tuple(f"c{c}" for c in range(COLUMNS))
    ids = range(RULES)

    def ours_one(application: dict[str, int]) -> list[int]:
        result = judge(row_type((20000, True), *[(application[n], True) for n in names]))
        low, high = result[0], result[1]
        return [i for i in ids if (low >> i if i < 62 else high >> (i - 62)) & 1]

    def masks_one(application: dict[str, int]) -> Any:
        return judge(row_type((20000, True), *[(application[n], True) for n in names]))

    for row, application in zip(rows, applications, strict=True):
        assert ours_one(application) == expected(rules, row)
        assert masks_one(application)[2] == 0

    def every(one: Callable[[Any], Any], inputs: list[Any]) -> Callable[[], None]:
        def run() -> None:
            for application in inputs:
                one(application)

        return run

    peers: list[harness.Contender] = []
    try:
        from datalogic_py import Engine
    except ImportError:
        harness.skipped("3a", "datalogic-py", "not installed")
    else:
        signs = {"in": "in"}
        logic = [
            {"and": [{signs.get(o, o): [{"var": f"c{c}"}, list(v) if o == "in" else v]} for c, o, v in tests]}
            for tests in rules
        ]
        found = _datalogic(Engine, logic)
        if found is not None:
            for row, application in zip(rows[:20], applications, strict=False):
                answer = found(application)
                assert [n for n, fired in enumerate(answer) if fired] == expected(rules, row)
            peers.append(harness.Contender("datalogic-py", every(found, applications), len(rows)))
    try:
        import zen
    except ImportError:
        harness.skipped("3a", "zen-engine", "not installed")
    else:
        decide = _zen(zen, rules)
        for row, application in zip(rows[:20], applications, strict=False):
            assert decide(application) == expected(rules, row)
        peers.append(harness.Contender("zen-engine", every(decide, applications[:200]), 200))
    ours = harness.Contender("panhuo, plain Python", every(masks_one, applications), len(rows))
    return harness.compare(
        "3a 100 rules, one application", ours, peers, {"datalogic-py": 3.5, "zen-engine": 60.0}, unit="application"
    )


def _datalogic(engine_type: Any, logic: list[Any]) -> Callable[[Any], list[Any]] | None:
    import json

    engine = engine_type()
    rule = engine.compile(json.dumps(logic))
    if hasattr(rule, "evaluate"):
        return lambda application: rule.evaluate(application)  # type: ignore[no-any-return]
    return None


def _zen(zen: Any, rules: list[list[Test]]) -> Callable[[Any], list[int]]:
    """A decision table with one row a rule, hit policy collect: the faster of the two shapes published."""
    inputs = [{"id": f"i{c}", "name": f"c{c}", "field": f"c{c}"} for c in range(COLUMNS)]
    table = []
    for n, tests in enumerate(rules):
        row: dict[str, Any] = {"_id": f"r{n}", "o": str(n)}
        cells: dict[int, list[str]] = {}
        for c, operator, value in tests:
            text = f"$ in [{', '.join(map(str, value))}]" if operator == "in" else f"$ {operator} {value}"
            cells.setdefault(c, []).append(text)
        for c in range(COLUMNS):
            row[f"i{c}"] = " and ".join(cells.get(c, []))
        table.append(row)
    content = {
        "hitPolicy": "collect",
        "inputs": inputs,
        "outputs": [{"id": "o", "name": "rule", "field": "rule"}],
        "rules": table,
    }
    graph = {
        "contentType": "application/vnd.gorules.decision",
        "nodes": [
            {"id": "in", "type": "inputNode", "name": "in", "position": {"x": 0, "y": 0}},
            {"id": "t", "type": "decisionTableNode", "name": "t", "position": {"x": 1, "y": 0}, "content": content},
            {"id": "out", "type": "outputNode", "name": "out", "position": {"x": 2, "y": 0}},
        ],
        "edges": [
            {"id": "a", "type": "edge", "sourceId": "in", "targetId": "t"},
            {"id": "b", "type": "edge", "sourceId": "t", "targetId": "out"},
        ],
    }
    import json

    decision = zen.ZenEngine().create_decision(json.dumps(graph))
    return lambda application: [int(found["rule"]) for found in decision.evaluate(application)["result"]]


def columns(rules: list[list[Test]], compiled: CompiledRules) -> list[harness.Ratio]:
    """3b: a million rows, all values with their known flags, masks of fired, unevaluated and advised out."""
    import numba

    chance = np.random.default_rng(3)
    values = chance.integers(0, 1000, (COLUMNS, ROWS))
    known = np.ones((COLUMNS, ROWS), np.bool_)
    row_type = namedtuple("Row", ["day", *(f"c{c}" for c in range(COLUMNS))])
    pairs = ", ".join(f"(v{c}[i], k{c}[i])" for c in range(COLUMNS))
    place = ", ".join(f"v{c}, k{c}" for c in range(COLUMNS))
    space: dict[str, Any] = {"Row": row_type, "judge": numba.njit(compiled.judge_rules)}
    exec(
        f"def loop(n, out, {place}):\n    for i in range(n):\n        found = judge(Row((20000, True), {pairs}))\n"
        "        for j in range(6):\n            out[j, i] = found[j]\n".replace(
            "        for j in range(6):\n            out[j, i] = found[j]\n",
            "".join(f"        out[{j}, i] = found[{j}]\n" for j in range(6)),
        ),
        space,
    )
    loop = numba.njit(space["loop"])
    arrays = [a for c in range(COLUMNS) for a in (values[c], known[c])]
    out = np.zeros((6, ROWS), np.int64)
    loop(10, out, *arrays)
    loop(ROWS, out, *arrays)
    for i in range(0, ROWS, ROWS // 200):
        fired = [n for n in range(RULES) if (int(out[n // 62, i]) >> (n % 62)) & 1]
        assert fired == expected(rules, [int(values[c, i]) for c in range(COLUMNS)])
    ours = harness.Contender("panhuo, Numba", lambda: loop(ROWS, out, *arrays), ROWS)
    peers: list[harness.Contender] = []
    try:
        import polars
    except ImportError:
        harness.skipped("3b", "polars", "not installed")
    else:
        frame = polars.DataFrame({f"c{c}": values[c] for c in range(COLUMNS)})
        texts = {">": "gt", ">=": "ge", "<": "lt", "<=": "le"}

        def expression(tests: list[Test]) -> Any:
            parts = [
                polars.col(f"c{c}").is_in(list(v)) if o == "in" else getattr(polars.col(f"c{c}"), texts[o])(v)
                for c, o, v in tests
            ]
            return polars.all_horizontal(parts)

        asked = [expression(tests).alias(f"r{n}") for n, tests in enumerate(rules)]
        answer = frame.select(asked)
        assert int(answer["r0"].sum()) == int((out[0] & 1).sum())
        peers.append(harness.Contender("polars", lambda: frame.select(asked), ROWS))
    try:
        import duckdb
        import pyarrow as pa
    except ImportError:
        harness.skipped("3b", "duckdb", "not installed")
    else:
        sample = 200_000
        table = pa.table({f"c{c}": values[c][:sample] for c in range(COLUMNS)})
        connection = duckdb.connect(config={"threads": 1})
        connection.register("t", table)
        sql = ", ".join(
            "(" + " and ".join(f"c{c} {o} {v}" for c, o, v in tests) + f") as r{n}" for n, tests in enumerate(rules)
        )
        answer = connection.sql(f"select {sql} from t").to_arrow_table()
        fired = int(np.count_nonzero(out[0, :sample] & 1))
        assert sum(answer.column("r0").to_pylist()) == fired
        peers.append(
            harness.Contender("duckdb", lambda: connection.sql(f"select {sql} from t").to_arrow_table(), sample)
        )
    return harness.compare("3b 100 rules, columns", ours, peers, {"polars": 2.0, "duckdb": 20.0}, unit="row")


def main() -> list[harness.Ratio]:
    """Both halves of the kernel."""
    rules = make_rules()
    compiled = compiled_rules(rules)
    chance = random.Random(5)
    rows = [[chance.randrange(1000) for _ in range(COLUMNS)] for _ in range(2000)]
    return one_application(rules, compiled, rows) + columns(rules, compiled)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    harness.run(main)
