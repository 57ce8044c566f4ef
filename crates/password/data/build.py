#!/usr/bin/env python3
"""Writes common.txt from an unpacked npm package @zxcvbn-ts/language-common.

    npm pack @zxcvbn-ts/language-common@VERSION && tar xzf zxcvbn-ts-language-common-*.tgz
    python3 build.py package

Also sorts and folds french.txt in place, which is edited by hand.
"""

import json
import pathlib
import sys
import unicodedata

HERE = pathlib.Path(__file__).parent


def fold(text):
    """As src/fold.rs does: case and accents away."""
    for letter, letters in {"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "đ": "d", "ł": "l", "ı": "i"}.items():
        text = text.replace(letter, letters)
    bare = (sign for sign in unicodedata.normalize("NFD", text) if not unicodedata.category(sign).startswith("M"))
    return "".join(bare).lower()


def write(path, entries):
    entries = {fold(entry.strip()) for entry in entries}
    entries = sorted((entry for entry in entries if len(entry) >= 4), key=lambda entry: entry.encode())
    path.write_text("".join(entry + "\n" for entry in entries), encoding="utf-8")
    print(f"{path.name}: {len(entries)} entries")


def main():
    package = pathlib.Path(sys.argv[1])
    write(HERE / "common.txt", json.loads((package / "src/passwords.json").read_text(encoding="utf-8")))
    write(HERE / "french.txt", (HERE / "french.txt").read_text(encoding="utf-8").splitlines())


if __name__ == "__main__":
    main()
