#!/usr/bin/env python3
"""Writes src/type/weights_*.inc: the weights of MySQL's collations, asked of a running MariaDB server.

    tools/collation_weights.py SOCKET

The server is asked for WEIGHT_STRING of every character, one at a time. What is equal to a rule (a code
point weighs itself, or has the Unicode Collation Algorithm's computed weights) is left out, the rest is
written as runs and expansions; weights.h says how they are read.
"""
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "src" / "type"
BYTE_COLLATIONS = [
    "latin1_swedish_ci", "latin1_german1_ci", "latin1_german2_ci", "latin1_danish_ci", "latin1_spanish_ci",
    "latin1_general_ci", "latin1_general_cs", "latin2_general_ci", "cp1251_general_ci", "ascii_general_ci"]
LANGUAGES = [
    "icelandic", "latvian", "romanian", "slovenian", "polish", "estonian", "spanish", "swedish", "turkish",
    "roman", "persian", "esperanto", "hungarian", "sinhala", "german2"]


def ask(socket, sql):
    command = ["mariadb", "--no-defaults", "-S", socket, "-uroot", "-N", "-B", "mysql"]
    lines = subprocess.run(command, input=sql, capture_output=True, text=True, check=True).stdout
    return [line.split("\t") for line in lines.splitlines()]


def weights_of(socket, collation, codes):
    """Code -> list of weights. Of a Unicode collation in 16-bit units, of a byte collation in bytes."""
    charset = collation.split("_")[0]
    digits = 4 if charset == "utf8mb4" else 2
    text = "convert(char(seq using utf32) using utf8mb4)" if digits == 4 else f"char(seq using {charset})"
    rows = ask(socket, f"select seq, hex(weight_string({text} collate {collation})) from seq_0_to_{codes - 1}")
    return {int(code): [int(w[i:i + digits], 16) for i in range(0, len(w), digits)] for code, w in rows}


def is_surrogate(code):
    return 0xD800 <= code <= 0xDFFF


def is_computed(code, weights):
    base = 0xFB80 if 0x3400 <= code <= 0x4DB5 else 0xFB40 if 0x4E00 <= code <= 0x9FA5 else 0xFBC0
    return weights == [base + (code >> 15), code & 0x7FFF | 0x8000]


def runs_of(singles):
    """Greedy cover: (first, count, step, weight, weight_step)."""
    left, runs = dict(singles), []
    for first in sorted(singles):
        if first not in left:
            continue
        best = (1, 0, 0)
        for step in (1, 2):
            for weight_step in (-1, 0, 1, 2):
                count = 1
                while left.get(first + count * step) == left[first] + count * weight_step:
                    count += 1
                if count > best[0]:
                    best = (count, step, weight_step)
        count, step, weight_step = best
        runs.append((first, count, step, left[first], weight_step))
        for i in range(count):
            del left[first + i * step]
    return runs


def wrapped(items):
    lines, line = [], "\t"
    for item in items:
        if len(line) + len(item) > 100:
            lines.append(line.rstrip())
            line = "\t"
        line += item + " "
    return "\n".join(lines + [line.rstrip()])


def write_table(out, name, entries):
    """A table's runs (one weight each) and expansions (none or several: high, low, count, weights...)."""
    single = {code: w[0] for code, w in entries.items() if len(w) == 1}
    several = {code: w for code, w in entries.items() if len(w) != 1}
    out.write(f"static const struct weight_run {name}_runs[] = {{\n")
    out.write(wrapped("{0x%X,%d,%d,0x%X,%d}," % run for run in runs_of(single)) + "\n};\n")
    if several:
        items = ("0x%X,0x%X,%d," % (code >> 16, code & 0xFFFF, len(w)) + "".join("0x%X," % x for x in w)
                 for code, w in sorted(several.items()))
        out.write(f"static const uint16_t {name}_expansions[] = {{\n{wrapped(items)}\n}};\n")


def write_file(file_name, tables):
    with open(FOLDER / file_name, "w") as out:
        out.write("/* Written by tools/collation_weights.py; weights.h says how to read it. */\n")
        for name, entries in tables:
            write_table(out, name, entries)


def unruly(weights):
    return {c: w for c, w in weights.items() if not is_computed(c, w) and not is_surrogate(c)}


def main():
    socket = sys.argv[1]
    general = weights_of(socket, "utf8mb4_general_ci", 0x10000)
    write_file("weights_general.inc", [("general", {c: w for c, w in general.items() if w != [c]})])
    tables = []
    for name in BYTE_COLLATIONS:
        weights = weights_of(socket, name, 0x100)
        tables.append((name.removesuffix("_ci"), {c: w for c, w in weights.items() if w != [c]}))
    write_file("weights_byte.inc", tables)
    uca_400 = weights_of(socket, "utf8mb4_unicode_ci", 0x10000)
    tables = [("uca_400", unruly(uca_400))]
    for name in LANGUAGES:
        weights = weights_of(socket, f"utf8mb4_{name}_ci", 0x10000)
        tables.append((name, {c: w for c, w in weights.items() if w != uca_400[c]}))
    write_file("weights_uca_400.inc", tables)
    uca_520 = weights_of(socket, "utf8mb4_unicode_520_ci", 0x110000)
    write_file("weights_uca_520.inc", [("uca_520", unruly(uca_520))])


main()
