"""The whole demo as rows and files: everybody in it, and what happened between them over two years."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.demo import cast, people, records, timeline
from portal.demo.assessing import Assessor, Published
from portal.demo.attaching import File
from portal.demo.cast import Firm
from portal.demo.consent import STATES, Consents
from portal.demo.people import People, Secrets
from portal.demo.reviewing import Reviews
from portal.demo.rows import Rows
from portal.demo.timeline import Round


@dataclass(frozen=True)
class Story:
    """What is to be written: rows, and files for the storage."""

    rows: Rows
    files: list[File]
    people: People


def tell_story(published: Published, practice: Published, now: datetime, secrets: Secrets) -> Story:
    """Everything up to `now`; the same for the same day but for the times of day that depend on it.

    Suppliers answer what is `published`, buyers what asks for their own `practice`.
    """
    rows, firms = Rows(), cast.list_firms()
    everybody = people.found_everybody(rows, firms, now, secrets)
    assessor = Assessor(rows, published)
    consents = Consents(rows, everybody, published.definition, now)
    for firm in firms:
        _tell_firm(firm, everybody, assessor, consents, now)
    _tell_outsiders(rows, everybody, consents, now)
    told = Assessor(rows, practice)
    for firm, buyer in zip(cast.list_buyers(), everybody.buyers, strict=True):
        round_ = timeline.plan_practice(firm, now)
        told.submit(firm, buyer, round_, round_.submitted or now)
    return Story(rows, [*assessor.cabinet.files, *told.cabinet.files], everybody)


def _tell_firm(firm: Firm, everybody: People, assessor: Assessor, consents: Consents, now: datetime) -> None:
    rounds = timeline.plan_rounds(firm, now)
    linked = {buyer: records.add_record(assessor.rows, everybody, buyer, firm, rounds[0]) for buyer in firm.buyers}
    for round_ in rounds:
        deals = [consents.make_deal(buyer, firm, record, round_) for buyer, record in linked.items()]
        if round_.submitted is None:
            party = everybody.suppliers[firm.number]
            started = assessor.start(firm, party, round_) if firm.story == "drafting" else None
            changed = round_.asked if firm.story == "asked" else round_.accepted
            for deal in deals:
                consents.ask(deal, state=STATES[firm.story], assessment=started, changed=changed)
            continue
        snapshot = assessor.submit(firm, everybody.suppliers[firm.number], round_, round_.submitted)
        is_kept_back = firm.story == "unshared" and round_.is_last
        for deal in deals:
            state = "accepted" if is_kept_back else "fulfilled"
            assessment = snapshot.submission["assessment_id"]
            request = consents.ask(deal, state=state, assessment=assessment, changed=round_.submitted)
            if not is_kept_back:
                consents.share(deal, request, snapshot)
        if firm.story == "regular" and round_.is_last:
            Reviews(assessor.rows, now).review(deals[0], snapshot)


def _tell_outsiders(rows: Rows, everybody: People, consents: Consents, now: datetime) -> None:
    asked = now - timedelta(days=19)
    end = timeline.find_quarter_end(asked.date())
    round_ = Round(
        number=0,
        period_start=end.replace(year=end.year - 1) + timedelta(days=1),
        period_end=end,
        asked=asked,
        accepted=asked,
        submitted=None,
        due=(now + timedelta(days=25)).date(),
        is_last=True,
    )
    for record in records.add_outsiders(rows, everybody, now):
        consents.ask_outsider(record, round_)
