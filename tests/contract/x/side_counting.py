"""How long X finds a text, and which links and cashtags it sees in it.

Written from https://docs.x.com/fundamentals/counting-characters and the figures of twitter-text's configuration v3
(https://github.com/twitter/twitter-text/blob/30e2430/config/v3.json). Of top-level domains it knows every country's
and the general ones that people write; a name under another is plain text here, and counts what it has.
"""

import unicodedata
from dataclasses import dataclass

import regex

MAX, LINK, WIDE, SCALE = 280, 23, 200, 100
NARROW = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
COUNTRIES = (
    "ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bv bw by bz"
    " ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm"
    " fo fr ga gb gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is"
    " it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm"
    " mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr"
    " ps pt pw py qa re ro rs ru rw sa sb sc sd se sg sh si sj sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg"
    " th tj tk tl tm tn to tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw"
)
GENERAL = (
    "academy agency app art asia bank bar beer berlin best biz blog bot business cafe cam camp care center chat"
    " church city click cloud club codes coffee com community company consulting cool coop design dev digital"
    " direct earth edu education email energy events express fans film finance fit foundation fun fund fyi game"
    " games garden gay global gmbh google gov green group guide guru health help host house how info ink institute"
    " int international jobs land law legal life link live llc loan london love ltd market marketing media men mil"
    " mobi moe money monster museum music name net network new news ngo nyc one ong online org page paris party"
    " photo photography photos pics pizza plus press pro pub pw radio recipes rent report review reviews rip rocks"
    " run sale school science security services shop show site ski social software solar space store stream studio"
    " style support systems team tech technology tel tips today tokyo tools top tours town toys travel tube"
    " university uno vegas ventures video vip vote wales watch website wedding wiki win wine work works world wtf"
    " xyz yoga youtube zone"
)
WRITTEN = "рф 中国 中國 台湾 台灣 香港 한국 भारत ไทย გე бел укр срб 公司 网络 みんな السعودية مصر"
TLD = rf"(?:{'|'.join(f'{COUNTRIES} {GENERAL} {WRITTEN}'.split())}|xn--[\-0-9a-z]+)(?![0-9a-z@+\-])"
LETTERS = r"\p{Latin}\p{Cyrillic}"
PATH_CHAR = rf"[{LETTERS}0-9!*';:=+,.$/%#\[\]\-–_~@|&]"
PATH_END = rf"[{LETTERS}0-9+\-=_#/]"
PARENS = rf"\((?:{PATH_CHAR}|\({PATH_CHAR}+\))+\)"
PATH = rf"(?:/(?:(?:{PATH_CHAR}|{PARENS})*(?:{PATH_END}|{PARENS}))?)?"
QUERY = r"(?:\?[a-z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]*[a-z0-9\-_&=#/])?"
REST = rf"(?::[0-9]+)?{PATH}{QUERY}"
WITH_SCHEME = rf"(?<![a-z0-9@＠$#＃])https?://(?:[\p{{L}}\p{{M}}\p{{N}}](?:[\p{{L}}\p{{M}}\p{{N}}_\-]*\.))+{TLD}{REST}"
BARE = rf"(?<![a-z0-9\p{{Latin}}@＠$#＃\-_./])(?:[\p{{Latin}}0-9][\p{{Latin}}0-9\-]*\.)+{TLD}{REST}"
URLS = regex.compile(f"{WITH_SCHEME}|{BARE}", regex.IGNORECASE)
PICTURE = r"(?:[©®™♟]\uFE0F|(?![©®™♟])\p{Extended_Pictographic}(?!\uFE0E)\uFE0F?)\p{Emoji_Modifier}?"
TAGS = r"(?:[\U000E0020-\U000E007E]+\U000E007F)?"
EMOJI = regex.compile(rf"\p{{RI}}\p{{RI}}|[0-9#*]\uFE0F?\u20E3|{PICTURE}{TAGS}(?:\u200D{PICTURE})*")
CASHTAGS = regex.compile(r"(?:^|(?<=\s))\$[a-z]{1,6}(?:[._][a-z]{1,2})?(?=$|\s|\p{P})", regex.IGNORECASE)
NEVER = ("\ufffe", "\ufeff", "\uffff")


@dataclass(frozen=True)
class Link:
    start: int
    end: int
    url: str


def normalised(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def links_in(text: str) -> list[Link]:
    return [Link(found.start(), found.end(), found.group()) for found in URLS.finditer(text)]


def cashtags_in(text: str) -> list[str]:
    return CASHTAGS.findall(text)


def length_of(text: str) -> int:
    text = normalised(text)
    ends = {link.start: link.end for link in links_in(text)}
    weight, at = 0, 0
    while at < len(text):
        if at in ends:
            weight += LINK * SCALE
            at = ends[at]
        elif emoji := EMOJI.match(text, at):
            weight += WIDE
            at = emoji.end()
        else:
            weight += SCALE if any(start <= ord(text[at]) <= end for start, end in NARROW) else WIDE
            at += 1
    return weight // SCALE


def is_sayable(text: str) -> bool:
    return not any(each in text for each in NEVER)
