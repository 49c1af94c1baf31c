"""When things happened: rounds of asking and answering over the last two years, counted back from today."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from portal.demo import chance
from portal.demo.cast import Firm

SPAN = 729  # days
NEWEST = 6  # days
ANSWERING = ("regular", "unshared", "ended", "revoked", "ending")


@dataclass(frozen=True, kw_only=True)
class Round:
    """One time that a supplier is asked about a year that has ended; `submitted` is none where it sent nothing."""

    number: int
    period_start: date
    period_end: date
    asked: datetime
    accepted: datetime
    submitted: datetime | None
    due: date
    is_last: bool


def plan_rounds(firm: Firm, now: datetime) -> list[Round]:
    """The rounds of a supplier, the oldest first; nothing lies less than some days back."""
    if firm.story not in ANSWERING:
        moment = _take_back(now, chance.draw("asked", firm.number).randint(8, 40), firm.number)
        return [_make_round(firm, 0, moment, submitted=None, is_last=True)]
    moments = [_take_back(now, age, firm.number) for age in sorted(_list_ages(firm, now), reverse=True)]
    return [
        _make_round(firm, number, moment, submitted=moment, is_last=number == len(moments) - 1)
        for number, moment in enumerate(moments)
    ]


def _list_ages(firm: Firm, now: datetime) -> list[int]:
    """How many days ago a supplier submitted: once or twice a year.

    Most were old enough to be compared with others when the last quarter ended, and hold still. New suppliers were
    not when the quarter before it ended.
    """
    source = chance.draw("rounds", firm.number)
    ended = find_quarter_end(now.date())
    if firm.cohort.is_new:
        return [(now.date() - find_quarter_end(ended)).days + source.randint(5, 84)]
    step = 182 if len(firm.buyers) == 2 else 365
    first = (now.date() - ended).days + source.randint(95, 350)
    return [max(age, NEWEST) for age in range(first % step, SPAN, step)]


def _take_back(now: datetime, days: int, number: int) -> datetime:
    """A moment in working hours so many days before."""
    day = (now - timedelta(days=days)).replace(hour=7, minute=0, second=0, microsecond=0)
    return day + timedelta(minutes=(number * 37) % 540)


def _make_round(firm: Firm, number: int, moment: datetime, *, submitted: datetime | None, is_last: bool) -> Round:
    source = chance.draw("round", firm.number, number)
    lead = timedelta(days=source.randint(18, 40)) if submitted else timedelta(0)
    asked = moment - lead
    end = find_quarter_end(asked.date())
    return Round(
        number=number,
        period_start=date(end.year - 1, end.month, end.day) + timedelta(days=1),
        period_end=end,
        asked=asked,
        accepted=asked + timedelta(days=source.randint(2, 6), hours=1),
        submitted=submitted,
        due=asked.date() + timedelta(days=source.choice([21, 30, 45, 60])),
        is_last=is_last,
    )


def plan_practice(firm: Firm, now: datetime) -> Round:
    """When a buyer told how it buys itself, asked by nobody: recently, so that it holds for most of a year."""
    moment = _take_back(now, chance.draw("practice", firm.number).randint(20, 60), firm.number)
    return _make_round(firm, 0, moment, submitted=moment, is_last=True)


def find_quarter_end(day: date) -> date:
    """The last day of the quarter that ended before a day."""
    first_of_quarter = date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
    return first_of_quarter - timedelta(days=1)
