#!/usr/bin/env python3
"""Asks a MySQL or MariaDB server for the names of months and days in all its locales.

usage: locale_names.py mariadb [arguments] > src/query/function/locale.inc
The arguments start a client, e.g.: mariadb -uroot -S /tmp/server.sock
"""
import subprocess
import sys

LOCALES = """en_US ar_AE ar_BH ar_DZ ar_EG ar_IN ar_IQ ar_JO ar_KW ar_LB ar_LY ar_MA ar_OM ar_QA ar_SA ar_SD ar_SY ar_TN
ar_YE be_BY bg_BG ca_ES cs_CZ da_DK de_AT de_BE de_CH de_DE de_LU el_GR en_AU en_CA en_GB en_IN en_NZ en_PH en_ZA en_ZW
es_AR es_BO es_CL es_CO es_CR es_DO es_EC es_ES es_GT es_HN es_MX es_NI es_PA es_PE es_PR es_PY es_SV es_US es_UY es_VE
et_EE eu_ES fi_FI fo_FO fr_BE fr_CA fr_CH fr_FR fr_LU gl_ES gu_IN he_IL hi_IN hr_HR hu_HU id_ID is_IS it_CH it_IT ja_JP
ko_KR lt_LT lv_LV mk_MK mn_MN ms_MY nb_NO nl_BE nl_NL no_NO pl_PL pt_BR pt_PT rm_CH ro_RO ru_RU ru_UA sk_SK sl_SI sq_AL
sr_RS sv_FI sv_SE ta_IN te_IN th_TH tr_TR uk_UA ur_PK vi_VN zh_CN zh_HK zh_TW""".split()

MONTHS = ["2024-%02d-15" % month for month in range(1, 13)]
DAYS = ["2024-01-%02d" % day for day in range(1, 8)]  # the 1st is a Monday


def names(dates, letter):
    return "concat_ws('|', %s)" % ", ".join("date_format('%s', '%%%s')" % (date, letter) for date in dates)


def main():
    query = ""
    for locale in LOCALES:
        query += "set lc_time_names = '%s'; select %s, %s, %s, %s;\n" % (
            locale, names(MONTHS, "M"), names(MONTHS, "b"), names(DAYS, "W"), names(DAYS, "a"))
    answer = subprocess.run(sys.argv[1:] + ["-N", "-B", "--default-character-set=utf8mb4"], input=query, text=True,
                            stdout=subprocess.PIPE, check=True).stdout
    print("/* Written by tools/locale_names.py. Do not edit. */")
    for locale, line in zip(LOCALES, answer.rstrip("\n").split("\n")):
        print('{"%s",\n%s},' % (locale, ",\n".join(' "%s"' % part for part in line.split("\t"))))


if __name__ == "__main__":
    main()
