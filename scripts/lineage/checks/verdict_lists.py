"""Words that judge, in the languages that records and their sources are written in.

Written as checks/lookalikes.py folds a text: without capitals, and without marks where nothing else is meant by them.
"""

import re
from collections.abc import Iterable, Sequence

# Where something lies is no verdict.
_PLACE = r" (?:above|below|between|within|inside|outside|in|on|at|under|over|near|beside|behind|apart|left|right|to)\b"
_ENGLISH = rf"""
steal(?:s|ing|er)?|stole|stolen|theft|thie(?:f|ves|ving|very)|heists?|pilfer\w*|purloin\w*|filch\w*|looted|loot(?:s|ers?|ing)?
|ripp?(?:ed|s|ing)?[ -]?offs?|rip-?offs?|swip(?:ed|es|ing)|robb(?:ed|ers?|ery|ing)|burgl\w+|embezzl\w*|misappropriat\w*
|poach(?:ed|es|ing|ers?)|pirat(?:ed|ing)|piracy|plagiari\w+|knock-?offs?|guilt|guilty|culpable|fraud\w*
|swindl\w*|scams?|scamm\w+|hoax\w*|shams?|bogus|phon(?:y|ies)|cheat(?:s|ed|er|ers|ing)?|deceiv\w*|deceit\w*|decept\w*
|dishonest\w*|crooks?|crooked|crimes?|criminal\w*|liars?|lied|bootleg\w*
|(?:tell(?:s|ing)?|told|full of|pack of|nothing but|all|their|his|her|its) lies|lies about|lying about
|(?:is|are|was|were|be|been|keeps?|by|of|for|caught|stop(?:s|ped)?) lying(?!{_PLACE})
|lying (?:makers?|company|team|authors?|thie(?:f|ves))
|fak(?:e|es|ed|er|ers|ing|ery)|forger(?:y|ies)|forged
|counterfeit\w*|debunk\w*|expos(?:e|es|ed|ing)|proofs?(?![ -](?:pile|of[ -]concept|read))|prove[sdn]?
|proving|disprove[sdn]?|admits?|admitted|confess\w*
|impost[eo]rs?|charlatans?|shameless\w*|disgrac\w*|scandal\w*|smoking gun|red-handed|whitewash\w*
"""
_CHINESE = r"""
抄袭|抄襲|剽窃|剽竊|偷窃|偷竊|窃取|竊取|盗用|盜用|盗窃|盜竊|偷|盗|盜|窃|竊|剽|抄(?!送|写|寫|本|录|錄)|套壳|套殼|换皮|換皮|换壳|換殼|山寨|洗稿|照搬|造假|作假|假冒|冒牌|冒充|伪造|偽造|捏造|虚假|虛假
|骗|騙|诈|詐|贼|賊|赃|贓|掠夺|掠奪|侵吞|作弊|打假|实锤|實錘|石锤|石錘|铁证|鐵證|说谎|說謊|撒谎|撒謊|谎言|謊言|丑闻|醜聞|无耻|無恥
|白嫖|偸|学术不端|學術不端|犯罪|有罪
"""
_JAPANESE = r"盗|パク(?:リ|ル|ッタ|った|る)|ぱく(?:り|った|る)|丸写し|泥棒|偽物|ニセモノ|詐欺|嘘つき|インチキ"
_KOREAN = r"표절|도용|도둑|훔치|훔친|훔쳤|절도|갈취|사기꾼|사기극|위조|날조|베꼈|베낀|베끼|짝퉁|가짜|거짓말"
_GERMAN = r"""
gestohlen\w*|stehlen|stiehlt|diebstahl\w*|dieb(?:e|en|in|isch\w*)?|geklaut\w*|klau(?:en|te|ten)|plagi\w+|raubkopi\w*|entwendet\w*
|betrug|betrug(?:er|erisch)\w*|betrog\w*|gefalscht\w*|falschung\w*|schuldig\w*|abgekupfert\w*|lugner\w*|gelogen
"""
_FRENCH = r"""
vol(?:é|ée|és|ées|ee|ees|er|eur|eurs|euse|euses|erent)|derob\w*|larcins?|piller|pille(?:e|s|es)?|pillage\w*|escroc\w*|escroquer\w*
|trich(?:e|er|eur|eurs|erie)|contrefa(?:it|ite|its|con|cons|cteur)\w*|tromperie\w*|mensong\w*|menteu\w+|coupables?
"""
_SPANISH = r"""
rob(?:ad[oa]s?|o|ar|aron|os)|hurt(?:o|os|ad[oa]s?|aron)|ladr(?:on|ones|ona|onas)|estaf\w+|falsific(?:ar|aron|acion|ad[oa]s?)|tramp(?:a|as|os[oa]s?)
|enganos?|engan(?:aron|ado|ada|osa|oso)|mentir(?:a|as|os[oa]s?)|culpables?|roubad[oa]s?|roubo|furto|rubat[oaei]|truff(?:a|e|at[oaei]|ator[ei])
"""
_RUSSIAN = r"""
укра(?:л|ла|ли|сть|ден\w*)|украденн\w*|краж\w+|воруют|ворова\w+|вор(?:ы|а|ов|у|ами)?|похи(?:тил\w*|щен\w*)|сплагиат\w*|плагиа\w+
|мошенни\w+|обман\w*|поддел\w+|фальсифи\w+|виновн\w+|списал\w*|лжец\w*|лжеца|ложь|стырил\w*
"""


_SPELLED = "|".join(words.replace("\n", "") for words in (_ENGLISH, _GERMAN, _FRENCH, _SPANISH, _RUSSIAN))
_WRITTEN = "|".join("".join(words.split()) for words in (_CHINESE, _JAPANESE, _KOREAN))
VERDICT = re.compile(rf"\b(?:{_SPELLED})\b|{_WRITTEN}", re.IGNORECASE)
_VERDICT_IN_SMALL_LETTERS = re.compile(rf"\b(?:{_SPELLED})\b"), re.compile(_WRITTEN)

# Words that this site says itself, and that a record therefore may not: whoever reads them takes them for ours.
_OURS = r"""
\b(?:maintainers?|editors?|moderators?|staff|site|officially|independently)[ -]
(?:(?:has|have|was|were) )?(?:verified|approved|certified|confirmed|validated|authenticated|endorsed)\b
|\b(?:maintainers?|editors?|moderators?|staff)[ -]
(?:(?:has|have|was|were) )?(?:checked|reviewed|vetted|measured|reproduced)\b
|\b(?:verified|approved|certified|confirmed|endorsed|checked|reviewed|vetted|validated|authenticated)[ -]by[ -]
(?:(?:an?|the|our|this)[ -])?(?:maintainers?|editors?|moderators?|site|staff|weight of evidence)\b
|\b(?:state|status|verdict|finding|correction|removal) ?:
|\backnowledged (?:by the maker|in part)\b|\bwithdrawn by the claimant\b
|\b(?:removed|corrected) on (?:the )?(?:[0-9]|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b)
|\b(?:measured|reproduced|verified) here\b|\bour reading\b|\bin full, as received\b|\bonly its owner may change\b
|\bposted by an account that says\b|\bsays? it speaks for\b|\brecord last gone through\b
|维护者已?(?:经)?(?:核实|验证|确认|认证|批准|证实|审核|检查|核查)|維護者已?(?:經)?(?:核實|驗證|確認|認證|批准|證實|審核|檢查|核查)|[由经經](?:维护者|維護者)
|本(?:站|网站|網站|项目|項目)已?(?:经|經)?(?:证实|證實|审核|審核|核查|检查|檢查|批准|测量|測量|实测|實測|核实|核實|验证|驗證|认证|認證|确认|確認|重现|重現)
|[状狀](?:态|態)[:：]|(?:开发者|開發者)已?(?:承认|承認)|部分(?:承认|承認)|已由提出者撤回
|(?:已于|已於|于|於) ?[0-9]{4} ?(?:年|-).{0,12}(?:移除|删除|刪除|更正)
|[0-9]{1,2} ?日?(?:移除|更正)|(?:移除|更正)(?:于|於|日期)
|声称代表|聲稱代表
"""
RESERVED = re.compile(re.sub(r"\n", "", _OURS), re.IGNORECASE)
_RESERVED_IN_SMALL_LETTERS = (re.compile(RESERVED.pattern),)

# What patterns take for an i where capitals are not told from small letters, and a mark that is no letter and whose
# small form is one.
_BEFORE_SMALL = str.maketrans({"\u0131": "i", "\u0130": "i", "\u0345": " "})


def may_judge(forms: Iterable[str]) -> bool:
    """Whether VERDICT matches one of some forms of a text, asked in a tenth of its time: nearly no text does."""
    return _match_in_small_letters(_VERDICT_IN_SMALL_LETTERS, forms)


def may_be_reserved(forms: Iterable[str]) -> bool:
    """The same of RESERVED."""
    return _match_in_small_letters(_RESERVED_IN_SMALL_LETTERS, forms)


def _match_in_small_letters(patterns: Sequence[re.Pattern[str]], forms: Iterable[str]) -> bool:
    small = dict.fromkeys(form.translate(_BEFORE_SMALL).casefold() for form in forms)
    return any(pattern.search(form) for pattern in patterns for form in small)
