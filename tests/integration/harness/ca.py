# SPDX-License-Identifier: Apache-2.0
"""Throw-away certificate authorities and the certificates they sign.

Made with the openssl command, on P-256 keys because those are cheap. Dates
are explicit (`openssl ca -startdate -enddate`), so a certificate can be born
expired.
"""

import dataclasses
import datetime
import hashlib
import pathlib
import ssl
import subprocess

_CONFIG = """\
[ca]
default_ca = this
[this]
database = {folder}/index.txt
serial = {folder}/serial
new_certs_dir = {folder}
certificate = {folder}/ca.pem
private_key = {folder}/ca.key
default_md = sha256
crlnumber = {folder}/crlnumber
policy = any
unique_subject = no
email_in_dn = no
[any]
commonName = supplied
[req]
distinguished_name = name
prompt = no
[name]
commonName = {name}
[ca_extensions]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
"""

_LEAF = """\
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature,keyEncipherment
extendedKeyUsage = {purpose}
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
{names}
"""


@dataclasses.dataclass(frozen=True)
class Certificate:
    """Files of one certificate: chain, key, and both in one (`combined`)."""

    chain: pathlib.Path
    key: pathlib.Path
    combined: pathlib.Path
    subject: str

    def fingerprint(self):
        """SHA-256 of the DER form, lower-case hex."""
        der = ssl.PEM_cert_to_DER_cert(_first_certificate(self.chain.read_text()))
        return hashlib.sha256(der).hexdigest()


class CertificateAuthority:
    """A root certificate in its own folder; `certificate_file` is what to trust."""

    def __init__(self, folder, name="Throw-Away Root"):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.name = name
        self.certificate_file = self.folder / "ca.pem"
        self._config = self.folder / "openssl.cnf"
        self._count = 0
        self._config.write_text(_CONFIG.format(folder=self.folder, name=name))
        (self.folder / "index.txt").write_text("")
        (self.folder / "serial").write_text("1000\n")
        (self.folder / "crlnumber").write_text("01\n")
        _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                 "-nodes", "-keyout", self.folder / "ca.key", "-out", self.certificate_file,
                 "-days", "30", "-config", self._config, "-extensions", "ca_extensions")

    def issue(self, name, dns=None, addresses=(), client=False, valid_from=-1.0, valid_for=7.0,
              list_url=None, key="ec"):
        """Sign a certificate.

        `dns` are subject alternative names (default: `name` itself for a
        server, none for a client), `addresses` are IP alternative names;
        `valid_from` (days from now, may be negative) and `valid_for` (days
        after that) give the dates; `list_url` is where its revocation list is;
        `key` is "ec" (P-256) or "rsa:1024" and the like.
        """
        self._count += 1
        stem = self.folder / f"leaf{self._count}"
        if dns is None:
            dns = () if client else (name,)
        entries = [f"DNS:{one}" for one in dns] + [f"IP:{one}" for one in addresses]
        names = f"subjectAltName = {','.join(entries)}" if entries else ""
        extensions = stem.with_suffix(".ext")
        if list_url:
            names += f"\ncrlDistributionPoints = URI:{list_url}"
        extensions.write_text(_LEAF.format(
            purpose="clientAuth" if client else "serverAuth", names=names))
        start = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=valid_from)
        end = start + datetime.timedelta(days=valid_for)
        kind = ["-newkey", key] + (["-pkeyopt", "ec_paramgen_curve:P-256"] if key == "ec" else [])
        key, request, chain = (stem.with_suffix(s) for s in (".key", ".csr", ".pem"))
        _openssl("req", "-new", *kind, "-nodes", "-keyout", key, "-out", request,
                 "-subj", f"/CN={name}", "-config", self._config)
        _openssl("ca", "-batch", "-notext", "-config", self._config, "-in", request,
                 "-out", chain, "-extfile", extensions,
                 "-startdate", _openssl_time(start), "-enddate", _openssl_time(end))
        combined = stem.with_suffix(".both.pem")
        combined.write_text(key.read_text() + chain.read_text())
        combined.chmod(0o600)
        return Certificate(chain, key, combined, name)

    def expired(self, name):
        """A server certificate that was valid until an hour ago."""
        return self.issue(name, valid_from=-10.0, valid_for=10.0 - 1.0 / 24)

    def revoke(self, certificate):
        """The next list names `certificate`."""
        _openssl("ca", "-config", self._config, "-revoke", certificate.chain,
                 "-crl_reason", "keyCompromise")

    def revocation_list(self, seconds):
        """DER of a list made now that counts for `seconds`."""
        pem, der = self.folder / "list.pem", self.folder / "list.crl"
        _openssl("ca", "-gencrl", "-config", self._config, "-crlsec", seconds, "-out", pem)
        _openssl("crl", "-in", pem, "-outform", "DER", "-out", der)
        return der.read_bytes()


def _openssl_time(moment):
    return moment.strftime("%y%m%d%H%M%SZ")


def _first_certificate(text):
    begin = text.index("-----BEGIN CERTIFICATE-----")
    end = text.index("-----END CERTIFICATE-----", begin) + len("-----END CERTIFICATE-----")
    return text[begin:end] + "\n"


def _openssl(*arguments):
    done = subprocess.run(["openssl", *map(str, arguments)], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=30)
    if done.returncode != 0:
        raise RuntimeError(f"openssl {arguments[0]} failed: {done.stderr.strip()}")
