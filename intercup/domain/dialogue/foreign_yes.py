"""Words of a yes in the chat's other languages; a text of such words only is explicit."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from intercup.domain.dialogue.words import listed

Phrases = tuple[tuple[re.Pattern[str], str], ...]


@dataclass(frozen=True)
class Own:
    """A step's own words: those that say it there, those of its matter, and what stands around.

    Matter, as "my data", is only named beside a word that gives or has done something: "yes, the
    data" may ask to see them.
    """

    says: frozenset[str] = frozenset()
    done: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    around: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Words:
    """A language's words that say yes, that give it in the first person, and those around them.

    Its phrases count as the word beside them. A text that matches `none` asks, declines or
    corrects, whatever its words.
    """

    yes: frozenset[str]
    gives: frozenset[str]
    around: frozenset[str]
    none: re.Pattern[str]
    own: Mapping[str, Own] = field(default_factory=dict)
    phrases: Phrases = ()

    def say_yes(self, text: str, step: str | None) -> bool:
        """Return True if a text's words hold a yes to the step and nothing else."""
        if self.none.search(text):
            return False
        for phrase, word in self.phrases:
            text = phrase.sub(word, text)
        words, own = set(text.split()), self.own.get(step or "", Own())
        says = self.gives | own.says
        is_said = words & (self.yes | says)
        is_named_alone = words & own.names and not words & (says | own.done)
        known = self.yes | says | self.around | own.done | own.names | own.around
        return bool(is_said) and not is_named_alone and words <= known


_ENGLISH = Words(
    listed("yes yeah yep yup yess ok okay sure certainly absolutely aye definitely"),
    listed("agree agreed accept accepted confirmed i_confirm i_consent"),
    listed(
        "i it is all this that s do of course the to and with thanks very confirm am both much we"
    ),
    re.compile(
        r"""
        # Questions: the verb before its subject, at the beginning or later.
        ^((ok|okay|yes|yeah|yep|hi|hello|so|and|please)\ )*+
            ( (are|am|does|did|can|could|must|should|shall|will|would|may|what|why|how|who)\b
            | (which|when|where|to)\b
            | is\b(?!\ (correct|right|good|fine|perfect)\b)
            | do\b(?!(\ (send|it|so)\b|$)) )
        | \bi\ (send|go)\b | \byeah\ right\b | \bfine\ thanks$
        | \b(do|am|have|can|must|should|may|will|shall)\ (i|you|we)\b | \bhave\ to\b
        | (?<!that\ )(?<!this\ )\bis\ (it|this|that)\b
        # No first person: "to accept", "ok to use my data".
        | (?<!agree\ )(?<!consent\ )\bto\ (agree|accept|consent|confirm|send|correct|use)\b
        | ^((ok|okay|yes|yeah|yep)\ )++and\ (my|the|data|rules|it|this|that|to|with)\b
        # Polite declines, and an end.
        | \bto\ read\b
        | \bi\ a?m\ (very\ )?(all\ )?(ok|okay|fine|good|right|perfect|correct)\b | ^i\ a?m\ sure\b
        | ^(it|that|this|all|i)(\ (s|is|am|m))?\ (all\ )?(ok|okay|good|fine)\ thank
        | \b(is|s)\ all(\ (ok|okay|thanks?|you|very|much))*$ | \bis\ sure\b
        # Corrections.
        | \bcorrect\ (it|this|that|the|them|all|everything|please(?!\ send)|and|my)\b
        | \b(please|i|and|accept|agree)\ correct\b
        """,
        re.VERBOSE,
    ),
    {
        "privacy": Own(
            done=listed("authorise authorize allow give"), names=listed("my data use permission")
        ),
        "regulation": Own(
            done=listed("have_read"),
            names=listed("rules regulation them em read"),
        ),
        "confirmation": Own(
            says=listed("send go_ahead is_right correct perfect i_confirm confirm"),
            around=listed("right fine good looks everything please exactly"),
        ),
    },
    (
        (re.compile(r"\bthank you( so much)?\b"), "thanks"),
        (re.compile(r"^((yes|yeah|ok|sure) )?no (worries|problem)$"), "ok"),
        (re.compile(r"\bsend it off\b"), "send"),
        (re.compile(r"\bi a?m in agreement\b"), "agree"),
        (re.compile(r"\b(?:i( do)? confirm)\b"), "i_confirm"),
        (re.compile(r"\b(?:i( do)?( give)?( my)? consent)\b"), "i_consent"),
        (re.compile(r"\b(?:(have|ve|did)( already)? read|already read)\b"), "have_read"),
        (re.compile(r"\bgo ahead\b"), "go_ahead"),
        (
            re.compile(
                r"\b(?:(all|is|s|looks|everything)( all)? (good|right|fine|correct|perfect))\b"
            ),
            "is_right",
        ),
    ),
)
_FRENCH = Words(
    listed("oui ouii ouais ok okay daccord certainement absolument"),
    listed("accepte confirme consens autorise"),
    listed(
        "j je c est le la les bien sur entendu merci tout tous mes l de a madame y beaucoup"
        " cest_bon super monsieur"
    ),
    re.compile(
        r"""
        ^((ok|okay|oui|bonjour)\ )*+(est|dois|puis|faut|peut|pouvez|quoi|pourquoi|qui)\b
        | \best\ ce\b | ^c\ est\ (ok|okay)\b | \bj(e\ l)?\ envoie\b
        | \bc\ est\ (bien\ )?bon\ merci\b | \best\ tout(\ (merci|bien))*$
        | \bcorrect\ (la|le|les|l|demande)\b | ^(ok|okay)\ (la|le|les|l|mes)\b
        """,
        re.VERBOSE,
    ),
    {
        "privacy": Own(
            done=listed("donne"), names=listed("donnees mon consentement accord autorisation")
        ),
        "regulation": Own(
            done=listed("lu lus lue pris"),
            names=listed("reglement connaissance"),
            around=listed("ai deja du"),
        ),
        "confirmation": Own(
            says=listed(
                "envoyez envoie envoyer transmettre allez_y parfait nickel juste correct exact"
                " cest_bon"
            ),
            names=listed("demande"),
            around=listed("pouvez allez bon ca"),
        ),
    },
    (
        (re.compile(r"\b(vous pouvez|tu peux)\b"), "pouvez"),
        (re.compile(r"^((oui|ok) )?(il )?(n )?(y )?a?(ucun| pas de) (probleme|souci)s?$"), "oui"),
        (re.compile(r"\bje vous\b"), "je"),
        (re.compile(r"\ballez y\b"), "allez_y"),
        (re.compile(r"\b(?:(c|tout) est (bien )?bon)\b"), "cest_bon"),
    ),
)
# Words that Italian or Sicilian has too, beside which "da" is a preposition or a verb.
_ROMANIAN_AND_ITALIAN = r"(?:da|e|o|le|il|va|ca|cu|eu|de|toate|ok|okay)"
_ROMANIAN = Words(
    listed("da ok okay sigur desigur"),
    listed("accept acceptat consimt autorizez de_acord confirm_eu"),
    listed(
        "sunt sint de e este cu ca eu il o le tot toate va multumesc mersi domnule doamna confirm"
        " maica mult frumos"
    ),
    re.compile(
        rf"""
        ^((ok|okay)\ )*+este\b(?!.*\b(da|trimi\w+)\b) | \b(e|este)\ (ok|okay|sigur|de\ acord)\b
        | ^((ok|okay|da)\ )*+(trebuie|pot|ce|cum|cine|unde|care|oare)\b | ^(ok\ )?puteti\b
        | \bs[ui]nt\ (ok|okay|bine|perfect)\b | \bbine\ (va\ )?(mersi|multumesc)\b
        | \b(mersi|multumesc)\ bine\b | \be\ tot(\ (va|multumesc|mersi))*$
        | ^(?!da(\ (da|ok|okay))*$)(?=.*\bda\b){_ROMANIAN_AND_ITALIAN}(\ {_ROMANIAN_AND_ITALIAN})*$
        """,
        re.VERBOSE,
    ),
    {
        "privacy": Own(
            done=listed("dau permit"), names=listed("datele mele acordul"), around=listed("imi")
        ),
        "regulation": Own(
            done=listed("citit citite"),
            names=listed("regulamentul regulament"),
            around=listed("am l deja"),
        ),
        "confirmation": Own(
            says=listed("trimite trimiteti trimiteo corect exact bine perfect confirm dai_drumul"),
            names=listed("cererea"),
            around=listed("asa rog puteti"),
        ),
    },
    (
        (re.compile(r"\bde acord\b"), "de_acord"),
        (re.compile(r"\bda(ti)? i drumul\b"), "dai_drumul"),
        (re.compile(r"\b(?:eu confirm|confirm eu)\b"), "confirm_eu"),
    ),
)
_ARABIC = Words(
    listed("نعم اكيد طبعا ايوه ايوا اه باهي واخا تمام ok oui na3am aywa bahi behi wakha"),
    listed(
        "موافق موافقه موافقين وموافق وموافقه اوافق واوافق اقبل واقبل قبلت اوكد"
        " mwafe9 mwafek mwef9a mouwafek"
    ),
    listed(
        "اي ايه انا علي ذلك هذا عليها عليه شكرا يا ابني بنتي اخي كده كل شيء شي"
        " و الله يعطيكم العافيه كلها كلهم كله"
    ),
    re.compile(
        r"""
        \b(هل|ما|ماذا|لماذا|كيف|ليش|شنو)\b
        | \bاه\ يا\b | \bانا\ (ارسل|ابعث|علي)  # a moan; I send it; I'm Ali
        | ^صافي\ شكرا\b
        | \ (اي|ايه)\b | ^(اي|ايه)\ (هذا|ذلك|كل|شيء|شي)\b  # what, which
        | \bانا\ (تمام|باهي|مزيان|صحيح|صح|مظبوط|مزبوط|ok)\b | ^(تمام|باهي|مزيان)\ شكرا\b
        | ^شكرا\ (تمام|باهي|مزيان|ممتاز)\b | \bانا\ ممتاز\b | ^ممتاز\ شكرا\b
        """,
        re.VERBOSE,
    ),
    {
        "privacy": Own(names=listed("استخدام بياناتي البيانات المعطيات معالجه")),
        "regulation": Own(
            done=listed("قرات قريت قريته قراته قريتها قراتها قريتهم قراتهم"),
            names=listed("النظام القواعد"),
        ),
        "confirmation": Own(
            says=listed(
                "ارسل ارسلوا ارسله ارسلها ابعث ابعثوا ابعثها ابعثه ابعت ابعتو ابعتها ابعتوا صيفط"
                " صيفطها صيفطيها صحيح صح مظبوط مزبوط مزيان صافي"
                " تفضلوا_بارساله ib3ath ib3th ab3ath"
            ),
            names=listed("النص الطلب"),
            around=listed("تفضلوا"),
        ),
    },
    ((re.compile(r"\bتفضلوا بارساله\b"), "تفضلوا_بارساله"),),
)
_LANGUAGES = (_ENGLISH, _FRENCH, _ROMANIAN, _ARABIC)
# Words that Italian hasn't, common in sentences of more than a yes.
_FOREIGN = listed(
    "the this that is are am was my your you we he she they have has had does did don can"
    " could must should will would what why how who which when where not never but and if"
    " of with now later wait first before after change wrong correct fix send please thank"
    " thanks everything read look check think need want know je est les mes vous nous pas mais"
    " quoi pourquoi avec pour attendez attends avant apres faut dois puis lire merci cest"
    " tout envoie envoyez sunt este nu dar daca trebuie vreau asta acum inainte dupa"
    " multumesc mersi tot unde cine agree agreed accept confirm consent"
)
_OF_FRENCH_AGREEMENT = re.compile(r"\bd.?accord\b")
# With its sign below, the Arabic word alone is a yes; above, it asks which.
_ARABIC_YES = re.compile(r"^\W*إي(\W+نعم)?\W*$|^\W*أي\W+نعم\W*$")
_ARABIC_WHICH = re.compile(r"\bأي\b")


def is_foreign_yes(text: str, step: str | None) -> bool:
    """Return True if a text without a question mark holds only a yes to this step's words."""
    composed = unicodedata.normalize("NFKC", text.lower())
    if _ARABIC_YES.match(composed):
        return True
    if _ARABIC_WHICH.search(composed):
        return False
    spaced = _spaced(composed)
    return any(each.say_yes(spaced, step) for each in _LANGUAGES)


def has_foreign_words(text: str) -> bool:
    """Return True if a text has words of the other languages that Italian hasn't."""
    return not _FOREIGN.isdisjoint(_spaced(text.lower()).split())


def _spaced(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    plain = "".join(c for c in decomposed if not unicodedata.combining(c))
    plain = _OF_FRENCH_AGREEMENT.sub("daccord", plain.replace("ة", "ه").replace("ى", "ي"))
    return " ".join(re.findall(r"[^\W_]+", plain))
