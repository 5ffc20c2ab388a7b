"""Countries as invoices name them: ISO 3166-1 in two letters, which EN 16931 asks for (BR-CL-14)."""

from __future__ import annotations

from paidsupport.kernel.i18n.messages import _

_CODES = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT
BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH
ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT
HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS
LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI
NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG
SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG
UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""
COUNTRIES = frozenset(_CODES.split())
#: What people write for countries that have other letters in the standard.
_MEANT = {"UK": "GB", "EL": "GR"}
#: What VAT identifiers begin with that is no country: Greece, and Northern Ireland (BR-CO-09).
_VAT_ONLY = frozenset({"EL", "XI"})


def fault(code: str) -> str:
    """What is wrong with `code` as a country, as a sentence; nothing if it is one."""
    if code in COUNTRIES:
        return ""
    if code in _MEANT:
        return _("Write this country as %(right)s, not as %(typed)s.", right=_MEANT[code], typed=code)
    return _("Write the country as its two letters, like DE or CH.")


def begins_vat_id(prefix: str) -> bool:
    """Whether a VAT identifier may begin with these two letters."""
    return prefix in COUNTRIES or prefix in _VAT_ONLY
