"""The model card: one self-contained HTML page in Chinese and English beside the model.

Invariant: it shows figures of `Training` and of the table it was trained on, recomputes none of the validation, and
holds no time of day, so that the same training gives the same page.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from panhuo.tools.learning import measures, table
from panhuo.tools.learning.fairness import POLICY_RATIO, ColumnFairness, approval_cut, group_figures
from panhuo.tools.learning.scoring import Scorer
from panhuo.tools.learning.training import Training

Floats = npt.NDArray[np.float64]
_RANKED_ROWS = 5000


def model_card(training: Training, data: pa.Table) -> str:
    """The card of `training` on `data` (the table given to `train`), as HTML."""
    people, validation = training.people, training.validation
    kept = data.take(pa.array(people.kept)) if people.kept.size < data.num_rows else data
    outcome = people.outcome[validation.judged]
    bins = measures.calibration_table(outcome, validation.probability)
    slope = _slope(outcome, validation)
    return _template().render(
        training=training,
        model=training.model,
        people=people,
        validation=validation,
        auc=validation.auc,
        rows=len(people.outcome),
        events=int(people.outcome.sum()),
        rate=float(people.outcome.mean()),
        period=_period(kept, people.time_column),
        bins=bins,
        slope=slope,
        calibration_picture=calibration_picture(bins),
        bands=score_bands(training, outcome),
        distribution_picture=distribution_picture(training, outcome),
        ranking=reason_ranking(training),
        card_rows=_card_rows(training),
        columns=_columns(training),
        fairness=judged_groups(training, data),
        policy=POLICY_RATIO,
        cut=approval_cut(validation.probability, outcome),
        hash=training.model.hash(),
    )


def judged_groups(training: Training, data: pa.Table) -> list[ColumnFairness]:
    """Fairness on the rows that judged `training`, for every column of `data` whose name looks like a group."""
    people, validation = training.people, training.validation
    judged = data.take(pa.array(people.kept[validation.judged]))
    used = {feature.name for feature in training.model.features}
    skip = {people.target, people.id_column, people.time_column}
    return group_figures(judged, people.outcome[validation.judged], validation.probability, used, skip)


@lru_cache(maxsize=1)
def _template() -> Any:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["pct"] = lambda value, places=1: f"{value * 100:.{places}f} %"
    environment.filters["three"] = lambda value: f"{value:.3f}"
    environment.filters["points"] = lambda value: f"{value / 1000:+.3f}"
    return environment.from_string((Path(__file__).parent / "card.html").read_text(encoding="utf-8"))


def _slope(outcome: Floats, validation: Any) -> tuple[float, float]:
    from panhuo.tools.learning.logistic import fit_logistic

    held = np.clip(validation.probability, 1e-9, 1 - 1e-9)
    fitted = fit_logistic(np.log(held / (1 - held)).reshape(-1, 1), outcome, ridge=1e-9)
    return float(fitted.weights[0]), fitted.intercept


def _period(data: pa.Table, time_column: str) -> tuple[str, str] | None:
    if not time_column:
        return None
    cells = table.column(data, time_column)
    days = table.days(cells)
    if np.isnan(days).all():
        numbers = table.numbers(cells)
        return table.show(float(np.nanmin(numbers))), table.show(float(np.nanmax(numbers)))
    from datetime import date

    first = date(1970, 1, 1).toordinal()
    low, high = (date.fromordinal(first + int(day)).isoformat() for day in (np.nanmin(days), np.nanmax(days)))
    return low, high


def score_bands(training: Training, outcome: Floats) -> list[dict[str, Any]]:
    """Ten bands of equal size from the safest to the riskiest on unseen rows: scores, rows, observed event rate."""
    scale = training.model.scale
    held = np.clip(training.validation.probability, 1e-9, 1 - 1e-9)
    score = scale.offset - scale.factor * np.log(held / (1 - held))
    order = np.argsort(-score, kind="stable")
    bands = []
    for part in np.array_split(order, 10):
        if len(part):
            low, high = measures.wilson(float(outcome[part].sum()), len(part))
            bands.append(
                {"low": float(score[part].min()), "high": float(score[part].max()), "rows": len(part),
                 "rate": float(outcome[part].mean()), "rate_low": low, "rate_high": high}
            )  # fmt: skip
    return bands


def reason_ranking(training: Training) -> list[dict[str, Any]]:
    """Features by mean absolute contribution (points) over up to 5,000 evenly spaced rows."""
    people, model = training.people, training.model
    place = {feature.name: i for i, feature in enumerate(people.features)}
    step = max(1, len(people.rows) // _RANKED_ROWS)
    rows = np.ascontiguousarray(people.rows[::step][:, [place[feature.name] for feature in model.features]])
    parts = Scorer(model).score(rows).contributions
    mean = np.abs(parts).mean(axis=0) / 1000.0
    order = sorted(range(len(model.features)), key=lambda i: (-mean[i], i))
    top = float(mean.max()) or 1.0
    return [{"name": model.features[i].name, "points": float(mean[i]), "share": float(mean[i]) / top} for i in order]


def _columns(training: Training) -> list[dict[str, Any]]:
    whole, used = training.whole, {feature.name for feature in training.model.features}
    event = whole.outcome > 0.5
    found = []
    for i, feature in enumerate(whole.features):
        unknown = np.isnan(whole.rows[:, i])
        found.append(
            {"name": feature.name, "kind": feature.kind, "used": feature.name in used, "missing": float(unknown.mean()),
             "missing_event": float(unknown[event].mean()), "missing_other": float(unknown[~event].mean()),
             "distinct": len(np.unique(whole.rows[~unknown, i])), "alone": training.alone[feature.name]}
        )  # fmt: skip
    return found


def _card_rows(training: Training) -> list[dict[str, Any]]:
    # The scorecard as a table: what each bin is worth, and how many of the training rows fall in it.
    model, people = training.model, training.people
    place = {feature.name: i for i, feature in enumerate(people.features)}
    found = []
    for column in model.card:
        feature = model.features[column.feature]
        values = people.rows[:, place[feature.name]]
        known = ~np.isnan(values)
        if column.groups:
            own = np.full(len(values), len(column.points))
            own[known] = np.array(column.groups)[values[known].astype(np.int64)]
            words = []
            for group in range(len(column.points)):
                levels = [lv for lv, g in zip(feature.levels, column.groups, strict=False) if g == group]
                rest = feature.other and column.groups[-1] == group
                shown = ", ".join(levels[:8]) + (f" … ({len(levels)})" if len(levels) > 8 else "")
                words.append(shown + (" + 其他 others" if rest else ""))
        else:
            own = np.where(known, np.searchsorted(np.array(column.edges), values, side="left"), len(column.points))
            ends = ["-∞", *(table.show(float(f"{edge:.6g}")) for edge in column.edges), "+∞"]
            words = [f"({ends[i]}, {ends[i + 1]}]" for i in range(len(column.points))]
        for i, points in enumerate([*column.points, column.unknown_points]):
            inside = own == i
            rows = int(inside.sum())
            if i < len(column.points) or rows:
                found.append(
                    {"name": feature.name if i == 0 else "", "bin": words[i] if i < len(words) else "缺失 missing",
                     "points": points, "rows": rows, "rate": float(people.outcome[inside].mean()) if rows else None}
                )  # fmt: skip
    return found


def calibration_picture(bins: list[measures.CalibrationBin]) -> str:
    """Predicted against observed rate with 95 % intervals, as inline SVG."""
    top = max([0.05, *(b.high for b in bins), *(b.predicted for b in bins)])
    top = min(1.0, top * 1.05)
    size, left, base = 300, 46, 314

    def x(value: float) -> float:
        return left + size * value / top

    def y(value: float) -> float:
        return base - size * value / top

    parts = [
        '<svg viewBox="0 0 370 360" width="370" height="360" role="img" aria-label="calibration 校准">',
        f'<rect x="{left}" y="{base - size}" width="{size}" height="{size}" class="frame"/>',
        f'<line x1="{x(0)}" y1="{y(0)}" x2="{x(top):.1f}" y2="{y(top):.1f}" class="ideal"/>',
    ]
    for tick in range(5):
        value = top * tick / 4
        parts.append(f'<text x="{x(value):.1f}" y="{base + 16}" class="tick" text-anchor="middle">{value:.1%}</text>')
        parts.append(f'<text x="{left - 5}" y="{y(value) + 4:.1f}" class="tick" text-anchor="end">{value:.1%}</text>')
    for one in bins:
        at = f"{x(one.predicted):.1f}"
        parts.append(f'<line x1="{at}" y1="{y(one.low):.1f}" x2="{at}" y2="{y(one.high):.1f}" class="interval"/>')
        parts.append(
            f'<circle cx="{at}" cy="{y(one.observed):.1f}" r="4" class="point"><title>n={one.rows}, '
            f"{one.predicted:.2%} → {one.observed:.2%} ({one.low:.2%}–{one.high:.2%})</title></circle>"
        )
    parts.append(
        f'<text x="{left + size / 2}" y="{base + 36}" class="label" text-anchor="middle">预测 predicted</text>'
    )
    parts.append(
        f'<text transform="translate(12,{base - size / 2}) rotate(-90)" class="label" text-anchor="middle">'
        "实际 observed</text></svg>"
    )
    return "".join(parts)


def distribution_picture(training: Training, outcome: Floats) -> str:
    """Scores of the two classes on unseen rows, as two outlines of equal area, inline SVG."""
    scale = training.model.scale
    held = np.clip(training.validation.probability, 1e-6, 1 - 1e-6)
    score = scale.offset - scale.factor * np.log(held / (1 - held))
    edges = np.linspace(float(score.min()), float(score.max()) + 1e-9, 31)
    counts = [np.histogram(score[outcome > 0.5], edges)[0], np.histogram(score[outcome < 0.5], edges)[0]]
    shares = [count / max(1, count.sum()) for count in counts]
    top = max(float(share.max()) for share in shares) or 1.0
    parts = ['<svg viewBox="0 0 420 220" width="420" height="220" role="img" aria-label="scores 分数分布">']
    for share, kind in zip(shares, ("event", "other"), strict=True):
        points = " ".join(
            f"{20 + i * 380 / 30:.1f},{180 - 160 * s / top:.1f} {20 + (i + 1) * 380 / 30:.1f},{180 - 160 * s / top:.1f}"
            for i, s in enumerate(share)
        )
        parts.append(f'<polyline points="20,180 {points} 400,180" class="{kind}"/>')
    for tick in range(5):
        at = edges[0] + (edges[-1] - edges[0]) * tick / 4
        parts.append(f'<text x="{20 + 95 * tick}" y="198" class="tick" text-anchor="middle">{at:.0f}</text>')
    parts.append('<text x="210" y="216" class="label" text-anchor="middle">分数 score</text></svg>')
    return "".join(parts)
