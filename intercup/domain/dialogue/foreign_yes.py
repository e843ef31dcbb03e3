"""Words of a yes in the chat's other languages; a text of such words only is explicit."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Words:
    """A language's words that say yes to any question, to one step, and those around them."""

    yes: frozenset[str]
    around: frozenset[str]
    own: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def say_yes(self, words: set[str], step: str | None) -> bool:
        """Return True if the words hold a yes to the step and nothing else."""
        own = self.own.get(step or "", frozenset())
        # What was read is named by a consent, and gives none.
        is_said = words & (self.yes | own if step == "confirmation" else self.yes)
        return bool(is_said) and words <= self.yes | self.around | own


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_LANGUAGES = (
    Words(
        _words("yes yeah yep yup ok okay agree agreed accept confirm confirmed sure consent"),
        _words("i it is all this that s do of course the to and with thank thanks you very am"),
        {
            "privacy": _words("my data authorise authorize allow permission give use"),
            "regulation": _words("have ve read them rules regulation already a now"),
            "confirmation": _words(
                "send correct right fine good perfect go ahead looks everything please"
            ),
        },
    ),
    Words(
        _words("oui ouais ok okay daccord accepte confirme consens autorise certainement"),
        _words("j je c est le la les bien sur entendu merci tout tous mes l vous de a madame y"),
        {
            "privacy": _words("donnees donne mon consentement accord autorisation permission"),
            "regulation": _words("ai lu reglement deja pris connaissance du"),
            "confirmation": _words(
                "envoyez envoie envoyer pouvez allez parfait juste correct exact bon ca demande"
            ),
        },
    ),
    Words(
        _words("da ok okay accept acceptat confirm sigur desigur acord consimt autorizez"),
        _words("sunt sint de e este cu ca eu il o le tot toate va multumesc mersi domnule doamna"),
        {
            "privacy": _words("datele mele imi dau acordul permit"),
            "regulation": _words("am citit l regulamentul regulament deja acum"),
            "confirmation": _words(
                "trimite trimiteti trimiteo corect exact bine asa perfect rog cererea puteti"
            ),
        },
    ),
    Words(
        _words(
            "نعم موافق موافقه موافقين اوافق اقبل قبلت اوكد اكيد طبعا اي ايه ايوه ايوا اه باهي واخا"
            " تمام ok oui na3am aywa ey mwafe9 mwafek mwef9a mouwafek bahi behi wakha"
        ),
        _words(
            "انا علي ذلك هذا عليها عليه شكرا يا ابني بنتي اخي كده كل شيء شي و الله يعطيكم العافيه"
        ),
        {
            "privacy": _words("استخدام بياناتي البيانات المعطيات معالجه"),
            "regulation": _words("قرات قريت قريته قراته النظام القواعد"),
            "confirmation": _words(
                "ارسل ارسلوا ارسله ارسلها ابعث ابعثوا ابعثها ابعثه ابعت ابعتو ابعتها ابعتوا صيفط"
                " صيفطها صحيح صح مظبوط مزبوط مزيان صافي النص تفضلوا بارساله الطلب"
                " ib3ath ib3th ab3ath"
            ),
        },
    ),
)
_OF_FRENCH_AGREEMENT = re.compile(r"\bd.?accord\b")


def is_foreign_yes(text: str, step: str | None) -> bool:
    """Return True if a text holds only words of a yes to this step, in one of the languages."""
    decomposed = unicodedata.normalize("NFKD", text.lower())
    plain = "".join(c for c in decomposed if not unicodedata.combining(c))
    plain = _OF_FRENCH_AGREEMENT.sub("daccord", plain.replace("ة", "ه").replace("ى", "ي"))
    words = set(re.findall(r"\w+", plain))
    return not re.search(r"[?؟]", text) and any(each.say_yes(words, step) for each in _LANGUAGES)
