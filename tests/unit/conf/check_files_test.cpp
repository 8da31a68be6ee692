// SPDX-License-Identifier: Apache-2.0
#include "conf/secrets.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/conf/certificates.hpp"
#include "tests/unit/conf/fixtures.hpp"
#include "tests/unit/conf/other_user.hpp"

namespace sendconnector::conf {

using namespace testing;
namespace fs = std::filesystem;
using std::chrono::hours;

namespace {

const KeyAndCertificate& sound() {
    static const KeyAndCertificate made = make_certificate();
    return made;
}
const KeyAndCertificate& other() {
    static const KeyAndCertificate made = make_certificate();
    return made;
}
const KeyAndCertificate& expired() {
    static const KeyAndCertificate made = make_certificate(hours(-48), hours(-24));
    return made;
}

// A connector that names every kind of file: ca.pem, mail.pem, mail.key, credentials.d/relay; all of them
// sound.
class Files {
public:
    Files() {
        put("ca.pem", sound().certificate);
        put("mail.pem", sound().certificate);
        put("mail.key", sound().key);
        fs::create_directory(m_folder / "credentials.d");
        fs::permissions(m_folder / "credentials.d", fs::perms::owner_all);
        put("credentials.d/relay", "username = \"u\"\npassword = \"p\"\n");
    }

    void put(const std::string& name, std::string_view text) const {
        write_text(m_folder / name, text);
        fs::permissions(m_folder / name, fs::perms::owner_read | fs::perms::owner_write);
    }
    const TemporaryFolder& folder() const { return m_folder; }

    // What check_files() says.
    std::string findings(const std::string& certificate_lines, bool enabled = true) const {
        const std::string path = m_folder.path().string();
        const auto loaded = m_folder.load(replaced(
            connector(std::string("enabled = ") + (enabled ? "true\n" : "false\n") +
                      "dns_routing_enabled = false\nsmart_hosts = [\"[h.example]\"]\nrequire_tls = true\n"
                      "smart_host_auth_mechanism = \"BasicAuth\"\nauthentication_credential = \"relay\"\n"
                      "tls_auth_level = \"DomainValidation\"\ntls_domain = \"h.example\"\n"
                      "tls_ca_file = \"DIR/ca.pem\"\n" +
                      certificate_lines),
            "DIR", path));
        CHECK(lines_of(loaded.findings, m_folder.path()) == "");
        REQUIRE(loaded.configuration);
        return lines_of(check_files(*loaded.configuration), m_folder.path());
    }
    std::string findings() const {
        return findings("tls_certificate_name = \"DIR/mail.pem\"\ntls_key_file = \"DIR/mail.key\"\n");
    }
    std::string findings_in_one_file() const { return findings("tls_certificate_name = \"DIR/mail.pem\"\n"); }

private:
    TemporaryFolder m_folder;
};

constexpr const char* at_credential = "sendconnector.toml:9:29: connector \"Contoso\": ";
constexpr const char* at_ca = "sendconnector.toml:12:15: connector \"Contoso\": ";
constexpr const char* at_certificate = "sendconnector.toml:13:24: connector \"Contoso\": ";
constexpr const char* at_key = "sendconnector.toml:14:16: connector \"Contoso\": ";

} // namespace

TEST_CASE("sound files") {
    const Files files;
    CHECK(files.findings() == "");
    files.put("mail.pem", sound().certificate + other().certificate + sound().key);
    CHECK(files.findings_in_one_file() == "");
    files.put("mail.pem", sound().key + sound().certificate);
    CHECK(files.findings_in_one_file() == "");
    files.put("ca.pem", "Our CA:\n" + sound().certificate + "\nand another one:\n" + other().certificate);
    CHECK(files.findings() == "");
}

TEST_CASE("a disabled connector's files are not looked at") {
    const Files files;
    fs::remove(files.folder() / "ca.pem");
    CHECK(files.findings("", false) == "");
}

TEST_CASE("every flaw of every file is reported, in the order of lines") {
    const Files files;
    for (const char* name : {"ca.pem", "mail.pem", "mail.key", "credentials.d/relay"}) {
        fs::remove(files.folder() / name);
    }
    const std::string missing =
        " cannot be read: No such file or directory; check the path and its permissions\n";
    CHECK(files.findings() == at_credential + std::string("authentication_credential: credentials.d/relay") +
                                  missing + at_ca + "tls_ca_file: ca.pem" + missing + at_certificate +
                                  "tls_certificate_name: mail.pem" + missing + at_key +
                                  "tls_key_file: mail.key" + missing);
    CHECK(files.findings_in_one_file().find("tls_key_file") == std::string::npos);
}

TEST_CASE("flaws of a CA file") {
    const Files files;
    struct Row {
        std::string text;
        std::string finding;
    };
    const std::string damaged = replaced(sound().certificate, "-----END", "AAAA\n-----END");
    const Row table[] = {
        {"", "tls_ca_file: ca.pem holds no certificate in PEM form; write the certificates between BEGIN "
             "CERTIFICATE "
             "and END CERTIFICATE lines\n"},
        {sound().key,
         "tls_ca_file: ca.pem holds no certificate in PEM form; write the certificates between BEGIN "
         "CERTIFICATE and END CERTIFICATE lines\n"},
        {damaged,
         "tls_ca_file: ca.pem holds a certificate that cannot be read; replace it with a sound PEM file\n"},
        {sound().certificate + damaged,
         "tls_ca_file: certificate 2 in ca.pem cannot be read; replace it with a sound PEM file\n"},
        {expired().certificate,
         "tls_ca_file: every certificate in ca.pem has expired (CertExpired); replace the file\n"},
        {sound().certificate + expired().certificate,
         "warning: tls_ca_file: 1 of 2 certificates in ca.pem have expired; remove those from the file\n"},
    };
    for (const Row& row : table) {
        files.put("ca.pem", row.text);
        CHECK(files.findings() == at_ca + row.finding);
    }
}

TEST_CASE("flaws of the own certificate") {
    const Files files;
    files.put("mail.pem", "not PEM\n");
    CHECK(files.findings() ==
          std::string(at_certificate) +
              "tls_certificate_name: mail.pem holds no certificate in PEM form; write the "
              "certificates between BEGIN CERTIFICATE and END CERTIFICATE lines\n");
    files.put("mail.pem", expired().certificate);
    files.put("mail.key", expired().key);
    const std::string late = files.findings();
    CHECK(late.find(std::string(at_certificate) +
                    "tls_certificate_name: the certificate in mail.pem expired on 2") == 0);
    CHECK(late.find(" UTC (CertExpired); renew it\n") != std::string::npos);

    const auto early = make_certificate(hours(24), hours(48));
    files.put("mail.pem", early.certificate);
    files.put("mail.key", early.key);
    CHECK(files.findings().find("tls_certificate_name: the certificate in mail.pem is not valid before 2") !=
          std::string::npos);
    CHECK(files.findings().find("; check this host's clock, or wait\n") != std::string::npos);
}

TEST_CASE("an own certificate should be renewed a month before it expires") {
    const Files files;
    const auto with_life = [&](hours left) {
        const auto made = make_certificate(hours(-1), left);
        files.put("mail.pem", made.certificate);
        files.put("mail.key", made.key);
        return files.findings();
    };
    CHECK(with_life(hours(30 * 24 + 1)) == "");
    const std::string found = with_life(hours(30 * 24 - 1));
    CHECK(found.starts_with(std::string(at_certificate) +
                            "warning: tls_certificate_name: the certificate in mail.pem expires on 2"));
    CHECK(found.ends_with(" UTC, in 29 days; renew it\n"));
    CHECK(with_life(hours(2)).find(", in 0 days") != std::string::npos);
}

TEST_CASE("an own certificate should name the host") {
    const Files files;
    const std::string lines = "tls_certificate_name = \"DIR/mail.pem\"\ntls_key_file = \"DIR/mail.key\"\n"
                              "fqdn = \"mail.contoso.example\"\n";
    struct Row {
        const char* names;
        const char* finding;
    };
    const Row table[] = {
        {"DNS:mail.contoso.example", ""},
        {"DNS:other.example,DNS:*.contoso.example", ""},
        {"DNS:contoso.example, DNS:*.mail.contoso.example",
         "warning: tls_certificate_name: the certificate in mail.pem does not name mail.contoso.example, the "
         "connector's fqdn, but contoso.example, *.mail.contoso.example; have it issued for that name as "
         "well, or "
         "set fqdn to one of its names\n"},
        // The common name, which is the right one, does not count.
        {"",
         "warning: tls_certificate_name: the certificate in mail.pem does not name mail.contoso.example, the "
         "connector's fqdn, but no host; have it issued for that name as well, or set fqdn to one of its "
         "names\n"},
    };
    for (const Row& row : table) {
        CertificateContent content;
        content.alternative_names = row.names;
        const auto made = make_certificate(content);
        files.put("mail.pem", made.certificate);
        files.put("mail.key", made.key);
        CHECK(files.findings(lines) ==
              (*row.finding == '\0' ? "" : at_certificate + std::string(row.finding)));
    }
}

TEST_CASE("an own certificate given by issuer and subject is looked at where it is found") {
    const Files files;
    const auto findings = [&] {
        return files.findings("tls_certificate_name = \"<I>CN=Contoso CA<S>CN=mail.contoso.example\"\n"
                              "[tls]\ncertificate_folders = [\"DIR\"]\n");
    };
    CHECK(findings().starts_with(std::string(at_certificate) +
                                 "tls_certificate_name: 454 4.7.5 The certificate specified in "
                                 "TlsCertificateName of the SendConnector could "
                                 "not be found. None of this issuer and subject is in "));
    CertificateContent content;
    content.not_after = hours(24 * 10);
    const auto made = make_certificate(content);
    files.put("found.pem", made.key + made.certificate);
    CHECK(findings().starts_with(std::string(at_certificate) +
                                 "warning: tls_certificate_name: the certificate in found.pem expires on 2"));
    content.not_after = hours(24 * 60);
    const auto renewed = make_certificate(content);
    files.put("found.pem", renewed.key + renewed.certificate);
    CHECK(findings() == "");
}

TEST_CASE("flaws of the own key") {
    const Files files;
    files.put("mail.key", other().key);
    CHECK(files.findings() ==
          std::string(at_key) +
              "tls_key_file: the private key in mail.key does not belong to the first certificate "
              "in mail.pem; name the key that the certificate was made with\n");
    files.put("mail.pem", other().certificate + sound().certificate);
    CHECK(files.findings() == "");
    files.put("mail.pem", sound().certificate);

    files.put("mail.key", sound().certificate);
    CHECK(files.findings() == std::string(at_key) +
                                  "tls_key_file: mail.key holds no private key in PEM form; name the "
                                  "file that holds it in tls_key_file\n");
    files.put("mail.key", locked(sound().key));
    CHECK(files.findings() ==
          std::string(at_key) +
              "tls_key_file: the private key in mail.key is locked with a passphrase, which nobody "
              "will be there to type; store it without one: openssl pkey -in LOCKED -out "
              "UNLOCKED\n");
    files.put("mail.key", sound().key);
    fs::permissions(files.folder() / "mail.key", fs::perms::owner_read | fs::perms::others_read);
    CHECK(files.findings() == std::string(at_key) +
                                  "warning: tls_key_file: anyone on this host may use mail.key, which "
                                  "holds a private key; chmod 0600 mail.key\n");
    CHECK(files.findings_in_one_file() ==
          std::string(at_certificate) +
              "tls_certificate_name: mail.pem holds no private key in PEM form; name the file "
              "that holds it in tls_key_file\n");
}

TEST_CASE("what another user may not look at is a warning") {
    const Files files;
    for (const char* name : {"ca.pem", "mail.pem", "mail.key"}) {
        fs::permissions(files.folder() / name, fs::perms::none);
    }
    fs::permissions(files.folder() / "credentials.d", fs::perms::none);
    fs::permissions(files.folder().path(), fs::perms::all);
    write_text(files.folder() / "sendconnector.toml", "");
    fs::permissions(files.folder() / "sendconnector.toml", fs::perms::all);
    const OtherUser nobody;
    const std::string hidden = " cannot be looked at by this user; run this as root to have it checked\n";
    CHECK(files.findings() == at_credential +
                                  std::string("warning: authentication_credential: credentials.d/relay") +
                                  hidden + at_ca + "warning: tls_ca_file: ca.pem" + hidden + at_certificate +
                                  "warning: tls_certificate_name: mail.pem" + hidden + at_key +
                                  "warning: tls_key_file: mail.key" + hidden);
}

} // namespace sendconnector::conf
