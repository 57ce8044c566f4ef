"""The hashes of Python's frameworks, for the end-to-end tests.

`write` reads a password and writes one line for each hash: its writer, a tab, the text.
`check` reads a password and a hash, one a line, and writes who finds that they belong
together. Costs are the writers' own, except where theirs would make a test wait.
"""

import json
import sys
import warnings

import argon2
import bcrypt
from django.conf import settings
from werkzeug.security import generate_password_hash

warnings.simplefilter("ignore", DeprecationWarning)
HASHERS = [
    "PBKDF2PasswordHasher",
    "PBKDF2SHA1PasswordHasher",
    "Argon2PasswordHasher",
    "BCryptSHA256PasswordHasher",
    "BCryptPasswordHasher",
    "ScryptPasswordHasher",
    "MD5PasswordHasher",
]
settings.configure(PASSWORD_HASHERS=["django.contrib.auth.hashers." + name for name in HASHERS])

from django.contrib.auth.hashers import check_password, get_hasher, make_password  # noqa: E402
from passlib import hash as passlib  # noqa: E402


def written(password):
    for name in ("bcrypt", "bcrypt_sha256"):
        get_hasher(name).rounds = 10
    for name in ("pbkdf2_sha256", "pbkdf2_sha1", "argon2", "bcrypt_sha256", "bcrypt", "scrypt", "md5"):
        yield "django " + name, make_password(password, hasher=name)
    for name in (
        "pbkdf2_sha1 pbkdf2_sha256 pbkdf2_sha512 scrypt phpass sha256_crypt sha512_crypt"
        " ldap_salted_sha1 ldap_salted_sha256 ldap_salted_sha512 ldap_pbkdf2_sha256"
        " md5_crypt apr_md5_crypt ldap_md5 ldap_sha1 ldap_salted_md5"
        " hex_md5 hex_sha1 hex_sha256 hex_sha512"
    ).split():
        yield "passlib " + name, getattr(passlib, name).hash(password)
    for method in ("scrypt", "pbkdf2", "pbkdf2:sha1", "pbkdf2:sha512:210000"):
        yield "werkzeug " + method, generate_password_hash(password, method)
    for prefix in (b"2a", b"2b"):
        made = bcrypt.hashpw(password.encode(), bcrypt.gensalt(10, prefix))
        yield "bcrypt " + prefix.decode(), made.decode()
    yield "argon2-cffi", argon2.PasswordHasher().hash(password)
    # As an export of Keycloak has it; the hash in it is made by argon2-cffi.
    phc = argon2.PasswordHasher(5, 7168, 1).hash(password)
    *_, salt, tag = phc.split("$")
    pad = lambda text: text + "=" * (-len(text) % 4)  # noqa: E731
    costs = {"hashLength": ["32"], "memory": ["7168"], "type": ["id"], "version": ["1.3"], "parallelism": ["1"]}
    data = {"hashIterations": 5, "algorithm": "argon2", "additionalParameters": costs}
    secret = {"value": pad(tag), "salt": pad(salt), "additionalParameters": {}}
    yield "keycloak's form", json.dumps({"credentialData": json.dumps(data), "secretData": json.dumps(secret)})


def found(password, text):
    try:
        if argon2.PasswordHasher().verify(text, password):
            yield "argon2-cffi"
    except argon2.exceptions.VerifyMismatchError:
        pass
    if check_password(password, "argon2" + text):
        yield "django"


sys.stdin.reconfigure(encoding="utf-8")
sys.stdout.reconfigure(encoding="utf-8")
lines = sys.stdin.read().split("\n")
if sys.argv[1] == "write":
    for writer, text in written(lines[0]):
        print(writer, text, sep="\t")
else:
    for reader in found(lines[0], lines[1]):
        print(reader)
