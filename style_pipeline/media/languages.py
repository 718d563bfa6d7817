"""Codes of languages: MP4 holds three letters (ISO 639-2), people write two as well."""

_BOTH = (
    "aaaar ababk aeave afafr akaka amamh anarg arara asasm avava ayaym azaze babak bebel "
    "bgbul bibis bmbam bnben bobod brbre bsbos cacat ceche chcha cocos crcre csces cuchu "
    "cvchv cycym dadan dedeu dvdiv dzdzo eeewe elell eneng eoepo esspa etest eueus fafas "
    "ffful fifin fjfij fofao frfra fyfry gagle gdgla glglg gngrn guguj gvglv hahau heheb "
    "hihin hohmo hrhrv hthat huhun hyhye hzher iaina idind ieile igibo iiiii ikipk ioido "
    "isisl itita iuiku jajpn jvjav kakat kgkon kikik kjkua kkkaz klkal kmkhm knkan kokor "
    "krkau kskas kukur kvkom kwcor kykir lalat lbltz lglug lilim lnlin lolao ltlit lulub "
    "lvlav mgmlg mhmah mimri mkmkd mlmal mnmon mrmar msmsa mtmlt mymya nanau nbnob ndnde "
    "nenep ngndo nlnld nnnno nonor nrnbl nvnav nynya ococi ojoji omorm orori ososs papan "
    "pipli plpol pspus ptpor quque rmroh rnrun roron rurus rwkin sasan scsrd sdsnd sesme "
    "sgsag shhbs sisin skslk slslv smsmo snsna sosom sqsqi srsrp ssssw stsot susun svswe "
    "swswa tatam tetel tgtgk ththa titir tktuk tltgl tntsn toton trtur tstso tttat twtwi "
    "tytah uguig ukukr ururd uzuzb veven vivie vovol wawln wowol xhxho yiyid yoyor zazha "
    "zhzho zuzul "
)
_THREE = {pair[:2]: pair[2:] for pair in _BOTH.split()}
_TWO = {three: two for two, three in _THREE.items()}
_OLD = {"ger": "de", "fre": "fr", "dut": "nl", "gre": "el", "chi": "zh", "cze": "cs", "per": "fa"}
_OLD |= {"rum": "ro", "slo": "sk", "alb": "sq", "arm": "hy", "baq": "eu", "bur": "my", "geo": "ka"}
_OLD |= {"ice": "is", "mac": "mk", "mao": "mi", "may": "ms", "tib": "bo", "wel": "cy"}
"""The codes by English names that ISO 639-2 has beside, which files use as often."""

UNKNOWN = "und"


def three_letters(language: str) -> str:
    """`eng` of `en`, `en-GB` or `eng`; what is none of these stays as it is."""
    code = language.split("-")[0].lower()
    return _THREE.get(code, language)


def two_letters(language: str) -> str:
    """`en` of `eng` and the like, or three letters where there are no two."""
    code = language.split("-")[0].lower()
    return _TWO.get(code) or _OLD.get(code, code)
