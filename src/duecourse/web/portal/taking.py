"""What a borrower takes with him of a loan: its statement as a PDF, and the certificate that it is paid in full."""

from __future__ import annotations

from starlette.responses import Response

from duecourse.casework.portal.certificate import certify
from duecourse.casework.portal.entry import borrower
from duecourse.casework.portal.own import NoSuchOwnThing, own
from duecourse.casework.portal.papers import Paper, Reader, printed, statement, take_paper
from duecourse.trouble import Trouble
from duecourse.web.page import PORTAL, Open, Pages
from duecourse.web.portal.home import working
from duecourse.web.portal.own_number import number
from duecourse.web.visit import Visit
from duecourse.web.visiting import sentence

pages = Pages("portal")


@pages.get(f"{PORTAL}/loans/{{loan}}/statement", right=Open.BORROWER)
def take_statement(visit: Visit) -> Response:
    """The statement of a loan of his as PDF; that he took it is on record."""
    person = visit.borrower.person_id
    with visit.transaction() as tx:
        paper = statement(
            tx, visit.parts.store(visit.lender_id), vault=visit.parts.vault, mine=own(tx, visit.borrower),
            person_id=person, key=number(visit, "loan"), to=Reader(visit.lang, visit.say), day=visit.today,
            actor=borrower(person), now=visit.now,
        )  # fmt: skip
    return handed(visit, paper)


@pages.post(f"{PORTAL}/loans/{{loan}}/certificate", right=Open.BORROWER)
def ask_certificate(visit: Visit) -> Response:
    """Have the certificate issued that a loan of his is paid in full; he takes it as he takes every notice."""
    wanted = number(visit, "loan")
    try:
        with visit.transaction() as tx:
            certify(
                tx, visit.parts.store(visit.lender_id), vault=visit.parts.vault, mine=own(tx, visit.borrower),
                person_id=visit.borrower.person_id, key=wanted, lang=visit.lang,
                public_url=visit.public_url, day=visit.today, now=visit.now, chance=visit.door.chance,
            )  # fmt: skip
    except NoSuchOwnThing:
        raise
    except Trouble as error:
        return working(visit, wanted, said=sentence(error, visit.choice.language))
    return visit.go(
        f"{PORTAL}/loans/{wanted}",
        said=visit.say("The certificate is issued. Take it below; a moment later its proof is in it too."),
    )


def handed(visit: Visit, paper: Paper) -> Response:
    """A paper set as PDF, given once its record is kept."""
    made = printed(paper)
    with visit.transaction() as tx:
        take_paper(
            tx, vault=visit.parts.vault, person_id=visit.borrower.person_id, paper=paper, made=made,
            actor=borrower(visit.borrower.person_id), now=visit.now,
        )  # fmt: skip
    return Response(
        made, media_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{paper.name}"'},
    )  # fmt: skip
