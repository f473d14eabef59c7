"""One judge, three places: plain calls, Numba over columns, record batches on a cluster. The bytes are the same."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from panhuo.ground.record.judgement import Bench, pronounce
from panhuo.ground.record.outcome import make_outcome
from panhuo.ground.rules.compile import compile_rule_set
from panhuo.ground.rules.rule_set import load_rule_set
from panhuo.stages.monitoring import THINGS, class_floor
from stages.monitoring.small_book import Story, later

AS_OF = "2025-06-30"


def mixed(folder: Path) -> Story:
    """A book in which most things happen to somebody."""
    book = Story(folder, AS_OF)
    for n in range(60):
        party = f"P{n // 2:03d}"
        if n % 2 == 0:
            route = ("retail", "non_retail", None)[n % 3]
            book.party(party, classification_route=route, size="small", region="330106", industry="F51")
            book.add(
                "credit_reports", party_id=party, query_basis="post_loan", queried_on="2025-06-01",
                external_balance=n * 1_000_000, external_overdue_over_90_days=(n % 7) * 90_000,
            )  # fmt: skip
        out, amount = later("2023-06-01", 11 * n), 10_000 + 777 * n
        due = later(out, 365)
        interest = 100 + n
        plan = [(later(out, 180), 0, interest), (due, amount, interest)]
        impaired = (True, False, None)[n % 3]
        book.drawdown(f"D{n:03d}", party, amount, out, due, plan, credit_impaired=impaired, funds_misused=n % 11 == 0)
        book.add("contracts", id=f"C-D{n:03d}", party_id=party, principal=1, signed_on=out, security_form="mortgage")
        if n % 4:
            paid = book.pay(f"D{n:03d}", later(out, 181 + n), interest=interest)
            if n % 5 == 0:
                book.post(f"D{n:03d}", later(out, 190 + n), "interest", "reverse", interest, reverses_id=paid[0])
        if n % 9 == 0:
            book.post(f"D{n:03d}", "2025-05-05", "principal", "write_off", amount / 2)
        if n % 6 == 0:
            book.add("class_decisions", drawdown_id=f"D{n:03d}", decided_on="2025-03-31", final="substandard")
    return book


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, run: Any) -> Any:
    snapshot = mixed(tmp_path_factory.mktemp("engines") / "book").snapshot()
    return snapshot, run(snapshot, engine="plain")


@pytest.mark.slow
def test_plain_and_compiled_give_the_same_bytes(told: Any, run: Any) -> None:
    snapshot, plain = told
    compiled = run(snapshot, engine="compiled")
    assert {n: o.root.hex() for n, o in compiled.items()} == {n: o.root.hex() for n, o in plain.items()}
    assert set(compiled) == {thing.name for thing in THINGS}


def test_the_floor_is_the_same_compiled(told: Any) -> None:
    _, plain = told
    rules = compile_rule_set(load_rule_set("classification"), class_floor.SUBJECT)
    subjects = plain["class_floor"].subjects
    again = pronounce(class_floor.THING, subjects, rule_set=rules, engine="compiled")
    assert again.root == plain["class_floor"].root


def test_input_order_never_shows(told: Any) -> None:
    _, plain = told
    rules = compile_rule_set(load_rule_set("classification"), class_floor.SUBJECT)
    subjects = plain["class_floor"].subjects
    upside_down = subjects.take(pa.array(range(len(subjects) - 1, -1, -1)))
    again = pronounce(class_floor.THING, upside_down, rule_set=rules, engine="plain")
    assert again.root == plain["class_floor"].root


@pytest.mark.slow
@pytest.mark.spark
def test_a_cluster_gives_the_same_bytes(told: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The judge called per record batch inside Spark's mapInArrow: in whatever order rows return, one root."""
    pyspark_sql = pytest.importorskip("pyspark.sql")
    if shutil.which("java") is None:
        pytest.skip("no Java on this machine")
    # Workers are this interpreter with this source tree.
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(p for p in sys.path if p))
    _, plain = told
    outcome = plain["class_floor"]
    subjects = outcome.subjects
    rules = compile_rule_set(load_rule_set("classification"), class_floor.SUBJECT)

    def judge_batches(batches: Any) -> Any:
        # Made again on each worker: a rule set and a judge travel by name, never by pickle.
        from panhuo.ground.record.judgement import Bench
        from panhuo.ground.rules.compile import compile_rule_set
        from panhuo.ground.rules.rule_set import load_rule_set
        from panhuo.stages.monitoring import class_floor

        bench = Bench(class_floor.THING, compile_rule_set(load_rule_set("classification"), class_floor.SUBJECT))
        for batch in batches:
            verdicts, masks = bench.verdicts(pa.Table.from_batches([batch]))
            for name, mask in masks.items():
                verdicts = verdicts.append_column(name, pa.array(mask))
            yield from verdicts.combine_chunks().to_batches()

    builder = pyspark_sql.SparkSession.builder.master("local[2]").appName("panhuo-engines")
    spark = (
        builder.config("spark.ui.enabled", "false")
        .config("spark.sql.session.timeZone", "Asia/Shanghai")
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", "7")
        .config("spark.sql.shuffle.partitions", "4")
        .getOrCreate()
    )
    try:
        frame = spark.createDataFrame(subjects)
        empty, masks = Bench(class_floor.THING, rules, engine="plain").verdicts(subjects.slice(0, 0))
        shape = empty.schema
        for name in masks:
            shape = shape.append(pa.field(name, pa.int64()))
        rows = frame.repartition(4, "party_id").mapInArrow(judge_batches, schema=spark_schema(shape)).toArrow()
    finally:
        spark.stop()
    assert len(rows) == len(subjects)
    on_cluster = make_outcome(outcome.schema, outcome.schema.conform(rows), outcome.reasons, lineage=outcome.lineage)
    assert on_cluster.root == outcome.root
    # the masks the reasons are made from, too
    here, local = Bench(class_floor.THING, rules, engine="plain").verdicts(subjects)
    by_key = {r["drawdown_id"]: r for r in rows.to_pylist()}
    for n, key in enumerate(here.column("drawdown_id").to_pylist()):
        assert {m: by_key[key][m] for m in local} == {m: int(v[n]) for m, v in local.items()}


def spark_schema(schema: pa.Schema) -> Any:
    """The Spark schema of an Arrow one."""
    from pyspark.sql.pandas.types import from_arrow_schema

    return from_arrow_schema(schema)
