"""The time zones in which people of a country can be.

Most countries have one. In a country with several, a moment suits a person of unknown
zone where it suits the westernmost and the easternmost of those zones with more than a
tenth of the country's people.
"""

from functools import cache

import pytz

#: Countries with several zones at different times: westernmost and easternmost zone with
#: more than a tenth of the people; one zone where no other has as many.
#:
#: Zones: IANA Time Zone Database, ``zone1970.tab`` (public domain). People by state or
#: province, added up by zone: United States Census 2020; Statistics Canada, Census 2021;
#: Rosstat 2021; IBGE, Censo 2022; INEGI, Censo 2020; Australian Bureau of Statistics,
#: June 2023; BPS, Sensus Penduduk 2020; INS of the DR Congo, 2019; FSM Census 2010.
SEVERAL: dict[str, tuple[str, ...]] = {
    "AU": ("Australia/Perth", "Australia/Sydney"),
    "BR": ("America/Sao_Paulo",),
    "CA": ("America/Vancouver", "America/Toronto"),
    "CD": ("Africa/Kinshasa", "Africa/Lubumbashi"),
    "CL": ("America/Santiago",),
    "CN": ("Asia/Shanghai",),
    "EC": ("America/Guayaquil",),
    "ES": ("Europe/Madrid",),
    "FM": ("Pacific/Chuuk", "Pacific/Pohnpei"),
    "GL": ("America/Nuuk",),
    "ID": ("Asia/Jakarta", "Asia/Makassar"),
    "KI": ("Pacific/Tarawa",),
    "KZ": ("Asia/Almaty",),
    "MN": ("Asia/Ulaanbaatar",),
    "MX": ("America/Mexico_City",),
    "NZ": ("Pacific/Auckland",),
    "PF": ("Pacific/Tahiti",),
    "PG": ("Pacific/Port_Moresby",),
    "PT": ("Europe/Lisbon",),
    "RU": ("Europe/Moscow", "Asia/Yekaterinburg"),
    "UA": ("Europe/Kyiv",),
    "US": ("America/Los_Angeles", "America/New_York"),
}


@cache
def zones_of(country: str | None) -> tuple[str, ...]:
    """The zones that decide for a person of whom only the country is known.

    :param country: ISO 3166 code, in any case
    :return: empty where the country is not known, or has no zone
    """
    code = (country or "").upper()
    if code in SEVERAL:
        return SEVERAL[code]
    # Several names without an entry above show the same time.
    return tuple(pytz.country_timezones.get(code, ())[:1])
