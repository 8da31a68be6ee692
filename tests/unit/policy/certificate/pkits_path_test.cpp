// SPDX-License-Identifier: Apache-2.0
// PKITS 4.1 to 4.3, 4.5 to 4.7 and 4.16, what needs no revocation list.
#include "tests/unit/catch.hpp"
#include "tests/unit/policy/certificate/pkits.hpp"

using namespace sendconnector;
using namespace sendconnector::policy;
using namespace sendconnector::policy::pkits;
using namespace std::chrono_literals;
using test::CertificateSpec;
using test::Identity;
using test::Key;
using test::Name;
using test::now;
using Time = std::chrono::sys_seconds;

namespace {

Time date(int year, unsigned month, unsigned day) {
    return std::chrono::sys_days(std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day));
}

Edit path_length(const std::string& constraints) {
    return [=](CertificateSpec& spec) { spec.basic_constraints = constraints; };
}

Edit key_usage(const std::string& usage) {
    return [=](CertificateSpec& spec) { spec.key_usage = usage; };
}

Edit valid(Time from, Time to) {
    return [=](CertificateSpec& spec) {
        spec.not_before = from;
        spec.not_after = to;
    };
}

void broken(CertificateSpec& spec) {
    spec.broken_signature = true;
}

Edit issued_in_the_name_of(const Name& name) {
    return [=](CertificateSpec& spec) {
        spec.issuer_name = name;
        spec.authority_key_identifier = "";
    };
}

Edit named(const Name& name) {
    return [=](CertificateSpec& spec) { spec.subject = name; };
}

} // namespace

TEST_CASE("PKITS 4.1 Signature Verification", "[pkits]") {
    const Edit dsa = [](CertificateSpec& spec) { spec.key = Key::dsa(2048); };
    const Edit broken_edit = broken;
    check({
        {"4.1.1 Valid Signatures", Path().authority("Good CA").end_entity(), "accepted"},
        {"4.1.2 Invalid CA Signature", Path().authority("Bad Signed CA", broken_edit).end_entity(),
         "BadSignature"},
        {"4.1.3 Invalid EE Signature", Path().authority("Good CA").end_entity(broken_edit), "BadSignature"},
        // DSA is sound in the suite; here it counts no more.
        {"4.1.4 Valid DSA Signatures", Path().authority("DSA CA", dsa).end_entity(), "WeakKey"},
        {"4.1.6 Invalid DSA Signature", Path().authority("DSA CA", dsa).end_entity(broken_edit),
         "BadSignature, WeakKey"},
    });
}

TEST_CASE("PKITS 4.2 Validity Periods", "[pkits]") {
    const auto late = now() + 24h * 10;
    const auto good = [] { return Path().authority("Good CA"); };
    check({
        {"4.2.1 Invalid CA notBefore Date",
         Path().authority("CA", valid(date(2047, 1, 1), date(2049, 1, 1))).end_entity(), "NotYetValid"},
        {"4.2.2 Invalid EE notBefore Date", good().end_entity(valid(date(2047, 1, 1), date(2049, 1, 1))),
         "NotYetValid"},
        {"4.2.3 Valid pre2000 UTC notBefore Date", good().end_entity(valid(date(1950, 1, 1), late)),
         "accepted"},
        {"4.2.4 Valid GeneralizedTime notBefore Date", good().end_entity(valid(date(2002, 1, 1), late)),
         "accepted"},
        {"4.2.4 GeneralizedTime notBefore to come",
         good().end_entity(valid(date(2050, 1, 1), date(2060, 1, 1))), "NotYetValid"},
        {"4.2.5 Invalid CA notAfter Date",
         Path().authority("CA", valid(date(2010, 1, 1), date(2011, 1, 1))).end_entity(), "CertExpired"},
        {"4.2.6 Invalid EE notAfter Date", good().end_entity(valid(date(2010, 1, 1), date(2011, 1, 1))),
         "CertExpired"},
        {"4.2.7 Invalid pre2000 UTC EE notAfter Date",
         good().end_entity(valid(date(1998, 1, 1), date(1999, 1, 1))), "CertExpired"},
        {"4.2.8 Valid GeneralizedTime notAfter Date", good().end_entity(valid(now() - 1h, date(2050, 1, 1))),
         "accepted"},
        {"4.2.8 notAfter of RFC 5280 4.1.2.5, without an end",
         good().end_entity(valid(now() - 1h, date(9999, 12, 31) + 23h + 59min + 59s)), "accepted"},
    });
}

TEST_CASE("PKITS 4.3 Verifying Name Chaining", "[pkits]") {
    const auto good = [](const char* name = "Good CA") { return Path().authority(name); };
    const auto with_subject = [](const Name& ca, const Name& issuer) {
        return Path().authority("", named(ca)).end_entity(issued_in_the_name_of(issuer));
    };
    check({
        {"4.3.1 Invalid Name Chaining EE",
         good().end_entity(issued_in_the_name_of("C=US, O=Test Certificates 2011, CN=Good CA Root")),
         "PartialChain"},
        {"4.3.2 Invalid Name Chaining Order",
         Path()
             .authority("", named("C=US, O=Test Certificates, OU=Organizational Unit Name 1, "
                                  "OU=Organizational Unit Name 2, CN=Name Ordering CA"))
             .end_entity(issued_in_the_name_of("C=US, O=Test Certificates, OU=Organizational Unit Name 2, "
                                               "OU=Organizational Unit Name 1, CN=Name Ordering CA")),
         "PartialChain"},
        {"4.3.3 Valid Name Chaining Whitespace",
         with_subject("O=Test Certificates 2011, CN=Good CA", "O=Test Certificates 2011, CN=Good     CA"),
         "accepted"},
        {"4.3.4 Valid Name Chaining Whitespace",
         with_subject("O=Test Certificates 2011, CN=Good CA", "O=Test Certificates 2011, CN=   Good CA  "),
         "accepted"},
        {"4.3.5 Valid Name Chaining Capitalization",
         with_subject("O=Test Certificates 2011, CN=Good CA", "O=Test Certificates 2011, CN=GOOD CA"),
         "accepted"},
        {"4.3.7 Valid RFC3280 Mandatory Attribute Types",
         Path()
             .authority(
                 "",
                 named("DC=gov, DC=testcertificates, C=US, ST=Maryland, serialNumber=345, dnQualifier=CA"))
             .end_entity(),
         "accepted"},
        {"4.3.8 Valid RFC3280 Optional Attribute Types",
         Path()
             .authority("", named("L=Gaithersburg, GN=John, initials=Q, SN=CA, pseudonym=Fictitious, "
                                  "generationQualifier=III, title=M.D."))
             .end_entity(),
         "accepted"},
        {"4.3.9 Valid UTF8String Encoded Names",
         Path()
             .authority("", named(Name("O=Test Certificates 2011, CN=UTF8 CA", V_ASN1_UTF8STRING)))
             .end_entity(),
         "accepted"},
        {"4.3.10 Valid Rollover from PrintableString to UTF8String",
         with_subject(Name("O=Test Certificates 2011, CN=CA", V_ASN1_PRINTABLESTRING),
                      Name("O=Test Certificates 2011, CN=CA", V_ASN1_UTF8STRING)),
         "accepted"},
        {"4.3.11 Valid UTF8String Case Insensitive Match",
         with_subject(Name("O=test certificates 2011, CN=utf8 ca", V_ASN1_UTF8STRING),
                      Name("O=Test  Certificates 2011, CN=UTF8 CA", V_ASN1_UTF8STRING)),
         "accepted"},
    });
}

TEST_CASE("PKITS 4.5 Verifying Paths with Self-Issued Certificates", "[pkits]") {
    // A CA with an old key and a new one, and its certificates for either by the other.
    auto old_spec = test::ca_spec(Name(subject("Self-Issued CA")));
    auto new_spec = test::ca_spec(Name(subject("Self-Issued CA")));
    const auto old_ca = test::issue(old_spec, trust_anchor());
    const auto new_ca = test::issue(new_spec, trust_anchor());
    const auto old_with_new = test::issue(old_spec, new_ca);
    const auto new_with_old = test::issue(new_spec, old_ca);
    check({
        {"4.5.1 Valid Basic Self-Issued Old With New",
         Path().and_then(new_ca).and_then(old_with_new).end_entity(), "accepted"},
        {"4.5.3 Valid Basic Self-Issued New With Old",
         Path().and_then(old_ca).and_then(new_with_old).end_entity(), "accepted"},
        {"4.5.4 Valid Basic Self-Issued New With Old",
         Path().and_then(old_ca).end_entity().beside(new_with_old), "accepted"},
        {"4.5.5 a self-issued certificate of no key of the CA",
         Path().and_then(old_ca).and_then(test::self_signed(new_spec)).end_entity(), "UntrustedRoot"},
    });
}

TEST_CASE("PKITS 4.6 Verifying Basic Constraints", "[pkits]") {
    const auto none = path_length("");
    const auto any_length = path_length("critical,CA:TRUE");
    const auto zero = path_length("critical,CA:TRUE,pathlen:0");
    const auto one = path_length("critical,CA:TRUE,pathlen:1");
    const auto six = path_length("critical,CA:TRUE,pathlen:6");
    const auto four = path_length("critical,CA:TRUE,pathlen:4");
    const auto below_six = [&](const Edit& sub, const Edit& subsub) {
        return Path()
            .authority("pathLenConstraint6 CA", six)
            .authority("subCA", sub)
            .authority("subsubCA", subsub);
    };
    check({
        {"4.6.1 Invalid Missing basicConstraints", Path().authority("CA", none).end_entity(), "WrongPurpose"},
        {"4.6.2 Invalid cA False", Path().authority("CA", path_length("critical,CA:FALSE")).end_entity(),
         "WrongPurpose"},
        {"4.6.3 Invalid cA False", Path().authority("CA", path_length("CA:FALSE")).end_entity(),
         "WrongPurpose"},
        {"4.6.4 Valid basicConstraints Not Critical",
         Path().authority("CA", path_length("CA:TRUE")).end_entity(), "accepted"},
        {"4.6.5 Invalid pathLenConstraint",
         Path().authority("CA", zero).authority("subCA", any_length).end_entity(), "PathLength"},
        {"4.6.6 Invalid pathLenConstraint",
         Path().authority("CA", zero).authority("subCA", any_length).end_entity(any_length), "PathLength"},
        {"4.6.7 Valid pathLenConstraint", Path().authority("CA", zero).end_entity(), "accepted"},
        {"4.6.8 Valid pathLenConstraint",
         Path().authority("CA", zero).end_entity(path_length("critical,CA:TRUE")), "accepted"},
        {"4.6.9 Invalid pathLenConstraint", below_six(zero, zero).end_entity(), "PathLength"},
        {"4.6.10 Invalid pathLenConstraint", below_six(zero, zero).end_entity(any_length), "PathLength"},
        {"4.6.11 Invalid pathLenConstraint",
         below_six(one, one).authority("subsubsubCA", any_length).end_entity(), "PathLength"},
        {"4.6.12 Invalid pathLenConstraint",
         below_six(one, one).authority("subsubsubCA", any_length).end_entity(any_length), "PathLength"},
        {"4.6.13 Valid pathLenConstraint",
         below_six(four, one).authority("subsubsubCA", any_length).end_entity(), "accepted"},
        {"4.6.14 Valid pathLenConstraint",
         below_six(four, one).authority("subsubsubCA", any_length).end_entity(any_length), "accepted"},
        {"4.6.15 Valid Self-Issued pathLenConstraint",
         Path().authority("CA", zero).self_issued(zero).end_entity(), "accepted"},
        {"4.6.16 Invalid Self-Issued pathLenConstraint",
         Path().authority("CA", zero).self_issued(zero).authority("subCA", any_length).end_entity(),
         "PathLength"},
        {"4.6.17 Valid Self-Issued pathLenConstraint",
         Path()
             .authority("CA", one)
             .self_issued(one)
             .authority("subCA", any_length)
             .self_issued(any_length)
             .end_entity(),
         "accepted"},
    });
}

TEST_CASE("PKITS 4.7 Key Usage", "[pkits]") {
    check({
        {"4.7.1 Invalid keyUsage Critical keyCertSign False",
         Path()
             .authority("CA", key_usage("critical,digitalSignature,keyEncipherment,dataEncipherment,cRLSign"))
             .end_entity(),
         "WrongPurpose"},
        {"4.7.2 Invalid keyUsage Not Critical keyCertSign False",
         Path()
             .authority("CA", key_usage("digitalSignature,keyEncipherment,dataEncipherment,cRLSign"))
             .end_entity(),
         "WrongPurpose"},
        {"4.7.3 Valid keyUsage Not Critical",
         Path().authority("CA", key_usage("keyCertSign,cRLSign")).end_entity(), "accepted"},
    });
}

TEST_CASE("PKITS 4.16 Private Certificate Extensions", "[pkits]") {
    const auto unknown = [](bool critical) {
        return [=](CertificateSpec& spec) {
            spec.extra = {{"2.16.840.1.101.2.1.12.2", critical, std::string("\x05\x00", 2)}};
        };
    };
    check({
        {"4.16.1 Valid Unknown Not Critical Certificate Extension", Path().end_entity(unknown(false)),
         "accepted"},
        {"4.16.2 Invalid Unknown Critical Certificate Extension", Path().end_entity(unknown(true)),
         "UnknownExtension"},
        {"4.16.2 in a CA", Path().authority("CA", unknown(true)).end_entity(), "UnknownExtension"},
    });
}
