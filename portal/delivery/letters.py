"""The texts of letters, in plain words; links are made when a letter is written and stand nowhere else."""

from dataclasses import dataclass
from string import Template


@dataclass(frozen=True)
class Letter:
    """One letter ready to be sent."""

    to: str
    subject: str
    body: str


TEXTS: dict[str, tuple[str, str]] = {
    "invitation.supplier": (
        "$organization asks you to join its supplier portal",
        """Hello,

$organization invites $record to answer a short questionnaire about how people work there.
You answer once, you see your score before you send anything, and nobody sees it until you share it.

Open this link to start. It works once and ends on $until:
$link

Not your company, or not your job? The same page lets you say so, and nothing more will be sent.
""",
    ),
    "invitation.member": (
        "$organization invites you to its team",
        """Hello,

You are invited to work with $organization in the supplier portal, as $role.
Open this link to accept. It works once and ends on $until:
$link
""",
    ),
    "request": (
        "$buyer asks you for a self-assessment",
        """Hello $name,

$buyer asks $organization to answer "$questionnaire", at least the level "$tier", by $due.
What they want it for: $purpose
$message
Sign in to see the questions, what you have answered already, and how long it takes. Nobody sees your answers until you
share them, and you may decline with a reason.
$link
""",
    ),
    "request_extended": (
        "$buyer gives you more time for its self-assessment",
        """Hello $name,

$buyer still asks $organization to answer "$questionnaire", at least the level "$tier", and gives you more time: it is
due by $due now.
What they want it for: $purpose

Sign in to see what you have answered already. Nobody sees your answers until you share them.
$link
""",
    ),
    "request_withdrawn": (
        "$buyer has taken its request back",
        """Hello $name,

$buyer no longer asks $organization to answer "$questionnaire". You need not do anything.
What you have answered stays yours, and nobody sees it until you share it.
$link
""",
    ),
    "password_reset": (
        "Choose a new password",
        """Hello $name,

Somebody, probably you, asked for a new password. Open this link within one hour to choose one:
$link

If it was not you, do nothing: your password stays as it is.
""",
    ),
    "account_exists": (
        "You already have an account",
        """Hello $name,

Somebody, probably you, tried to register with this address. You have an account already: sign in with it, or choose a
new password if you forgot yours. If it was not you, do nothing.
$link
""",
    ),
    "confirmation": (
        "Confirm your address",
        """Hello $name,

Open this link within one day to confirm that this address is yours:
$link

If you did not register, do nothing: the account stays closed.
""",
    ),
    "role_applied": (
        "$organization applies to be $role",
        """Hello $name,

$organization applies to act as $role.
Country: $country
Terms it accepts: $terms

Decide on the command line:
portal operator approve $id $role
portal operator refuse $id $role --reason "..."

Or sign in as an operator: the API lists what waits in roleApplications, and decideRole decides.
""",
    ),
    "role_approved": (
        "$organization may now act as $role",
        """Hello,

The operator has approved the application of $organization to act as $role. Sign in again, and what belongs to a $role
is open to you:
$link
""",
    ),
    "role_refused": (
        "$organization may not act as $role",
        """Hello,

The operator has refused $organization the role of a $role, for this reason:
$reason

Once that has changed you may apply again:
$link
""",
    ),
}


def write_letter(kind: str, to: str, parts: dict[str, str]) -> Letter:
    """Fill a text in; raises KeyError for a kind or a part that is missing. Line breaks never reach the subject."""
    subject, body = TEXTS[kind]
    filled = Template(subject).substitute(parts)
    return Letter(to, " ".join(filled.split()), Template(body).substitute(parts))
