"""A small gazetteer of real places, written in the form of the package that the whole one is made of."""

from __future__ import annotations

import json
from pathlib import Path

from kg.gazetteer import Gazetteer
from kg.gazetteer.making import write_gazetteer

PLACES = """
1138958 Kabul AF 13 34.52813 69.17233 4434550 Kaboul|kabl|KBL|Кабул|كابل|喀布尔
6058560 London CA 08 42.98339 -81.23304 422324 伦敦
1809858 Guangzhou CN 30 23.11667 113.25 16096724 CAN|Canton|Kuang-chou|guangzhou|Гуанчжоу|广州|廣州市
1816670 Beijing CN 22 39.9075 116.39723 18960744 Pekin|Peking|bei jing|Пекин|北京|北京市
2925533 Frankfurt%am%Main DE 05 50.11552 8.68417 650000 FRA|Francfort|Frankfurt|Frankfurt/Main|法兰克福
2925535 Frankfurt%(Oder) DE 11 52.34714 14.55062 57107 Frankfurt|Frankfurt an der Oder
360630 Cairo EG 11 30.06263 31.24967 9606916 CAI|Kairo|Le Caire|القاهرة
2198148 Suva FJ 01 -18.13683 178.42531 77366 SUV|Сува
2204582 Labasa FJ 03 -16.4332 179.36451 27949 LBS|Lambasa
2996944 Lyon FR 84 45.74906 4.84789 520774 LYS|Lione|Lyons|Лион|里昂
2643743 London GB ENG 51.50853 -0.12574 8961989 LON|Londra|Londres|lndn|Лондон|Λονδίνο|لندن|ลอนดอน|伦敦|倫敦
2644688 Leeds GB ENG 53.79648 -1.54785 536280 LBA|Loidis|lids|rizu|Лидс|ليدز|ลีดส์|リーズ|利兹
2652221 Coventry GB ENG 52.40656 -1.51217 345324 CVT|Ковентри|考文垂
2655603 Birmingham GB ENG 52.48142 -1.89983 1157603 BHX|Brum|Бирмингем|伯明翰
264371 Athens GR ESYE31 37.98376 23.72784 664046 ATH|Athen|Αθήνα|雅典
1275339 Mumbai IN 16 19.07283 72.88261 12691836 BOM|Bombay|Бомбей|孟买
3413829 Reykjavík IS 39 64.13548 -21.89541 118918 RKV|Reikiavik|Reykjavik
1835848 Seoul KR 11 37.566 126.9784 10349312 SEL|Séoul|서울|首尔
2193111 Bombay NZ E7 -37.16667 174.98333 740
3083271 Toruń PL 73 53.01375 18.59814 196935 Thorn|Торунь
2126710 Beringovskiy RU 15 63.06101 179.35046 1861 Ugolnoe|Беринговский
4031742 Egvekinot RU 15 66.32321 -179.11838 2248 Эгвекинот
524901 Moscow RU 48 55.75204 37.61781 10381222 MOW|Moskau|Moskva|Москва|莫斯科
2729907 Longyearbyen SJ 21 78.22334 15.64689 2368 LYR
1609350 Bangkok TH 40 13.75398 100.50144 5104476 BKK|Krung Thep|กรุงเทพมหานคร|曼谷
4049979 Birmingham US AL 33.52066 -86.80249 196357 BHM
4072130 Leeds US AL 33.54816 -86.54443 11936
4517009 London US OH 39.88645 -83.44825 10060
4986172 Birmingham US MI 42.5467 -83.21132 20857
5221637 Coventry US RI 41.7001 -71.68284 35525
786714 Pristina XK 10097360 42.67272 21.16688 550000 PRN|Prishtina|Приштина
"""
"""Places of GeoNames (CC BY 4.0), each with some of its other names."""


TWIN_TOWNS = """
2925533 Frankfurt%am%Main DE 05 50.11552 8.68417 650000 Frankfurt
2925535 Frankfurt%(Oder) DE 11 52.34714 14.55062 57107 Frankfurt
2867543 Münster DE 07 51.96236 7.62571 308258 Munster
2867542 Munster DE 06 52.98538 10.08993 17746
5928065 Cornwall CA 08 45.01809 -74.72815 48821
5928063 Cornwall CA 09 46.22652 -63.21809 6574
2996944 Lyon FR 84 45.74906 4.84789 520774
3173435 Milan IT 09 45.46427 9.18951 1371498
2879139 Leipzig DE 13 51.33962 12.37129 504971
4887398 Chicago US IL 41.85003 -87.65005 2664452
993800 Johannesburg ZA 06 -26.20227 28.04363 9418183
472757 Volgograd RU 84 48.71378 44.4976 1013533
2891122 Kiel DE 10 54.32133 10.13489 252668
792680 Belgrade RS SE 44.80401 20.46513 1273651
3191281 Sarajevo BA 01 43.84864 18.35644 696731
756135 Warsaw PL 78 52.22977 21.01178 1702139
2778067 Graz AT 06 47.06733 15.44197 303270
2935022 Dresden DE 13 51.05089 13.73832 564904
3050434 Kecskemét HU 01 46.90618 19.69128 109847
2759661 Arnhem NL 03 51.98 5.91111 162424
3021372 Dijon FR 27 47.31344 5.01391 159941
1799962 Nanjing CN 04 32.06167 118.77778 9314685
2652221 Coventry GB ENG 52.40656 -1.51217 345324
5221637 Coventry US RI 41.7001 -71.68284 35525
"""
"""Twin towns of English cities and their namesakes, as GeoNames has them (CC BY 4.0)."""


def places(table: str = PLACES) -> dict[str, dict[str, object]]:
    """Return the places of a table as the package has them, by identifier."""
    found = {}
    for line in table.strip().splitlines():
        number, name, country, region, latitude, longitude, population, *names = line.split(" ", 7)
        found[number] = {
            "geonameid": int(number),
            "name": name.replace("%", " "),
            "latitude": float(latitude),
            "longitude": float(longitude),
            "countrycode": country,
            "population": int(population),
            "timezone": "",
            "admin1code": region,
            "alternatenames": names[0].split("|") if names else [],
        }
    return found


def small_gazetteer(folder: Path, table: str = PLACES) -> Gazetteer:
    """Write the gazetteer of a data folder with the places of a table, and open it."""
    source = folder / "cities500.json"
    source.write_text(json.dumps(places(table)), encoding="utf-8")
    write_gazetteer(folder / "gazetteer.sqlite", source, "3.0.2", lambda step, steps: None)
    source.unlink()
    opened = Gazetteer.open(folder)
    assert opened is not None
    return opened
