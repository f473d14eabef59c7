"""Allocation: how much of something scarce each candidate gets, and how far from the best the answer can be at most.

Invariant: an allocation takes at most one option an item, each amount is nothing or within its option's bounds, and no
budget is exceeded; objective and bound are integers computed here from the amounts, never a solver's floats, so the
gap is proved whatever found the answer. Nothing is limited by time: the same input gives the same answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from panhuo.ground.record.errors import InvalidInput, Unavailable

Engine = Literal["scip", "own", "best"]
SCALE = 1 << 24  # multipliers are whole numbers over this
TRIALS = 200  # options left out that the own engine tries to find a place for


@dataclass(frozen=True)
class Option:
    """One way of serving an item (a rate for a firm).

    Attributes:
        item: who is served; at most one option of an item is taken.
        name: which way.
        value: worth of one lot, any sign, on the caller's scale.
        lower, upper: lots when taken; 0 < lower <= upper.
        uses: what one lot takes from each budget, 0 or more.
    """

    item: str
    name: str
    value: int
    lower: int
    upper: int
    uses: tuple[int, ...] = (1,)


@dataclass(frozen=True)
class Allocation:
    """See the module's invariant.

    Attributes:
        lots: by position of the option; 0 where not taken.
        objective: sum of value times lots. bound: no allocation is worth more.
        used: what is taken from each budget.
        engine: ``scip`` or ``own``, which found it.
        prices: worth of one more unit of each budget at the bound, over `SCALE` (the shadow prices that prove it).
    """

    lots: tuple[int, ...]
    objective: int
    bound: int
    used: tuple[int, ...]
    engine: str
    prices: tuple[int, ...]

    @property
    def gap_ppm(self) -> int:
        """(bound - objective) over the objective in ppm, rounded up; 0 is proved to be the best there is.

        Meaningless (and given as a million) when the objective is not positive while the bound is.
        """
        if self.bound <= self.objective:
            return 0
        if self.objective <= 0:
            return 1_000_000
        return -(-(self.bound - self.objective) * 1_000_000 // self.objective)


def allocate(
    options: Sequence[Option], budgets: Sequence[int], *, engine: Engine = "best", nodes: int = 20_000
) -> Allocation:
    """The best allocation found, with a bound.

    Args:
        options: ways to serve items, any order.
        budgets: how much there is of each scarce thing, 0 or more.
        engine: ``scip`` needs the extra ``[optimise]``; ``own`` is a greedy answer under multipliers with a
            Lagrangian bound; ``best`` takes SCIP where installed. Both start from the same bound.
        nodes: SCIP stops after this many branch-and-bound nodes.

    Raises:
        InvalidInput: an option's bounds make no sense, or uses and budgets differ in number.
        Unavailable: ``scip`` was asked for and is not installed.
    """
    _check(options, budgets)
    prices, bound = _bound(options, budgets)
    lots, name = _greedy(options, budgets, prices), "own"
    if engine == "scip" or (engine == "best" and scip_installed()):
        lots, solver_bound = _scip(options, budgets, nodes, lots)
        name = "scip"
        bound = min(bound, solver_bound)
    objective, used = _worth(options, lots), _used(options, lots, len(budgets))
    return Allocation(lots, objective, max(bound, objective), used, name, prices)


def scip_installed() -> bool:
    """Whether the solver of the extra ``[optimise]`` is at hand."""
    from importlib.util import find_spec

    return find_spec("pyscipopt") is not None


def _check(options: Sequence[Option], budgets: Sequence[int]) -> None:
    for option in options:
        where = f"{option.item} {option.name}"
        if not 0 < option.lower <= option.upper:
            raise InvalidInput(f"bounds {option.lower} to {option.upper} make no sense", where=where)
        if len(option.uses) != len(budgets) or min(option.uses, default=0) < 0:
            raise InvalidInput("an option needs one use, 0 or more, for each budget", where=where)
    if min(budgets, default=0) < 0:
        raise InvalidInput("a budget is negative", where="budgets")


def _worth(options: Sequence[Option], lots: Sequence[int]) -> int:
    return sum(option.value * amount for option, amount in zip(options, lots, strict=True))


def _used(options: Sequence[Option], lots: Sequence[int], budgets: int) -> tuple[int, ...]:
    return tuple(sum(o.uses[b] * n for o, n in zip(options, lots, strict=True)) for b in range(budgets))


def _margin(option: Option, prices: Sequence[int]) -> int:
    """Worth of a lot after paying for what it uses, over `SCALE`."""
    return option.value * SCALE - sum(p * u for p, u in zip(prices, option.uses, strict=True))


def bound_at(options: Sequence[Option], budgets: Sequence[int], prices: Sequence[int]) -> int:
    """Upper bound of every allocation's worth, for any multipliers >= 0 (Lagrangian duality), rounded down.

    Exact integers: each item takes its best option at these prices as if nothing else were there, and what the budgets
    cost at them is added.
    """
    best: dict[str, int] = {}
    for option in options:
        worth = _margin(option, prices) * option.upper
        if worth > best.get(option.item, 0):
            best[option.item] = worth
    total = sum(best.values()) + sum(p * b for p, b in zip(prices, budgets, strict=True))
    return total // SCALE


def _bound(options: Sequence[Option], budgets: Sequence[int]) -> tuple[tuple[int, ...], int]:
    """Prices that make the bound small: each in turn by halving, a few times round (exact for a single budget)."""
    prices = [0] * len(budgets)
    tops = [
        max((-(-o.value * SCALE // o.uses[b]) for o in options if o.uses[b] > 0 and o.value > 0), default=0)
        for b in range(len(budgets))
    ]
    best = bound_at(options, budgets, prices)
    for _ in range(1 if len(budgets) == 1 else 4):
        for b in range(len(budgets)):
            low, high = 0, tops[b]
            while low < high:
                # The bound is convex in each price: its slope is the budget less what the items would use.
                middle = (low + high) // 2
                trial = [*prices[:b], middle, *prices[b + 1 :]]
                if _demand(options, trial, b) > budgets[b]:
                    low = middle + 1
                else:
                    high = middle
            candidates = [low, max(low - 1, 0), prices[b]]
            values = [bound_at(options, budgets, [*prices[:b], c, *prices[b + 1 :]]) for c in candidates]
            prices[b] = candidates[values.index(min(values))]
            best = min(best, *values)
    return tuple(prices), best


def _demand(options: Sequence[Option], prices: Sequence[int], budget: int) -> int:
    chosen: dict[str, tuple[int, int]] = {}
    for option in options:
        worth = _margin(option, prices) * option.upper
        if worth > chosen.get(option.item, (0, 0))[0]:
            chosen[option.item] = (worth, option.uses[budget] * option.upper)
    return sum(use for _, use in chosen.values())


def _greedy(options: Sequence[Option], budgets: Sequence[int], prices: Sequence[int]) -> tuple[int, ...]:
    """Serves by margin a lot at the bound's prices, best first; then tries each option left out with its place kept."""
    order = sorted(
        (i for i, o in enumerate(options) if o.value > 0),
        key=lambda i: (-_margin(options[i], prices), -options[i].value, options[i].item, options[i].name),
    )
    best = _serve(options, budgets, order, None)
    left_out = [i for i in order if best[i] == 0][:TRIALS]
    for i in left_out:
        trial = _serve(options, budgets, order, i)
        if _worth(options, trial) > _worth(options, best):
            best = trial
    return tuple(best)


def _serve(options: Sequence[Option], budgets: Sequence[int], order: Sequence[int], kept: int | None) -> list[int]:
    """Amounts when options are served in `order` with the least amount of `kept` set aside first."""
    lots = [0] * len(options)
    left = list(budgets)
    taken: set[str] = set()

    def give(i: int, amount: int) -> None:
        lots[i] += amount
        for b, use in enumerate(options[i].uses):
            left[b] -= amount * use

    if kept is not None:
        if _room(options[kept], left) < options[kept].lower:
            return lots
        give(kept, options[kept].lower)
        taken.add(options[kept].item)
    for i in order:
        option = options[i]
        if i == kept:
            give(i, min(_room(option, left), option.upper - option.lower))
        elif option.item not in taken and (room := _room(option, left)) >= option.lower:
            give(i, room)
            taken.add(option.item)
    return lots


def _room(option: Option, left: Sequence[int]) -> int:
    return min([option.upper, *(rest // use for rest, use in zip(left, option.uses, strict=True) if use)])


def _scip(
    options: Sequence[Option], budgets: Sequence[int], nodes: int, start: Sequence[int]
) -> tuple[tuple[int, ...], int]:
    """SCIP's allocation (or `start` where that is better) and its own bound."""
    try:
        from pyscipopt import Model, quicksum
    except ImportError as error:
        raise Unavailable(
            "the solver SCIP is not installed",
            where="pyscipopt",
            remedy="install panhuo[optimise], or choose the engine own, which reports a larger gap",
        ) from error
    useful = [i for i, option in enumerate(options) if option.value > 0]
    model: Any = Model("allocation")
    model.hideOutput()
    for name, value in (
        ("limits/nodes", nodes), ("limits/gap", 0.0), ("parallel/maxnthreads", 1), ("lp/threads", 1),
        ("randomization/randomseedshift", 0), ("randomization/permutationseed", 0),
    ):  # fmt: skip
        model.setParam(name, value)
    amount = {i: model.addVar(f"x{i}", vtype="I", lb=0, ub=options[i].upper) for i in useful}
    chosen = {i: model.addVar(f"y{i}", vtype="B") for i in useful}
    by_item: dict[str, list[int]] = {}
    for i in useful:
        model.addCons(amount[i] >= options[i].lower * chosen[i])
        model.addCons(amount[i] <= options[i].upper * chosen[i])
        by_item.setdefault(options[i].item, []).append(i)
    for several in by_item.values():
        if len(several) > 1:
            model.addCons(quicksum(chosen[i] for i in several) <= 1)
    for b, budget in enumerate(budgets):
        users = [i for i in useful if options[i].uses[b]]
        unit = max([1, *(options[i].uses[b] for i in users)])
        if users:
            model.addCons(quicksum(options[i].uses[b] / unit * amount[i] for i in users) <= budget / unit)
    largest = max([1, *(options[i].value for i in useful)])
    model.setObjective(quicksum(options[i].value / largest * amount[i] for i in useful), "maximize")
    model.optimize()
    lots = [0] * len(options)
    for i in useful:
        if model.getVal(chosen[i]) > 0.5:
            lots[i] = round(model.getVal(amount[i]))
    dual = float(model.getDualbound())
    solver_bound = int(dual * largest * (1 + 1e-9)) + 1
    if not feasible(options, budgets, lots) or _worth(options, lots) < _worth(options, start):
        return tuple(start), max(solver_bound, _worth(options, start))
    return tuple(lots), max(solver_bound, _worth(options, lots))


def feasible(options: Sequence[Option], budgets: Sequence[int], lots: Sequence[int]) -> bool:
    """Whether amounts keep bounds, budgets and one option an item, in exact integers."""
    taken = [o.item for o, n in zip(options, lots, strict=True) if n]
    within = all(n == 0 or o.lower <= n <= o.upper for o, n in zip(options, lots, strict=True))
    spent = _used(options, lots, len(budgets))
    return within and len(set(taken)) == len(taken) and all(s <= b for s, b in zip(spent, budgets, strict=True))
