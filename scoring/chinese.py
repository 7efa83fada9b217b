"""Chinese diagnoses: width, variant characters and numerals; words are never split, because the language does not."""

from __future__ import annotations

import re
import unicodedata

_TRADITIONAL = (
    "壓压癥症腎肾臟脏膽胆腦脑腸肠膚肤膠胶衛卫類类風风濕湿節节關关縮缩發发髮发變变異异質质細细與与狹狭環环動动靜静脈脉"
    "脫脱顱颅內内傷伤內内腫肿療疗癲癫癇痫瘡疮瘍疡瘧疟癢痒紅红綠绿藍蓝貧贫鐵铁鈣钙鉀钾鈉钠錳锰銅铜過过遺遗傳传條条結结"
    "黃黄進进減减狀状機机織织綜综惡恶壞坏單单雙双葉叶膿脓擴扩張张損损後后體体個个廣广彌弥點点纖纤維维"
    "營营養养導导積积氣气鬱郁憂忧慮虑壓压應应聲声視视網网鱗鳞漿浆鉻铬鹼碱顆颗"
    "齡龄兒儿產产婦妇陰阴陽阳頸颈頭头顏颜覺觉學学醫医藥药術术復复雜杂僅仅總总皰疱帶带狀状齒齿橋桥後后團团塊块達达韋韦羅罗貝贝綠绿竇窦"
)
_SIMPLIFIED = {ord(old): new for old, new in zip(_TRADITIONAL[::2], _TRADITIONAL[1::2], strict=True)}
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_NUMERALS = dict(zip(("一", "二", "三", "四", "五", "i", "ii", "iii", "iv", "v"), "1234512345", strict=True))
_NUMBERED = re.compile(r"(?<![a-z])(iii|ii|iv|i|v|[一二三四五])(?=[型期级度])")
_TAIL_TYPE = re.compile(r"^(.+?)(\d[ab]?型)$")
_NAMES = (
    ("症候群", "综合征"),
    ("综合症", "综合征"),
    ("甲亢", "甲状腺功能亢进症"),
    ("甲减", "甲状腺功能减退症"),
    ("甲旁亢", "甲状旁腺功能亢进症"),
    ("慢阻肺", "慢性阻塞性肺疾病"),
    ("心梗", "心肌梗死"),
    ("心肌梗塞", "心肌梗死"),
    ("脑梗塞", "脑梗死"),
)


def is_chinese(text: str) -> bool:
    """Whether the text contains a Han character."""
    return bool(_HAN.search(text))


def normalise(text: str) -> str:
    """A Chinese diagnosis in simplified characters, half width, no punctuation, its type in front ("1型糖尿病")."""
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_SIMPLIFIED)
    plain = "".join(character for character in plain if character.isalnum())
    plain = _NUMBERED.sub(lambda found: _NUMERALS[found[1]], plain)
    for short, name in _NAMES:
        plain = plain.replace(short, name)
    plain = re.sub(r"功能(亢进|减退)(?!症)", r"功能\1症", plain)
    plain = re.sub(r"(?<=\w)氏(?=\w)", "", plain)
    return _TAIL_TYPE.sub(r"\2\1", plain)
