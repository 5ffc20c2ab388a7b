"""Whether a mail says yes and nothing else: only that is taken as an answer without being read (T5)."""

from __future__ import annotations

from paidsupport.kernel.words import fold, index_words

#: Longer answers say more than yes.
_MOST_WORDS = 12
#: By language: words of which one must occur, and words that may surround it.
_LANGUAGES = (
    (
        "yes yep yeah thanks thank thx helped solved works worked perfect great answered",
        """ok okay you very much many a lot it that this did all is good now cheers for your the help my so
        question me hello hi""",
    ),
    (
        "ja danke dank geholfen geklappt klappt funktioniert perfekt super prima beantwortet",
        """ok okay vielen herzlichen besten schonen hat mir das es jetzt sehr gut alles klar ist fur die hilfe
        ihre deine antwort meine frage hallo""",
    ),
    (
        "oui merci parfait aide marche fonctionne repondu",
        """ok beaucoup bien super ca cela m a c est bon d accord tres mille pour votre l maintenant tout
        bonjour""",
    ),
    (
        "si gracias perfecto funciona ayudado resuelto genial",
        """ok vale muchas ya me ha eso esto muy bien por la su tu ayuda todo ahora mil claro hola""",
    ),
)
_RULES = tuple((frozenset(core.split()), frozenset(around.split())) for core, around in _LANGUAGES)
_QUESTION_MARKS = frozenset("?\u00bf\uff1f\u061f")


def says_yes(text: str, name: str = "") -> bool:
    """Whether `text` is a yes or a thank-you with nothing else but the sender's `name`.

    A question mark, an unexpected word, or too many words: then a person has to read it.
    """
    if _QUESTION_MARKS & set(text) or len(text) > _MOST_WORDS * 20:
        return False
    found = index_words(text)
    said = set(found) - set(index_words(name))
    if not said or len(fold(text).split()) > _MOST_WORDS:
        return False
    return any(said & core and said <= core | around for core, around in _RULES)
