# SPDX-License-Identifier: Apache-2.0
"""Every parameter of New- and Set-SendConnector: one value that is taken, and one that is not."""

import json
import pathlib

from harness.cmdlet_case import CmdletCase

HOST = ("-SmartHosts", "mail.example")
LOGIN = (*HOST, "-SmartHostAuthMechanism", "BasicAuth")
CERTIFICATE = ("-RequireTLS", "$true", "-TlsAuthLevel", "CertificateValidation")
DOMAIN = (*HOST, "-RequireTLS", "$true", "-TlsAuthLevel", "DomainValidation")
MTA_STS = ("-RequireTLS", "$true", "-TlsAuthLevel", "MtaSts")
OWN = ("-TlsCertificateName", "/etc/ssl/own.pem")
DOWNGRADE = ("-ErrorPolicies", "DowngradeCustomFailures")

NO_FLAG = '"{}" is neither $true nor $false; use $true or $false'
NO_WORD = '"{}" is not one of its values; use one of '
SENDERS = str(pathlib.Path(__file__).parents[1] / "fixtures/configurations/files/senders")
NO_PATH = '"{}" is not an absolute path; write the whole path, beginning with /'
NO_RANGE = "{} is out of range; use "
NO_TEXT = "a list is not one text; give one value"


def flag(parameter, key, *companions):
    return parameter, "$true", f"{key} = true", "maybe", NO_FLAG, companions


# Parameter, value that is taken, line of the file, value that is not, what is said of it, and what else
# the connector needs. A value that begins with a colon stands at the parameter, one with brackets is
# PowerShell's.
SETTINGS = (
    ("Name", "Contoso", 'name = "Contoso"', 'Contoso "main"', '"{}": a connector\'s name cannot hold quotation '
     "marks; remove them: messages and logs put the name in quotes", ()),
    ("Enabled", "$false", "enabled = false", "no", NO_FLAG, ()),
    ("Comment", "two words", 'comment = "two words"', '@("a","b")', NO_TEXT, ()),
    ("AddressSpaces", "smtp:*.contoso.com;5,fabrikam.com",
     'address_spaces = ["smtp:*.contoso.com;5", "fabrikam.com"]', "X400:c=US;1",
     '"{}" is of type "X400"; only address spaces of type SMTP can be served', ()),
    ("AddressSpaces", "*.com;100", 'address_spaces = ["*.com;100"]', "contoso.com;101",
     '"{}" has cost "101"; a cost is a number from 1 to 100', ()),
    ("AddressSpaces", "contoso.com", 'address_spaces = ["contoso.com"]', "*contoso.com",
     '"{}" is no address space; write "*.contoso.com" for a domain and all below it, "*" for every domain', ()),
    ("DNSRoutingEnabled", "$False", "dns_routing_enabled = false", "2", NO_FLAG, HOST),
    ("SmartHosts", "10.83.4.199,[mail.example]:587", 'smart_hosts = ["10.83.4.199", "[mail.example]:587"]',
     "mail.example:0", '"{}" is no smart host: its port is not a number from 1 to 65535; write '
     '"[smtp.example.com]:587", "smtp.example.com" (MX first) or "192.0.2.1"', ()),
    ("Port", "587", "port = 587", "65536", NO_RANGE + "1 to 65535", HOST),
    ("Fqdn", "mail.contoso.com", 'fqdn = "mail.contoso.com"', "mail contoso",
     '"{}" is no domain name: it has a character that no host name has; use a host name, or nothing for '
     "Postfix' own", ()),
    flag("ForceHELO", "force_helo"),
    ("SourceIPAddress", "192.0.2.1", 'source_ip_address = "192.0.2.1"', "192.0.2.256",
     '"{}" is not an IP address; write an IPv4 or IPv6 address of this host, or 0.0.0.0 for any', ()),
    ("SmartHostAuthMechanism", "basicauthrequiretls", 'smart_host_auth_mechanism = "BasicAuthRequireTLS"',
     "Kerberos", NO_WORD + "None, BasicAuth, BasicAuthRequireTLS, ExchangeServer, ExternalAuthoritative, OAuth2",
     (*HOST, "-AuthenticationCredential", "relay")),
    ("AuthenticationCredential", "relay", 'authentication_credential = "relay"', "$null",
     'connector "X": -SmartHostAuthMechanism needs -AuthenticationCredential; add -AuthenticationCredential '
     "with the name of a file in credentials.d, or remove -SmartHostAuthMechanism", LOGIN),
    flag("RequireTLS", "require_tls"),
    flag("IgnoreSTARTTLS", "ignore_starttls"),
    ("TlsAuthLevel", "CertificateValidation", 'tls_auth_level = "CertificateValidation"', "Certificate",
     NO_WORD + "EncryptionOnly, CertificateValidation, DomainValidation, Dane, MtaSts", ("-RequireTLS", "$true")),
    ("TlsDomain", "*.contoso.com", 'tls_domain = "*.contoso.com"', "*contoso.com",
     '"{}" is no TLS domain; write the name in the smart host\'s certificate, "mail.contoso.com", or '
     '"*.contoso.com"', DOMAIN),
    ("TlsCertificateName", "<I>CN=Root<S>CN=mail.contoso.com",
     'tls_certificate_name = "<I>CN=Root<S>CN=mail.contoso.com"', "mail.contoso.com", NO_PATH, ()),
    flag("DomainSecureEnabled", "domain_secure_enabled", *OWN),
    flag("CloudServicesMailEnabled", "cloud_services_mail_enabled"),
    ("MaxMessageSize", "50MB", 'max_message_size = "50MB"', "3000MB",
     '"{}" is no message size; write "35MB" (B, KB, MB, GB, TB; at most 2147483647 bytes) or "unlimited"', ()),
    ("ConnectionInactivityTimeOut", "1.00:00:00", 'connection_inactivity_timeout = "1.00:00:00"', "00:00:00",
     '"{}" is out of range; use 00:00:01 to 1.00:00:00', ()),
    ("SmtpMaxMessagesPerConnection", "1", "smtp_max_messages_per_connection = 1", "0",
     NO_RANGE + "1 to 2147483647", ()),
    ("ErrorPolicies", "DowngradeDnsFailures", 'error_policies = "DowngradeDnsFailures"', "Downgrade",
     NO_WORD + "Default, DowngradeDnsFailures, DowngradeCustomFailures, UpgradeCustomFailures", ()),
    ("ProtocolLoggingLevel", "verbose", 'protocol_logging_level = "Verbose"', "Debug", NO_WORD + "None, Verbose", ()),
    ("SourceTransportServers", "EXCH01,exch02.contoso.com",
     'source_transport_servers = ["EXCH01", "exch02.contoso.com"]', "EXCH 01",
     '"{}" is no domain name: it has a character that no host name has; use host names, or none for this host', ()),
    flag("UseExternalDNSServersEnabled", "use_external_dns_servers_enabled"),
    flag("FrontendProxyEnabled", "frontend_proxy_enabled"),
    flag("RequireOorg", "require_oorg"),
    flag("IsScopedConnector", "is_scoped_connector"),
    flag("IsCoexistenceConnector", "is_coexistence_connector"),
    ("LinkedReceiveConnector", "EXCH01\\In", 'linked_receive_connector = "EXCH01\\\\In"', '@("a","b")', NO_TEXT, ()),
    ("ConnectorType", "XPremises", 'connector_type = "XPremises"', '@("a","b")', NO_TEXT, ()),
    ("DomainController", "dc1", 'domain_controller = "dc1"', '@("a","b")', NO_TEXT, ()),
    ("Force", "", "force = true", ":maybe", NO_FLAG, ()),
    ("WhatIf", ":$false", "", ":maybe", NO_FLAG, ()),
    ("Confirm", ":$false", "", ":maybe", NO_FLAG, ()),

    ("Senders", "contoso.com,ceo@fabrikam.com", 'senders = ["contoso.com", "ceo@fabrikam.com"]', "ceo@",
     '"{}": "" is no domain name: it is empty; use mailbox, domain, *.domain (the domain and all below it), '
     "<> (the null sender), * (every sender)", ()),
    ("SendersFile", SENDERS, f'senders_file = "{SENDERS}"', "senders", NO_PATH, ()),
    ("SenderIdentity", "Header-From", 'sender_identity = "header-from"', "from",
     NO_WORD + "envelope, header-from, login", ()),
    ("Routes", "relay,transport", 'routes = ["relay", "transport"]', "virtual",
     NO_WORD + "default, relay, transport", ()),
    ("TlsCaFile", "/etc/ssl/ca.pem", 'tls_ca_file = "/etc/ssl/ca.pem"', "ca.pem", NO_PATH, CERTIFICATE),
    ("TlsMinimumProtocol", "tlsv1.3", 'tls_minimum_protocol = "TLSv1.3"', "SSLv3",
     NO_WORD + "TLSv1, TLSv1.1, TLSv1.2, TLSv1.3", ("-RequireTLS", "$true")),
    ("TlsMinimumRsaBits", "4096", "tls_minimum_rsa_bits = 4096", "512", NO_RANGE + "1024 to 16384", CERTIFICATE),
    flag("TlsAllowWeakSignatures", "tls_allow_weak_signatures", *CERTIFICATE),
    ("Revocation", "STRICT", 'revocation = "strict"', "on", NO_WORD + "default, strict, off", CERTIFICATE),
    ("MtaStsPolicyMap", "socketmap:inet:127.0.0.1:8461:postfix",
     'mta_sts_policy_map = "socketmap:inet:127.0.0.1:8461:postfix"', "hash:/etc/x",
     '"{}" is not a socketmap of Postfix; write socketmap:inet:127.0.0.1:8461:postfix, or whatever the '
     "resolver's manual has for smtp_tls_policy_maps", MTA_STS),
    ("TlsKeyFile", "/etc/ssl/key.pem", 'tls_key_file = "/etc/ssl/key.pem"', "key.pem", NO_PATH, OWN),
    ("CustomFailureCodes", "550 5.7.1,554", 'custom_failure_codes = ["550 5.7.1", "554"]', "99",
     '"{}" is not the code of a failure; write a reply code, an enhanced status code, or both: "550", "5.7.1" '
     'or "550 5.7.1"', DOWNGRADE),
    ("Apply", ":$false", "", ":maybe", NO_FLAG, ()),
)
# With New-SendConnector only.
USAGE = (
    ("Usage", "partner", 'usage = "Partner"', "Intranet", NO_WORD + "Custom, Internal, Internet, Partner", ()),
    *((word, "", f'usage = "{word}"', ":maybe", NO_FLAG, ())
      for word in ("Custom", "Internal", "Internet", "Partner")),
)

def words(parameter, value):
    """As they stand on a command line."""
    if value == "":
        return [f"-{parameter}"]
    return [f"-{parameter}{value}"] if value.startswith(":") else [f"-{parameter}", value]


def script_word(word):
    """As it stands in a script."""
    bare = word.startswith(("-", "$", "@("))
    return word if bare else "'" + word.replace("'", "''") + "'"


class Parameters(CmdletCase):
    weight = 40

    def tearDown(self):
        for path in self.conf_d.glob("*"):
            path.unlink()

    def named_by_help(self, cmdlet):
        told = json.loads(self.must("help", cmdlet, "--json").stdout)
        return {one["name"].removeprefix("-") for one in told["parameters"]}

    def run_words(self, cmdlet, arguments, stdin):
        if not stdin:
            return self.run_ctl(cmdlet, *arguments)
        return self.script(" ".join([cmdlet, *(script_word(one) for one in arguments)]))

    def made(self, parameter, value, companions):
        start = [] if parameter == "Name" else ["X"]
        spaces = [] if parameter == "AddressSpaces" else ["-AddressSpaces", "*"]
        return [*start, *spaces, *companions, *words(parameter, value)]

    def text(self):
        return "".join(path.read_text() for path in self.conf_d.glob("*.toml"))

    def check_refused(self, done, parameter, value, message, before):
        with self.subTest(refused=f"-{parameter} {value}"):
            said = message if message.startswith("connector ") else f"-{parameter}: {message}"
            errors = [line for line in done.stderr.splitlines() if ": error: " in line]
            self.assertEqual(errors[0].replace(": line 1: ", ": "), "sendconnectorctl: error: " + said.format(value.removeprefix(":")),
                             done.stderr)
            self.assertNotEqual(done.returncode, 0)
            self.assertEqual((done.stdout, self.text()), ("", before))

    def both_ways(self, parameter, accepted, line, refused, message, companions):
        for stdin in (False, True):
            if refused.startswith("@(") and not stdin:
                continue
            done = self.run_words("New-SendConnector", self.made(parameter, refused, companions), stdin)
            self.check_refused(done, parameter, refused, message, "")
            with self.subTest(accepted=f"-{parameter} {accepted}", stdin=stdin):
                done = self.run_words("New-SendConnector", self.made(parameter, accepted, companions), stdin)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertIn(line, self.text().splitlines() if line else self.text())
            self.tearDown()

    def test_help_names_what_is_tested_here(self):
        settings = {row[0] for row in SETTINGS}
        self.assertEqual(self.named_by_help("New-SendConnector"), settings | {row[0] for row in USAGE})
        self.assertEqual(self.named_by_help("Set-SendConnector"), settings | {"Identity"})

    def test_new(self):
        for row in (*SETTINGS, *USAGE):
            self.both_ways(*row)

    def test_set(self):
        for parameter, accepted, line, refused, message, companions in SETTINGS:
            self.must("New-SendConnector", "X", "-AddressSpaces", "*")
            before = self.text()
            for value in (refused, accepted):
                arguments = ["X", *companions, *words(parameter, value)]
                if "-SmartHosts" in arguments and "-DNSRoutingEnabled" not in arguments:
                    arguments += ["-DNSRoutingEnabled", "$false"]
                done = self.run_words("Set-SendConnector", arguments, value.startswith("@("))
                if value is refused:
                    self.check_refused(done, parameter, value, message, before)
                    continue
                with self.subTest(set=f"-{parameter} {value}"):
                    self.assertEqual(done.returncode, 0, done.stderr)
                    self.assertIn(line, self.text().splitlines() if line else self.text())
            self.tearDown()

    def test_only_new_takes_a_usage(self):
        self.must("New-SendConnector", "X", "-AddressSpaces", "*")
        for parameter, accepted, *_rest in USAGE:
            error = self.refused(2, "Set-SendConnector", "X", *words(parameter, accepted))
            self.assertIn(f"Set-SendConnector has no parameter -{parameter}", error)

    def test_a_list_that_is_empty_is_not_the_default(self):
        for parameter in ("Senders", "AddressSpaces", "SmartHosts", "Routes"):
            for value in ("", " ", ","):
                error = self.refused(1, "New-SendConnector", *self.made(parameter, "x", ())[:-1], value)
                self.assertIn(f"error: -{parameter}: there is nothing in the list; fill it, or give $null", error)
        self.must("New-SendConnector", "X", "-AddressSpaces", "*", "-Senders", "$null")

    def test_conflicts_are_told_by_parameters(self):
        error = self.refused(1, "New-SendConnector", "X", "-AddressSpaces", "*", "-Revocation", "off")
        self.assertIn('connector "X": -Revocation needs -TlsAuthLevel', error)
        self.assertIn("or remove -Revocation", error)
