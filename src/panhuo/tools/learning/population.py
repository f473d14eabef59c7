"""What a model is trained on: the outcome, the columns it may use and those it may not, with the reason by name.

Invariant: choosing and coding columns never looks at the outcome; a column left out is always named in `notes`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from panhuo.ground.record.errors import InvalidInput
from panhuo.tools.learning import table
from panhuo.tools.learning.model import Feature

Floats = npt.NDArray[np.float64]

MOST_LEVELS = 200
_LEAST_ROWS_A_LEVEL = 5
_ID_NAME = re.compile(
    r"(^|[^a-z])(id|uid|uuid|guid|no|nr|num|key|index|idx|rownames?|row|serial|uscc)([^a-z]|$)|编号|序号|代码|号码|^unnamed",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Note:
    """Something a reader should know about a column (or, with column ``""``, about the rows)."""

    column: str
    zh: str
    en: str


@dataclass(frozen=True)
class Population:
    """Rows with a known outcome, ready to learn from.

    `rows` [n, features] as the kernels read them, `outcome` [n] (1 is the event), `time` [n] days or numbers (NaN
    unknown; empty when no time column; `time_in_days` says which), `group` [n]: rows of one group (one id, or copies)
    never part between folds, `copies`: rows that equal an earlier one in every feature.
    """

    target: str
    event: str
    other: str
    id_column: str
    time_column: str
    features: tuple[Feature, ...]
    rows: Floats
    outcome: Floats
    time: Floats
    time_in_days: bool
    group: npt.NDArray[np.int64]
    copies: int
    kept: npt.NDArray[np.int64]
    left_out: tuple[str, ...]
    notes: tuple[Note, ...]

    def without(self, names: set[str]) -> Population:
        """The same rows with some features taken away."""
        from dataclasses import replace

        stay = [i for i, feature in enumerate(self.features) if feature.name not in names]
        return replace(self, features=tuple(self.features[i] for i in stay), rows=self.rows[:, stay])


def read_outcome(data: pa.Table, target: str, event: str | None) -> tuple[Floats, str, str]:
    """Outcome [n] (1 event, 0 not, NaN unknown), the event's and the other value's name.

    The event is the larger of two numbers unless `event` names a value; texts need it.

    Raises:
        NotFound: when there is no such column.
        InvalidInput: when the values do not decide it; the message names them.
    """
    cells = table.column(data, target)
    values, place = table.distinct_texts(cells)
    known = [value for value in values if value is not None]
    read = np.array([np.nan if value is None else table.number_of(value) for value in values])
    numeric = not np.isnan(read[[value is not None for value in values]]).any()
    if pa.types.is_boolean(cells.type):
        read, numeric = np.array([np.nan if v is None else float(v == "true") for v in values]), True
    shown = ", ".join(repr(value) for value in sorted(known)[:6]) + (" ..." if len(known) > 6 else "")
    if len(known) < 2:
        raise InvalidInput(
            f"the target {target!r} has {len(known)} known value(s): {shown}",
            where=target,
            remedy="give a column with two outcomes",
        )
    if event is None:
        if not numeric:
            raise InvalidInput(
                f"the target {target!r} is text ({shown}): which value is the event whose probability is wanted?",
                where=target,
                remedy=f"add --event with one of {shown}",
                code="invalid-input/event-needed",
            )
        if len(known) > 2:
            raise InvalidInput(
                f"the target {target!r} has {len(known)} values ({shown})",
                where=target,
                remedy="add --event VALUE; every other value counts as no event",
            )
        chosen = int(np.nanargmax(read))
    else:
        wanted = table.number_of(event)
        match = [i for i, v in enumerate(values) if v == event or (numeric and v is not None and read[i] == wanted)]
        if not match:
            raise InvalidInput(
                f"no row of {target!r} is {event!r}; its values are {shown}", where="--event", remedy="name one of them"
            )
        chosen = match[0]
    own = np.array([np.nan if v is None else float(i == chosen) for i, v in enumerate(values)])
    others = [v for i, v in enumerate(values) if v is not None and i != chosen]
    return own[place], str(values[chosen]), others[0] if len(others) == 1 else "*"


def _looks_like_days(values: list[str]) -> bool:
    sample = values[:: max(1, len(values) // 500)]
    stated = [table.day_of(value) for value in sample if not value.isdigit()]
    return len(stated) >= 3 and len(stated) == len(sample) and sum(d is not None for d in stated) >= 0.95 * len(stated)


def _column_feature(data: pa.Table, name: str, day_zero: str) -> tuple[Feature | None, Note | None]:
    # One column as a feature, or why it cannot be one.
    cells = table.column(data, name)
    size = len(cells)
    if not table.is_plain(cells.type):
        return None, Note(
            name, f"{cells.type} 类型不能直接使用，未用", f"a column of {cells.type} cannot be read, not used"
        )
    if table.is_day(cells.type):
        return Feature(name, "date", since=day_zero), None
    if table.is_text(cells.type):
        values, place = table.distinct_texts(cells)
        known = [value for value in values if value is not None]
        if _looks_like_days(known):
            return Feature(name, "date", since=day_zero), None
        numeric = [value for value in known if table.number_of(value) == table.number_of(value)]
        if known and len(numeric) >= 0.95 * len(known) and len(known) > 10 and not any(_coded(v) for v in numeric):
            return _number_feature(name, table.numbers(cells), integer=False)
        count = np.bincount(place, minlength=len(values))
        filled = size - sum(int(count[i]) for i, value in enumerate(values) if value is None)
        if len(known) < 2:
            return None, Note(name, "只有一种取值，未用", "one value only, not used")
        if len(known) > 50 and len(known) > 0.5 * filled:
            zh, en = f"多为各不相同的文字（{len(known)} 种），当作名称或自由文本，未用", "names or free text"
            return None, Note(name, zh, f"{en}: {len(known)} different values in {filled} rows, not used")
        order = sorted(
            (i for i, v in enumerate(values) if v is not None and count[i] >= _LEAST_ROWS_A_LEVEL),
            key=lambda i: (-count[i], str(values[i])),
        )[:MOST_LEVELS]
        note = None
        if len(order) < len(known):
            zh = f"{len(known)} 种取值中保留最常见的 {len(order)} 种，其余归为一类"
            note = Note(name, zh, f"the {len(order)} commonest of {len(known)} values are kept, the rest are one")
        levels = tuple(sorted(str(values[i]) for i in order))
        if not levels:
            return None, Note(name, "没有重复出现的取值，未用", "no value occurs often enough, not used")
        return Feature(name, "text", levels, other=True), note
    return _number_feature(name, table.numbers(cells), integer=pa.types.is_integer(cells.type))


def _coded(value: str) -> bool:
    return len(value) > 1 and value[0] == "0" and value.isdigit()


def _number_feature(name: str, values: Floats, *, integer: bool) -> tuple[Feature | None, Note | None]:
    known = values[~np.isnan(values)]
    distinct = len(np.unique(known))
    if distinct < 2:
        return None, Note(name, "只有一种取值，未用", "one value only, not used")
    if integer and len(known) > 20 and distinct == len(known):
        steps = np.diff(known)
        if _ID_NAME.search(re.sub(r"([a-z])([A-Z])", r"\1_\2", name)) or (steps > 0).all() or (steps < 0).all():
            return None, Note(name, "每行各不相同的编号，未用", "an identifier, different in every row, not used")
    return Feature(name, "number"), None


def read_population(
    data: pa.Table,
    target: str,
    *,
    event: str | None = None,
    time_column: str = "",
    id_column: str = "",
    drop: tuple[str, ...] = (),
) -> Population:
    """The population of `data`.

    Raises:
        NotFound: when a named column is absent.
        InvalidInput: when the outcome is not decided or no column is left to learn from.
    """
    table.require_rows(data)
    for name in (target, time_column, id_column, *drop):
        if name:
            table.column(data, name)
    outcome, event_name, other_name = read_outcome(data, target, event)
    kept = np.flatnonzero(~np.isnan(outcome))
    notes: list[Note] = []
    if len(kept) < len(outcome):
        missing = len(outcome) - len(kept)
        notes.append(Note(target, f"{missing} 行没有结果，未用", f"{missing} rows without an outcome, not used"))
        data, outcome = data.take(pa.array(kept)), outcome[kept]
    time = np.empty(0)
    day_zero = ""
    if time_column:
        cells = table.column(data, time_column)
        if table.is_day(cells.type) or (
            table.is_text(cells.type) and _looks_like_days([v for v in table.distinct_texts(cells)[0] if v])
        ):
            time, day_zero = table.days(cells), time_column
        else:
            time = table.numbers(cells)
        if np.isnan(time).all():
            raise InvalidInput(f"no dates or numbers in {time_column!r}", where="--time", remedy="name a time column")
    features: list[Feature] = []
    columns: list[Floats] = []
    left_out: list[str] = []
    for name in data.column_names:
        if name in (target, time_column, id_column, *drop):
            continue
        feature, note = _column_feature(data, name, day_zero)
        values = table.feature_values(data, feature) if feature else np.empty(0)
        if feature and feature.kind != "text":
            if np.isnan(values).all():
                feature, note = None, Note(name, "没有已知值，未用", "no known value, not used")
            elif feature.kind == "number" and len(time) and _same_order(values, time):
                feature = None
                note = Note(name, f"与 {time_column} 同步，只说明时间，未用", f"moves with {time_column}, not used")
            elif feature.kind == "date" and not day_zero:
                zh = "按绝对日期使用：不给 --time 就看不出它随时间老化"
                note = Note(name, zh, "used as an absolute date: without --time its ageing cannot be seen")
        if note:
            notes.append(note)
        if feature:
            features.append(feature)
            columns.append(values)
        else:
            left_out.append(name)
    if not features:
        raise InvalidInput("no column is left to learn from", where=target, remedy="drop fewer columns")
    rows = np.ascontiguousarray(np.column_stack(columns))
    group, copies = _groups(data, rows, id_column)
    return Population(
        target, event_name, other_name, id_column, time_column, tuple(features), rows, outcome, time, bool(day_zero),
        group, copies, kept, tuple(left_out), tuple(notes),
    )  # fmt: skip


def _same_order(values: Floats, time: Floats) -> bool:
    both = ~np.isnan(values) & ~np.isnan(time)
    if both.sum() < 50:
        return False
    a, b = (np.argsort(np.argsort(x[both], kind="stable"), kind="stable").astype(float) for x in (values, time))
    return bool(abs(np.corrcoef(a, b)[0, 1]) > 0.98)


def _groups(data: pa.Table, rows: Floats, id_column: str) -> tuple[npt.NDArray[np.int64], int]:
    # Copies: rows equal in every feature, where rows are rich enough for equality to mean something.
    plain = np.where(np.isnan(rows), -np.inf, rows + 0.0)
    packed = np.ascontiguousarray(plain).view(np.dtype((np.void, plain.dtype.itemsize * plain.shape[1]))).ravel()
    _, first, place = np.unique(packed, return_index=True, return_inverse=True)
    rich = len(first) > 0.5 * len(rows) and rows.shape[1] >= 4
    copies = len(rows) - len(first) if rich else 0
    if id_column:
        return table.distinct_texts(table.column(data, id_column))[1], copies
    return (place if rich else np.arange(len(rows))).astype(np.int64), copies
