// SPDX-License-Identifier: Apache-2.0
// PKITS 4.13 Name Constraints.
#include "tests/unit/catch.hpp"
#include "tests/unit/policy/certificate/pkits.hpp"

#include <algorithm>

using namespace sendconnector;
using namespace sendconnector::policy;
using namespace sendconnector::policy::pkits;
using test::CertificateSpec;
using test::Name;

namespace {

const char* const accepted = "accepted";
const char* const refused = "NameConstraint";

// Subtrees of directory names below C=US, O=Test Certificates 2011: {"permitted", "permittedSubtree1"}, with
// "/" between organizational units.
Edit directory(const std::vector<std::pair<std::string, std::string>>& subtrees,
               const std::string& others = {}) {
    return [=](CertificateSpec& spec) {
        spec.name_constraints = "critical";
        int number = 0;
        for (const auto& [kind, units] : subtrees) {
            const auto section = "dn" + std::to_string(number++);
            spec.name_constraints += "," + kind + ";dirName:" + section;
            spec.sections += "[" + section + "]\nC=US\nO=Test Certificates 2011\n";
            int unit = 0;
            for (std::size_t start = 0; start < units.size();) {
                const auto end = std::min(units.find('/', start), units.size());
                spec.sections += std::to_string(unit++) + ".OU=" + units.substr(start, end - start) + "\n";
                start = end + 1;
            }
        }
        if (!others.empty())
            spec.name_constraints += "," + others;
    };
}

Edit constraint(const std::string& text) {
    return [=](CertificateSpec& spec) { spec.name_constraints = "critical," + text; };
}

std::string in_units(const std::vector<std::string>& units) {
    std::string text = "C=US, O=Test Certificates 2011";
    for (const auto& unit : units)
        text += ", OU=" + unit;
    return text + ", CN=EE";
}

// An end entity in organizational units, with other names if any.
Edit in(const std::vector<std::string>& units, const std::vector<std::string>& names = {}) {
    return [=](CertificateSpec& spec) {
        spec.subject = Name(in_units(units));
        spec.alternative_names = names;
    };
}

Edit with_name(const std::string& name) {
    return [=](CertificateSpec& spec) { spec.alternative_names = {name}; };
}

Path below(const Edit& constraints) {
    return Path().authority("nameConstraints CA", constraints);
}
Path below(const Edit& constraints, const Edit& of_sub) {
    return below(constraints).authority("nameConstraints subCA", of_sub);
}

} // namespace

TEST_CASE("PKITS 4.13 Name Constraints: directory names", "[pkits]") {
    const std::string one = "permittedSubtree1";
    const std::string two = "permittedSubtree2";
    const std::string bad = "excludedSubtree1";
    const std::string bad2 = "excludedSubtree2";
    const auto dn1 = directory({{"permitted", one}});
    const auto dn2 = directory({{"permitted", one}, {"permitted", two}});
    const auto dn3 = directory({{"excluded", bad}});
    const auto dn4 = directory({{"excluded", bad}, {"excluded", bad2}});
    const auto dn5 = directory({{"permitted", one}, {"excluded", one + "/" + bad}});
    // The names of CAs below a constrained one lie in its subtrees as well.
    const auto sub = [&](const Edit& edit) {
        return [=](CertificateSpec& spec) {
            edit(spec);
            spec.subject = Name("C=US, O=Test Certificates 2011, OU=permittedSubtree1, CN=subCA");
        };
    };
    const auto permit_below = sub(directory({{"permitted", one + "/" + two}}));
    const auto permit_other = sub(directory({{"permitted", two}}));
    const auto excluding_two = sub(directory({{"excluded", bad2}}));
    const Edit only_email = [](CertificateSpec& spec) {
        spec.subject = "";
        spec.alternative_names = {"email:ee@testcertificates.gov"};
    };
    const Edit itself = [](CertificateSpec& spec) {
        spec.subject = Name(subject("nameConstraints CA"));
        spec.alternative_names.clear();
    };
    check({
        {"4.13.1 Valid DN nameConstraints", below(dn1).end_entity(in({one})), accepted},
        {"4.13.2 Invalid DN nameConstraints", below(dn1).end_entity(in({bad})), refused},
        {"4.13.3 Invalid DN nameConstraints",
         below(dn1).end_entity(in({one}, {"dirName:" + in_units({bad})})), refused},
        {"4.13.4 Valid DN nameConstraints", below(dn1).end_entity(in({one}, {"dirName:" + in_units({one})})),
         accepted},
        {"4.13.5 Valid DN nameConstraints", below(dn2).end_entity(in({two})), accepted},
        {"4.13.6 Valid DN nameConstraints", below(dn3).end_entity(in({one})), accepted},
        {"4.13.7 Invalid DN nameConstraints", below(dn3).end_entity(in({bad})), refused},
        {"4.13.8 Invalid DN nameConstraints", below(dn4).end_entity(in({bad})), refused},
        {"4.13.9 Invalid DN nameConstraints", below(dn4).end_entity(in({bad2})), refused},
        {"4.13.10 Invalid DN nameConstraints", below(dn5).end_entity(in({one, bad})), refused},
        {"4.13.11 Valid DN nameConstraints", below(dn5).end_entity(in({one})), accepted},
        {"4.13.12 Invalid DN nameConstraints", below(dn1, permit_below).end_entity(in({one})), refused},
        {"4.13.13 Invalid DN nameConstraints", below(dn1, permit_other).end_entity(in({one})), refused},
        {"4.13.14 Valid DN nameConstraints", below(dn1, permit_other).end_entity(only_email), accepted},
        {"4.13.15 Invalid DN nameConstraints", below(dn3, excluding_two).end_entity(in({bad})), refused},
        {"4.13.16 Invalid DN nameConstraints", below(dn3, excluding_two).end_entity(in({bad2})), refused},
        {"4.13.17 Invalid DN nameConstraints", below(dn3, sub(dn1)).end_entity(in({bad2})), refused},
        {"4.13.18 Valid DN nameConstraints", below(dn3, sub(dn1)).end_entity(in({one})), accepted},
        {"4.13.19 Valid Self-Issued DN nameConstraints", below(dn1).self_issued().end_entity(in({one})),
         accepted},
        {"4.13.20 Invalid Self-Issued DN nameConstraints", below(dn1).end_entity(itself), refused},
    });
}

TEST_CASE("PKITS 4.13 Name Constraints: RFC822 names", "[pkits]") {
    const auto ca1 = constraint("permitted;email:.testcertificates.gov");
    const auto ca2 = constraint("permitted;email:testcertificates.gov");
    const auto ca3 = constraint("excluded;email:testcertificates.gov");
    const auto of_domain = with_name("email:ee@testcertificates.gov");
    const auto of_host = with_name("email:ee@mailserver.testcertificates.gov");
    const std::string one = "permittedSubtree1";
    const auto both = directory({{"permitted", one}}, "permitted;email:testcertificates.gov");
    const Edit old_style = [](CertificateSpec& spec) {
        spec.subject = "C=US, O=Test Certificates 2011, OU=permittedSubtree1, CN=EE, "
                       "emailAddress=ee@invalidcertificates.gov";
        spec.alternative_names.clear();
    };
    check({
        {"4.13.21 Valid RFC822 nameConstraints", below(ca1).end_entity(of_host), accepted},
        {"4.13.22 Invalid RFC822 nameConstraints", below(ca1).end_entity(of_domain), refused},
        {"4.13.23 Valid RFC822 nameConstraints", below(ca2).end_entity(of_domain), accepted},
        {"4.13.24 Invalid RFC822 nameConstraints", below(ca2).end_entity(of_host), refused},
        {"4.13.25 Valid RFC822 nameConstraints", below(ca3).end_entity(of_host), accepted},
        {"4.13.26 Invalid RFC822 nameConstraints", below(ca3).end_entity(of_domain), refused},
        {"4.13.27 Valid DN and RFC822 nameConstraints",
         below(both).end_entity(in({one}, {"email:ee@testcertificates.gov"})), accepted},
        {"4.13.28 Invalid DN and RFC822 nameConstraints",
         below(both).end_entity(in({one}, {"email:ee@invalidcertificates.gov"})), refused},
        {"4.13.29 Invalid DN and RFC822 nameConstraints", below(both).end_entity(old_style), refused},
    });
}

TEST_CASE("PKITS 4.13 Name Constraints: DNS names and URIs", "[pkits]") {
    const auto dns1 = constraint("permitted;DNS:testcertificates.gov");
    const auto dns2 = constraint("excluded;DNS:invalidcertificates.gov");
    const auto uri1 = constraint("permitted;URI:.testcertificates.gov");
    const auto uri2 = constraint("excluded;URI:invalidcertificates.gov");
    check({
        {"4.13.30 Valid DNS nameConstraints",
         below(dns1).end_entity(with_name("DNS:testserver.testcertificates.gov")), accepted},
        {"4.13.31 Invalid DNS nameConstraints",
         below(dns1).end_entity(with_name("DNS:testserver.invalidcertificates.gov")), refused},
        {"4.13.32 Valid DNS nameConstraints",
         below(dns2).end_entity(with_name("DNS:testserver.testcertificates.gov")), accepted},
        {"4.13.33 Invalid DNS nameConstraints",
         below(dns2).end_entity(with_name("DNS:testserver.invalidcertificates.gov")), refused},
        {"4.13.34 Valid URI nameConstraints",
         below(uri1).end_entity(with_name("URI:http://testserver.testcertificates.gov/index.html")),
         accepted},
        {"4.13.35 Invalid URI nameConstraints",
         below(uri1).end_entity(with_name("URI:http://testcertificates.gov/invalid.html")), refused},
        {"4.13.36 Valid URI nameConstraints",
         below(uri2).end_entity(with_name("URI:http://testserver.invalidcertificates.gov/")), accepted},
        {"4.13.37 Invalid URI nameConstraints",
         below(uri2).end_entity(with_name("URI:ftp://invalidcertificates.gov:21/test37/")), refused},
        {"4.13.38 Invalid DNS nameConstraints",
         below(dns1).end_entity(with_name("DNS:mytestcertificates.gov")), refused},
    });
}
