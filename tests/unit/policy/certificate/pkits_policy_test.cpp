// SPDX-License-Identifier: Apache-2.0
// PKITS 4.8 to 4.12. The user's policy is anyPolicy here and an explicit policy is demanded by certificates
// only, so of the suite's settings these are the ones that apply: where it gives several, the row is the one
// for initial-policy-set = {anyPolicy} and initial-explicit-policy = false. "explicit" below is a CA that
// demands an explicit policy from there on, as the suite's CAs do.
#include "tests/unit/catch.hpp"
#include "tests/unit/policy/certificate/pkits.hpp"

#include <algorithm>

using namespace sendconnector;
using namespace sendconnector::policy;
using namespace sendconnector::policy::pkits;
using test::CertificateSpec;

namespace {

// "1,2": NIST-test-policy-1 and -2; "any": anyPolicy; "" no policies.
std::string oid(const std::string& number) {
    return number == "any" ? "2.5.29.32.0" : "2.16.840.1.101.3.2.1.48." + number;
}

std::string oids(const std::string& numbers) {
    std::string text;
    for (std::size_t start = 0; !numbers.empty() && start <= numbers.size();) {
        const auto end = std::min(numbers.find(',', start), numbers.size());
        text += (text.empty() ? "" : ",") + oid(numbers.substr(start, end - start));
        start = end + 1;
    }
    return text;
}

// "1:3,2:4"
std::string mapped(const std::string& pairs) {
    std::string text;
    for (std::size_t start = 0; start < pairs.size();) {
        const auto end = std::min(pairs.find(',', start), pairs.size());
        const auto colon = pairs.find(':', start);
        text += (text.empty() ? "critical," : ",") + oid(pairs.substr(start, colon - start)) + ":" +
                oid(pairs.substr(colon + 1, end - colon - 1));
        start = end + 1;
    }
    return text;
}

struct Policy {
    std::string policies;
    std::string mappings = {};
    int explicit_after = -1;
    int mapping_inhibited_after = -1;
    int any_inhibited_after = -1;

    operator Edit() const { // NOLINT(google-explicit-constructor)
        return [self = *this](CertificateSpec& spec) {
            spec.certificate_policies = oids(self.policies);
            spec.policy_mappings = mapped(self.mappings);
            std::string constraints;
            if (self.explicit_after >= 0)
                constraints += ",requireExplicitPolicy:" + std::to_string(self.explicit_after);
            if (self.mapping_inhibited_after >= 0)
                constraints += ",inhibitPolicyMapping:" + std::to_string(self.mapping_inhibited_after);
            spec.policy_constraints = constraints.empty() ? "" : "critical" + constraints;
            if (self.any_inhibited_after >= 0)
                spec.inhibit_any_policy = "critical," + std::to_string(self.any_inhibited_after);
        };
    }
};

Policy p(const std::string& policies) {
    return {policies};
}
Policy p_explicit(const std::string& policies, int after = 0) {
    return {policies, {}, after};
}
Policy map(const std::string& policies, const std::string& mappings) {
    return {policies, mappings};
}
Policy map_explicit(const std::string& policies, const std::string& mappings) {
    return {policies, mappings, 0};
}
Policy no_mapping(const std::string& policies, int after) {
    return {policies, {}, 0, after};
}
Policy no_any(const std::string& policies, int after) {
    return {policies, {}, 0, -1, after};
}

// A path of authorities from the trust anchor down, and the end entity last.
Path path(const std::vector<Edit>& edits) {
    Path made;
    for (std::size_t place = 0; place + 1 < edits.size(); ++place)
        made.authority("CA " + std::to_string(place), edits[place]);
    return made.end_entity(edits.back());
}

const char* const accepted = "accepted";
const char* const refused = "PolicyConstraint";

} // namespace

TEST_CASE("PKITS 4.8 Certificate Policies", "[pkits]") {
    const LibcryptoMayLeak libcrypto_may_leak;
    const Edit user_notice = [](CertificateSpec& spec) {
        spec.certificate_policies = "ia5org,@notice";
        spec.sections = "[notice]\npolicyIdentifier=2.16.840.1.101.3.2.1.48.1\nuserNotice.1=@text\n[text]"
                        "\nexplicitText=q1: a notice\n";
    };
    const Edit cps = [](CertificateSpec& spec) {
        spec.certificate_policies = "@pointer";
        spec.sections =
            "[pointer]\npolicyIdentifier=2.16.840.1.101.3.2.1.48.1\nCPS.1=http://csrc.nist.gov/\n";
    };
    check({
        {"4.8.1 All Certificates Same Policy", path({p("1"), p("1")}), accepted},
        {"4.8.1 explicit", path({p_explicit("1"), p("1")}), accepted},
        {"4.8.2 All Certificates No Policies", path({p(""), p("")}), accepted},
        {"4.8.2 explicit", path({p_explicit(""), p("")}), refused},
        {"4.8.3 Different Policies", path({p("1"), p("2"), p("1")}), accepted},
        {"4.8.3 explicit", path({p_explicit("1"), p("2"), p("1")}), refused},
        {"4.8.4 Different Policies", path({p("1"), p_explicit("1"), p("2")}), refused},
        {"4.8.5 Different Policies", path({p("1"), p_explicit("2"), p("2")}), refused},
        {"4.8.6 Overlapping Policies", path({p_explicit("1,2,3,4"), p("1,2,3"), p("1,2"), p("1")}), accepted},
        {"4.8.7 Different Policies", path({p_explicit("1,2,3"), p("1,2"), p("1"), p("2")}), refused},
        {"4.8.8 Different Policies", path({p_explicit("1,2"), p("1"), p("2"), p("1")}), refused},
        {"4.8.9 Different Policies", path({p_explicit("1,2,3"), p("1,2"), p("2"), p("1"), p("1")}), refused},
        {"4.8.10 All Certificates Same Policies", path({p_explicit("1,2"), p("1,2")}), accepted},
        {"4.8.11 All Certificates AnyPolicy", path({p_explicit("any"), p("any")}), accepted},
        {"4.8.12 Different Policies", path({p_explicit("3"), p("4")}), refused},
        {"4.8.13 All Certificates Same Policies", path({p_explicit("1,2,3"), p("1,2,3")}), accepted},
        {"4.8.14 AnyPolicy", path({p_explicit("any"), p("1")}), accepted},
        {"4.8.15 User Notice Qualifier", path({p_explicit("1"), user_notice}), accepted},
        {"4.8.20 CPS Pointer Qualifier", path({p_explicit("1"), cps}), accepted},
    });
}

TEST_CASE("PKITS 4.9 Require Explicit Policy", "[pkits]") {
    const LibcryptoMayLeak libcrypto_may_leak;
    const auto none = p("");
    const auto two = p_explicit("", 2);
    const auto authority = [&] { return Path().authority("requireExplicitPolicy2 CA", two); };
    check({
        {"4.9.1 Valid RequireExplicitPolicy", path({p_explicit("", 10), none, none, none, none}), accepted},
        {"4.9.2 Valid RequireExplicitPolicy", path({p_explicit("", 5), none, none, none, none}), accepted},
        {"4.9.3 Invalid RequireExplicitPolicy", path({p_explicit("", 4), none, none, none, none}), refused},
        {"4.9.4 Valid RequireExplicitPolicy", path({p_explicit("1", 0), p("1"), p("1"), p("1"), p("1")}),
         accepted},
        {"4.9.5 Invalid RequireExplicitPolicy",
         path({p_explicit("", 7), p_explicit("", 2), p_explicit("", 4), none, none}), refused},
        {"4.9.6 Valid Self-Issued requireExplicitPolicy", authority().self_issued(none).end_entity(none),
         accepted},
        {"4.9.7 Invalid Self-Issued requireExplicitPolicy",
         authority().self_issued(none).authority("subCA", none).end_entity(none), refused},
        {"4.9.8 Invalid Self-Issued requireExplicitPolicy",
         authority().self_issued(none).authority("subCA", none).self_issued(none).end_entity(none), refused},
    });
}

TEST_CASE("PKITS 4.10 Policy Mappings", "[pkits]") {
    const auto one_to_many = map_explicit("1", "1:2,1:3,1:4");
    check({
        {"4.10.1 Valid Policy Mapping", path({map_explicit("1", "1:2"), p("2")}), accepted},
        {"4.10.2 Invalid Policy Mapping", path({map_explicit("1", "1:2"), p("1")}), refused},
        {"4.10.3 Valid Policy Mapping",
         path({map_explicit("1,2", "1:3"), map("3,2", "3:4"), map("4,2", "4:5"), p("5")}), accepted},
        {"4.10.4 Invalid Policy Mapping",
         path({map_explicit("1,2", "1:3"), map("3", "3:4"), map("4", "4:5"), p("4")}), refused},
        {"4.10.5 Valid Policy Mapping", path({one_to_many, map("2", "2:5"), p("5")}), accepted},
        {"4.10.6 Valid Policy Mapping", path({one_to_many, p("2,3"), p("3")}), accepted},
        {"4.10.6 with a policy that nobody mapped", path({one_to_many, p("2,3"), p("6")}), refused},
        {"4.10.7 Invalid Mapping From anyPolicy", path({map_explicit("1,any", "any:1"), p("1")}), refused},
        {"4.10.8 Invalid Mapping To anyPolicy", path({map_explicit("1", "1:any"), p("1")}), refused},
        {"4.10.9 Valid Policy Mapping", path({map_explicit("any", "1:2"), p("1")}), accepted},
        {"4.10.10 Invalid Policy Mapping", path({p_explicit("1"), map("any", "1:2"), p("1")}), refused},
        {"4.10.11 Valid Policy Mapping", path({p_explicit("1"), map("any", "1:2"), p("2")}), accepted},
        {"4.10.12 Valid Policy Mapping", path({map_explicit("1,2", "1:3"), p("3,2")}), accepted},
        {"4.10.13 Valid Policy Mapping", path({map_explicit("1,any", "1:2"), p("2")}), accepted},
        {"4.10.14 Valid Policy Mapping", path({map_explicit("1,any", "1:2"), p("1")}), accepted},
    });
}

TEST_CASE("PKITS 4.11 Inhibit Policy Mapping", "[pkits]") {
    const auto first = [] { return Path().authority("inhibitPolicyMapping1 P1 CA", no_mapping("1", 1)); };
    check({
        {"4.11.1 Invalid inhibitPolicyMapping", path({no_mapping("1,2", 0), map("1,2", "1:3,2:4"), p("3")}),
         refused},
        {"4.11.2 Valid inhibitPolicyMapping", path({no_mapping("1,2", 1), map("1,2", "1:3,2:4"), p("3")}),
         accepted},
        {"4.11.3 Invalid inhibitPolicyMapping",
         path({no_mapping("1,2", 1), map("1,2", "1:3,2:4"), map("3,4", "3:5"), p("5")}), refused},
        {"4.11.4 Valid inhibitPolicyMapping",
         path({no_mapping("1,2", 1), map("1,2", "1:3,2:4"), p("3,4"), p("3")}), accepted},
        {"4.11.5 Invalid inhibitPolicyMapping",
         path({no_mapping("1", 5), no_mapping("1", 1), map("1", "1:2"), map("2", "2:3"), p("3")}), refused},
        {"4.11.6 Invalid inhibitPolicyMapping",
         path({no_mapping("1,2", 1), no_mapping("1,2", 5), map("1,2", "1:3"), p("3")}), refused},
        {"4.11.7 Valid Self-Issued inhibitPolicyMapping",
         first().self_issued(p("1")).authority("subCA", map("1", "1:2")).end_entity(p("2")), accepted},
        {"4.11.8 Invalid Self-Issued inhibitPolicyMapping",
         first()
             .self_issued(p("1"))
             .authority("subCA", map("1", "1:2"))
             .authority("subsubCA", map("2", "2:3"))
             .end_entity(p("3")),
         refused},
        {"4.11.10 Invalid Self-Issued inhibitPolicyMapping",
         first()
             .self_issued(p("1"))
             .authority("subCA", map("1", "1:2"))
             .self_issued(map("2", "2:3"))
             .end_entity(p("3")),
         refused},
    });
}

TEST_CASE("PKITS 4.12 Inhibit Any Policy", "[pkits]") {
    const auto first = [] { return Path().authority("inhibitAnyPolicy1 CA", no_any("1", 1)); };
    const Policy unconcerned{"1", {}, -1, -1, 1};
    check({
        {"4.12.1 Invalid inhibitAnyPolicy", path({no_any("1", 0), p("any")}), refused},
        {"4.12.2 Valid inhibitAnyPolicy", path({no_any("1", 0), p("any,1")}), accepted},
        {"4.12.3 inhibitAnyPolicy", path({unconcerned, p("any"), p("any")}), accepted},
        {"4.12.3 explicit", path({no_any("1", 1), p("any"), p("any")}), refused},
        {"4.12.4 Invalid inhibitAnyPolicy", path({no_any("1", 1), p("any"), p("any")}), refused},
        {"4.12.5 Invalid inhibitAnyPolicy", path({no_any("1", 5), no_any("1", 1), p("any"), p("any")}),
         refused},
        {"4.12.6 Invalid inhibitAnyPolicy", path({no_any("1", 1), no_any("1", 5), p("any")}), refused},
        {"4.12.7 Valid Self-Issued inhibitAnyPolicy",
         first().self_issued(p("any")).authority("subCA", p("any")).end_entity(p("1")), accepted},
        {"4.12.8 Invalid Self-Issued inhibitAnyPolicy",
         first()
             .self_issued(p("any"))
             .authority("subCA", p("any"))
             .authority("subsubCA", p("any"))
             .end_entity(p("1")),
         refused},
        {"4.12.9 Valid Self-Issued inhibitAnyPolicy",
         first().self_issued(p("any")).authority("subCA", p("any")).self_issued(p("any")).end_entity(p("1")),
         accepted},
        {"4.12.10 Invalid Self-Issued inhibitAnyPolicy",
         first().self_issued(p("any")).authority("subCA", p("any")).end_entity(p("any")), refused},
    });
}
