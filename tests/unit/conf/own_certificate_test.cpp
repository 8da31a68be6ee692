// SPDX-License-Identifier: Apache-2.0
#include "conf/own_certificate.hpp"

#include "tests/unit/catch.hpp"
#include "tests/unit/conf/certificates.hpp"
#include "tests/unit/conf/fixtures.hpp"
#include "tests/unit/conf/other_user.hpp"

namespace sendconnector::conf {

using namespace testing;
namespace fs = std::filesystem;
using std::chrono::hours;

namespace {

constexpr const char* name_of_ours = "<I>CN=Contoso CA<S>CN=mail.contoso.example";
constexpr const char* exchange_text =
    "454 4.7.5 The certificate specified in TlsCertificateName of the SendConnector could not be found.";

const KeyAndCertificate& authority() {
    static const KeyAndCertificate made = make_certificate(hours(-1), hours(24 * 365));
    return made;
}

KeyAndCertificate issued(hours not_before = hours(-1), hours not_after = hours(24 * 90)) {
    CertificateContent content;
    content.not_before = not_before;
    content.not_after = not_after;
    return make_certificate(content);
}

class Folders {
public:
    Folders() {
        fs::create_directories(m_folder / "own");
        fs::create_directories(m_folder / "live");
        m_settings.certificate_folders = {(m_folder / "own").string(), (m_folder / "live").string(),
                                          (m_folder / "not there").string()};
    }

    void put(const std::string& name, std::string_view text) const {
        fs::create_directories((m_folder / name).parent_path());
        write_text(m_folder / name, text);
        fs::permissions(m_folder / name, fs::perms::owner_read | fs::perms::owner_write);
    }
    fs::path operator/(std::string_view name) const { return m_folder / name; }
    TlsSettings& settings() { return m_settings; }

    // "CHAIN KEY", or what is wrong.
    std::string found(const std::string& name = name_of_ours) const {
        policy::SendConnector connector;
        connector.tls_certificate_name = name;
        const auto files = own_certificate(connector, m_settings);
        const std::string text =
            !files   ? (files.error().warning ? "warning: " : "") + to_string(files.error().error)
            : *files ? (*files)->chain + " " + (*files)->key
                     : "nothing";
        return replaced(text, m_folder.path().string() + "/", "");
    }

private:
    TemporaryFolder m_folder;
    TlsSettings m_settings;
};

} // namespace

TEST_CASE("a path stands for itself and is not looked at") {
    policy::SendConnector connector;
    const TlsSettings settings;
    CHECK_FALSE(own_certificate(connector, settings)->has_value());
    connector.tls_certificate_name = "/etc/ssl/none.pem";
    CHECK(own_certificate(connector, settings).value()->chain == "/etc/ssl/none.pem");
    CHECK(own_certificate(connector, settings).value()->key == "/etc/ssl/none.pem");
    connector.tls_key_file = "/etc/ssl/none.key";
    CHECK(own_certificate(connector, settings).value()->key == "/etc/ssl/none.key");
}

TEST_CASE("certificates are found in the layouts of the usual programs") {
    const Folders folders;
    const auto ours = issued();
    const std::string chain = ours.certificate + authority().certificate;
    SECTION("certbot: symbolic links below live/DOMAIN") {
        folders.put("archive/cert1.pem", ours.certificate);
        folders.put("archive/fullchain1.pem", chain);
        folders.put("archive/chain1.pem", authority().certificate);
        folders.put("archive/privkey1.pem", ours.key);
        folders.put("live/README", "This folder holds links.\n");
        fs::create_directories(folders / "live/mail.contoso.example");
        for (const char* name : {"cert", "chain", "fullchain", "privkey"}) {
            fs::create_symlink("../../archive/" + std::string(name) + "1.pem",
                               folders / ("live/mail.contoso.example/" + std::string(name) + ".pem"));
        }
        CHECK(folders.found() ==
              "live/mail.contoso.example/fullchain.pem live/mail.contoso.example/privkey.pem");
    }
    SECTION("acme.sh") {
        folders.put("own/mail.contoso.example_ecc/mail.contoso.example.cer", ours.certificate);
        folders.put("own/mail.contoso.example_ecc/ca.cer", authority().certificate);
        folders.put("own/mail.contoso.example_ecc/fullchain.cer", chain);
        folders.put("own/mail.contoso.example_ecc/mail.contoso.example.key", ours.key);
        CHECK(folders.found() == "own/mail.contoso.example_ecc/fullchain.cer "
                                 "own/mail.contoso.example_ecc/mail.contoso.example.key");
    }
    SECTION("lego: all in one folder") {
        const auto other = issued(hours(-100));
        folders.put("own/a.example.crt", other.certificate);
        folders.put("own/a.example.key", other.key);
        folders.put("own/mail.contoso.example.crt", chain);
        folders.put("own/mail.contoso.example.issuer.crt", authority().certificate);
        folders.put("own/mail.contoso.example.json", "{}");
        folders.put("own/mail.contoso.example.key", ours.key);
        CHECK(folders.found() == "own/mail.contoso.example.crt own/mail.contoso.example.key");
    }
    SECTION("everything in one file") {
        folders.put("own/mail.pem", ours.key + chain);
        CHECK(folders.found() == "own/mail.pem own/mail.pem");
    }
    SECTION("neither case nor blanks count") {
        folders.put("own/mail.pem", ours.key + chain);
        CHECK(folders.found("<I>cn=contoso  ca<S>CN=MAIL.CONTOSO.EXAMPLE") == "own/mail.pem own/mail.pem");
    }
}

TEST_CASE("the newest that is valid and has its key wins") {
    const Folders folders;
    const auto add = [&](const std::string& name, hours not_before, hours not_after, bool with_key = true) {
        const auto made = issued(not_before, not_after);
        folders.put("own/" + name + ".pem", made.certificate + (with_key ? made.key : ""));
    };
    add("b-old", hours(-48), hours(24 * 300));
    CHECK(folders.found() == "own/b-old.pem own/b-old.pem");
    add("a-new", hours(-24), hours(24 * 10));
    CHECK(folders.found() == "own/a-new.pem own/a-new.pem");
    add("c-expired", hours(-23), hours(-1));
    add("d-early", hours(1), hours(24 * 90));
    add("e-without-key", hours(-2), hours(24 * 90), false);
    CHECK(folders.found() == "own/a-new.pem own/a-new.pem");
    add("f-newest", hours(-2), hours(24));
    CHECK(folders.found() == "own/f-newest.pem own/f-newest.pem");
}

TEST_CASE("what is not found is said in Exchange's words, with what is there") {
    Folders folders;
    const std::string nothing =
        std::string(exchange_text) + " None of this issuer and subject is in own, live, not there; ";
    CHECK(folders.found() ==
          nothing + "put its PEM files there, name their folder in certificate_folders, or write the path");
    const auto ours = issued();
    folders.put("own/mail.pem", ours.certificate + ours.key);
    folders.put("own/ca.pem", authority().certificate);
    folders.put("own/junk.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    folders.put("own/deeper/still/mail.pem", ours.certificate + ours.key);
    CHECK(folders.found("<I>CN=Contoso CA<S>CN=other.contoso.example") ==
          nothing + "there is \"" + name_of_ours + "\": write that, or the path of a PEM file");
    for (const char* name : {"a", "b", "c", "d"}) {
        CertificateContent content;
        content.subject = {{"CN", name}};
        const auto made = make_certificate(content);
        folders.put(std::string("live/") + name + "/x.pem", made.certificate + made.key);
    }
    CHECK(folders.found("<I>CN=x<S>CN=y") == nothing +
                                                 "there is \"<I>CN=Contoso CA<S>CN=a\", \"<I>CN=Contoso "
                                                 "CA<S>CN=b\", \"<I>CN=Contoso CA<S>CN=c\" and "
                                                 "2 more: write that, or the path of a PEM file");
    folders.settings().certificate_folders.clear();
    CHECK(folders.found() ==
          std::string(exchange_text) +
              " None of this issuer and subject is in no folder (certificate_folders is empty); put "
              "its PEM files there, name their folder in certificate_folders, or write the path");
}

TEST_CASE("why the one with the right name will not do") {
    const Folders folders;
    const auto late = issued(hours(-48), hours(-24));
    folders.put("own/mail.pem", late.certificate + late.key);
    const std::string expired = folders.found();
    CHECK(expired.starts_with(std::string(exchange_text) + " The one in own/mail.pem expired on 2"));
    CHECK(expired.ends_with(" UTC (CertExpired); renew it"));

    const auto early = issued(hours(24), hours(48));
    folders.put("own/mail.pem", early.certificate + early.key);
    CHECK(folders.found().starts_with(std::string(exchange_text) +
                                      " The one in own/mail.pem is not valid before 2"));

    folders.put("own/mail.pem", issued().certificate + authority().key);
    folders.put("live/elsewhere/mail.key", early.key);
    CHECK(folders.found() ==
          std::string(exchange_text) +
              " The one in own/mail.pem has no private key beside it; put the key, without a "
              "passphrase, into the same folder");
}

TEST_CASE("a folder that this user may not look into is no certificate that is not there") {
    const Folders folders;
    const auto ours = issued();
    folders.put("live/mail/mail.pem", ours.certificate + ours.key);
    fs::permissions(folders / "live", fs::perms::none);
    fs::permissions(folders / ".", fs::perms::all);
    {
        const OtherUser nobody;
        CHECK(folders.found() == "warning: this user may not look everywhere in own, live, not there; run "
                                 "this as root to have it checked");
        CHECK(folders.found("<I>CN=x<S>CN=y").starts_with("warning: "));
    }
    fs::permissions(folders / "live", fs::perms::owner_all);
}

TEST_CASE("several connectors, one look") {
    Folders folders;
    const auto ours = issued();
    folders.put("own/mail.pem", ours.certificate + ours.key);
    OwnCertificates certificates(folders.settings());
    policy::SendConnector connector;
    connector.tls_certificate_name = name_of_ours;
    const auto now = std::chrono::system_clock::now();
    CHECK(certificates.find(connector, now));
    fs::remove(folders / "own/mail.pem");
    CHECK(certificates.find(connector, now));
    CHECK_FALSE(certificates.find(connector, now + hours(24 * 100)));
}

} // namespace sendconnector::conf
