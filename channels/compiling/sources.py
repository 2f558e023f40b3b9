"""Every file of a release as Jinja is to compile it."""

from collections.abc import Callable, Mapping
from hashlib import sha256
from itertools import islice
from typing import Final

from jinja2 import BaseLoader, Environment, TemplateNotFound

from channels.compiling.faults import Broken, TemplateFault
from channels.compiling.files import HTML, MJML, PREHEADER, falling_back, locale_of, plain, variants
from channels.compiling.heading import with_colour_scheme, with_preheader
from channels.compiling.joining import Unjoinable, joined
from channels.compiling.links import marked
from channels.compiling.mjml import html_of
from channels.compiling.pieces import Draft, Piece, pieces_of
from channels.compiling.styles import styled, stylesheet, without_jinja

MAX_SOURCE: Final = 300_000


class Sources(BaseLoader):
    """Text as it is; HTML joined with its layouts, with its CSS inlined, its head in order and its links marked.

    What an HTML page includes or imports takes the page's CSS, too, but for rules with Jinja's values in them, which
    may not be known there: such a file is loaded under the name
    `<digest of the rules>/<path>`. `warnings` are those of the paths that have been loaded.
    """

    def __init__(self, texts: Mapping[str, str], shown: Callable[[str], str]) -> None:
        self._texts = texts
        self._shown = shown
        self._rules: dict[str, str] = {}
        self.warnings: dict[str, tuple[TemplateFault, ...]] = {}

    def get_source(self, environment: Environment, template: str) -> tuple[str, None, None]:
        """The source for a path. Raises Broken, TemplateNotFound and TemplateSyntaxError."""
        digest, _, path = template.partition("/")
        rules = self._rules.get(digest)
        path = template if rules is None else path
        if path not in self._texts:
            raise TemplateNotFound(template)
        if len(self._texts[path]) > MAX_SOURCE:
            raise Broken(TemplateFault(self._shown(path), 1, "a file too long", f"at most {MAX_SOURCE:,} signs"))
        if path.endswith(".txt"):
            return self._texts[path], None, None
        return self._html(environment, path, rules), None, None

    def _html(self, environment: Environment, path: str, rules: str | None) -> str:
        draft, faults = self._joined(environment, path)
        if rules is None:
            self._complete(environment, draft, path)
            rules = stylesheet(draft)
        if rules:
            draft.text, missed = styled(draft, rules)
            faults += missed
            plain_rules = without_jinja(rules)
            digest = sha256(plain_rules.encode("utf-8")).hexdigest()[:16]
            self._rules[digest] = plain_rules
            draft.exchange(lambda piece: piece.refers_to(f"{digest}/{piece.argument}") if piece.refers else piece)
        draft.text = marked(draft)
        self.warnings[path] = faults
        return draft.source()

    def _joined(self, environment: Environment, path: str) -> tuple[Draft, tuple[TemplateFault, ...]]:
        def read(path: str) -> tuple[Piece, ...]:
            return pieces_of(environment, self._texts[path], path, self._shown(path))

        try:
            return Draft(joined(read, path)), ()
        except Unjoinable as why:
            expected = "a layout that CSS can be inlined with"
            fault = TemplateFault(self._shown(path), 1, str(why), expected, is_warning=True)
            if path.endswith(".mjml"):
                raise Broken(fault) from None
            return Draft(read(path)), (fault,)

    def _complete(self, environment: Environment, draft: Draft, path: str) -> None:
        """Gives a message's page its head."""
        folder, _, file = path.rpartition("/")
        if plain(file) == MJML:
            draft.text = html_of(draft, self._shown(path))
        if plain(file) in (HTML, MJML):
            files = variants(self._texts, folder)
            own = locale_of(file)
            spoken = [locale for locale in falling_back(own) if locale or not own]  # not a word in another language
            for preheader in islice(filter(None, (files.get((PREHEADER, locale)) for locale in spoken)), 1):
                pieces = pieces_of(environment, self._texts[preheader], preheader, self._shown(preheader))
                draft.text = with_preheader(draft, pieces)
            draft.text = with_colour_scheme(draft.text)
