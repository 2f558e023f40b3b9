"""The one error of the front door."""


class Mistake(Exception):
    """Something that the person at the terminal can mend.

    Its text is one sentence: where, what was found, what was expected or what to do. Becomes exit status 2.
    """


def reasoned(why: str) -> None:
    """Raises Mistake where nobody would know later why."""
    if not why.strip():
        raise Mistake("--why: found nothing; expected a reason, which is kept")
