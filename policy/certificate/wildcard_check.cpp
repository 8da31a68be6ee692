// SPDX-License-Identifier: Apache-2.0
// RFC 5280 4.2.1.10 compares a constraint with a name letter by letter. A wildcard is no name but stands for
// many: "*.contoso.com" does not lie in the excluded subtree "hr.contoso.com", yet it serves for that host.
#include "policy/certificate/flaw_list.hpp"
#include "policy/certificate/names.hpp"
#include "policy/certificate/openssl_handles.hpp"
#include "policy/certificate/path_check.hpp"
#include "policy/domain.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace sendconnector::policy {

namespace {

using Reason = CertificateReason;
using Constraints = Handle<NAME_CONSTRAINTS, NAME_CONSTRAINTS_free>;

std::vector<std::string> excluded_dns_names(const Certificate& authority) {
    std::vector<std::string> names;
    const Constraints constraints{static_cast<NAME_CONSTRAINTS*>(
        X509_get_ext_d2i(authority.native(), NID_name_constraints, nullptr, nullptr))};
    const auto* subtrees = constraints ? constraints->excludedSubtrees : nullptr;
    for (int index = 0; subtrees != nullptr && index < sk_GENERAL_SUBTREE_num(subtrees); ++index) {
        const auto* base = sk_GENERAL_SUBTREE_value(subtrees, index)->base;
        if (base->type == GEN_DNS)
            names.push_back(fold_case(octets(base->d.dNSName)));
    }
    return names;
}

bool may_be(const std::string& wildcard, const std::string& excluded) {
    if (!wildcard.starts_with("*."))
        return false;
    const auto dot = excluded.find('.');
    return dot != std::string::npos && dot > 0 && excluded.substr(dot) == wildcard.substr(1);
}

// A constraint in another form than that of names, or with a wildcard of its own, would never be met.
bool is_plain(const std::string& name) {
    return !name.ends_with('.') &&
           std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < 0x7f && c != '*'; });
}

} // namespace

void check_wildcards(const Certificate& server, const Certificate& authority,
                     std::vector<CertificateFlaw>& flaws) {
    const ErrorQueue errors;
    const auto excluded = excluded_dns_names(authority);
    if (excluded.empty())
        return;
    const auto presented = server.dns_names();
    for (const auto& name : excluded) {
        if (!is_plain(name)) {
            add_flaw(flaws, flaw(Reason::name_constraint, &authority,
                                 fmt::format("its name constraint {} excludes no name that there could be",
                                             escaped_text(name))));
            return;
        }
        const auto wildcard =
            std::find_if(presented.begin(), presented.end(),
                         [&](const std::string& candidate) { return may_be(candidate, name); });
        if (wildcard != presented.end()) {
            add_flaw(flaws,
                     flaw(Reason::name_constraint, &server,
                          fmt::format("its name {} also stands for {}, for which its CA \"{}\" may not issue",
                                      *wildcard, name, authority.subject())));
            return;
        }
    }
}

} // namespace sendconnector::policy
