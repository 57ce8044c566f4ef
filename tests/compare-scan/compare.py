"""Whether `rempart scan` agrees with testssl.sh and sslyze about badly configured servers.

usage: compare.py REMPART SSLYZE [CASE...]

For each server, each item that two of the programs speak of is compared. Prints the table of
docs/SCAN.md, then every disagreement; exit code 1 for one that is not in KNOWN.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from servers import CASES, HOST, Authority, Server

VERSIONS = {"SSL 2.0": ("SSLv2", "ssl_2_0"), "SSL 3.0": ("SSLv3", "ssl_3_0"), "TLS 1.0": ("TLS1", "tls_1_0"),
            "TLS 1.1": ("TLS1_1", "tls_1_1"), "TLS 1.2": ("TLS1_2", "tls_1_2"), "TLS 1.3": ("TLS1_3", "tls_1_3")}
GROUPS = {"prime256v1": "secp256r1", "prime192v1": "secp192r1", "X25519": "x25519", "X448": "x448"}

# Debian's OpenSSL refuses old versions and short keys, and testssl.sh sets aside every file of
# settings but one that begins like its own.
OPEN = """# testssl config file
openssl_conf = conf
[conf]
ssl_conf = ssl
[ssl]
system_default = all
[all]
MinProtocol = None
CipherString = ALL:COMPLEMENTOFALL:@SECLEVEL=0
Groups = X25519:P-256:P-384:P-521:P-192
"""

# A folder for what the others said: a second run asks them nothing that it knows.
KEEP = os.environ.get("KEEP")

# Disagreements that were looked into: (program, item, case or None for any) and what is so.
KNOWN = {
    ("sslyze", "HSTS subdomains", "HSTS badly written"):
        "The field has no max-age, so browsers ignore it whole (RFC 6797, 6.1)",
    ("testssl.sh", "HSTS subdomains", "HSTS badly written"):
        "The field has no max-age, so browsers ignore it whole (RFC 6797, 6.1)",
    ("sslyze", "extended master secret", "P-521 alone, HSTS of a day"):
        "Under TLS 1.2 this server (Go 1.19) does not know the extension; sslyze asks under TLS 1.3, which always has "
        "it",
    ("testssl.sh", "trusted chain", "signed with SHA-1"):
        "No signature with SHA-1 is followed to a root here, as in browsers",
    ("testssl.sh", "forward secrecy", "NULL and anonymous"):
        "Its ECDHE suites encrypt nothing or name nobody; testssl.sh leaves such suites out here, and we tell of them "
        "apart",
    ("testssl.sh", "forward secrecy", "curve of 192 bits"):
        "ECDHE over P-192, as `openssl s_client` sees it too; testssl.sh offers no such curve",
    ("sslyze", "trusted chain", "another name"):
        "sslyze counts the name into the trust; we tell the two apart",
    ("sslyze", "curves", "ECDSA, no TLS 1.3"):
        "A server with a P-256 certificate answers nobody who does not offer P-256, so once that is found the "
        "others cannot be asked for one by one; sslyze sees one of them, we two",
}


def ours(program, server, root):
    run = subprocess.run([program, "scan", f"https://{HOST}:{server.port}/", "--connect-to", "127.0.0.1", "--root",
                          root, "--format", "json", "--fail-on", "never"], capture_output=True, text=True, timeout=90)
    if run.returncode:
        raise RuntimeError(run.stderr)
    site = json.loads(run.stdout)["sites"][0]
    tls, certificate, hsts = site["tls"], site["certificate"], site["hsts"]
    codes = {finding["code"] for finding in site["findings"]}
    spoken = {version["version"]: version for version in tls["versions"]}
    leaf = certificate["chain"][0]
    seen = {f"speaks {name}": name in spoken for name in VERSIONS}
    for name in list(VERSIONS)[2:]:
        seen[f"suites of {name}"] = frozenset(spoken.get(name, {}).get("suites", []))
    # The others speak of curves only.
    groups = {group for version in tls["versions"] for group in version["groups"]}
    seen["curves"] = frozenset(group for group in groups if not group.startswith(("ffdhe", "X25519ML", "Secp")))
    suites = {suite for version in tls["versions"] for suite in version["suites"]}
    seen["NULL suites"] = any("_NULL_" in suite for suite in suites)
    seen["anonymous suites"] = any("_anon_" in suite for suite in suites)
    seen["forward secrecy"] = bool([suite for suite in suites if "DHE_" in suite or "_WITH_" not in suite])
    seen["server's order"] = tls["server-order"]
    seen["bits of the prime"] = tls["dh-bits"]
    seen["compression"] = tls["compression"]
    seen["protected renegotiation"] = tls["secure-renegotiation"]
    seen["extended master secret"] = tls["extended-master-secret"]
    seen["fallback signal"] = tls["fallback-signal"]
    seen["trusted chain"] = certificate["trusted"] and "scan-certificate-expired" not in codes
    seen["names the host"] = certificate["names-host"]
    seen["chain in order"] = certificate["in-order"]
    seen["expired"] = "scan-certificate-expired" in codes
    seen["key"] = leaf["key"]
    seen["signed with SHA-1"] = leaf["signature"].startswith("SHA-1")
    # Without a page that could be read nothing is known of HSTS.
    if hsts:
        seen["HSTS max-age"] = hsts["max-age"]
        seen["HSTS subdomains"] = bool(hsts["include-subdomains"])
    return seen


def sslyze(program, server, root):
    run = subprocess.run([program, "--sslv2", "--sslv3", "--tlsv1", "--tlsv1_1", "--tlsv1_2", "--tlsv1_3", "--certinfo",
                          "--certinfo_ca_file", root, "--compression", "--reneg", "--fallback", "--elliptic_curves",
                          "--ems", "--http_headers", "--mozilla_config", "disable", "--json_out", "-",
                          f"{HOST}:{server.port}{{127.0.0.1}}"], capture_output=True, text=True, timeout=180)
    result = json.loads(run.stdout)["server_scan_results"][0]
    if result["scan_status"] != "COMPLETED":
        raise RuntimeError(f"sslyze: {result['connectivity_error_trace']}")
    result = result["scan_result"]
    done = {name: part["result"] for name, part in result.items() if part and part["status"] == "COMPLETED"}
    seen = {}
    for name, (_, key) in VERSIONS.items():
        part = done.get(f"{key.replace('ssl_', 'ssl_').replace('tls_', 'tls_')}_cipher_suites")
        if part is None:
            continue
        accepted = [suite["cipher_suite"]["name"] for suite in part["accepted_cipher_suites"]]
        seen[f"speaks {name}"] = bool(accepted)
        seen[f"suites of {name}"] = frozenset(accepted)
    if "elliptic_curves" in done and done["elliptic_curves"]["supports_ecdh_key_exchange"]:
        curves = [curve["name"] for curve in done["elliptic_curves"]["supported_curves"]]
        seen["curves"] = frozenset(GROUPS.get(name, name) for name in curves)
    if "tls_compression" in done:
        seen["compression"] = done["tls_compression"]["supports_compression"]
    if "session_renegotiation" in done:
        seen["protected renegotiation"] = done["session_renegotiation"]["supports_secure_renegotiation"]
    if "tls_extended_master_secret" in done:
        seen["extended master secret"] = done["tls_extended_master_secret"]["supports_ems_extension"]
    if "tls_fallback_scsv" in done:
        seen["fallback signal"] = done["tls_fallback_scsv"]["supports_fallback_scsv"]
    if "certificate_info" in done:
        deployment = done["certificate_info"]["certificate_deployments"][0]
        leaf = deployment["received_certificate_chain"][0]
        trusts = [path["was_validation_successful"] for path in deployment["path_validation_results"]]
        seen["trusted chain"] = any(trusts)
        seen["chain in order"] = deployment["received_chain_has_valid_order"]
        kind = "RSA" if "RSA" in leaf["public_key"]["algorithm"] else "EC"
        seen["key"] = f"{kind} {leaf['public_key']['key_size']}"
        algorithm = leaf["signature_hash_algorithm"]
        seen["signed with SHA-1"] = bool(algorithm) and algorithm["name"] == "sha1"
    headers = done.get("http_headers")
    if headers and not headers.get("http_error_trace"):
        field = headers["strict_transport_security_header"]
        seen["HSTS max-age"] = field["max_age"] if field else None
        seen["HSTS subdomains"] = bool(field and field["include_subdomains"])
    return seen


def testssl(server, root):
    # What has nothing to do with the certificate or with HSTS is asked where that is sound: each
    # of these sections takes it dozens of handshakes.
    deep = ["-f", "-P", "-R", "-C", "-Z"] if server.is_about_tls else []
    with tempfile.TemporaryDirectory() as folder:
        out, settings = Path(folder) / "out.json", Path(folder) / "openssl.cnf"
        settings.write_text(OPEN)
        run = subprocess.run(["testssl", "--quiet", "--color", "0", "--warnings", "batch", "--nodns", "none", "--ip",
                              "127.0.0.1", "--add-ca", root, "-p", "-s", "-S", "-h", *deep, "--jsonfile",
                              str(out), f"https://{HOST}:{server.port}/"],
                             capture_output=True, text=True, timeout=1800, stdin=subprocess.DEVNULL,
                             env={**os.environ, "OPENSSL_CONF": str(settings)})
        if not out.exists():
            raise RuntimeError(run.stdout)
        said = {}
        for finding in json.loads(out.read_text()):
            said.setdefault(finding["id"].split(" <")[0], finding["finding"])
    seen = {}
    for name, (key, _) in VERSIONS.items():
        if key in said:
            # A server that refuses the hello instead of falling back does not speak it either.
            seen[f"speaks {name}"] = not said[key].startswith(("not offered", "connection failed"))
    for item, key in (("NULL suites", "cipherlist_NULL"), ("anonymous suites", "cipherlist_aNULL")):
        if key in said:
            seen[item] = not said[key].startswith("not offered")
    if "FS" in said:
        seen["forward secrecy"] = said["FS"].startswith("offered")
    if "PFS" in said:
        seen["forward secrecy"] = said["PFS"].startswith("offered")
    for key in ("FS_ECDHE_curves", "PFS_ECDHE_curves"):
        if key in said:
            seen["curves"] = frozenset(GROUPS.get(name, name) for name in said[key].split())
    if "cert_keySize" in said:
        words = said["cert_keySize"].split()
        seen["key"] = f"{words[0]} {words[1]}"
    if "cert_signatureAlgorithm" in said:
        seen["signed with SHA-1"] = said["cert_signatureAlgorithm"].startswith("SHA1")
    if "cert_trust" in said:
        # The host is named in the alternative names, whatever the common name says.
        seen["names the host"] = "SAN" in said["cert_trust"]
    if "cert_chain_of_trust" in said:
        seen["trusted chain"] = said["cert_chain_of_trust"].startswith("passed")
    if "cert_expirationStatus" in said:
        seen["expired"] = said["cert_expirationStatus"].startswith("expired")
    if "secure_renego" in said and "handshake didn't succeed" not in said["secure_renego"]:
        seen["protected renegotiation"] = said["secure_renego"].startswith("supported")
    if "CRIME_TLS" in said:
        seen["compression"] = not said["CRIME_TLS"].startswith("not vulnerable")
    if "fallback_SCSV" in said and said["fallback_SCSV"] in ("supported", "not supported"):
        seen["fallback signal"] = said["fallback_SCSV"] == "supported"
    if "cipher_order" in said:
        seen["server's order"] = said["cipher_order"].startswith(("server", "yes"))
    if "HSTS_time" in said:
        # "365 days (=31536000 seconds) > 15552000 seconds", "300 is too short", or "… missing".
        time = "" if said["HSTS_time"].endswith("missing") else said["HSTS_time"]
        digits = re.search(r"=(\d+) seconds", time) or re.search(r"(\d+)", time)
        seen["HSTS max-age"] = int(digits[1]) if digits else None
    elif "HSTS" in said:
        seen["HSTS max-age"] = None
    if "HSTS_subdomains" in said:
        seen["HSTS subdomains"] = said["HSTS_subdomains"].startswith("includes")
    return seen


def told(inspector, case, *arguments):
    """What an inspector says; nothing when it could not look at the server."""
    kept = Path(KEEP or "/") / f"{inspector.__name__}-{case[0]}.json"
    if KEEP and kept.exists():
        return {item: frozenset(value) if isinstance(value, list) else value
                for item, value in json.loads(kept.read_text()).items()}
    try:
        said = inspector(*arguments)
    except (RuntimeError, subprocess.TimeoutExpired) as error:
        print(f"{case[0]}: {inspector.__name__} could not look: {str(error)[-300:]}", file=sys.stderr, flush=True)
        said = {}
    if KEEP:
        kept.write_text(json.dumps({item: sorted(value) if isinstance(value, frozenset) else value
                                    for item, value in said.items()}))
    return said


def show(value):
    return ", ".join(sorted(value)) if isinstance(value, frozenset) else str(value)


def main():
    rempart, sslyze_program, *wanted = sys.argv[1:]
    table, quarrels, unknown = {}, [], 0
    with tempfile.TemporaryDirectory() as folder:
        authority = Authority(Path(folder))
        root = str(authority.folder / "root.pem")
        cases = [case for case in CASES if not wanted or case[0] in wanted]
        for case in cases:
            authority.leaf(case[2])

        def look(case):
            server = Server(authority, case)
            try:
                mine = ours(rempart, server, root)
                others = {"sslyze": told(sslyze, case, sslyze_program, server, root),
                          "testssl.sh": told(testssl, case, server, root)}
                print(f"{case[0]}: done", file=sys.stderr, flush=True)
                return case, mine, others
            finally:
                server.stop()

        with ThreadPoolExecutor(2) as pool:
            looked = list(pool.map(look, cases))
        for case, mine, others in looked:
            for program, theirs in others.items():
                for item, value in theirs.items():
                    mine_now = mine.get(item)
                    # What one of the two could not look at is no agreement and no quarrel.
                    if item not in mine or (mine_now is None and item not in ("HSTS max-age",)):
                        continue
                    agree, all_of = table.setdefault(item, {}).setdefault(program, Counter()), None
                    agree["all"] += 1
                    if mine_now == value:
                        agree["same"] += 1
                        continue
                    why = KNOWN.get((program, item, case[0])) or KNOWN.get((program, item, None))
                    unknown += why is None
                    if isinstance(value, frozenset):
                        detail = f"only we: {show(mine_now - value)}; only they: {show(value - mine_now)}"
                    else:
                        detail = f"we: {show(mine_now)}; they: {show(value)}"
                    quarrels.append(f"- {case[0]} ({case[1]}), {item}, {program}: {detail}. {why or 'NOT LOOKED INTO'}")
    print(f"{len(cases)} servers. Each cell: how often both say the same, of how often both speak of it.\n")
    print("| item | testssl.sh | sslyze |\n|-|-|-|")
    for item in sorted(table):
        cells = [table[item].get(program) for program in ("testssl.sh", "sslyze")]
        print(f"| {item} | " + " | ".join(f"{cell['same']}/{cell['all']}" if cell else "–" for cell in cells) + " |")
    print("\n" + "\n".join(quarrels))
    return 1 if unknown else 0


if __name__ == "__main__":
    sys.exit(main())
