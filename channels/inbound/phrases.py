"""How people say that they want no more messages, in other languages than English.

Data for `channels.inbound.wishes`: written without accents, in small letters, an apostrophe as a blank. `…` stands for
up to three words, `*` for any ending. Too much in it costs somebody a look; nothing is done by it alone.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

ALONE: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "de": (
            "stopp",
            "abmelden",
            "abbestellen",
            "austragen",
            "aufhoren",
            "ende",
            "schluss",
            "widerruf",
            "nein danke",
        ),
        "fr": ("arret", "arrete", "arretez", "arreter", "desabonner", "desabonnement", "desinscription", "non merci"),
        "es": ("baja", "alto", "basta", "parar", "paren", "cancelar", "borrar", "no gracias"),
        "it": ("basta", "ferma", "fermate", "cancella", "cancellami", "disiscrivi", "annulla", "no grazie"),
        "nl": ("afmelden", "uitschrijven", "opzeggen", "ophouden", "nee bedankt", "nee dank je"),
        "pt": ("sair", "parar", "pare", "parem", "cancelar", "remover", "descadastrar", "nao obrigado", "nao obrigada"),
    }
)
"""A sentence that is nothing else."""

WITHIN: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "de": (
            "keine … sms", "keine … nachricht*", "keine … werbung", "keine … mitteilung*",
            "nicht mehr … schreib*", "nicht mehr … anschreib*", "nicht mehr … kontaktier*", "nicht mehr … send*",
            "nicht mehr … schick*", "nichts mehr … schick*", "nichts mehr … bekomm*", "nichts mehr … erhalt*",
            "hort auf", "hor auf", "horen sie auf", "stopp mit", "in ruhe",
            "abmelden", "abmeldung", "abbestell*", "austragen", "widerruf*", "widersprech*", "meine nummer … losch*",
            "nummer … loschen", "von der liste", "aus dem verteiler",
        ),
        "fr": (
            "arrete* de", "arretez", "cesse* de", "plus de … sms", "plus de … messages", "plus de … textos",
            "plus de … pub*", "plus recevoir", "plus … m ecri*", "ne m ecri*", "ne m envoy*", "ne me contact*",
            "ne plus … contact*", "desabonn*", "desinscri*", "retirez moi", "retire moi", "supprime* … numero",
            "efface* … numero", "laisse* moi tranquille", "de votre liste", "resili*",
        ),
        "es": (
            "no … mas mensajes", "no … mas sms", "no … mas publicidad", "no me … escriba*", "no me … escribas",
            "no me … envie*", "no me … mande*", "no me … contacte*", "no quiero … mensajes", "no quiero … sms",
            "no quiero recibir", "deja* de … envia*", "deja* de … manda*", "deje* de … envia*", "deje* de … manda*",
            "deja* de … escribi*", "deje* de … escribi*", "deja* de … molesta*", "deje* de … molesta*", "darme de baja",
            "dar de baja", "deme de baja", "denme de baja", "borra* … numero", "borre* … numero", "elimin* … numero",
            "en paz", "de la lista", "de su lista",
        ),
        "it": (
            "basta … messaggi", "basta … sms", "basta … pubblicita", "non … piu messaggi", "non … piu sms",
            "non … piu ricevere", "non voglio … messaggi", "non voglio … sms", "non mi … scriv*", "non mi … mandat*",
            "non mi … inviat*", "non mi … contattat*", "smett*", "cancellatemi", "cancellami", "cancellarmi",
            "disiscriv*", "disdi*", "toglietemi", "toglimi", "rimuov*", "in pace", "dalla lista",
        ),
        "nl": (
            "geen … sms", "geen … bericht*", "geen … reclame", "stop met", "stoppen met", "hou op", "houd op",
            "niet meer … stur*", "niet meer … schrijv*", "niet meer … contact*", "niet meer … ontvangen", "met rust",
            "afmelden", "meld me af", "uitschrijven", "schrijf me uit", "verwijder … nummer", "van de lijst",
        ),
        "pt": (
            "nao … mais mensagens", "nao … mais sms", "nao quero … mensagens", "nao quero … sms", "nao quero receber",
            "nao quero mais", "nao me … envi*", "nao me … mand*", "nao me … escrev*", "nao me … contact*",
            "para* de … envi*", "para* de … mand*", "pare* de … envi*", "pare* de … mand*", "deix* de … envi*",
            "cancel* … inscricao", "cancel* … subscricao", "cancel* … assinatura", "descadastr*", "remov* … numero",
            "apag* … numero", "em paz", "da lista", "da sua lista",
        ),
    }
)  # fmt: skip
"""Anywhere in what was said."""
