"""Languages by tag or name to ISO 639-1."""

import re

from resolve.standardise.cells import clean_cell
from resolve.standardise.words import word_list

_NAMES = """
ja japanese 日本語 日本 nihongo jpn jp japanisch japonais
en english 英語 eng englisch anglais
de german deutsch ドイツ語 独語 deu ger allemand
fr french français francais フランス語 仏語 fra fre französisch
es spanish español espanol castellano スペイン語 spa spanisch
it italian italiano イタリア語 ita italienisch
pt portuguese português portugues ポルトガル語 por
nl dutch nederlands オランダ語 nld dut
zh chinese 中文 中国語 zho chi mandarin cn 简体中文 繁體中文 繁体中文 簡体字 繁体字
ko korean 한국어 韓国語 kor kr 朝鮮語
vi vietnamese ベトナム語 vie
th thai タイ語 tha
id indonesian インドネシア語 ind
ms malay マレー語 msa
tl tagalog filipino タガログ語 フィリピン語 tgl fil
ru russian русский ロシア語 rus
uk ukrainian ウクライナ語 ukr
pl polish polski ポーランド語 pol
cs czech čeština チェコ語 ces
sv swedish svenska スウェーデン語 swe
da danish dansk デンマーク語 dan
no norwegian norsk ノルウェー語 nor nb nn
fi finnish suomi フィンランド語 fin
tr turkish türkçe トルコ語 tur
ar arabic アラビア語 ara
he hebrew ヘブライ語 heb
hi hindi ヒンディー語 hin
ne nepali ネパール語 nep
my burmese ミャンマー語 ビルマ語 mya
el greek ギリシャ語 ell
hu hungarian magyar ハンガリー語 hun
ro romanian română ルーマニア語 ron
"""
_CODES = {name: line.split()[0] for line in _NAMES.strip().splitlines() for name in line.split()}
_TAG = re.compile(r"([a-z]{2,3})(?:[-_][a-z0-9]{2,8})+")
_ISO_639_1 = word_list("iso_639_1")


def standardise_language(cell: str | None) -> str | None:
    """Return the ISO 639-1 code of a language tag (ja-JP, en_US) or name (Japanese, 日本語); None where unknown."""
    text = clean_cell(cell)
    if text is None:
        return None
    text = text.lower()
    found = _CODES.get(text)
    if found:
        return found
    tag = _TAG.fullmatch(text)
    code = tag[1] if tag else text
    return _CODES.get(code) or (code if code in _ISO_639_1 else None)
