"""The one error of the front door."""


class Mistake(Exception):
    """Something that the person at the terminal can mend.

    Its text is one sentence: where, what was found, what was expected or what to do. Becomes exit status 2.
    """
