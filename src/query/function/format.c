/* FORMAT(), FORMAT_BYTES(). */
#include <math.h>
#include <stdio.h>

#include "query/function/tools.h"

/* How a locale writes numbers. grouping: digits of the last group and of those before it; 0: none. */
struct number_style {
	char point, separator;
	uint8_t last_group, other_groups;
	const char *locales; /* each with a space before and behind */
};

static const struct number_style styles[] = {
	{'.', ',', 3, 3,
	 " ar_AE ar_BH ar_DZ ar_EG ar_IN ar_IQ ar_JO ar_KW ar_LB ar_LY ar_MA ar_OM ar_QA ar_SD ar_SY ar_TN ar_YE en_AU en_CA"
	 " en_GB en_NZ en_PH en_US en_ZA en_ZW es_DO es_GT es_HN es_MX es_NI es_PA es_PE es_PR es_SV es_US gu_IN he_IL hi_IN"
	 " ja_JP ko_KR ms_MY th_TH ur_PK zh_CN zh_HK zh_TW "},
	{',', '.', 3, 3,
	 " be_BY da_DK de_BE de_DE de_LU es_AR es_BO es_CL es_CO es_EC es_ES es_PY es_UY es_VE fo_FO hu_HU id_ID is_IS lt_LT"
	 " mn_MN nb_NO no_NO ro_RO ru_UA sq_AL tr_TR uk_UA vi_VN "},
	{',', 0, 0, 0,
	 " bg_BG ca_ES de_AT el_GR eu_ES fr_BE fr_CA fr_CH fr_FR fr_LU gl_ES hr_HR it_IT nl_BE nl_NL pl_PL pt_BR pt_PT"
	 " sl_SI "},
	{',', ' ', 3, 3, " cs_CZ es_CR et_EE fi_FI lv_LV mk_MK ru_RU sk_SK sv_FI sv_SE "},
	{'.', '\'', 3, 3, " de_CH "},
	{',', '\'', 3, 3, " it_CH rm_CH "},
	{'.', ',', 3, 2, " en_IN ta_IN te_IN "},
	{'.', 0, 0, 0, " ar_SA sr_RS "},
};

static const struct number_style *style_of(sqlite3_context *context, sqlite3_value *locale)
{
	char name[16], shown[128];
	struct bytes text = locale && !is_null(locale) ? string_of(locale) : bytes_of_string("en_US");
	if (text.size == 5) {
		snprintf(name, sizeof name, " %.5s ", (const char *)text.data);
		for (size_t i = 0; i < sizeof styles / sizeof styles[0]; i++)
			if (strcasestr(styles[i].locales, name))
				return &styles[i];
	}
	FUNCTION_WARN(context, ER_UNKNOWN_LOCALE, message_text(text, shown));
	return &styles[0];
}

/* The digits before the point, with separators; where they begin in a room that ends at `end`. */
static char *put_groups(const char *digits, size_t count, const struct number_style *style, char *end)
{
	unsigned left = style->last_group;
	while (count > 0) {
		if (style->separator && left == 0) {
			*--end = style->separator;
			left = style->other_groups;
		}
		*--end = digits[--count];
		left--;
	}
	return end;
}

static void gm_format(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	char digits[160], room[300], *end = room + 200;
	struct decimal value;
	if (any_null(2, arguments) || !decimal_of(arguments[0], &value))
		return;
	int64_t places = whole_of(arguments[1]);
	unsigned scale = places < 0 ? 0 : places > decimal_scale_max ? decimal_scale_max : (unsigned)places;
	const struct number_style *style = style_of(context, count > 2 ? arguments[2] : NULL);
	decimal_round(&value, (int)scale);
	struct decimal fitted = value;
	if (decimal_fit(&fitted, decimal_precision_max, scale) != DECIMAL_OVERFLOW)
		value = fitted;
	bool negative = value.negative;
	value.negative = false;
	size_t size = decimal_print(&value, digits);
	const char *point = memchr(digits, '.', size);
	size_t whole = point ? (size_t)(point - digits) : size;
	char *at = put_groups(digits, whole, style, end);
	if (negative)
		*--at = '-';
	if (point) {
		*end++ = style->point;
		memcpy(end, point + 1, size - whole - 1);
		end += size - whole - 1;
	}
	result_utf8(context, at, (size_t)(end - at));
}

static void gm_format_bytes(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	char text[64];
	if (any_null(1, arguments))
		return;
	double value = sqlite3_value_double(arguments[0]);
	unsigned unit = 0;
	while (fabs(value) >= 1024 && unit < 6) {
		value /= 1024;
		unit++;
	}
	int size = unit == 0 ? snprintf(text, sizeof text, "%4d %s", (int)value, units[0])
		: fabs(value) >= 100000 ? snprintf(text, sizeof text, "%4.2e %s", value, units[unit])
		: snprintf(text, sizeof text, "%4.2f %s", value, units[unit]);
	result_utf8(context, text, (size_t)size);
}

static const struct function_row rows[] = {
	{"gm_format", 2, 3, FN_PURE, gm_format, 0, 0, 0},
	{"gm_format_bytes", 1, 1, FN_PURE, gm_format_bytes, 0, 0, 0},
};
const struct function_rows function_rows_format = FUNCTION_ROWS(rows);
