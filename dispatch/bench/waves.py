"""``citong bench offers``: a seeded history of answers, replayed.

The first three quarters of the time an office asks by feel; from those answers the model is fitted. On the last
quarter, which it has not seen, its forecasts are scored (Brier) beside the best constant forecast; then the same
quarter is played twice, asked one by one and asked in waves, and what came of it is set side by side.
"""

import json
from collections.abc import Sequence
from statistics import mean, median
from time import process_time
from typing import Any

from rich.console import Console
from rich.table import Table

from dispatch.bench.habits import DAY, TEMPERS, Town, town
from dispatch.bench.replay import Forecast, Replay, asked_most, office, one_by_one, waves
from dispatch.planner.chances.counts import together
from dispatch.planner.chances.odds import Odds, fit

_TRAINED = 0.75
_BINS = 5
Figures = dict[str, Any]


def measure(seed: int, people: int, days: int, gaps_a_day: float) -> Figures:
    """Everything that ``citong bench offers`` prints. Deterministic but for the seconds of CPU."""
    place = town(seed, people, days, gaps_a_day)
    cut = int(days * _TRAINED) * DAY
    past = Replay(place, office(seed), race=False).play()
    answers = [o.answer(cut) for s in past.states.values() for o in s.offers if o.at < cut and (o.ended or cut) <= cut]
    began = process_time()
    odds = fit(answers)
    seconds = process_time() - began
    held_back = [f for f in past.forecasts if f.sent_at >= cut]
    played = {
        "one_by_one": Replay(place, one_by_one, race=False, since=cut).after(past).play(),
        "waves": Replay(place, waves(odds), race=True, since=cut).after(past).play(),
    }
    return {
        "seed": seed, "people": people, "days": days, "needs": len(place.gaps), "answers": len(answers),
        "accepted": round(mean(a.said == "yes" for a in answers), 3), "fit_cpu_s": round(seconds, 3),
        "strength": round(odds.strength, 2), "shock": round(odds.shock, 3), "held_back": _scored(odds, held_back),
        "offers": _single(odds, past, cut),
        "policies": {name: _outcome(replay, place) for name, replay in played.items()},
        "waves_forecast": _scored(odds, played["waves"].forecasts),
    }  # fmt: skip


def chance(odds: Odds, forecast: Forecast) -> float:
    """How likely the need was filled by the offers that were out."""
    return together([odds.still(ask, waited) for ask, waited in forecast.offers], forecast.wanted, odds.shock)


def _scored(odds: Odds, forecasts: Sequence[Forecast]) -> Figures:
    said = [chance(odds, forecast) for forecast in forecasts]
    came = [float(forecast.full) for forecast in forecasts]
    return _brier(said, came)


def _single(odds: Odds, past: Replay, cut: int) -> Figures:
    """The same for single offers: does this person say yes?"""
    offers = [o for s in past.states.values() for o in s.offers if o.at >= cut and o.said != "open"]
    return _brier([odds.chance(o.ask) for o in offers], [float(o.said == "yes") for o in offers])


def _brier(said: Sequence[float], came: Sequence[float]) -> Figures:
    """``better``: by what share the squared error is below that of the best constant, known only afterwards."""
    if not said:
        return {"forecasts": 0}
    rate = mean(came)
    ours = mean((p - y) ** 2 for p, y in zip(said, came, strict=True))
    constant = mean((rate - y) ** 2 for y in came)
    return {
        "forecasts": len(said), "rate": round(rate, 4), "brier": round(ours, 4), "constant": round(constant, 4),
        "better": round(1 - ours / constant, 4) if constant else None, "bins": _bins(said, came),
    }  # fmt: skip


def _bins(said: Sequence[float], came: Sequence[float]) -> list[Figures]:
    """Forecast and truth side by side, by fifths of the forecast."""
    found: list[Figures] = []
    for low in range(_BINS):
        inside = [(p, y) for p, y in zip(said, came, strict=True) if low <= p * _BINS < low + 1 or (low, p) == (4, 1)]
        if inside:
            pair = {"said": mean(p for p, _ in inside), "came": mean(y for _, y in inside)}
            found.append({"n": len(inside), **{name: round(value, 3) for name, value in pair.items()}})
    return found


def _outcome(replay: Replay, place: Town) -> Figures:
    states = list(replay.states.values())
    offers = [offer for state in states for offer in state.offers]
    seats = sum(state.gap.seats for state in states)
    filled = sum(min(state.gap.seats, len(state.holds)) for state in states)
    hours = [(s.full_at - s.gap.posted) / 60 for s in states if s.full_at is not None]
    loads = [0] * len(place.people)
    for number, person in enumerate(place.people):
        loads[number] = sum(person in state.holds for state in states)
    return {
        "needs": len(states), "seats": seats, "covered": round(filled / seats, 4),
        "short": round(mean(len(s.holds) < s.gap.seats for s in states), 4), "offers": len(offers),
        "offers_per_seat": round(len(offers) / max(1, filled), 3), "hours_to_fill": round(median(hours), 2),
        "hours_to_fill_mean": round(mean(hours), 2), "too_late_yes": sum(_missed(o.would, o.said) for o in offers),
        "gini_of_service": round(_gini(loads), 4), "most_in_a_week": asked_most(replay),
    }  # fmt: skip


def _missed(would: str, said: str) -> bool:
    """Somebody would have said yes, but the seat had gone: what the cap keeps small."""
    return would == "yes" and said == "open"


def _gini(values: Sequence[int]) -> float:
    ordered, total = sorted(values), sum(values)
    if not total:
        return 0.0
    ranked = sum((2 * rank - len(ordered) + 1) * value for rank, value in enumerate(ordered))
    return ranked / (len(ordered) * total)


def main(seed: int, people: int, days: int, gaps_a_day: float, *, as_json: bool) -> None:
    figures = measure(seed, people, days, gaps_a_day)
    if as_json:
        print(json.dumps(figures, ensure_ascii=False, indent=2))
        return
    console = Console()
    held = figures["held_back"]
    console.print(
        f"{figures['people']} people of {len(TEMPERS)} tempers, {figures['needs']} needs in {figures['days']} days, "
        f"{figures['answers']} answers learnt in {figures['fit_cpu_s']} s of CPU, {figures['accepted']:.0%} of them yes"
    )
    console.print(
        f"is the need filled? {held['forecasts']} forecasts held back: Brier {held['brier']:.4f}, best constant "
        f"{held['constant']:.4f}, [bold]{held['better']:.0%} better[/bold]"
    )
    table = Table("policy", "covered", "short", "offers/seat", "hours to fill", "too late", "Gini", "most a week")
    for name, row in figures["policies"].items():
        table.add_row(
            name, f"{row['covered']:.1%}", f"{row['short']:.1%}", f"{row['offers_per_seat']:.2f}",
            f"{row['hours_to_fill']:.1f}", str(row["too_late_yes"]), f"{row['gini_of_service']:.3f}",
            str(row["most_in_a_week"]),
        )  # fmt: skip
    console.print(table)
